//! Every rule of the matrix on its pair of contracts, `fixtures/rules/<ID>`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use runi_lang::diff::contract::{Side, added, compare_sides, removed};
use runi_lang::diff::{Change, Rule, rules};
use runi_lang::lower;
use runi_lang::model::ContractFile;
use runi_lang::syntax::{FileKind, fmt, parse};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/rules")
}

fn text(id: &str, side: &str) -> String {
    std::fs::read_to_string(fixtures().join(id).join(format!("{side}.contract"))).unwrap_or_else(|error| panic!("{id}/{side}: {error}"))
}

fn read(id: &str, side: &str) -> ContractFile {
    let text = text(id, side);
    let (file, diagnostics) = lower::contracts(side, &parse(&text, FileKind::Contract));
    assert!(diagnostics.is_empty(), "{id}/{side}: {diagnostics:?}");
    let layout = fmt::format(&text, FileKind::Contract);
    if layout != text && std::env::var_os("UPDATE").is_some() {
        std::fs::write(fixtures().join(id).join(format!("{side}.contract")), &layout).unwrap();
        return read(id, side);
    }
    assert_eq!(layout, text, "{id}/{side} is not formatted; UPDATE=1 formats it");
    file
}

fn changes(before: &ContractFile, after: &ContractFile) -> Vec<Change> {
    let mut found = Vec::new();
    for old in &before.contracts {
        let old = Side::new(old, "before.contract", &before.spans);
        match after.contracts.iter().find(|new| new.name == old.contract.name) {
            Some(new) => found.extend(compare_sides(&old, &Side::new(new, "after.contract", &after.spans))),
            None => found.push(removed(&old)),
        }
    }
    for new in after.contracts.iter().filter(|new| !before.contracts.iter().any(|old| old.name == new.name)) {
        found.push(added(&Side::new(new, "after.contract", &after.spans)));
    }
    found
}

/// The letters of contracts. Rules of features have pairs of `.dsl` files, which the engine's tests compare.
const FAMILIES: &str = "FTNECDKSQGLOX";

/// The rules that a comparison of two contracts gives: all but the one of the judge.
fn compared() -> impl Iterator<Item = &'static Rule> {
    rules::all().filter(|rule| rule.id != "X006" && FAMILIES.contains(&rule.id[..1]))
}

#[test]
fn each_pair_shows_its_rule_and_no_other_break() {
    for rule in compared() {
        let (before, after) = (read(rule.id, "before"), read(rule.id, "after"));
        let found = changes(&before, &after);
        let own: Vec<&Change> = found.iter().filter(|change| change.rule.id == rule.id).collect();
        assert_eq!(own.len(), 1, "{}: {found:#?}", rule.id);
        assert_eq!((own[0].consumer, own[0].producer), (rule.consumer, rule.producer), "{}: {own:#?}", rule.id);
        assert!(own[0].before.is_some() || own[0].after.is_some(), "{} stands nowhere", rule.id);
        let others: Vec<&Change> =
            found.iter().filter(|change| change.rule.id != rule.id && (change.consumer.breaks() || change.producer.breaks())).collect();
        assert!(others.is_empty(), "{}: {others:#?}", rule.id);
    }
}

#[test]
fn every_rule_has_a_pair_and_every_pair_a_rule() {
    for rule in rules::all() {
        let has =
            |extension: &str| ["before", "after"].iter().all(|side| fixtures().join(rule.id).join(format!("{side}.{extension}")).is_file());
        assert!(has("contract") || has("dsl"), "fixtures/rules/{} is missing", rule.id);
    }
    let known: BTreeSet<&str> = rules::all().map(|rule| rule.id).collect();
    for entry in std::fs::read_dir(fixtures()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(known.contains(name.as_str()), "fixtures/rules/{name} shows no rule");
    }
}

#[test]
fn messages_read_well() {
    let mut lines = Vec::new();
    for rule in compared() {
        for change in changes(&read(rule.id, "before"), &read(rule.id, "after")) {
            lines.push(format!("{}  {}", change.rule.id, change.message));
        }
    }
    insta::assert_snapshot!(lines.join("\n"));
}
