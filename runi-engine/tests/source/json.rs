//! JSON lines against `serde_json`, and the lines that are none.

use super::{contract, field, json_at, read, required, some, tiny, try_read};
use proptest::prelude::*;
use runi_engine::source::ReadOptions;
use runi_lang::model::{OnFail, Renamed};
use runi_lang::types::{DataType, TimeUnit};
use serde_json::{Value, json};

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9).prop_map(Value::from),
        "[a-z\"\\\\\né漢\u{1F600}]{0,20}".prop_map(Value::from),
        prop::collection::vec(any::<i64>(), 0..3).prop_map(Value::from),
    ]
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// A text field takes strings, an integer field integers, a list of integers lists of integers; all else fails.
    #[test]
    fn values_are_those_of_serde_json(
        rows in prop::collection::vec((value(), value(), value(), value()), 1..12), chunk_bytes in 1_usize..60) {
        let home = tempfile::tempdir().unwrap();
        let lines: String = rows
            .iter()
            .map(|(a, b, c, d)| format!("{}\n", json!({ "text": a, "skipped": {"x": [d, {"y": b}]}, "int": b, "list": c })))
            .collect();
        std::fs::write(home.path().join("x.jsonl"), lines).unwrap();
        let row = contract(vec![
            field("int", DataType::Int64),
            field("text", DataType::String),
            field("list", DataType::List(Box::new(DataType::Int64))),
        ]);
        let all = read(home.path(), &json_at("x.jsonl"), Some(&row), tiny(chunk_bytes));
        prop_assert_eq!(all.malformed.len(), 0);
        prop_assert_eq!(all.rows.len(), rows.len());
        let mut failures = vec![];
        for (index, ((a, b, c, _), got)) in rows.iter().zip(&all.rows).enumerate() {
            let int = b.as_i64().map(|b| b.to_string());
            let text = a.as_str().map(str::to_owned);
            let list = c.as_array().map(|items| format!("[{}]", items.iter().map(Value::to_string).collect::<Vec<_>>().join(", ")));
            failures.extend((int.is_none() && !b.is_null()).then_some((index, 0)));
            failures.extend((text.is_none() && !a.is_null()).then_some((index, 1)));
            failures.extend((list.is_none() && !c.is_null()).then_some((index, 2)));
            prop_assert_eq!(got, &vec![int, text, list]);
            let raw = &all.raw[index];
            prop_assert_eq!(&raw[0], &("text".to_owned(), text_of(a)));
            prop_assert_eq!(&raw[2], &("int".to_owned(), text_of(b)));
        }
        prop_assert_eq!(&all.failures, &failures);
    }
}

#[test]
fn malformed_lines_are_set_aside_with_their_text() {
    let home = tempfile::tempdir().unwrap();
    let text = b"{\"a\":1}\n{\"a\":2\n[3]\n\n\"x\"\n{\"a\":\"\xFF\"}\n{\"a\":4} {}\n  \n{\"a\":5}".as_slice();
    std::fs::write(home.path().join("x.jsonl"), text).unwrap();
    let row = contract(vec![field("a", DataType::Int64)]);
    for chunk_bytes in [1, 5, 1000] {
        let all = read(home.path(), &json_at("x.jsonl"), Some(&row), tiny(chunk_bytes));
        assert_eq!(all.rows, [some(&["1"]), some(&["5"])]);
        assert_eq!((all.numbers.as_slice(), all.records), ([1, 8].as_slice(), 8));
        let told: Vec<_> = all.malformed.iter().map(|m| (m.number, m.line, m.raw.as_str(), m.error.as_str())).collect();
        assert_eq!(
            told,
            [
                (2, 2, "{\"a\":2", "is not JSON: it ends where `,` or `}` is expected"),
                (3, 3, "[3]", "is JSON, but not an object"),
                (4, 5, "\"x\"", "is JSON, but not an object"),
                (5, 6, "{\"a\":\"\u{FFFD}\"}", "is not UTF-8"),
                (6, 7, "{\"a\":4} {}", "is not JSON: `{` at byte 9 where the end of the line is expected"),
                (7, 8, "  ", "is blank"),
            ]
        );
    }
}

#[test]
fn nested_values_and_exact_decimals() {
    let home = tempfile::tempdir().unwrap();
    let lines = [
        r#"{"price": 123456789012345678.123456, "at": "2026-01-01T00:00:00Z", "legs": [{"id": "a\"b", "n": "1.50", "x": 0}, null], "m": {"k": 1}}"#,
        r#"{"price": "0.5", "at": 17, "legs": [{"id": 7}], "m": {"k": "one"}}"#,
        r#"{"legs": {}, "m": null}"#,
    ];
    std::fs::write(home.path().join("x.json"), lines.join("\n")).unwrap();
    let leg = DataType::Struct(vec![("id".into(), DataType::String), ("n".into(), DataType::Decimal { precision: 18, scale: 2 })]);
    let row = contract(vec![
        field("price", DataType::Decimal { precision: 38, scale: 6 }),
        field("at", DataType::Timestamp { unit: TimeUnit::Millisecond, zone: Some("UTC".into()) }),
        field("legs", DataType::List(Box::new(leg))),
        field("m", DataType::Map(Box::new(DataType::String), Box::new(DataType::Int32))),
    ]);
    let all = read(home.path(), &json_at("x.json"), Some(&row), ReadOptions::default());
    assert_eq!(all.rows[0], some(&["123456789012345678.123456", "2026-01-01T00:00:00Z", "[{id: a\"b, n: 1.50}, ]", "{k: 1}"]));
    assert_eq!(all.rows[1], some(&["0.500000", "∅", "∅", "∅"]));
    assert_eq!(all.rows[2], some(&["∅", "∅", "∅", "∅"]));
    assert_eq!(all.failures, [(1, 1), (1, 2), (1, 3), (2, 2)]);
}

#[test]
fn drift_is_told_from_the_sample() {
    let home = tempfile::tempdir().unwrap();
    let line = |i: usize| if i == 7 { "{\"new\":1,\"b\":2,\"old\":3}\n" } else { "{\"old\":1}\n" };
    std::fs::write(home.path().join("x.jsonl"), (0..120).map(line).collect::<String>()).unwrap();
    let mut row = contract(vec![field("new", DataType::Int64), required(field("c", DataType::Int64))]);
    row.renamed = vec![Renamed { from: "old".into(), to: "new".into(), until: None }];
    let failed = try_read(home.path(), &json_at("x.jsonl"), Some(&row), ReadOptions::default()).unwrap_err();
    assert!(failed.contains("required field `c` is missing"), "{failed}");
    row.fields.truncate(1);
    let all = read(home.path(), &json_at("x.jsonl"), Some(&row), ReadOptions::default());
    assert_eq!(all.drift, ["column `old` is the earlier name of field `new`", "column `b` is not in the contract"]);
    assert!(all.rows.iter().all(|row| row[0].as_deref() == Some("1")));
    row.drift.extra = OnFail::Fail;
    assert!(try_read(home.path(), &json_at("x.jsonl"), Some(&row), ReadOptions::default()).is_err());
}

#[test]
fn a_key_that_nobody_declared_may_be_a_value() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("x.jsonl"), "{\"a\":1,\"email\":\"x\",\"ada@example.com\":2}\n{\"bob@example.com\":3}\n").unwrap();
    let mut row = contract(vec![field("a", DataType::Int64), field("email", DataType::String)]);
    let all = read(home.path(), &json_at("x.jsonl"), Some(&row), ReadOptions::default());
    assert_eq!(all.drift, ["column `ada@example.com` is not in the contract", "column `bob@example.com` is not in the contract"]);
    row.fields[1].sensitivity.pii = Some("email".to_owned());
    let all = read(home.path(), &json_at("x.jsonl"), Some(&row), ReadOptions::default());
    assert_eq!(all.drift, ["column `***` is not in the contract"]);
    row.drift.extra = OnFail::Fail;
    let failed = try_read(home.path(), &json_at("x.jsonl"), Some(&row), ReadOptions::default()).unwrap_err();
    assert!(!failed.contains("example.com"), "{failed}");
}

#[test]
fn without_a_contract_types_come_from_the_values() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("x.jsonl"), "{\"a\":1,\"b\":\"x\",\"c\":null}\n{\"a\":1.5,\"b\":[1],\"d\":true}\n").unwrap();
    let all = read(home.path(), &json_at("x.jsonl"), None, ReadOptions::default());
    assert_eq!(all.rows, [some(&["1.0", "x", "∅", "∅"]), some(&["1.5", "[1]", "∅", "true"])]);
    std::fs::write(home.path().join("x.jsonl"), "[{\"a\":1},\n{\"a\":2}]\n").unwrap();
    let failed = try_read(home.path(), &json_at("x.jsonl"), None, ReadOptions::default()).unwrap_err();
    assert!(failed.contains("is one JSON array"), "{failed}");
}
