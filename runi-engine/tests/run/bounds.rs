//! Values that would take all memory.

use crate::support::Fixture;
use runi_engine::run::{RunOptions, RunOutcome, run};

const CONTRACT: &str = "Contract: Row\n  id  int64  @required\n  n   int64  @required\n";

fn fixture(step: &str) -> Fixture {
    let feature = format!(
        "Feature: Rows\n\nScenario: Grow\n  @source(type=csv, path=\"rows.csv\", contract=Row) as rows\n  @step(name=Grow)\n    @do {step}\n  \
         @sink(type=csv, path=\"out.csv\")\n  @sink(type=json, path=\"bad.jsonl\", on=invalid)\n"
    );
    Fixture::new(&[
        ("contracts/row.contract", CONTRACT),
        ("features/rows.dsl", &feature),
        ("rows.csv", "id,n\n1,3\n2,9000000000000\n3,2\n4,-1\n"),
    ])
}

fn read(fixture: &Fixture, path: &str) -> String {
    std::fs::read_to_string(fixture.root().join(path)).unwrap()
}

#[test]
fn a_row_whose_value_is_too_large_is_set_aside() {
    for step in ["s = repeat('ab', n)", "s = lpad('ab', n * 2, 'ab')", "s = array_to_string(array_repeat('ab', n), '')"] {
        let fixture = fixture(step);
        fixture.run(1);
        let out = read(&fixture, "out.csv");
        assert!(out.starts_with("id,n,s\n1,3,ababab\n3,2,abab\n4,-1,"), "{step}: {out}");
        let bad = read(&fixture, "bad.jsonl");
        assert!(
            bad.lines().count() == 1 && bad.contains("a value is larger than 16 MiB") && bad.contains("9000000000000"),
            "{step}: {bad}"
        );
    }
}

/// Runs the only pipeline with this much memory.
fn with_memory(fixture: &Fixture, bytes: usize) -> RunOutcome {
    let options = RunOptions { memory_limit: bytes, workers: Some(1), ..RunOptions::new(fixture.root()) };
    run(&fixture.pipelines()[0], &options)
}

#[test]
fn the_memory_of_a_run_bounds_its_values() {
    let rows = "id,n\n1,1000000\n2,3000000\n";
    let fixture = fixture("s = repeat('x', n)");
    fixture.write("rows.csv", rows);
    assert!(with_memory(&fixture, 1 << 30).error.is_none());
    assert_eq!(read(&fixture, "bad.jsonl"), "");
    assert!(with_memory(&fixture, 128 << 20).error.is_none());
    let bad = read(&fixture, "bad.jsonl");
    assert!(bad.lines().count() == 1 && bad.contains("a value is larger than 2 MiB"), "{bad}");
    // Little memory is still enough for ordinary rows.
    assert!(with_memory(&fixture, 1).error.is_none());
    assert!(read(&fixture, "bad.jsonl").contains("a value is larger than 1 MiB"));
    let together: String = (0..80).map(|id| format!("{id},500000\n")).collect();
    fixture.write("rows.csv", &format!("id,n\n{together}"));
    assert!(with_memory(&fixture, 1 << 30).error.is_none());
    let error = with_memory(&fixture, 128 << 20).error.unwrap();
    assert!(error.to_string().contains("the values of one batch are larger than 32 MiB together"), "{error}");
}

#[test]
fn the_memory_of_a_run_bounds_the_values_of_a_select() {
    let fixture = fixture("select id, length(repeat('ab', n)) as size from rows");
    fixture.write("rows.csv", "id,n\n1,2000000\n");
    assert!(with_memory(&fixture, 1 << 30).error.is_none());
    let error = with_memory(&fixture, 128 << 20).error.unwrap();
    assert!(error.to_string().contains("a value is larger than 2 MiB"), "{error}");
}

#[test]
fn a_select_whose_value_is_too_large_fails() {
    let fixture = fixture("select id, n, repeat('ab', n) as s from rows");
    let error = fixture.outcome(1).error.unwrap();
    assert_eq!(error.code(), "E0806");
    assert!(error.to_string().contains("a value is larger than 16 MiB"), "{error}");
    assert!(!fixture.root().join("out.csv").exists());
}

#[test]
fn a_batch_whose_values_are_too_large_together_fails() {
    let rows: String = (0..40).map(|id| format!("{id},9000000\n")).collect();
    let fixture = fixture("s = repeat('x', n)");
    fixture.write("rows.csv", &format!("id,n\n{rows}"));
    let error = fixture.outcome(1).error.unwrap();
    assert!(error.to_string().contains("the values of one batch are larger than 256 MiB together"), "{error}");
    assert!(!fixture.root().join("out.csv").exists());
}

/// Rows of long texts, and what a `select` makes of them with little memory on two workers.
fn spilled(sql: &str, memory: usize) -> (RunOutcome, String) {
    let contract = "Contract: Row\n  id  int64   @required\n  a   string  @required\n  b   string  @required\n";
    let feature = format!(
        "Feature: Rows\n\nScenario: Sort\n  @source(type=csv, path=\"rows.csv\", contract=Row) as rows\n  \
         @source(type=csv, path=\"rows.csv\", contract=Row) as others\n  @step(name=All)\n    @do {sql}\n  @sink(type=csv, path=\"out.csv\")\n"
    );
    let text = |id: u64, salt: u64| format!("{:064x}", (id + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17) ^ salt);
    let rows: String = (0..150_000).map(|id| format!("{id},{},{}\n", text(id, 1), text(id, 2))).collect();
    let fixture =
        Fixture::new(&[("contracts/row.contract", contract), ("features/rows.dsl", &feature), ("rows.csv", &format!("id,a,b\n{rows}"))]);
    let options = RunOptions { memory_limit: memory, workers: Some(2), ..RunOptions::new(fixture.root()) };
    let outcome = run(&fixture.pipelines()[0], &options);
    let out = if outcome.error.is_some() { String::new() } else { read(&fixture, "out.csv") };
    (outcome, out)
}

#[test]
fn sorts_and_joins_larger_than_the_memory_are_written_to_disk() {
    let (outcome, out) = spilled("select * from rows order by a", 128 << 20);
    assert!(outcome.error.is_none(), "{:?}", outcome.error);
    let keys: Vec<&str> = out.lines().skip(1).filter_map(|line| line.split(',').nth(1)).collect();
    assert!(keys.len() == 150_000 && keys.is_sorted());
    let (outcome, out) = spilled("select r.id, o.b from rows r join others o on r.a = o.a", 128 << 20);
    assert!(outcome.error.is_none(), "{:?}", outcome.error);
    assert_eq!(out.lines().count(), 150_001);
}

#[test]
fn a_select_that_has_no_room_says_so() {
    let error = spilled("select r.id from rows r join others o on r.a = o.a order by o.b", 1 << 20).0.error.unwrap();
    assert!(error.code() == "E0806" && error.to_string().contains("--memory"), "{error}");
}
