//! One error for one mistake, with the real engine behind the compiler.
#![allow(clippy::unwrap_used)]

use runi_engine::sql::DataFusionEngine;
use runi_lang::workspace::{MemoryTree, Workspace};
use std::sync::Arc;

fn codes(body: &str) -> Vec<String> {
    errors(&format!(
        "Feature: F\n\nScenario: S\n  @source(type=csv, path=\"data/c.csv\", contract=C) as c\n  @step(name=Z)\n    @do   {body}\n  @sink(type=json, path=\"out/z.jsonl\")\n"
    ))
}

fn errors(feature: &str) -> Vec<String> {
    let files = [
        ("Runi.toml", "[workspace]\nname = \"t\"\n"),
        ("contracts/c.contract", "Contract: C\n  @version(1.0.0)\n  @owner(x)\n\n  id  int64  @required\n"),
        ("features/f.dsl", feature),
        ("data/c.csv", "id\n1\n"),
    ];
    let tree = Arc::new(MemoryTree::new(files.iter().map(|(path, text)| ((*path).to_owned(), *text))));
    let mut workspace = Workspace::with_tree(tree, None).unwrap();
    let report = workspace.check(|| Arc::new(DataFusionEngine::new()) as Arc<dyn runi_lang::sql::SqlEngine>).unwrap();
    report.diagnostics.iter().map(|diagnostic| diagnostic.code.clone()).collect()
}

#[test]
fn a_quote_or_a_bracket_that_never_closes_is_one_error() {
    assert_eq!(codes("select (id from c"), ["E0006"]);
    assert_eq!(codes("select 'id from c"), ["E0005"]);
    assert_eq!(codes("x = (id + 1"), ["E0006"]);
    assert_eq!(codes("x = concat('a"), ["E0005"]);
    assert_eq!(codes("select id,, id from c"), ["E0201"]);
    assert_eq!(codes("select id from c"), Vec::<String>::new());
}

#[test]
fn a_misspelled_tag_is_one_error() {
    let right = "Feature: F\n\nScenario: S\n  @source(type=csv, path=\"data/c.csv\", contract=C) as c\n  @step(name=A)\n    @when id > 0\n    @then id > 1\n    @do   id = id + 1\n  @sink(type=json, path=\"out/z.jsonl\")\n";
    assert_eq!(errors(right), Vec::<String>::new());
    for (tag, wrong, code) in [
        ("@step(", "@stp(", "E0013"),
        ("@step(name=A)", "@step", "E0016"),
        ("@when", "@wen", "E0013"),
        ("@then", "@than", "E0013"),
        ("@do", "@doo", "E0013"),
        ("@sink", "@snk", "E0013"),
    ] {
        assert_eq!(errors(&right.replace(tag, wrong)), [code], "{wrong}");
    }
}
