//! Whether what a comparison says of writers is what the engine does: data that was made to the old contract, read under the new one.

use crate::support::Space;

/// A scenario that writes the old contract's rows in a format, and one that reads them.
fn space(format: &str, old: &str) -> Space {
    let space = Space::empty();
    space.write("Runi.toml", "[workspace]\nname = \"w\"\n");
    space.write("contracts/old.contract", contract("Old", "", old));
    space.write("contracts/row.contract", contract("Row", "", old));
    space.write(
        "features/make.dsl",
        format!("Feature: Make\n\nScenario: Make\n  @source(type=json, path=\"data/rows.jsonl\", contract=Old) as rows\n  @sink(type={format}, path=\"out/rows.{format}\", contract=Old)\n"),
    );
    space.write(
        "features/read.dsl",
        format!("Feature: Read\n\nScenario: Read\n  @source(type={format}, path=\"out/rows.{format}\", contract=Row) as rows\n  @sink(type=json, path=\"out/read.jsonl\")\n"),
    );
    space
}

fn contract(name: &str, head: &str, fields: &str) -> String {
    format!("Contract: {name}\n  @version(1.0.0)\n  @owner(x)\n{head}\n  id  int64  @required\n{fields}")
}

/// Format, value, the old fields, the new contract's policies and fields, and the verdict for writers.
type Case = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const CASES: &[Case] = &[
    ("parquet", "\"a\"", "  v  string\n", "", "  v  string\n  more  string\n", "review"),
    ("csv", "\"a\"", "  v  string\n", "", "  v  string\n  more  string\n", "review"),
    ("parquet", "\"a\"", "  v  string\n", "  @drift(missing=warn)\n", "  v  string\n  more  string\n", "compatible"),
    ("parquet", "\"a\"", "  v  string\n", "", "", "compatible"),
    ("parquet", "\"a\"", "  v  string\n", "  @drift(extra=fail)\n", "", "breaking"),
    ("parquet", "\"2026-01-02\"", "  v  date\n", "", "  v  timestamp\n", "review"),
    ("parquet", "\"2026-01-02\"", "  v  date\n", "  @drift(retyped=warn)\n", "  v  timestamp\n", "compatible"),
    ("parquet", "\"a\"", "  v  string\n", "", "  v  binary\n", "breaking"),
    ("parquet", "{\"a\": 1}", "  v  struct<a: int32>\n", "", "  v  struct<a: int32, b: string>\n", "compatible"),
    ("parquet", "{\"a\": 1, \"b\": \"x\"}", "  v  struct<a: int32, b: string>\n", "", "  v  struct<a: int32>\n", "compatible"),
    ("parquet", "[{\"a\": 1}]", "  v  list<struct<a: int32>>\n", "", "  v  list<struct<b: string, a: int64>>\n", "compatible"),
    ("parquet", "1", "  v  int32\n", "", "  v  int64\n", "compatible"),
];

#[test]
fn what_is_compatible_runs_and_what_is_not_may_stop() {
    for (format, value, old, head, new, verdict) in CASES {
        let space = space(format, old);
        space.write("data/rows.jsonl", format!("{{\"id\": 1, \"v\": {value}}}\n"));
        let space = space.committed();
        space.runi(&["run"]).exits(0);
        space.write("contracts/row.contract", contract("Row", head, new));
        let diff = space.runi(&["diff", "--format", "json"]).json();
        let findings = diff["items"].as_array().unwrap().iter().flat_map(|item| item["findings"].as_array().unwrap());
        let verdicts = findings.filter(|finding| finding["rule"].as_str().is_some_and(|rule| rule.starts_with(['F', 'T'])));
        let rank = |word: &str| ["compatible", "review", "breaking"].iter().position(|known| *known == word);
        let worst = verdicts.map(|finding| finding["producer"].as_str().unwrap()).max_by_key(|word| rank(word));
        assert_eq!(worst, Some(*verdict), "{format}: {old}{head}{new}{diff:#}");
        let run = space.runi(&["run", "Read"]);
        assert_eq!(run.code == Some(0), *verdict == "compatible", "{format}: {old}{head}{new}{}", run.stderr);
        if run.code == Some(0) {
            assert_eq!(space.json_lines("out/read.jsonl").len(), 1, "{format}: {old}{head}{new}");
        }
    }
}

/// The parts of a struct that the file has not are null; the others are what they were.
#[test]
fn parts_of_structs_are_known_by_name() {
    let space = space("parquet", "  v  list<struct<a: int32, b: string>>\n");
    space.write(
        "data/rows.jsonl",
        "{\"id\": 1, \"v\": [{\"a\": 7, \"b\": \"x\"}, null]}\n{\"id\": 2, \"v\": null}\n{\"id\": 3, \"v\": []}\n",
    );
    space.runi(&["run"]).exits(0);
    space.write("contracts/row.contract", contract("Row", "", "  v  list<struct<c: date, a: int64>>\n"));
    space.runi(&["run", "Read"]).exits(0);
    let rows = space.json_lines("out/read.jsonl");
    assert_eq!(serde_json::to_value(&rows[0]["v"]).unwrap(), serde_json::json!([{ "c": null, "a": 7 }, null]));
    assert!(rows[1]["v"].is_null());
    assert_eq!(rows[2]["v"], serde_json::json!([]));
    // With no part in common it is another thing.
    space.write("contracts/row.contract", contract("Row", "", "  v  list<struct<c: date>>\n"));
    space.runi(&["run", "Read"]).exits(1).says(&["E0804"]);
}

/// What data says of a rule's finding.
fn evidence(space: &Space, rule: &str) -> serde_json::Value {
    let diff = space.runi(&["diff", "--with-data", "--format", "json"]).exits(1).json();
    let findings = diff["items"].as_array().unwrap().iter().flat_map(|item| item["findings"].as_array().unwrap());
    findings.filter(|finding| finding["rule"] == rule).map(|finding| finding["evidence"][0].clone()).next().unwrap()
}

/// What data says is what the next run does.
#[test]
fn rows_that_stop_the_run_are_told() {
    let space = Space::rows("id,name\n1,a\n2,\n3,\n");
    space.replace("contracts/row.contract", "  name  string", "  name  string  @required");
    let space = space.committed();
    space.replace("contracts/row.contract", "string  @required\n", "string  @required(on_fail=fail)\n");
    let told = evidence(&space, "Q003");
    assert_eq!((&told["violating"], &told["already"], &told["stops"]), (&0.into(), &2.into(), &"2 rows fail the run".into()));
    space.runi(&["diff", "--with-data"]).exits(1).shows(&["2 more are refused already"]);
    space.runi(&["run"]).exits(1).says(&["E0805"]);

    let space = self::space("parquet", "  v  int64\n");
    space.write("data/rows.jsonl", "{\"id\": 1, \"v\": 7}\n");
    space.runi(&["run"]).exits(0);
    // Data of somebody else: no scenario writes it.
    std::fs::copy(space.path("out/rows.parquet"), space.path("data/rows.parquet")).unwrap();
    space.replace("features/read.dsl", "out/rows.parquet", "data/rows.parquet");
    let space = space.committed();
    space.write("contracts/row.contract", contract("Row", "", "  v  int32\n"));
    let told = evidence(&space, "T004");
    assert_eq!(told["violating"], 0);
    assert_eq!(told["stops"], "the run stops whatever the values are (E0804): field `v` is int64 where the contract says int32");
    space.runi(&["run", "Read"]).exits(1).says(&["E0804"]);
    space.write("contracts/row.contract", contract("Row", "  @drift(retyped=warn)\n", "  v  int32\n"));
    assert!(evidence(&space, "T004")["stops"].is_null());
    space.runi(&["run", "Read"]).exits(0);
}
