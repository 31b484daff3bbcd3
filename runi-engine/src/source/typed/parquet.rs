//! Parquet files: a piece is a row group, or a range of rows of a big one.

use super::guard::guarded;
use super::layout::Layout;
use super::{Fields, TypedFile, digest};
use crate::error::EngineError;
use crate::source::files::SourceFile;
use crate::source::{Cutter, Decoded, InputFile, OpenSource, Piece, ReadOptions, SourceSpec, drift};
use arrow::datatypes::{DataType, Field, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Unpacked bytes that a piece should hold at most: enough rows for a batch or more, few enough for all workers to be busy.
const PIECE_BYTES: u64 = 4 << 20;

/// Opens Parquet files: reads their footers and compares their types.
///
/// # Errors
/// A file that is not Parquet; drift.
pub(in crate::source) fn open(spec: &SourceSpec<'_>, files: Vec<SourceFile>, options: &ReadOptions) -> Result<OpenSource, EngineError> {
    let several = files.len() > 1;
    let (mut drifts, mut opened) = (Vec::new(), Vec::new());
    let mut first: Option<(Arc<str>, Fields)> = None;
    for file in files {
        let metadata = footer(spec, &file)?;
        let (fields, drift) = Fields::of(spec, &file.shown, metadata.schema())?;
        drifts.extend(drift.into_iter().map(|drift| drift.of_file(several, &file.shown)));
        let (name, expected) = first.get_or_insert_with(|| (Arc::clone(&file.shown), fields.clone()));
        if expected.schema != fields.schema {
            let message = format!("has other columns than `{name}`");
            return Err(EngineError::BadInput { source_name: spec.name.to_owned(), file: file.shown.to_string(), message });
        }
        opened.push((file, metadata, fields));
    }
    let drift = drift::settle(spec, drifts)?;
    let parts = opened
        .into_iter()
        .map(|(file, metadata, fields)| {
            let layout = Layout::new(&fields, metadata.schema(), &HashMap::new())?;
            Ok(ParquetFile::new(spec, file, metadata, layout))
        })
        .collect::<Result<Vec<_>, EngineError>>()?;
    let schema = first.map(|(_, fields)| fields.schema).unwrap_or_else(|| Arc::new(Schema::empty()));
    let cutter = ParquetCutter::new(parts, options, None);
    Ok(OpenSource { schema, drift, bytes: Some(cutter.bytes), rows: Some(cutter.rows), cutter: Box::new(cutter) })
}

/// Reads a file's footer; text and bytes are to be read as views, which is how the engine lays them out.
pub(super) fn footer(spec: &SourceSpec<'_>, file: &SourceFile) -> Result<ArrowReaderMetadata, EngineError> {
    let bad = |error: parquet::errors::ParquetError| EngineError::BadInput {
        source_name: spec.name.to_owned(),
        file: file.shown.to_string(),
        message: format!("cannot be read as Parquet: {error}"),
    };
    let handle = File::open(&file.path).map_err(EngineError::io("read", &file.path))?;
    guarded(spec.name, &file.shown, || {
        let metadata = ArrowReaderMetadata::load(&handle, ArrowReaderOptions::new()).map_err(bad)?;
        let fields: Vec<Field> = metadata.schema().fields().iter().map(|field| as_view(field)).collect();
        let wanted = Arc::new(Schema::new_with_metadata(fields, metadata.schema().metadata().clone()));
        let options = ArrowReaderOptions::new().with_schema(wanted);
        // Not every layout has a way to views; what has none is cast later.
        Ok(ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options).unwrap_or(metadata))
    })
}

fn as_view(field: &Field) -> Field {
    let ty = match field.data_type() {
        DataType::Dictionary(_, value) => value.as_ref(),
        other => other,
    };
    match ty {
        DataType::Utf8 | DataType::LargeUtf8 => field.clone().with_data_type(DataType::Utf8View),
        DataType::Binary | DataType::LargeBinary => field.clone().with_data_type(DataType::BinaryView),
        _ => field.clone(),
    }
}

/// One file, ready to be read in any order.
#[derive(Debug)]
pub(super) struct ParquetFile {
    file: SourceFile,
    metadata: ArrowReaderMetadata,
    typed: TypedFile,
}

impl ParquetFile {
    /// Puts the parts together.
    pub(super) fn new(spec: &SourceSpec<'_>, file: SourceFile, metadata: ArrowReaderMetadata, layout: Layout) -> Self {
        let typed = TypedFile { source: spec.name.into(), shown: Arc::clone(&file.shown), layout };
        Self { file, metadata, typed }
    }

    fn rows(&self) -> u64 {
        self.metadata.metadata().row_groups().iter().map(|group| group.num_rows().max(0) as u64).sum()
    }
}

/// Rows of one row group.
#[derive(Debug, Clone)]
struct Stretch {
    file: Arc<ParquetFile>,
    seq: u64,
    group: usize,
    offset: usize,
    rows: usize,
    batch_rows: usize,
    /// Number of the first row in its file, from 1.
    number: u64,
}

/// Hands out row ranges.
pub(super) struct ParquetCutter {
    stretches: Vec<Stretch>,
    files: Vec<Arc<ParquetFile>>,
    next: AtomicUsize,
    /// A Delta table is one input, not many.
    table: Option<TableName>,
    /// Size of all files.
    pub(super) bytes: u64,
    /// Rows of all files.
    pub(super) rows: u64,
}

/// The table whose files these are.
#[derive(Debug)]
pub(super) struct TableName {
    /// How messages name it.
    pub(super) shown: String,
    /// The version that is read.
    pub(super) version: u64,
}

impl ParquetCutter {
    /// Plans the pieces.
    pub(super) fn new(files: Vec<ParquetFile>, options: &ReadOptions, table: Option<TableName>) -> Self {
        let files: Vec<Arc<ParquetFile>> = files.into_iter().map(Arc::new).collect();
        let batch_rows = options.batch_rows.max(1);
        let mut stretches = Vec::new();
        for file in &files {
            let mut number = 1;
            for (group, metadata) in file.metadata.metadata().row_groups().iter().enumerate() {
                let rows = metadata.num_rows().max(0) as usize;
                let bytes = metadata.total_byte_size().max(1) as u64;
                let batches = rows.div_ceil(batch_rows);
                let pieces = (bytes.div_ceil(PIECE_BYTES) as usize).clamp(1, batches.max(1));
                let size = batches.div_ceil(pieces) * batch_rows;
                for offset in (0..rows).step_by(size.max(1)) {
                    let rows = size.min(rows - offset);
                    let (file, seq) = (Arc::clone(file), stretches.len() as u64);
                    stretches.push(Stretch { file, seq, group, offset, rows, batch_rows, number });
                    number += rows as u64;
                }
            }
        }
        let bytes = files.iter().map(|file| file.file.bytes).sum();
        let rows = files.iter().map(|file| file.rows()).sum();
        Self { stretches, files, next: AtomicUsize::new(0), table, bytes, rows }
    }
}

impl Cutter for ParquetCutter {
    fn next(&self) -> Result<Option<Box<dyn Piece>>, EngineError> {
        let Some(stretch) = self.stretches.get(self.next.fetch_add(1, Ordering::Relaxed)) else { return Ok(None) };
        Ok(Some(Box::new(stretch.clone())))
    }

    fn finish(&self) -> Result<Vec<InputFile>, EngineError> {
        self.unchanged()?;
        let files = self.files.iter().map(|file| digest::of(&file.file, file.rows())).collect::<Result<Vec<_>, _>>()?;
        let Some(TableName { shown, version }) = &self.table else { return Ok(files) };
        // The table is its version and its files, whatever order the log names them in.
        let mut lines: Vec<String> = files.iter().map(|file| format!("{} {}\n", file.path, file.digest)).collect();
        lines.sort();
        let text = format!("delta version {version}\n{}", lines.concat());
        let digest = format!("blake3:{}", blake3::hash(text.as_bytes()).to_hex());
        Ok(vec![InputFile { path: format!("{shown}@{version}"), bytes: self.bytes, digest, records: self.rows }])
    }

    fn unchanged(&self) -> Result<(), EngineError> {
        self.files.iter().try_for_each(|file| file.file.unchanged(&file.typed.source))
    }

    fn bytes_done(&self) -> u64 {
        let done = self.next.load(Ordering::Relaxed);
        if done >= self.stretches.len() {
            return self.bytes;
        }
        // By rows: sizes of parts of a row group are not known.
        let rows: u64 = self.stretches.iter().take(done).map(|stretch| stretch.rows as u64).sum();
        (u128::from(self.bytes) * u128::from(rows) / u128::from(self.rows.max(1))) as u64
    }
}

impl Piece for Stretch {
    fn seq(&self) -> u64 {
        self.seq
    }

    fn decode(self: Box<Self>) -> Result<Decoded, EngineError> {
        guarded(&self.file.typed.source, &self.file.file.shown, || self.read())
    }
}

impl Stretch {
    fn read(&self) -> Result<Decoded, EngineError> {
        let file = &self.file;
        let path: &PathBuf = &file.file.path;
        let context = || format!("reading `{}`", file.file.shown);
        let handle = File::open(path).map_err(EngineError::io("read", path))?;
        let mask = ProjectionMask::roots(file.metadata.parquet_schema(), file.typed.layout.roots.iter().copied());
        // Batches of even size: the last one is not a stub.
        let size = self.rows.div_ceil(self.rows.div_ceil(self.batch_rows).max(1)).max(1);
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(handle, file.metadata.clone())
            .with_row_groups(vec![self.group])
            .with_projection(mask)
            .with_batch_size(size)
            .with_offset(self.offset)
            .with_limit(self.rows)
            .build()
            .map_err(EngineError::engine(context()))?;
        let batches = reader.map(|batch| batch.map_err(EngineError::engine(context())));
        file.typed.decode(self.seq, self.number, batches)
    }
}
