//! Parquet, Arrow IPC and Delta: what is written is what is read, with its types compared.

use super::{contract, field, read, some, tiny, try_read};
use arrow::array::{ArrayRef, DictionaryArray, Int32Array, Int64Array, RecordBatch, StringArray, TimestampNanosecondArray};
use arrow::datatypes::Int32Type;
use arrow::ipc::writer::{FileWriter, StreamWriter};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use runi_engine::error::Blame;
use runi_engine::source::{ReadOptions, SourceSpec, open};
use runi_lang::ir::Connector;
use runi_lang::model::OnFail;
use runi_lang::types::{DataType, TimeUnit};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).unwrap()
}

fn trades(rows: i64) -> RecordBatch {
    let names: Vec<Option<String>> = (0..rows).map(|i| (i % 3 != 0).then(|| format!("a name of some length {i}"))).collect();
    let sides: DictionaryArray<Int32Type> = (0..rows).map(|i| if i % 2 == 0 { "buy" } else { "sell" }).collect();
    batch(vec![
        ("id", Arc::new(Int64Array::from_iter_values(0..rows))),
        ("name", Arc::new(StringArray::from(names))),
        ("side", Arc::new(sides)),
    ])
}

fn expected(rows: i64) -> Vec<Vec<Option<String>>> {
    let row = |i: i64| {
        let name = (i % 3 != 0).then(|| format!("a name of some length {i}"));
        vec![Some(if i % 2 == 0 { "buy" } else { "sell" }.to_owned()), Some(i.to_string()), name]
    };
    (0..rows).map(row).collect()
}

fn write_parquet(path: &Path, batch: &RecordBatch, group: usize) {
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(group)).build();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
}

fn row() -> runi_lang::model::Contract {
    contract(vec![
        field("side", DataType::Enum(vec!["buy".into(), "sell".into()])),
        field("id", DataType::Int64),
        field("name", DataType::String),
    ])
}

const ORDER: &str = "the columns stand in the order id, name, side where the contract says side, id, name";

#[test]
fn parquet_comes_back_as_it_was_written() {
    let home = tempfile::tempdir().unwrap();
    write_parquet(&home.path().join("x.parquet"), &trades(25), 10);
    let connector = Connector::Parquet { path: "x.parquet".into() };
    let all = read(home.path(), &connector, Some(&row()), tiny(1));
    assert_eq!(all.rows, expected(25));
    assert_eq!(all.numbers, (1..=25).collect::<Vec<_>>());
    assert_eq!((all.counted, all.drift.as_slice()), (Some(25), [ORDER.to_owned()].as_slice()));
    assert_eq!(
        all.raw[1],
        [("id", Some("1")), ("name", Some("a name of some length 1")), ("side", Some("sell"))]
            .map(|(name, text)| { (name.to_owned(), text.map(str::to_owned)) })
    );
    let bytes = std::fs::read(home.path().join("x.parquet")).unwrap();
    assert_eq!(all.files[0].digest, format!("blake3:{}", blake3::hash(&bytes).to_hex()));
    let free = read(home.path(), &connector, None, ReadOptions::default());
    assert_eq!(free.rows[1], some(&["1", "a name of some length 1", "sell"]));
}

#[test]
fn a_big_row_group_is_several_pieces() {
    let home = tempfile::tempdir().unwrap();
    // 40 MiB in one row group.
    let wide: ArrayRef = Arc::new(StringArray::from_iter_values((0..400_i64).map(|i| format!("{i}").repeat(40_000))));
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(0..400));
    write_parquet(&home.path().join("x.parquet"), &batch(vec![("id", ids), ("wide", wide)]), 1 << 20);
    let connector = Connector::Parquet { path: "x.parquet".into() };
    let mut one = contract(vec![field("id", DataType::Int64)]);
    one.drift.extra = OnFail::Warn;
    let all = read(home.path(), &connector, Some(&one), ReadOptions { batch_rows: 16, chunk_bytes: 1 });
    assert_eq!(all.rows, (0..400).map(|i: i64| vec![Some(i.to_string())]).collect::<Vec<_>>());
    assert_eq!(all.numbers, (1..=400).collect::<Vec<_>>());
}

#[test]
fn other_types_are_drift_unless_nothing_is_lost() {
    let home = tempfile::tempdir().unwrap();
    let times: ArrayRef = Arc::new(TimestampNanosecondArray::from(vec![1_000, 1_001]).with_timezone("UTC"));
    let small: ArrayRef = Arc::new(Int32Array::from(vec![7, 8]));
    let large: ArrayRef = Arc::new(Int64Array::from(vec![1, 300]));
    write_parquet(&home.path().join("x.parquet"), &batch(vec![("at", times), ("small", small), ("large", large)]), 10);
    let connector = Connector::Parquet { path: "x.parquet".into() };
    let mut row = contract(vec![
        field("at", DataType::Timestamp { unit: TimeUnit::Microsecond, zone: Some("Europe/Paris".into()) }),
        field("small", DataType::Int64),
        field("large", DataType::UInt8),
    ]);
    let failed = try_read(home.path(), &connector, Some(&row), ReadOptions::default()).unwrap_err();
    assert!(failed.contains("field `at` is timestamp(UTC, ns) where the contract says timestamp(Europe/Paris)"), "{failed}");
    assert!(failed.contains("field `large` is int64 where the contract says uint8") && !failed.contains("`small`"), "{failed}");
    row.drift.retyped = OnFail::Warn;
    let all = read(home.path(), &connector, Some(&row), ReadOptions::default());
    assert_eq!(all.rows, [some(&["1970-01-01T01:00:00.000001+01:00", "7", "1"]), some(&["∅", "8", "∅"])]);
    assert_eq!(all.failures, [(1, 0), (1, 2)]);
    assert_eq!(all.raw[1][2].1.as_deref(), Some("300"));
}

#[test]
fn a_file_of_another_schema_is_named() {
    let home = tempfile::tempdir().unwrap();
    write_parquet(&home.path().join("1.parquet"), &trades(2), 10);
    let other: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    write_parquet(&home.path().join("2.parquet"), &batch(vec![("id", other)]), 10);
    let connector = Connector::Parquet { path: "*.parquet".into() };
    let failed = try_read(home.path(), &connector, Some(&row()), ReadOptions::default()).unwrap_err();
    assert!(failed.contains("in `2.parquet` field `side` is missing"), "{failed}");
    let failed = try_read(home.path(), &connector, None, ReadOptions::default()).unwrap_err();
    assert!(failed.contains("`2.parquet` has other columns than `1.parquet`"), "{failed}");
    std::fs::write(home.path().join("3.parquet"), "not parquet").unwrap();
    let failed = try_read(home.path(), &connector, Some(&row()), ReadOptions::default()).unwrap_err();
    assert!(failed.contains("`3.parquet` cannot be read as Parquet"), "{failed}");
}

#[test]
fn arrow_files_and_streams() {
    let home = tempfile::tempdir().unwrap();
    let (all_rows, schema) = (trades(20), trades(1).schema());
    let mut file = FileWriter::try_new(File::create(home.path().join("1.arrow")).unwrap(), &schema).unwrap();
    let mut stream = StreamWriter::try_new(File::create(home.path().join("2.arrows")).unwrap(), &schema).unwrap();
    for part in [all_rows.slice(0, 12), all_rows.slice(12, 8)] {
        file.write(&part).unwrap();
        stream.write(&part).unwrap();
    }
    file.finish().unwrap();
    stream.finish().unwrap();
    let connector = Connector::Arrow { path: ".".into() };
    let all = read(home.path(), &connector, Some(&row()), tiny(1));
    assert_eq!(all.rows, [expected(20), expected(20)].concat());
    assert_eq!(all.numbers, (1..=20).chain(1..=20).collect::<Vec<_>>());
    let one = read(home.path(), &Connector::Arrow { path: "1.arrow".into() }, None, ReadOptions::default());
    assert_eq!((one.counted, one.rows.len()), (Some(20), 20));
    std::fs::write(home.path().join("1.arrow"), b"ARROW1\0\0 is cut here").unwrap();
    let failed = try_read(home.path(), &connector, Some(&row()), ReadOptions::default()).unwrap_err();
    assert!(failed.contains("`1.arrow` cannot be read as Arrow IPC"), "{failed}");
}

fn log(home: &Path, version: u64, actions: &[serde_json::Value]) {
    let path = home.join(format!("table/_delta_log/{version:020}.json"));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, actions.iter().map(|action| format!("{action}\n")).collect::<String>()).unwrap();
}

fn delta_field(name: &str, ty: &str) -> serde_json::Value {
    serde_json::json!({"name": name, "type": ty, "nullable": true, "metadata": {}})
}

fn add(home: &Path, day: &str, batch: &RecordBatch) -> serde_json::Value {
    let path = format!("day={day}/part.parquet");
    let full = home.join("table").join(&path);
    std::fs::create_dir_all(full.parent().unwrap()).unwrap();
    write_parquet(&full, batch, 10);
    let size = full.metadata().unwrap().len();
    serde_json::json!({"add": {"path": path, "partitionValues": {"day": day}, "size": size, "modificationTime": 0, "dataChange": true}})
}

#[test]
fn delta_reads_the_active_files_of_the_newest_version() {
    let home = tempfile::tempdir().unwrap();
    let schema = serde_json::json!({"type": "struct", "fields": [delta_field("id", "long"), delta_field("day", "date"), delta_field("note", "string")]});
    let ids = |values: Vec<i64>| batch(vec![("id", Arc::new(Int64Array::from(values)) as ArrayRef)]);
    log(
        home.path(),
        0,
        &[
            serde_json::json!({"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}),
            serde_json::json!({"metaData": {"id": "5fba94ed-9794-4965-ba6e-6ee3c0d22af9", "format": {"provider": "parquet", "options": {}},
            "schemaString": schema.to_string(), "partitionColumns": ["day"], "configuration": {}, "createdTime": 0}}),
            add(home.path(), "2026-01-01", &ids(vec![1, 2])),
            add(home.path(), "2026-01-02", &ids(vec![3])),
        ],
    );
    log(
        home.path(),
        1,
        &[
            serde_json::json!({"remove": {"path": "day=2026-01-01/part.parquet", "deletionTimestamp": 1, "dataChange": true}}),
            add(home.path(), "2026-01-03", &ids(vec![4])),
        ],
    );
    let connector = Connector::Delta { path: "table".into() };
    let row = contract(vec![field("day", DataType::Date), field("id", DataType::Int64), field("note", DataType::String)]);
    let all = read(home.path(), &connector, Some(&row), ReadOptions::default());
    assert_eq!(all.rows, [some(&["2026-01-02", "3", "∅"]), some(&["2026-01-03", "4", "∅"])]);
    assert_eq!((all.files.len(), all.files[0].path.as_str(), all.files[0].records), (1, "table@1", 2));
    // A caller inside a runtime is no problem.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let again = runtime.block_on(async { read(home.path(), &connector, Some(&row), ReadOptions::default()) });
    assert_eq!(again.files, all.files);

    log(
        home.path(),
        2,
        &[serde_json::json!({"add": {"path": "../../etc.parquet", "partitionValues": {"day": null}, "size": 1,
        "modificationTime": 0, "dataChange": true}})],
    );
    let failed = try_read(home.path(), &connector, Some(&row), ReadOptions::default()).unwrap_err();
    assert!(failed.contains("outside of the table"), "{failed}");
    let failed = try_read(home.path(), &Connector::Delta { path: "tabel".into() }, Some(&row), ReadOptions::default()).unwrap_err();
    assert!(failed.contains("did you mean `table`?"), "{failed}");
}

#[test]
fn a_delta_table_with_deletion_vectors_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let schema = serde_json::json!({"type": "struct", "fields": [delta_field("id", "long")]});
    let features = serde_json::json!(["deletionVectors"]);
    log(
        home.path(),
        0,
        &[
            serde_json::json!({"protocol": {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": features, "writerFeatures": features}}),
            serde_json::json!({"metaData": {"id": "5fba94ed-9794-4965-ba6e-6ee3c0d22af9", "format": {"provider": "parquet", "options": {}},
            "schemaString": schema.to_string(), "partitionColumns": [], "configuration": {"delta.enableDeletionVectors": "true"}, "createdTime": 0}}),
            serde_json::json!({"add": {"path": "x.parquet", "partitionValues": {}, "size": 1, "modificationTime": 0, "dataChange": true,
            "deletionVector": {"storageType": "u", "pathOrInlineDv": "vBn[lx{q8@P<9BNH/isA", "offset": 1, "sizeInBytes": 36, "cardinality": 2}}}),
        ],
    );
    let connector = Connector::Delta { path: "table".into() };
    let failed = try_read(home.path(), &connector, None, ReadOptions::default()).unwrap_err();
    assert!(failed.contains("has deletion vectors"), "{failed}");
}

#[test]
fn a_file_that_is_replaced_while_it_is_read_is_not_believed() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("x.parquet");
    write_parquet(&path, &trades(25), 10);
    let connector = Connector::Parquet { path: "x.parquet".into() };
    let row = row();
    let spec = SourceSpec { name: "rows", connector: &connector, contract: Some(&row), root: home.path() };
    let reader = open(&spec, &ReadOptions::default()).unwrap().reader();
    while let Some(unit) = reader.next().unwrap() {
        unit.decode().unwrap();
    }
    assert!(reader.unchanged().is_ok());
    write_parquet(&path, &trades(26), 10);
    let error = reader.finish().unwrap_err();
    assert_eq!((error.code(), error.blame()), ("E0813", Blame::Environment));
    std::fs::remove_file(&path).unwrap();
    assert_eq!(reader.unchanged().unwrap_err().code(), "E0813");
}

#[test]
fn two_columns_of_one_name_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(0..3));
    write_parquet(&home.path().join("1.parquet"), &batch(vec![("id", Arc::clone(&ids)), ("id", ids)]), 10);
    let (connector, row) = (Connector::Parquet { path: "1.parquet".into() }, row());
    for contract in [None, Some(&row)] {
        let failed = try_read(home.path(), &connector, contract, ReadOptions::default()).unwrap_err();
        assert!(failed.contains("has the column `id` twice"), "{failed}");
    }
}

/// Reads all of a file that may be damaged; its error, if there is one.
fn damage_of(home: &Path, connector: &Connector) -> Option<runi_engine::error::EngineError> {
    let spec = SourceSpec { name: "rows", connector, contract: None, root: home };
    let read = || -> Result<(), runi_engine::error::EngineError> {
        let reader = open(&spec, &ReadOptions::default())?.reader();
        while let Some(unit) = reader.next()? {
            unit.decode()?;
        }
        Ok(())
    };
    read().err()
}

#[test]
fn a_damaged_file_is_bad_input_and_no_panic() {
    let home = tempfile::tempdir().unwrap();
    let batch = trades(40);
    let arrow = {
        let mut writer = FileWriter::try_new(Vec::new(), &batch.schema()).unwrap();
        writer.write(&batch).unwrap();
        writer.finish().unwrap();
        writer.into_inner().unwrap()
    };
    write_parquet(&home.path().join("whole.parquet"), &batch, 20);
    let parquet = std::fs::read(home.path().join("whole.parquet")).unwrap();
    let mut damaged = 0;
    for (name, whole) in [("x.arrow", arrow), ("x.parquet", parquet)] {
        let connector = match name {
            "x.arrow" => Connector::Arrow { path: name.to_owned() },
            _ => Connector::Parquet { path: name.to_owned() },
        };
        for at in (0..whole.len()).step_by(3) {
            for wrong in [0xFF, 0x00, 0x7F] {
                let mut bytes = whole.clone();
                bytes[at] = wrong;
                std::fs::write(home.path().join(name), bytes).unwrap();
                let Some(error) = damage_of(home.path(), &connector) else { continue };
                assert_eq!(error.blame(), Blame::Data, "{name}, byte {at}: {error}");
                assert!(error.to_string().contains(name), "{name}, byte {at}: {error}");
                if error.to_string().contains("is damaged") {
                    assert_eq!(error.code(), "E0803");
                    damaged += 1;
                }
            }
        }
    }
    assert!(damaged > 0, "no byte made a reader panic: the guard is not tested any more");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_no_source() {
    let home = tempfile::tempdir().unwrap();
    assert!(std::process::Command::new("mkfifo").arg(home.path().join("x.parquet")).status().unwrap().success());
    let error = damage_of(home.path(), &Connector::Parquet { path: "x.parquet".to_owned() }).unwrap();
    assert_eq!(error.code(), "E0803");
    assert!(error.to_string().contains("`x.parquet` is a pipe"), "{error}");
}
