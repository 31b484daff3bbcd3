//! Keys, uniqueness and references: rules over all rows of a run.

use super::support::{Fixture, doors, stage};
use runi_engine::run::{RunOptions, RunOutcome, run};
use std::io::Write;
use std::sync::Arc;

const FEATURE: &str = "Feature: Keys

Scenario: Keyed
  @source(type=csv, path=\"rows.csv\", contract=Row) as rows
  @sink(type=csv, path=\"out.csv\", contract=Out)
  @sink(type=json, path=\"bad.jsonl\", on=invalid)
";

fn fixture(duplicates: &str, n: usize) -> Fixture {
    let contract = format!("Contract: Row\n  id   int64 @required\n  text string\n  @key(id, duplicates={duplicates})\n");
    let out = "Contract: Out\n  id   int64 @required\n  text string\n  @unique(text)\n";
    // Every tenth id comes again at the end; every hundredth text is the same.
    let row = |id: usize| format!("{id},{}\n", if id % 100 == 7 { "same".to_owned() } else { format!("text {id}") });
    let mut text = String::from("id,text\n");
    (0..n).for_each(|id| text.push_str(&row(id)));
    (0..n).step_by(10).for_each(|id| text.push_str(&format!("{id},again {id}\n")));
    Fixture::new(&[("contracts/r.contract", &contract), ("contracts/o.contract", out), ("features/k.dsl", FEATURE), ("rows.csv", &text)])
}

#[test]
fn all_rows_that_share_a_key_are_set_aside() {
    // The second size is read for its keys first, the first one is held.
    for (n, workers) in [(1_000, 1), (1_000, 2), (80_000, 2)] {
        let fixture = fixture("reject_all", n);
        let record = fixture.run(workers);
        let (n, again) = (n as u64, n as u64 / 10);
        assert_eq!(doors(&record, "rows"), [n + again, n - again, 2 * again, 0]);
        // Of the passed rows, a hundredth shares its text.
        assert_eq!(doors(&record, "sink:out"), [n - again, n - again - n / 100, n / 100, 0]);
        assert_eq!(stage(&record, "rows").rules.iter().find(|rule| rule.rule == "key:id").unwrap().rows, 2 * again);
    }
}

#[test]
fn the_first_row_of_a_key_is_kept_in_order() {
    for (n, workers) in [(1_000, 2), (80_000, 2)] {
        let fixture = fixture("keep_first", n);
        let record = fixture.run(workers);
        assert_eq!(doors(&record, "rows"), [n as u64 + n as u64 / 10, n as u64, n as u64 / 10, 0]);
        assert!(fixture.lines("bad.jsonl").iter().filter(|line| line.contains("key:id")).all(|line| line.contains("again")));
    }
}

#[test]
fn references_are_checked_against_valid_rows() {
    let contracts = "Contract: Parent\n  id int64 @required @range(min=0)\n  @key(id)\n";
    let child = "Contract: Child\n  parent int64\n  @references(parent, Parent.id)\n";
    let feature = "Feature: R

Scenario: Refer
  @source(type=csv, path=\"child.csv\", contract=Child) as children
  @source(type=csv, path=\"parent.csv\", contract=Parent) as parents
  @step(name=Joined)
    @do select c.parent from children c join parents p on c.parent = p.id
  @sink(type=json, path=\"out.jsonl\")
  @sink(type=json, path=\"bad.jsonl\", on=invalid)
";
    let fixture = Fixture::new(&[
        ("contracts/p.contract", contracts),
        ("contracts/c.contract", child),
        ("features/r.dsl", feature),
        ("parent.csv", "id\n1\n2\n-5\n2\n"),
        ("child.csv", "parent,note\n1,a\n2,b\n-5,c\n9,d\n,e\n"),
    ]);
    let record = fixture.run(2);
    // -5 is out of range and 2 is there twice: neither is a valid parent. Null passes.
    assert_eq!(doors(&record, "children"), [5, 2, 3, 0]);
    assert_eq!(fixture.lines("out.jsonl"), [r#"{"parent":1}"#]);
}

/// A run during which the source grows by a row, in its second pass unless the writer comes too late.
fn grown_meanwhile(fixture: &Fixture) -> RunOutcome {
    let pipelines = fixture.pipelines();
    let mut options = RunOptions::new(fixture.root());
    (options.workers, options.held_bytes) = (Some(1), 1 << 20);
    let (progress, path) = (Arc::clone(&options.progress), fixture.root().join("rows.csv"));
    // Rows are counted in the second pass: as soon as one is there, a row comes whose key the first pass has not seen twice.
    let writer = std::thread::spawn(move || {
        while progress.records() == 0 {
            std::thread::yield_now();
        }
        let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
        file.write_all(b"1,late\n").unwrap();
    });
    let outcome = run(&pipelines[0], &options);
    writer.join().unwrap();
    outcome
}

#[test]
fn a_source_that_is_written_between_its_two_passes_publishes_nothing() {
    // A busy machine may let the run end before the writer is awake; not ten times.
    let caught = (0..10).any(|_| {
        let fixture = fixture("reject_all", 150_000);
        let Some(error) = grown_meanwhile(&fixture).error else { return false };
        assert_eq!(error.code(), "E0813", "{error}");
        assert!(!fixture.root().join("out.csv").exists());
        true
    });
    assert!(caught, "no run noticed that its source grew");
}
