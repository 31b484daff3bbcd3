//! Every row leaves a stage through one counted door.

use super::support::{Fixture, doors, stage};
use proptest::prelude::*;

const CONTRACT: &str = "Contract: Item
  \"\"\"Things.\"\"\"
  id    int64  @required
  kind  string
  price int64  @range(min=0)
";

const FEATURE: &str = "Feature: Items

Scenario: Sort items
  Given items
  @source(type=csv, path=\"items.csv\", contract=Item) as items

  When they are priced
  @step(name=Twice)
    @when \"it is a toy\": kind = 'toy'
    @then \"not too dear\": price < 100
    @do   price = price * 2
  @step(name=Few)
    @do   drop where price = 7

  Then they are kept
  @sink(type=json, path=\"toys.jsonl\", name=toys) when kind = 'toy'
  @sink(type=json, path=\"rest.jsonl\", name=rest) otherwise
  @sink(type=json, path=\"bad.jsonl\", on=invalid)
  @assert \"nothing lost\": valid(items) + invalid(items) = read(items)
";

#[test]
fn each_row_goes_where_its_values_say() {
    let rows = "id,kind,price\n1,toy,5\n2,toy,60\n3,box,7\n4,box,-1\nx,box,1\n5,,7\n6,,8\n7,box\n";
    let fixture = Fixture::new(&[("contracts/item.contract", CONTRACT), ("features/items.dsl", FEATURE), ("items.csv", rows)]);
    let record = fixture.run(1);
    // Row 4 breaks the range, `x` is no number, row 7 has too few cells.
    assert_eq!(doors(&record, "items"), [8, 5, 3, 0]);
    assert_eq!(doors(&record, "Twice"), [5, 4, 1, 0]);
    assert_eq!(doors(&record, "Few"), [4, 2, 0, 2]);
    assert_eq!(stage(&record, "Few").filtered[0].rows, 2);
    assert_eq!(fixture.lines("toys.jsonl"), [r#"{"id":1,"kind":"toy","price":10}"#]);
    assert_eq!(fixture.lines("rest.jsonl"), [r#"{"id":6,"kind":null,"price":8}"#]);
    let bad = fixture.lines("bad.jsonl").join("\n");
    assert_eq!(fixture.lines("bad.jsonl").len(), 4);
    assert!(bad.contains("type:id") && bad.contains("range:price") && bad.contains("malformed") && bad.contains("not too dear"), "{bad}");
    // The row as it was read, also behind a step that changed it.
    assert!(bad.contains(r#"{\"id\":\"2\",\"kind\":\"toy\",\"price\":\"60\"}"#), "{bad}");
}

#[test]
fn without_a_sink_for_it_the_quarantine_is_kept_all_the_same() {
    let feature = "Feature: F

Scenario: Copy
  @source(type=csv, path=\"items.csv\", contract=Item) as items
  @sink(type=csv, path=\"out.csv\")
";
    let files = [("contracts/item.contract", CONTRACT), ("features/f.dsl", feature), ("items.csv", "id,kind,price\n1,a,2\n3\n4,b,5\n")];
    let fixture = Fixture::new(&files);
    let record = fixture.run(1);
    assert_eq!(doors(&record, "items"), [3, 2, 1, 0]);
    let kept = record.outputs.iter().find(|output| output.name == "quarantine").expect("a quarantine of its own");
    assert_eq!(kept.rows, 1);
    assert!(fixture.lines(&kept.path)[0].contains("\"row\":2"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the rows: doors add up, and as many rows come out as went in and were neither filtered nor set aside.
    #[test]
    fn no_row_is_lost_or_doubled(rows in prop::collection::vec((0i64..20, prop::sample::select(vec!["toy", "box", ""]), prop::sample::select(vec!["1", "7", "60", "-3", "x", ""])), 0..60), workers in 1usize..4) {
        let text: String = rows.iter().map(|(id, kind, price)| format!("{id},{kind},{price}\n")).collect();
        let fixture = Fixture::new(&[("contracts/item.contract", CONTRACT), ("features/items.dsl", FEATURE), ("items.csv", &format!("id,kind,price\n{text}"))]);
        let record = fixture.run(workers);
        let out = fixture.lines("toys.jsonl").len() + fixture.lines("rest.jsonl").len() + fixture.lines("bad.jsonl").len();
        let filtered = doors(&record, "Few")[3] as usize;
        prop_assert_eq!(out + filtered, rows.len());
        prop_assert_eq!(doors(&record, "items")[0] as usize, rows.len());
    }
}
