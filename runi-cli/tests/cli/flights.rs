//! `fixtures/flights`: every number that another engine computed comes out here too.

use crate::support::{Row, Space, broken, digests, number, stage, written};
use serde_json::Value;
use std::collections::BTreeMap;

fn expected() -> Value {
    serde_json::from_str(include_str!("../../../fixtures/flights/expected.json")).unwrap()
}

/// How many rows have each value.
fn count_by(rows: &[Row], column: &str) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(row[column].clone().unwrap_or_default()).or_default() += 1;
    }
    counts
}

fn sum(rows: &[Row], column: &str) -> f64 {
    rows.iter().filter_map(|row| number(row, column)).sum()
}

/// A row has exactly the numbers and texts of `wanted`.
#[track_caller]
fn same(row: &Row, wanted: &Value) {
    for (column, value) in wanted.as_object().unwrap() {
        match value {
            Value::Number(value) => assert_eq!(number(row, column), value.as_f64(), "{column} of {row:?}"),
            value => assert_eq!(row[column].as_deref(), value.as_str(), "{column} of {row:?}"),
        }
    }
}

/// Source counts, rules, steps and sinks of one run record.
pub fn counts_agree(record: &Value, wanted: &Value) {
    let slug = record["slug"].as_str().unwrap();
    for (name, wanted) in wanted["sources"].as_object().unwrap() {
        let found = stage(record, name);
        assert_eq!(
            [&found["in"], &found["passed"], &found["quarantined"]],
            [&wanted["read"], &wanted["valid"], &wanted["invalid"]],
            "{slug}: {name}"
        );
        let rules: BTreeMap<String, u64> = serde_json::from_value(wanted["quarantined_by_rule"].clone()).unwrap_or_default();
        assert_eq!(broken(found, "quarantine"), rules, "{slug}: {name}");
        if let Some(warned) = wanted["warned_by_rule"].as_object() {
            let warned: BTreeMap<String, u64> =
                warned.iter().map(|(rule, rows)| (rule.clone(), rows["of_all_rows"].as_u64().unwrap())).collect();
            assert_eq!(broken(found, "warn"), warned, "{slug}: {name}");
        }
    }
    for (name, wanted) in wanted["steps"].as_object().into_iter().flatten() {
        let found = stage(record, name);
        if let Some(rows) = wanted.get("rows") {
            assert_eq!(&found["passed"], rows, "{slug}: {name}");
        }
        if let Some(rows) = wanted.get("quarantined") {
            assert_eq!(&found["quarantined"], rows, "{slug}: {name}");
        }
        if let Some(rows) = wanted.get("warned") {
            assert_eq!(broken(found, "warn").values().sum::<u64>(), rows.as_u64().unwrap(), "{slug}: {name}");
        }
    }
    let sinks: BTreeMap<String, u64> = serde_json::from_value(wanted["sinks"].clone()).unwrap();
    assert_eq!(written(record), sinks, "{slug}");
}

#[test]
fn a_run_gives_the_expected_numbers() {
    let space = Space::fixture("flights");
    let records = space.runi(&["run", "--format", "json"]).exits(0).array();
    let expected = expected();
    let slugs: Vec<&str> = records.iter().map(|record| record["slug"].as_str().unwrap()).collect();
    let mut sorted = slugs.clone();
    sorted.sort_unstable();
    let mut wanted: Vec<&String> = expected.as_object().unwrap().keys().collect();
    wanted.sort_unstable();
    assert_eq!(sorted, wanted);
    // A reader never runs before the writer of what it reads.
    let at = |slug: &str| slugs.iter().position(|found| *found == slug).unwrap();
    assert!(at("ingest-flights") < at("clean-departures") && at("clean-departures") < at("join-weather-and-planes"));
    assert!(at("ingest-weather") < at("join-weather-and-planes") && at("join-weather-and-planes") < at("weather-and-delay"));
    for record in &records {
        counts_agree(record, &expected[record["slug"].as_str().unwrap()]);
    }

    let unknown: Vec<Row> = space
        .json_lines("out/quarantine/flights.jsonl")
        .iter()
        .map(|row| serde_json::from_str(row["record"].as_str().unwrap()).unwrap())
        .collect();
    assert_eq!(serde_json::json!(count_by(&unknown, "dest")), expected["ingest-flights"]["unknown_airports"]);

    let clean = &expected["clean-departures"];
    let flown = space.table("out/silver/flown.parquet");
    assert_eq!(serde_json::json!(count_by(&flown, "delay_class")), clean["delay_class"]);
    for (column, wanted) in clean["sums"].as_object().unwrap() {
        assert_eq!(sum(&flown, column), wanted.as_f64().unwrap(), "{column}");
    }

    let joined = &expected["join-weather-and-planes"];
    let departures = space.table("out/silver/departures");
    let without = |column: &str| departures.iter().filter(|row| row[column].is_none()).count() as u64;
    assert_eq!(without("temp"), joined["without_weather"].as_u64().unwrap());
    assert_eq!(without("manufacturer"), joined["without_plane"].as_u64().unwrap());
    for (column, wanted) in joined["sums"].as_object().unwrap() {
        let found = (sum(&departures, column) * 10.0).round() / 10.0;
        assert_eq!(found, wanted.as_f64().unwrap(), "{column}");
    }
}

#[test]
fn the_dashboard_shows_the_expected_days() {
    let space = Space::fixture("flights");
    space.runi(&["run"]).exits(0);
    let expected = expected();
    let gold = &expected["delay-by-carrier-and-day"];
    let days = space.table("out/gold/delay_by_carrier_day.parquet");
    for (column, wanted) in gold["totals"].as_object().unwrap() {
        let found = if column.starts_with("worst") {
            days.iter().filter_map(|row| number(row, column)).fold(f64::MIN, f64::max)
        } else {
            sum(&days, column)
        };
        assert_eq!(found, wanted.as_f64().unwrap(), "{column}");
    }
    let by_day = |carrier: &str, day: &Value| {
        days.iter().find(|row| row["carrier"].as_deref() == Some(carrier) && number(row, "day") == day.as_f64()).unwrap()
    };
    for wanted in gold["united"].as_array().unwrap() {
        same(by_day("UA", &wanted["day"]), wanted);
    }
    let mut bad = space.table("out/gold/bad_days.csv");
    bad.sort_by_key(|row| (row["carrier"].clone(), number(row, "day").map(|day| day as i64)));
    let wanted = gold["bad_days"].as_array().unwrap();
    assert_eq!(bad.len(), wanted.len());
    bad.iter().zip(wanted).for_each(|(row, wanted)| same(row, wanted));

    let mut weather = space.table("out/gold/weather_delay.csv");
    weather.sort_by_key(|row| (row["origin"].clone(), row["sky"].clone(), row["rain"].clone()));
    let wanted = expected["weather-and-delay"]["rows"].as_array().unwrap();
    assert_eq!(weather.len(), wanted.len());
    weather.iter().zip(wanted).for_each(|(row, wanted)| same(row, wanted));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let space = Space::fixture("flights");
    let first = space.runi(&["run", "--format", "json"]).exits(0).array();
    let second = space.runi(&["run", "--format", "json"]).exits(0).array();
    assert_eq!(first.len(), second.len());
    for (first, second) in first.iter().zip(&second) {
        let (mut first, mut second) = (digests(first), digests(second));
        // A quarantined row says which run set it aside.
        for path in ["out/quarantine/flights.jsonl", "out/quarantine/departures.jsonl"] {
            assert_eq!(first.remove(path).is_some(), second.remove(path).is_some());
        }
        assert_eq!(first, second);
    }
    space.runi(&["runs", "--verify"]).exits(0);
}

#[test]
fn a_golden_passes_fails_with_row_and_column_and_is_mended() {
    let space = Space::fixture("flights");
    space.runi(&["test"]).exits(0).says(&["8 passed, 0 failed"]);
    let golden = "golden/flights.flown.jsonl";
    let before = space.text(golden);
    let line = before.lines().position(|line| line.contains("\"dep_delay\": 2,")).expect("a flight two minutes late");
    let broken: Vec<String> = before
        .lines()
        .enumerate()
        .map(|(at, text)| if at == line { text.replace("\"dep_delay\": 2,", "\"dep_delay\": 77,") } else { text.to_owned() })
        .collect();
    space.write(golden, broken.join("\n") + "\n");

    let failed = space.runi(&["test", "clean-departures"]).exits(1).says(&["2 passed, 1 failed"]);
    let row = format!("row {}", line + 1);
    failed.shows(&["golden/flights.flown.jsonl", &row, "dep_delay", "77"]);
    assert_eq!(space.text(golden), broken.join("\n") + "\n", "a failed test changes nothing");

    space.runi(&["test", "--update"]).exits(0).says(&["1 updated"]);
    space.runi(&["test"]).exits(0).says(&["8 passed, 0 failed"]);
    assert!(!space.text(golden).contains("77,\"arr_minute"));
}
