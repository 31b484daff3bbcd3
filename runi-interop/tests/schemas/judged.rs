//! Rows that the engine accepts and rejects by a contract are accepted and rejected by a validator of JSON Schema on the exported schema.

use crate::support::{contracts, engine, export};
use runi_engine::run::{RunOptions, run};
use runi_interop::export::Format;
use runi_lang::workspace::Workspace;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const CONTRACT: &str = "Contract: Row
  n        int64                                  @required
  must     string                                 @required
  small    int8
  unsigned uint16
  between  int32                                  @range(min=1, max=10)
  open     float64                                @range(min=0, max=1, exclusive=true)
  above    float64                                @range(min=0.5)
  length   string                                 @length(min=2, max=4)
  letters  string                                 @matches(\"[A-Z.]{1,8}\")
  either   string                                 @matches(\"a|bc\")
  side     enum(buy, sell)                        @required
  state    enum(open, \"paid in full\")
  mail     string                                 @format(email)
  id       string                                 @format(uuid)
  day      date
  flag     boolean
";

/// Values of each column: some that hold, some that do not.
fn values() -> Vec<(&'static str, Vec<Value>)> {
    vec![
        ("must", vec![json!("x"), json!(""), json!(null)]),
        ("small", vec![json!(-128), json!(127), json!(128), json!(-129), json!(null)]),
        ("unsigned", vec![json!(0), json!(65535), json!(65536), json!(-1)]),
        ("between", vec![json!(1), json!(10), json!(0), json!(11), json!(null)]),
        ("open", vec![json!(0.5), json!(0), json!(1), json!(-0.1), json!(0.999)]),
        ("above", vec![json!(0.5), json!(0.49), json!(7)]),
        ("length", vec![json!("ab"), json!("abcd"), json!("a"), json!("abcde"), json!("äöü"), json!("äöüßé"), json!(null)]),
        ("letters", vec![json!("A.B"), json!("ABCDEFGHI"), json!("xA"), json!("A\n"), json!("")]),
        ("either", vec![json!("a"), json!("bc"), json!("abc"), json!("ac")]),
        ("side", vec![json!("buy"), json!("hold"), json!("BUY"), json!(null)]),
        ("state", vec![json!("paid in full"), json!("paid"), json!(null)]),
        ("mail", vec![json!("a@example.com"), json!("a.example.com"), json!("@example.com")]),
        ("id", vec![json!("123e4567-e89b-12d3-a456-426614174000"), json!("123e4567"), json!("g23e4567-e89b-12d3-a456-426614174000")]),
        ("day", vec![json!("2024-02-29"), json!("2023-02-29"), json!("tomorrow")]),
        ("flag", vec![json!(true), json!(false), json!(null)]),
    ]
}

/// A row that holds, with one column set to something else, or left out.
fn rows() -> Vec<Value> {
    let good = json!({
        "must": "x", "small": 1, "unsigned": 1, "between": 5, "open": 0.5, "above": 1.0, "length": "abc", "letters": "A", "either": "a",
        "side": "buy", "state": "open", "mail": "a@example.com", "id": "123e4567-e89b-12d3-a456-426614174000", "day": "2024-01-31", "flag": true,
    });
    let mut rows = vec![good.clone()];
    for (column, values) in values() {
        for value in values {
            let mut row = good.clone();
            row[column] = value;
            rows.push(row);
        }
        let mut row = good.clone();
        row.as_object_mut().unwrap().shift_remove(column);
        rows.push(row);
    }
    for (n, row) in rows.iter_mut().enumerate() {
        row["n"] = json!(n);
    }
    rows
}

#[test]
fn engine_and_validator_agree_row_by_row() {
    let rows = rows();
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("Runi.toml", "[workspace]\nname = \"judged\"\nedition = \"2026\"\n");
    write("contracts/row.contract", CONTRACT);
    write("data/rows.jsonl", &rows.iter().map(|row| format!("{row}\n")).collect::<String>());
    write(
        "features/judge.dsl",
        "Feature: Judge\n\nScenario: Judge rows\n  @source(type=json, path=\"data/rows.jsonl\", contract=Row) as rows\n  @sink(type=json, path=\"out/valid.jsonl\")\n",
    );
    let mut workspace = Workspace::open(dir.path(), None).unwrap();
    let report = workspace.check(engine).unwrap();
    assert!(!report.has_errors(), "{:#?}", report.diagnostics);
    let pipelines = workspace.pipelines(engine().as_ref(), &[]).unwrap();
    let outcome = run(&pipelines[0], &RunOptions::new(dir.path()));
    assert!(outcome.error.is_none(), "{:?}", outcome.error);
    let valid = std::fs::read_to_string(dir.path().join("out/valid.jsonl")).unwrap();
    let number = |row: &Value| row["n"].as_u64().unwrap();
    let accepted: BTreeSet<u64> = valid.lines().map(|line| number(&serde_json::from_str(line).unwrap())).collect();

    let (schema, _) = export(Format::JsonSchema, &contracts(CONTRACT)[0]);
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let judged: BTreeSet<u64> = rows.iter().filter(|row| validator.is_valid(row)).map(number).collect();

    let differ: Vec<String> =
        accepted.symmetric_difference(&judged).map(|n| format!("{} (engine: {})", rows[*n as usize], accepted.contains(n))).collect();
    assert!(differ.is_empty(), "{differ:#?}");
    assert!(accepted.len() > 20 && rows.len() - accepted.len() > 20, "{} of {} rows hold", accepted.len(), rows.len());
}
