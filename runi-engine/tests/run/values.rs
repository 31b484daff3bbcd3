//! Values that a format or a type cannot hold, and values that keep their form.

use super::support::{Fixture, doors, stage};

const FEATURE: &str = "Feature: V

Scenario: Copy
  @source(type=TYPE, path=\"rows\", contract=V) as rows
  @sink(type=json, path=\"out.jsonl\")
  @sink(type=csv, path=\"out.csv\")
  @sink(type=json, path=\"bad.jsonl\", on=invalid)
";

fn fixture(ty: &str, contract: &str, rows: &str) -> Fixture {
    let contract = format!("Contract: V\n{contract}");
    Fixture::new(&[("contracts/v.contract", &contract), ("features/v.dsl", &FEATURE.replace("TYPE", ty)), ("rows", rows)])
}

#[test]
fn json_never_says_null_for_a_number() {
    let fixture =
        fixture("csv", "  id int64\n  f float64 @required\n  g float32\n", "id,f,g\n1,1e400,1\n2,nan,1\n3,-inf,1\n4,1,1e39\n5,0.5,\n");
    let record = fixture.run(1);
    // A number beyond the type is none; `nan` and `inf` are values of a float, which CSV can write and JSON cannot.
    assert_eq!(doors(&record, "rows"), [5, 3, 2, 0]);
    assert_eq!(doors(&record, "sink:out"), [3, 1, 2, 0]);
    assert_eq!(fixture.lines("out.jsonl"), [r#"{"id":5,"f":0.5,"g":null}"#]);
    assert_eq!(fixture.lines("out.csv").len(), 4);
    assert_eq!(stage(&record, "sink:out").rules.iter().find(|rule| rule.rule == "finite").unwrap().rows, 2);
    let bad = fixture.lines("bad.jsonl").join("\n");
    assert!(bad.contains("type:f") && bad.contains("type:g") && bad.matches("finite:f").count() == 2, "{bad}");
}

#[test]
fn floats_inside_lists_and_structs_count_too() {
    let contract = "  id int64\n  l list<float64>\n  s struct<x: float64>\n  m map<string, float64>\n";
    let rows = r#"{"id":1,"l":[1,1e400],"s":{"x":1},"m":{"k":1}}
{"id":2,"l":[1,null],"s":{"x":1},"m":{"k":1}}
{"id":3,"l":null,"s":{"x":1e400},"m":null}
"#;
    let fixture = fixture("json", contract, rows);
    fixture.run(1);
    assert_eq!(fixture.lines("out.jsonl"), [r#"{"id":2,"l":[1.0,null],"s":{"x":1.0},"m":{"k":1.0}}"#]);
}

#[test]
fn a_float32_keeps_its_own_bound() {
    let inclusive = fixture("csv", "  id int64\n  f float32 @range(min=0.1, max=0.3)\n", "id,f\n1,0.1\n2,0.3\n3,0.30001\n4,0.09999\n");
    assert_eq!(doors(&inclusive.run(1), "rows"), [4, 2, 2, 0]);
    let exclusive =
        fixture("csv", "  id int64\n  f float32 @range(min=0.1, max=0.3, exclusive=true)\n", "id,f\n1,0.1\n2,0.3\n3,0.2\n4,0.10000001\n");
    // The last one is the float next to a tenth.
    assert_eq!(doors(&exclusive.run(1), "rows"), [4, 2, 2, 0]);
}

#[test]
fn the_quarantine_keeps_json_as_it_was_read() {
    let rows = r#"{"id":5,"n":"7","d":0.10,"t":true,"l":[1, 2],"x":null,"s":"a\"b"}
"#;
    let fixture = fixture("json", "  id int64 @range(max=1)\n  n string\n", rows);
    fixture.run(1);
    let line: serde_json::Value = serde_json::from_str(&fixture.lines("bad.jsonl")[0]).unwrap();
    assert_eq!(line["record"], r#"{"id":5,"n":"7","d":0.10,"t":true,"l":[1, 2],"x":null,"s":"a\"b"}"#);
}

#[test]
fn a_key_that_comes_twice_makes_its_record_unreadable() {
    let rows = "{\"id\":1,\"id\":2}\n{\"id\":3,\"other\":1,\"other\":2}\n";
    let fixture = fixture("json", "  id int64\n", rows);
    fixture.run(1);
    assert_eq!(fixture.lines("out.jsonl"), [r#"{"id":3}"#]);
    assert!(fixture.lines("bad.jsonl")[0].contains("has the key `id` twice"));
}

#[test]
fn a_map_gives_its_values_by_key() {
    let feature = FEATURE.replace("TYPE", "json").replace(
        "  @sink(type=json, path=\"out.jsonl\")\n",
        "  @step(name=Row)\n    @do a = m['k'], b = n[7]\n  @step(name=All)\n    @do select id, a, b, m['j'] as j, n[7] as c from Row\n  @sink(type=json, path=\"out.jsonl\")\n",
    );
    let feature = feature.replace("  @sink(type=csv, path=\"out.csv\")\n", "");
    let contract = "Contract: V\n  id int64\n  m map<string, int64>\n  n map<int32, string>\n";
    let rows = "{\"id\":1,\"m\":{\"k\":1,\"j\":2},\"n\":{\"7\":\"x\"}}\n{\"id\":2,\"m\":{},\"n\":{}}\n";
    let fixture = Fixture::new(&[("contracts/v.contract", contract), ("features/v.dsl", &feature), ("rows", rows)]);
    fixture.run(1);
    let lines = [r#"{"id":1,"a":1,"b":"x","j":2,"c":"x"}"#, r#"{"id":2,"a":null,"b":null,"j":null,"c":null}"#];
    assert_eq!(fixture.lines("out.jsonl"), lines);
}

#[test]
fn a_literal_with_a_zone_is_an_instant_wherever_it_stands() {
    let contract = "  id int64\n  p timestamp(Europe/Paris)\n  u timestamp(UTC)\n  @rule \"paris\": p >= timestamp '2026-01-05T10:00:00Z'\n  @rule \"utc\": u >= timestamp '2026-01-05 12:00:00+02:00'\n";
    let rows = "id,p,u\n1,2026-01-05T11:00:00,2026-01-05T10:00:00Z\n2,2026-01-05T10:59:59,2026-01-05T10:00:00Z\n3,2026-01-05T11:00:00,2026-01-05T09:59:59Z\n";
    let fixture = fixture("csv", contract, rows);
    let record = fixture.run(1);
    assert_eq!(doors(&record, "rows"), [3, 1, 2, 0]);
}
