//! `@references` wherever a contract stands: at a source that refers to itself, at a step, at a sink.

use super::support::{Fixture, doors, stage};

const EMPLOYEE: &str =
    "Contract: Employee\n  id      int64 @required @range(min=0)\n  manager int64\n  @key(id)\n  @references(manager, Employee.id)\n";

fn employees(rows: &str) -> Fixture {
    let feature = "Feature: E

Scenario: Copy
  @source(type=csv, path=\"e.csv\", contract=Employee) as employees
  @sink(type=csv, path=\"out.csv\")
  @sink(type=json, path=\"bad.jsonl\", on=invalid)
";
    Fixture::new(&[("contracts/e.contract", EMPLOYEE), ("features/e.dsl", feature), ("e.csv", rows)])
}

#[test]
fn a_contract_that_refers_to_itself_is_checked_against_its_own_valid_rows() {
    // 3 refers to nobody, 4 to 3, 5 to 4; -6 is out of range, so 7 refers to nobody; 8 is there twice, so 9 does too.
    let fixture = employees("id,manager\n1,\n2,1\n3,999\n4,3\n5,4\n-6,1\n7,-6\n8,1\n8,2\n9,8\n10,10\n11,12\n12,11\n");
    let record = fixture.run(1);
    assert_eq!(doors(&record, "employees"), [13, 5, 8, 0]);
    assert_eq!(fixture.lines("out.csv")[1..], ["1,", "2,1", "10,10", "11,12", "12,11"]);
    let rule = |name: &str| stage(&record, "employees").rules.iter().find(|rule| rule.rule.starts_with(name)).unwrap().rows;
    assert_eq!((rule("references"), rule("key")), (5, 2));
}

#[test]
fn a_long_chain_falls_as_a_whole_also_when_the_keys_are_read_first() {
    let mut rows = String::from("id,manager\n0,999999999\n");
    (1..120_000).for_each(|id| rows.push_str(&format!("{id},{}\n", id - 1)));
    rows.push_str("500000,500000\n");
    let fixture = employees(&rows);
    assert!(rows.len() > 1 << 20, "large enough to be read for its keys first");
    for workers in [1, 2] {
        assert_eq!(doors(&fixture.run(workers), "employees"), [120_001, 1, 120_000, 0]);
    }
}

const ORDERS: &str = "Contract: OrderRaw\n  id int64 @required\n  symbol string\n
Contract: Instrument\n  symbol string @required\n  @key(symbol)\n
Contract: Order\n  id int64 @required\n  symbol string\n  @references(symbol, Instrument.symbol)\n";

fn orders(between: &str, instruments: &str) -> Fixture {
    let feature = format!(
        "Feature: O\n\nScenario: Copy\n  @source(type=csv, path=\"o.csv\", contract=OrderRaw) as orders\n{instruments}{between}  @sink(type=csv, path=\"out.csv\", contract=Order)\n  @sink(type=json, path=\"bad.jsonl\", on=invalid)\n"
    );
    let files = [
        ("contracts/o.contract", ORDERS),
        ("features/o.dsl", &feature),
        ("o.csv", "id,symbol\n1,AAA\n2,ZZZ\n"),
        ("i.csv", "symbol\nAAA\n"),
    ];
    Fixture::new(&files)
}

const INSTRUMENTS: &str = "  @source(type=csv, path=\"i.csv\", contract=Instrument) as instruments\n";

#[test]
fn a_reference_at_a_sink_or_a_step_is_checked_or_a_warning() {
    assert_eq!(orders("", "").codes(), ["W0301"]);
    let step = "  @step(name=Tidy)\n    @do symbol = upper(symbol)\n    @contract(Order)\n";
    assert_eq!(orders(step, "").codes(), ["W0301"], "the same promise at the sink is not told twice");
    for between in ["", step] {
        let fixture = orders(between, INSTRUMENTS);
        assert_eq!(fixture.codes(), Vec::<String>::new());
        fixture.run(2);
        assert_eq!(fixture.lines("out.csv"), ["id,symbol", "1,AAA"]);
    }
}

#[test]
fn a_sink_may_refer_to_the_source_that_its_rows_come_from() {
    let contracts = "Contract: Node\n  id int64 @required @range(max=5)\n  up int64\n
Contract: Out\n  id int64 @required\n  up int64\n  @references(up, Node.id)\n";
    let feature = "Feature: N

Scenario: Copy
  @source(type=csv, path=\"n.csv\", contract=Node) as nodes
  @sink(type=csv, path=\"out.csv\", contract=Out)
  @sink(type=json, path=\"bad.jsonl\", on=invalid)
";
    let fixture =
        Fixture::new(&[("contracts/n.contract", contracts), ("features/n.dsl", feature), ("n.csv", "id,up\n1,2\n2,9\n9,1\n3,3\n")]);
    let record = fixture.run(2);
    // 9 is no valid node, so 2 refers to nobody; the sink does not ask 1 again, whose node is there.
    assert_eq!((doors(&record, "nodes"), doors(&record, "sink:out")), ([4, 3, 1, 0], [3, 2, 1, 0]));
    assert_eq!(fixture.lines("out.csv"), ["id,up", "1,2", "3,3"]);
}

#[test]
fn a_circle_through_a_sink_is_an_error_and_no_endless_wait() {
    let contracts = "Contract: A\n  id int64 @required\n  b int64\n
Contract: B\n  id int64 @required\n  a int64\n  @references(a, A.id)\n
Contract: AOut\n  id int64 @required\n  b int64\n  @references(b, B.id)\n";
    let feature = |between: &str| {
        format!(
            "Feature: O\n\nScenario: Copy\n  @source(type=csv, path=\"a.csv\", contract=A) as a\n  @source(type=csv, path=\"b.csv\", contract=B) as b\n  @sink(type=csv, path=\"out/a.csv\", contract=AOut)\n{between}"
        )
    };
    let rows = [("a.csv", "id,b\n1,1\n"), ("b.csv", "id,a\n1,1\n")];
    let fixture = |text: &str| Fixture::new(&[("contracts/c.contract", contracts), ("features/o.dsl", text), rows[0], rows[1]]);
    assert_eq!(fixture(&feature("")).codes(), ["E0309"]);
    // A `select` begins anew: its rows wait for both sources, and neither waits for it.
    let select = feature("").replace("  @sink", "  @step(name=All)\n    @do select id, b from a\n  @sink");
    let through = fixture(&select);
    assert_eq!(through.codes(), Vec::<String>::new());
    assert_eq!(doors(&through.run(2), "sink:aout"), [1, 1, 0, 0]);
}
