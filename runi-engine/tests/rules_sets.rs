//! Rules about sets of rows against oracles made of hash maps.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use arrow::array::{
    Array, ArrayRef, Date32Array, DictionaryArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray, StringViewArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Int32Type};
use chrono::{DateTime, Utc};
use proptest::prelude::*;
use runi_engine::rules::Verdicts;
use runi_engine::rules::freshness::Newest;
use runi_engine::rules::keys::{KeyCollector, Position};
use runi_engine::rules::references::ReferenceSet;
use runi_lang::model::{Duplicates as Policy, Duration, Key};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

fn key(columns: &[&str], duplicates: Policy) -> Key {
    Key { columns: columns.iter().map(|column| (*column).to_owned()).collect(), primary: false, duplicates, on_fail: None }
}

fn batch(rows: &[(Option<i64>, Option<i32>, Option<String>)]) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable([
        ("a", Arc::new(rows.iter().map(|row| row.0).collect::<Int64Array>()) as ArrayRef, true),
        ("b", Arc::new(rows.iter().map(|row| row.1).collect::<Int32Array>()), true),
        ("t", Arc::new(rows.iter().map(|row| row.2.as_deref()).collect::<StringViewArray>()), true),
    ])
    .unwrap()
}

/// The key of a row as text; `None` where a part is null.
fn tuple(row: &(Option<i64>, Option<i32>, Option<String>), columns: &[&str]) -> Option<Vec<String>> {
    columns
        .iter()
        .map(|column| match *column {
            "a" => row.0.map(|a| a.to_string()),
            "b" => row.1.map(|b| b.to_string()),
            _ => row.2.clone(),
        })
        .collect()
}

proptest! {
    #[test]
    fn duplicates_equal_those_of_a_map(
        chunks in prop::collection::vec(prop::collection::vec((prop::option::weighted(0.9, -40_i64..40), prop::option::weighted(0.9, 0_i32..6), prop::option::weighted(0.9, "[ab]{0,4}")), 0..60), 1..6),
        columns in prop::sample::select(vec![vec!["a"], vec!["a", "b"], vec!["t"], vec!["b", "t"], vec!["a", "b", "t"]]),
        keep_first: bool, budget in prop::sample::select(vec![0_usize, 24 * 256 * 2, 96 << 20]), workers in 1_usize..4,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let policy = if keep_first { Policy::KeepFirst } else { Policy::RejectAll };
        let key = key(&columns, policy);
        let batches: Vec<RecordBatch> = chunks.iter().map(|rows| batch(rows)).collect();
        let schema = batches[0].schema();
        let mut parts: Vec<KeyCollector> = (0..workers).map(|_| KeyCollector::with_budget(&key, &schema, dir.path(), budget).unwrap()).collect();
        // Chunks come in any order: the last ones first.
        for (seq, batch) in batches.iter().enumerate().rev() {
            parts[seq % workers].add(batch, Position::new(seq as u64, 0)).unwrap();
        }
        let mut all = parts.pop().unwrap();
        for part in parts {
            all.merge(part).unwrap();
        }
        let duplicates = all.finish().unwrap();

        let mut seen: HashMap<Vec<String>, Vec<(usize, usize)>> = HashMap::new();
        for (seq, rows) in chunks.iter().enumerate() {
            for (at, row) in rows.iter().enumerate() {
                if let Some(tuple) = tuple(row, &columns) {
                    seen.entry(tuple).or_default().push((seq, at));
                }
            }
        }
        let bad: HashSet<(usize, usize)> = seen.values().filter(|rows| rows.len() > 1).flat_map(|rows| rows.iter().skip(usize::from(keep_first))).copied().collect();
        prop_assert_eq!(duplicates.len(), seen.values().filter(|rows| rows.len() > 1).count());
        for (seq, batch) in batches.iter().enumerate() {
            let mut verdicts = Verdicts::new(3, batch.num_rows());
            duplicates.mark(batch, Position::new(seq as u64, 0), &mut verdicts, 2).unwrap();
            for row in 0..batch.num_rows() {
                prop_assert_eq!(verdicts.is_set(row, 2), bad.contains(&(seq, row)));
            }
        }
    }

    #[test]
    fn a_batch_in_pieces_is_the_same_source(values in prop::collection::vec(prop::option::of(0_i64..20), 1..80), cut in 0_usize..80) {
        let dir = tempfile::tempdir().unwrap();
        let whole = RecordBatch::try_from_iter_with_nullable([("a", Arc::new(Int64Array::from(values.clone())) as ArrayRef, true)]).unwrap();
        let cut = cut.min(values.len());
        let (head, tail) = (whole.slice(0, cut), whole.slice(cut, values.len() - cut));
        let mut collector = KeyCollector::new(&key(&["a"], Policy::KeepFirst), &whole.schema(), dir.path()).unwrap();
        collector.add(&tail, Position::new(0, cut)).unwrap();
        collector.add(&head, Position::new(0, 0)).unwrap();
        let duplicates = collector.finish().unwrap();
        let mut verdicts = Verdicts::new(1, values.len());
        duplicates.mark(&whole, Position::new(0, 0), &mut verdicts, 0).unwrap();
        let mut seen = HashSet::new();
        for (row, value) in values.iter().enumerate() {
            prop_assert_eq!(verdicts.is_set(row, 0), value.is_some_and(|value| !seen.insert(value)));
        }
    }

    #[test]
    fn references_equal_those_of_a_set(known in prop::collection::vec(prop::option::of("[a-c]{0,3}|[a-c]{14}"), 0..20), used in prop::collection::vec(prop::option::of("[a-c]{0,3}|[a-c]{14}"), 0..60), dictionary: bool) {
        let target: ArrayRef = Arc::new(known.iter().map(Option::as_deref).collect::<StringArray>());
        let (head, tail) = (target.slice(0, known.len() / 2), target.slice(known.len() / 2, known.len() - known.len() / 2));
        let mut set = ReferenceSet::new(target.data_type()).unwrap();
        let mut other = ReferenceSet::new(target.data_type()).unwrap();
        set.add(&head).unwrap();
        other.add(&tail).unwrap();
        set.merge(other);
        let oracle: HashSet<&str> = known.iter().flatten().map(String::as_str).collect();
        prop_assert_eq!(set.len(), oracle.len());
        let column: ArrayRef = match dictionary {
            true => Arc::new(used.iter().map(Option::as_deref).collect::<DictionaryArray<Int32Type>>()),
            false => Arc::new(used.iter().map(Option::as_deref).collect::<StringViewArray>()),
        };
        let batch = RecordBatch::try_from_iter_with_nullable([("r", column, true)]).unwrap();
        let mut verdicts = Verdicts::new(1, used.len());
        set.mark(&batch, 0, &mut verdicts, 0).unwrap();
        for (row, value) in used.iter().enumerate() {
            prop_assert_eq!(verdicts.is_set(row, 0), value.as_deref().is_some_and(|value| !oracle.contains(value)));
        }
    }
}

#[test]
fn a_reference_that_the_target_cannot_hold_is_not_there() {
    let mut set = ReferenceSet::new(&DataType::Int32).unwrap();
    set.add(&(Arc::new(Int32Array::from(vec![Some(1), None])) as ArrayRef)).unwrap();
    let wide = Int64Array::from(vec![Some(1), Some(2), Some(1 << 40), None]);
    let batch = RecordBatch::try_from_iter_with_nullable([("r", Arc::new(wide) as ArrayRef, true)]).unwrap();
    let mut verdicts = Verdicts::new(1, 4);
    set.mark(&batch, 0, &mut verdicts, 0).unwrap();
    assert_eq!((0..4).map(|row| verdicts.is_set(row, 0)).collect::<Vec<_>>(), [false, true, true, false]);
}

#[test]
fn both_zeros_are_one_key() {
    let batch = RecordBatch::try_from_iter([("f", Arc::new(Float64Array::from(vec![0.0, -0.0, 1.0])) as ArrayRef)]).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut collector = KeyCollector::new(&key(&["f"], Policy::RejectAll), &batch.schema(), dir.path()).unwrap();
    collector.add(&batch, Position::new(0, 0)).unwrap();
    assert_eq!(collector.finish().unwrap().len(), 1);
}

#[test]
fn memory_that_runs_out_goes_to_disk_and_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let rows = 40_000_i64;
    let batches: Vec<RecordBatch> = (0..4)
        .map(|part| {
            let values: Int64Array = (0..rows / 4).map(|row| Some((part * rows / 4 + row) % (rows - 7))).collect();
            RecordBatch::try_from_iter([("a", Arc::new(values) as ArrayRef)]).unwrap()
        })
        .collect();
    let mut collector = KeyCollector::with_budget(&key(&["a"], Policy::RejectAll), &batches[0].schema(), dir.path(), 64 << 10).unwrap();
    for (seq, batch) in batches.iter().enumerate() {
        collector.add(batch, Position::new(seq as u64, 0)).unwrap();
    }
    // The file has no name, so nothing stays behind whatever happens.
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    assert_eq!(collector.finish().unwrap().len(), 7);
}

#[test]
fn a_source_is_as_fresh_as_its_newest_value() {
    let now: DateTime<Utc> = "2024-06-01T12:00:00Z".parse().unwrap();
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap().timestamp_micros();
    let within = Duration { ms: 15 * 60_000 };
    let batch = |values: Vec<Option<i64>>| {
        let array = TimestampMicrosecondArray::from(values).with_timezone("Europe/Paris");
        RecordBatch::try_from_iter_with_nullable([("at", Arc::new(array) as ArrayRef, true)]).unwrap()
    };
    let mut newest = Newest::new("at");
    assert!(!newest.age(now, within).holds());
    newest.add(&batch(vec![None, Some(at("2024-06-01T11:00:00Z"))])).unwrap();
    assert_eq!(newest.age(now, within).observed_ms, Some(3_600_000));
    assert!(!newest.age(now, within).holds());
    let mut other = Newest::new("at");
    other.add(&batch(vec![Some(at("2024-06-01T11:45:00Z")), Some(at("2024-06-01T10:00:00Z"))])).unwrap();
    newest.merge(&other);
    assert_eq!(newest.age(now, within).newest, Some("2024-06-01T11:45:00Z".parse().unwrap()));
    assert!(newest.age(now, within).holds());
    let mut days = Newest::new("day");
    let day = RecordBatch::try_from_iter([("day", Arc::new(Date32Array::from(vec![19_875])) as ArrayRef)]).unwrap();
    days.add(&day).unwrap();
    assert_eq!(days.age(now, within).observed_ms, Some(12 * 3_600_000));
}
