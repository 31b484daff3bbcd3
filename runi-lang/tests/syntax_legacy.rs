//! Older spellings mean the same, warn, and are rewritten by their fixes.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use runi_lang::diagnostic::{Applicability, Diagnostic};
use runi_lang::lower;
use runi_lang::model::{FeatureFile, SinkRoute};
use runi_lang::syntax::{FileKind, parse};

fn read(text: &str) -> (FeatureFile, Vec<Diagnostic>) {
    lower::feature("a.dsl", &parse(text, FileKind::Feature))
}

/// Applies every safe fix, the last one first.
fn fixed(text: &str, diagnostics: &[Diagnostic]) -> String {
    let mut edits: Vec<_> = diagnostics
        .iter()
        .filter_map(|diagnostic| diagnostic.fixes.first())
        .filter(|fix| fix.applicability == Applicability::Safe)
        .flat_map(|fix| fix.edits.clone())
        .collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.range.start()));
    let mut text = text.to_owned();
    for edit in edits {
        text.replace_range(usize::from(edit.range.start())..usize::from(edit.range.end()), &edit.text);
    }
    text
}

#[track_caller]
fn rewrites(old: &str, new: &str) -> FeatureFile {
    let (file, diagnostics) = read(old);
    assert!(!diagnostics.is_empty());
    assert!(diagnostics.iter().all(|diagnostic| diagnostic.code == "W0030"), "{diagnostics:#?}");
    let text = fixed(old, &diagnostics);
    assert_eq!(text, new);
    assert_eq!(read(&text).1, []);
    file
}

#[test]
fn step_names_without_a_key() {
    let file = rewrites("Scenario: a\n  @step(\"Tidy\", column=email)\n", "Scenario: a\n  @step(name=Tidy, column=email)\n");
    assert_eq!(file.scenarios[0].steps[0].name.value, "Tidy");
    assert_eq!(file.scenarios[0].steps[0].args.items.len(), 1);
}

#[test]
fn addresses_of_sources() {
    let file = rewrites(
        "Scenario: a\n  @source(\"kafka://trades\", contract=Trade) as t\n",
        "Scenario: a\n  @source(type=kafka, topic=\"trades\", contract=Trade) as t\n",
    );
    let args = &file.scenarios[0].sources[0].args;
    assert_eq!(args.named("type").unwrap().value.as_str(), "kafka");
    assert_eq!(args.named("topic").unwrap().value.as_str(), "trades");
    assert_eq!(args.named("contract").unwrap().value.as_str(), "Trade");
}

#[test]
fn conditions_inside_the_brackets_of_a_sink() {
    let file = rewrites(
        "Scenario: a\n  @sink(\"json://out/x.json\" when \"side == 'buy'\")\n  @sink(\"csv://y.csv\")\n",
        "Scenario: a\n  @sink(type=json, path=\"out/x.json\") when side = 'buy'\n  @sink(type=csv, path=\"y.csv\")\n",
    );
    assert!(matches!(&file.scenarios[0].sinks[0].route, SinkRoute::When(sql) if sql.text == "side == 'buy'"));
    assert_eq!(file.scenarios[0].sinks[1].route, SinkRoute::All);
}

#[test]
fn colons_in_windows() {
    let file = rewrites("Scenario: a\n  @window(sliding:10m, every:2m)\n", "Scenario: a\n  @window(sliding=10m, every=2m)\n");
    assert_eq!(file.scenarios[0].window.as_ref().unwrap().every.unwrap().ms, 120_000);
}

#[test]
fn herds_inside_modules() {
    let file = rewrites("@module(layer=silver, herd=\"finance\")\nScenario: a\n", "@module(layer=silver)\n@herd(finance)\nScenario: a\n");
    assert_eq!(file.scenarios[0].herd.as_ref().unwrap().value, "finance");
}
