//! Any rows come back as they were.

use crate::support::{arrow, json, parquet, read_arrow, read_parquet, spec, write};
use ::arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use ::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use proptest::prelude::*;
use std::fs::File;
use std::io::BufReader;
use std::sync::Arc;
use tempfile::tempdir;

type Row = (i64, Option<String>, Option<f64>, Option<bool>);

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("n", DataType::Int64, false),
        Field::new("text", DataType::Utf8, true),
        Field::new("x", DataType::Float64, true),
        Field::new("ok", DataType::Boolean, true),
    ]))
}

fn batch(rows: &[Row]) -> RecordBatch {
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.0))),
        Arc::new(StringArray::from_iter(rows.iter().map(|row| row.1.as_deref()))),
        Arc::new(Float64Array::from_iter(rows.iter().map(|row| row.2))),
        Arc::new(BooleanArray::from_iter(rows.iter().map(|row| row.3))),
    ];
    RecordBatch::try_new(schema(), columns).unwrap()
}

/// A reader of quoted text that is nothing but its definition: cells, with whether they were quoted.
fn parse_csv(text: &str) -> Vec<Vec<(String, bool)>> {
    let (mut records, mut record, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut inside = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if inside && chars.peek() == Some(&'"') => cell.push(chars.next().unwrap()),
            '"' => {
                inside = !inside;
                quoted = true;
            }
            ',' if !inside => record.push((std::mem::take(&mut cell), std::mem::take(&mut quoted))),
            '\n' if !inside => {
                record.push((std::mem::take(&mut cell), std::mem::take(&mut quoted)));
                records.push(std::mem::take(&mut record));
            }
            other => cell.push(other),
        }
    }
    assert!(!inside && record.is_empty() && cell.is_empty());
    records
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn every_format_gives_the_rows_back(
        rows in prop::collection::vec((any::<i64>(), prop::option::of("[ -~\n\r\té€\"]{0,12}"), prop::option::of(prop::num::f64::NORMAL), any::<Option<bool>>()), 0..200),
        cut in 0usize..200,
    ) {
        let root = tempdir().unwrap();
        let cut = cut.min(rows.len());
        let batches = [batch(&rows[..cut]), batch(&rows[cut..])];
        let whole = batch(&rows);
        prop_assert_eq!(read_parquet(&write(&spec(root.path(), &parquet("t.parquet"), schema()), &batches).path), whole.clone());
        prop_assert_eq!(read_arrow(&write(&spec(root.path(), &arrow("t.arrow"), schema()), &batches).path), whole.clone());

        let path = write(&spec(root.path(), &json("t.jsonl"), schema()), &batches).path;
        let reader = ::arrow::json::ReaderBuilder::new(schema()).with_batch_size(1_000).build(BufReader::new(File::open(path).unwrap())).unwrap();
        let found = reader.map(Result::unwrap).next().unwrap_or_else(|| batch(&[]));
        prop_assert_eq!(found, whole);

        let path = write(&spec(root.path(), &crate::support::csv("t.csv"), schema()), &batches).path;
        let records = parse_csv(&std::fs::read_to_string(path).unwrap());
        prop_assert_eq!(records.len(), rows.len() + 1);
        for (record, (n, text, x, ok)) in records[1..].iter().zip(&rows) {
            let cells: Vec<Option<&str>> = record.iter().map(|(cell, quoted)| (*quoted || !cell.is_empty()).then_some(cell.as_str())).collect();
            prop_assert_eq!(cells[0].map(|cell| cell.parse::<i64>().unwrap()), Some(*n));
            prop_assert_eq!(cells[1], text.as_deref());
            prop_assert_eq!(cells[2].map(|cell| cell.parse::<f64>().unwrap()), *x);
            prop_assert_eq!(cells[3].map(|cell| cell == "true"), *ok);
        }
    }
}
