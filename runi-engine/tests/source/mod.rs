//! Shared by the tests of sources: a workspace, a contract, and everything that a reader gives.

use arrow::array::{Array, RecordBatch};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use runi_engine::rows::Malformed;
use runi_engine::source::{InputFile, ReadOptions, SourceSpec, open};
use runi_lang::ir::{Compression, Connector};
use runi_lang::model::{Contract, Field};
use runi_lang::types::DataType;
use std::path::Path;

mod csv;
mod json;
mod typed;

/// A contract with these fields and nothing else.
pub(crate) fn contract(fields: Vec<Field>) -> Contract {
    Contract { fields, ..Contract::new("Row") }
}

/// A field without rules.
pub(crate) fn field(name: &str, ty: DataType) -> Field {
    Field::new(name, ty)
}

pub(crate) fn required(mut field: Field) -> Field {
    field.rules.required = Some(None);
    field
}

pub(crate) fn csv_at(path: &str) -> Connector {
    Connector::Csv {
        path: path.into(),
        delimiter: b',',
        header: true,
        quote: b'"',
        nulls: vec![String::new()],
        compression: Compression::Auto,
    }
}

pub(crate) fn json_at(path: &str) -> Connector {
    Connector::Json { path: path.into(), compression: Compression::Auto }
}

/// Everything that a source gave, in order.
#[derive(Debug, Default)]
pub(crate) struct Everything {
    pub(crate) batches: Vec<RecordBatch>,
    /// Each cell as text; `None` is null.
    pub(crate) rows: Vec<Vec<Option<String>>>,
    /// The record number of each row.
    pub(crate) numbers: Vec<u64>,
    pub(crate) lines: Vec<Option<u64>>,
    /// Raw cells of each row.
    pub(crate) raw: Vec<Vec<(String, Option<String>)>>,
    /// `(row, column)`.
    pub(crate) failures: Vec<(usize, usize)>,
    pub(crate) malformed: Vec<Malformed>,
    pub(crate) records: u64,
    pub(crate) files: Vec<InputFile>,
    pub(crate) drift: Vec<String>,
    pub(crate) counted: Option<u64>,
}

pub(crate) fn read(root: &Path, connector: &Connector, contract: Option<&Contract>, options: ReadOptions) -> Everything {
    try_read(root, connector, contract, options).unwrap()
}

pub(crate) fn try_read(
    root: &Path,
    connector: &Connector,
    contract: Option<&Contract>,
    options: ReadOptions,
) -> Result<Everything, String> {
    let spec = SourceSpec { name: "rows", connector, contract, root };
    let source = open(&spec, &options).map_err(|e| e.to_string())?;
    let schema = source.schema();
    let mut all =
        Everything { drift: source.drift().iter().map(ToString::to_string).collect(), counted: source.rows(), ..Default::default() };
    let reader = source.reader();
    let mut last = None;
    let mut last_chunk = None;
    while let Some(unit) = reader.next().map_err(|e| e.to_string())? {
        assert!(last.is_none_or(|last| last < unit.seq()), "pieces ascend");
        last = Some(unit.seq());
        let decoded = unit.decode().map_err(|e| e.to_string())?;
        let mut seen = decoded.malformed.len() as u64;
        for (rows, failures) in decoded.batches {
            assert_eq!(rows.batch.schema(), schema);
            assert!(rows.len() <= options.batch_rows);
            seen += rows.len() as u64;
            let base = all.rows.len();
            let origin = rows.origin.as_ref().expect("positions");
            assert!(last_chunk.is_none_or(|last| last < origin.chunk.seq), "chunks ascend");
            last_chunk = Some(origin.chunk.seq);
            for row in 0..rows.len() {
                let record = origin.record(row);
                all.numbers.push(origin.chunk.raw.number(record));
                all.lines.push(origin.chunk.raw.line(record));
                all.raw.push(origin.chunk.raw.cells(record).into_iter().map(|cell| (cell.column, cell.text)).collect());
            }
            all.rows.extend(texts(&rows.batch));
            for failure in failures {
                assert_eq!(failure.rows.len(), rows.len());
                for row in failure.rows.set_indices() {
                    assert!(rows.batch.column(failure.column).is_null(row), "a failed cell is null");
                    all.failures.push((base + row, failure.column));
                }
            }
            all.batches.push(rows.batch);
        }
        assert_eq!(seen, decoded.records, "each record comes out once");
        all.records += decoded.records;
        all.malformed.extend(decoded.malformed);
    }
    all.files = reader.finish().map_err(|e| e.to_string())?;
    let (done, total) = reader.position();
    assert_eq!(done, total);
    assert_eq!(all.files.iter().map(|file| file.records).sum::<u64>(), all.records);
    all.failures.sort_unstable();
    Ok(all)
}

pub(crate) fn texts(batch: &RecordBatch) -> Vec<Vec<Option<String>>> {
    let options = FormatOptions::default();
    let columns: Vec<_> = batch.columns().iter().map(|c| (c, ArrayFormatter::try_new(c, &options).unwrap())).collect();
    (0..batch.num_rows()).map(|row| columns.iter().map(|(c, f)| c.is_valid(row).then(|| f.value(row).to_string())).collect()).collect()
}

pub(crate) fn some(cells: &[&str]) -> Vec<Option<String>> {
    cells.iter().map(|cell| if *cell == "∅" { None } else { Some((*cell).to_owned()) }).collect()
}

pub(crate) fn tiny(chunk_bytes: usize) -> ReadOptions {
    ReadOptions { batch_rows: 3, chunk_bytes }
}
