//! Graphs that make naive fan-outs hang or read twice.

use super::support::{Fixture, doors};

/// `n` rows of `id, half`.
fn numbers(n: usize) -> String {
    (0..n).fold(String::from("id,half\n"), |mut text, id| {
        text.push_str(&format!("{id},{}\n", id / 2));
        text
    })
}

fn graph(steps: &str, sinks: &str) -> Fixture {
    let contract = "Contract: Number\n  id   int64 @required\n  half int64 @required\n";
    let feature = format!(
        "Feature: Graphs\n\nScenario: Graph\n  @source(type=csv, path=\"a.csv\", contract=Number) as a\n  @source(type=csv, path=\"b.csv\", contract=Number) as b\n{steps}\n{sinks}\n"
    );
    // More rows than every channel together can hold, so that a cycle of waiting would show.
    let rows = numbers(120_000);
    Fixture::new(&[("contracts/n.contract", contract), ("features/g.dsl", &feature), ("a.csv", &rows), ("b.csv", &rows)])
}

#[test]
fn a_view_that_meets_itself_again_does_not_hang() {
    let fixture = graph(
        "  @step(name=Self)\n    @do select x.id, y.half from a x join a y on x.id = y.half\n  @step(name=Diamond)\n    @do select count(*) as n from Self s join a on a.id = s.id\n",
        "  @sink(type=json, path=\"n.jsonl\")\n",
    );
    for workers in [1, 2] {
        let record = fixture.run(workers);
        assert_eq!(fixture.lines("n.jsonl"), [r#"{"n":120000}"#]);
        assert_eq!(doors(&record, "a")[0], 120_000, "read once");
    }
}

#[test]
fn two_joins_that_build_on_each_other_do_not_hang() {
    let fixture = graph(
        "  @step(name=Left)\n    @do select a.id from a join b on a.id = b.half\n  @step(name=Right)\n    @do select b.id from b join a on b.id = a.half\n  @step(name=Both)\n    @do select count(*) as n from Left l join Right r on l.id = r.id\n",
        "  @sink(type=json, path=\"n.jsonl\")\n",
    );
    for workers in [1, 2] {
        fixture.run(workers);
        // Each of the 60,000 halves is matched by two rows on either side.
        assert_eq!(fixture.lines("n.jsonl"), [r#"{"n":240000}"#]);
    }
}

#[test]
fn a_query_that_needs_few_rows_does_not_stop_the_others() {
    let fixture = graph(
        "  @step(name=Some)\n    @do select id from a limit 3\n",
        "  @sink(type=json, path=\"few.jsonl\", name=few)\n  @sink(type=json, path=\"bad.jsonl\", on=invalid)\n  @assert \"all read\": read(a) = 120000 and read(b) = 120000\n",
    );
    for workers in [1, 2] {
        let record = fixture.run(workers);
        assert_eq!(fixture.lines("few.jsonl").len(), 3);
        assert_eq!(doors(&record, "a")[0], 120_000, "every row was looked at");
    }
}

#[test]
fn a_side_that_is_empty_does_not_stop_the_other() {
    let fixture = graph(
        "  @step(name=None)\n    @do keep where id < 0\n  @step(name=Joined)\n    @do select a.id from a join None n on a.id = n.id\n",
        "  @sink(type=json, path=\"none.jsonl\")\n",
    );
    let record = fixture.run(2);
    assert!(fixture.lines("none.jsonl").is_empty());
    assert_eq!(doors(&record, "a")[0], 120_000);
}

#[test]
fn the_first_row_of_each_group_comes_out() {
    let fixture = graph(
        "  @step(name=First)\n    @do select distinct on (half) half, id from a where half < 3 order by half, id desc\n",
        "  @sink(type=json, path=\"first.jsonl\")\n",
    );
    for workers in [1, 2] {
        fixture.run(workers);
        let mut lines = fixture.lines("first.jsonl");
        lines.sort();
        assert_eq!(lines, [r#"{"half":0,"id":1}"#, r#"{"half":1,"id":3}"#, r#"{"half":2,"id":5}"#]);
    }
}
