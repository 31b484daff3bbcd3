//! Delta tables, read by following the log by hand.

use crate::support::{delta, read_parquet, rows, schema, spec, write};
use arrow::array::{AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Int64Type, Schema, TimeUnit};
use runi_engine::sink::{SinkSpec, open};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use tempfile::tempdir;

/// The rows of the files that the log's commits add and do not remove.
fn read(table: &Path) -> RecordBatch {
    let mut active = BTreeSet::new();
    for version in 0.. {
        let Ok(log) = std::fs::read_to_string(table.join(format!("_delta_log/{version:020}.json"))) else { break };
        for action in log.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()) {
            if let Some(path) = action["add"]["path"].as_str() {
                active.insert(path.to_owned());
            }
            if let Some(path) = action["remove"]["path"].as_str() {
                assert!(active.remove(path), "{path} was not there");
            }
        }
    }
    let batches: Vec<_> = active.iter().map(|path| read_parquet(&table.join(path))).collect();
    let Some(first) = batches.first() else { return RecordBatch::new_empty(Arc::new(Schema::empty())) };
    concat_batches(&first.schema(), &batches).unwrap()
}

fn ids(batch: &RecordBatch) -> Vec<i64> {
    let mut ids = batch.column(0).as_primitive::<Int64Type>().values().to_vec();
    ids.sort_unstable();
    ids
}

fn appending<'a>(root: &'a Path, connector: &'a runi_lang::ir::Connector) -> SinkSpec<'a> {
    SinkSpec { append: true, ..spec(root, connector, schema()) }
}

#[test]
fn a_table_is_made_overwritten_and_appended_to() {
    let root = tempdir().unwrap();
    let connector = delta("silver/trades");
    let table = root.path().join("silver/trades");
    write(&spec(root.path(), &connector, schema()), &[rows(0, 10)]);
    assert_eq!(read(&table), rows(0, 10));
    write(&spec(root.path(), &connector, schema()), &[rows(10, 20)]);
    assert_eq!(ids(&read(&table)), (10..20).collect::<Vec<_>>());
    let published = write(&appending(root.path(), &connector), &[rows(20, 25)]);
    assert_eq!((published.rows, published.path), (5, table.canonicalize().unwrap()));
    assert_eq!(ids(&read(&table)), (10..25).collect::<Vec<_>>());
    write(&appending(root.path(), &connector), &[]);
    assert_eq!(ids(&read(&table)).len(), 15);
    write(&spec(root.path(), &connector, schema()), &[]);
    assert_eq!(read(&table).num_rows(), 0);
    write(&appending(root.path(), &connector), &[rows(0, 2)]);
    assert_eq!(ids(&read(&table)), [0, 1]);
    let log = std::fs::read_to_string(table.join("_delta_log/00000000000000000001.json")).unwrap();
    assert!(log.contains("run-1"), "the commit names its run: {log}");
}

#[test]
fn an_empty_first_run_makes_an_empty_table() {
    let root = tempdir().unwrap();
    let connector = delta("t");
    write(&spec(root.path(), &connector, schema()), &[]);
    assert!(root.path().join("t/_delta_log/00000000000000000000.json").exists());
    write(&appending(root.path(), &connector), &[rows(0, 3)]);
    assert_eq!(read(&root.path().join("t")), rows(0, 3));
}

#[test]
fn other_columns_than_the_tables_are_refused_before_a_row_is_written() {
    let root = tempdir().unwrap();
    let connector = delta("t");
    write(&spec(root.path(), &connector, schema()), &[rows(0, 3)]);
    let mut fields: Vec<_> = schema().fields().iter().map(|field| field.as_ref().clone()).collect();
    fields[0] = Field::new("id", DataType::Utf8, true);
    fields[6] = Field::new("when", DataType::Date32, true);
    let error = open(&spec(root.path(), &connector, Arc::new(Schema::new(fields)))).unwrap_err().to_string();
    for part in ["`id` is long in the table and string here", "`when` is not a column", "`at` is not written"] {
        assert!(error.contains(part), "{part}: {error}");
    }
    assert_eq!(read(&root.path().join("t")), rows(0, 3));
}

#[test]
fn types_that_delta_lacks_are_widened_or_refused() {
    let root = tempdir().unwrap();
    let connector = delta("t");
    let schema = Arc::new(Schema::new(vec![
        Field::new("n", DataType::UInt32, false),
        Field::new("at", DataType::Timestamp(TimeUnit::Millisecond, None), true),
    ]));
    let columns: Vec<arrow::array::ArrayRef> =
        vec![Arc::new(arrow::array::UInt32Array::from(vec![u32::MAX])), Arc::new(arrow::array::TimestampMillisecondArray::from(vec![7]))];
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns).unwrap();
    write(&spec(root.path(), &connector, schema), &[batch]);
    let found = read(&root.path().join("t"));
    assert_eq!(found.column(0).as_primitive::<Int64Type>().value(0), i64::from(u32::MAX));
    assert_eq!(found.column(1).data_type(), &DataType::Timestamp(TimeUnit::Microsecond, None));
    let times = Arc::new(Schema::new(vec![Field::new("t", DataType::Time64(TimeUnit::Microsecond), true)]));
    let error = open(&spec(root.path(), &delta("u"), times)).unwrap_err().to_string();
    assert!(error.contains("column `t`") && error.contains("time of day"), "{error}");
}

#[test]
fn it_works_inside_a_runtime() {
    let root = tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async { write(&spec(root.path(), &delta("t"), schema()), &[rows(0, 3)]) });
    assert_eq!(read(&root.path().join("t")), rows(0, 3));
}

#[test]
fn a_directory_with_other_files_is_no_place_for_a_table() {
    let root = tempdir().unwrap();
    let directory = root.path().join("t");
    std::fs::create_dir(&directory).unwrap();
    std::fs::write(directory.join("precious.csv"), "x").unwrap();
    let error = open(&spec(root.path(), &delta("t"), schema())).unwrap_err();
    assert_eq!(error.code(), "E0801");
    assert!(error.to_string().contains("the directory holds `precious.csv` and is no Delta table"), "{error}");
    assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 1);
    std::fs::remove_file(directory.join("precious.csv")).unwrap();
    // An empty log, and what a killed run left, are nobody's.
    std::fs::create_dir(directory.join("_delta_log")).unwrap();
    std::fs::write(directory.join(".runi-tmp-1-x"), "").unwrap();
    write(&spec(root.path(), &delta("t"), schema()), &[rows(0, 3)]);
    // A table may have other files beside its own.
    std::fs::write(directory.join("notes.txt"), "x").unwrap();
    write(&spec(root.path(), &delta("t"), schema()), &[rows(0, 4)]);
    assert_eq!(read(&directory), rows(0, 4));
}

#[test]
fn a_commit_that_is_in_the_log_counts_whatever_fails_after_it() {
    let root = tempdir().unwrap();
    let connector = delta("t");
    let table = root.path().join("t");
    write(&spec(root.path(), &connector, schema()), &[rows(0, 3)]);
    // A table that asks for a checkpoint after every commit, and a place where none can be written.
    let first = table.join("_delta_log/00000000000000000000.json");
    let log = std::fs::read_to_string(&first).unwrap();
    let asking = log.replace("\"configuration\":{}", "\"configuration\":{\"delta.checkpointInterval\":\"1\"}");
    assert_ne!(log, asking, "{log}");
    std::fs::write(&first, asking).unwrap();
    std::fs::create_dir_all(table.join("_delta_log/00000000000000000001.checkpoint.parquet/full")).unwrap();
    write(&appending(root.path(), &connector), &[rows(3, 6)]);
    assert_eq!(ids(&read(&table)), (0..6).collect::<Vec<_>>(), "each file that the log adds is there");
}

#[test]
fn a_log_that_is_a_link_is_not_followed() {
    let (root, other) = (tempdir().unwrap(), tempdir().unwrap());
    std::fs::create_dir(root.path().join("t")).unwrap();
    std::os::unix::fs::symlink(other.path(), root.path().join("t/_delta_log")).unwrap();
    let error = open(&spec(root.path(), &delta("t"), schema())).unwrap_err();
    assert!(error.code() == "E0801" && error.to_string().contains("_delta_log"), "{error}");
    assert_eq!(std::fs::read_dir(other.path()).unwrap().count(), 0);
}
