//! What stops a selection, and what does not.

use super::support::Fixture;
use runi_engine::sql::DataFusionEngine;
use runi_lang::workspace::{Runnable, Workspace};
use std::sync::Arc;

const ROW: &str = "Contract: Row\n  @version(1.0.0)\n  @owner(x)\n  id int64 @required\n";

fn copy(name: &str, path: &str) -> String {
    format!(
        "Feature: F\n\nScenario: {name}\n  @source(type=csv, path=\"rows.csv\", contract=Row) as rows\n  @sink(type=csv, path=\"{path}\")\n"
    )
}

fn runnable(fixture: &Fixture, selectors: &[&str]) -> Runnable {
    let mut workspace = Workspace::open(fixture.root(), None).unwrap();
    let report = workspace.check(|| Arc::new(DataFusionEngine::new())).unwrap();
    let selectors: Vec<String> = selectors.iter().map(|selector| (*selector).to_owned()).collect();
    workspace.runnable(&DataFusionEngine::new(), &report, &selectors).unwrap()
}

fn codes(runnable: &Runnable) -> Vec<&str> {
    runnable.errors.iter().map(|error| error.code.as_str()).collect()
}

#[test]
fn an_error_in_a_contract_stops_what_uses_it_and_nothing_else() {
    let again = format!("\n{ROW}");
    let wrong = "Contract: Other\n  id string @range(min=1)\n";
    let other = copy("Other", "out/o.csv").replace("contract=Row", "contract=Other");
    let (first, sound) = (copy("First", "out/a.csv"), "Contract: Row\n  id string @range(min=1)\n");
    let files = |row: &str, second: &str| {
        Fixture::new(&[
            ("contracts/row.contract", row),
            ("contracts/second.contract", second),
            ("features/first.dsl", &first),
            ("features/other.dsl", &other),
            ("rows.csv", "id\n1\n"),
        ])
    };
    assert_eq!(codes(&runnable(&files(ROW, &again), &["first"])), ["E0605"], "which of two contracts is meant");
    assert_eq!(codes(&runnable(&files(sound, wrong), &["first"])), ["E0302"], "the contract's own error");
    let fine = runnable(&files(ROW, wrong), &["first"]);
    assert_eq!((codes(&fine), fine.pipelines.len(), fine.whole), (vec![], 1, true));
    assert_eq!(codes(&runnable(&files(ROW, wrong), &[])), ["E0302"], "all of them are selected");
}

#[test]
fn a_draft_does_not_stop_the_others() {
    let draft = format!("{}\nScenario: Later\n  Given something\n  Then it is nice\n", copy("First", "out/a.csv"));
    let fixture = Fixture::new(&[("contracts/row.contract", ROW), ("features/f.dsl", &draft), ("rows.csv", "id\n1\n")]);
    for selectors in [&[][..], &["later"], &["first", "later"]] {
        let found = runnable(&fixture, selectors);
        assert_eq!((codes(&found), found.whole, found.drafts.as_slice()), (vec![], true, ["Later".to_owned()].as_slice()), "{selectors:?}");
    }
}

#[test]
fn names_are_unique_inside_one_file_too() {
    let scenarios = copy("Same", "out/a.csv") + &copy("Same", "out/b.csv").replace("Feature: F\n", "");
    let step = "\nStep: Trim(column: column<string>)\n  @do $column = trim($column)\n";
    let elsewhere = "\n@module(domain=finance)\nStep: Trim(column: column<string>)\n  @do $column = trim($column)\n";
    let codes = |feature: &str| {
        let codes = Fixture::new(&[("contracts/row.contract", ROW), ("features/f.dsl", feature), ("rows.csv", "id\n1\n")]).codes();
        codes.into_iter().filter(|code| code.starts_with("E06")).collect::<Vec<_>>()
    };
    assert_eq!(codes(&scenarios), ["E0606"]);
    assert_eq!(codes(&format!("Feature: F\n{step}{step}")), ["E0607"]);
    assert_eq!(codes(&format!("Feature: F\n{step}{elsewhere}")), Vec::<String>::new());
}

#[test]
fn an_address_is_no_path() {
    let codes = |source: &str, sink: &str, manifest: &str| {
        let feature = copy("First", sink).replace("rows.csv", source);
        let fixture = Fixture::new(&[("contracts/row.contract", ROW), ("features/f.dsl", &feature), ("rows.csv", "id\n1\n")]);
        fixture.write("Runi.toml", &format!("[workspace]\nname = \"test\"\n{manifest}"));
        fixture.codes()
    };
    assert_eq!(codes("rows.csv", "s3://bucket/x.csv", ""), ["E0111"]);
    assert_eq!(codes("gs://bucket/x.csv", "out/a.csv", ""), ["E0111"]);
    assert_eq!(codes("file:///rows.csv", "out/a.csv", ""), ["E0112"]);
    assert_eq!(codes("rows.csv", "out/a.csv", "[env.dev.sinks.a]\npath = \"s3://bucket/x.csv\"\n"), ["E0111"]);
    assert_eq!(codes("rows.csv", "${lake}/a.csv", "[env.dev.vars]\nlake = \"abfss://lake\"\n"), ["E0111"]);
    assert_eq!(codes("rows.csv", "out/a.csv", ""), Vec::<String>::new());
}

#[test]
fn a_contract_at_the_quarantine_and_a_pattern_that_closes_its_own_bracket_are_refused() {
    let feature = copy("First", "out/a.csv") + "  @sink(type=json, path=\"out/bad.jsonl\", contract=Row, on=invalid)\n";
    let fixture = Fixture::new(&[("contracts/row.contract", ROW), ("features/f.dsl", &feature), ("rows.csv", "id\n1\n")]);
    assert_eq!(fixture.codes(), ["E0121"]);
    let pattern = "Contract: Row\n  id string @matches(\"a)|(?:b\")\n";
    let fixture =
        Fixture::new(&[("contracts/row.contract", pattern), ("features/f.dsl", &copy("First", "out/a.csv")), ("rows.csv", "id\n1\n")]);
    assert_eq!(fixture.codes(), ["E0304"]);
}

#[test]
fn a_comparison_with_null_is_pointed_at() {
    let codes = |condition: &str| {
        let step = format!("  @step(name=S)\n    @when {condition}\n    @do id = 0\n  @sink(");
        let feature = copy("First", "out/a.csv").replace("  @sink(", &step);
        Fixture::new(&[("contracts/row.contract", ROW), ("features/f.dsl", &feature), ("rows.csv", "id\n1\n")]).codes()
    };
    for (condition, told) in
        [("id = null", true), ("null <> id", true), ("id is null", false), ("id is distinct from null", false), ("id = 1", false)]
    {
        assert_eq!(codes(condition), if told { vec!["W0214"] } else { vec![] }, "{condition}");
    }
}

#[test]
fn a_name_that_a_herd_spells_otherwise_is_pointed_at() {
    let herd = "name = \"crm\"\n[roles]\nsupport = [\"@support\"]\n[masking]\npolicy = { emial = \"hash\" }\n";
    let contract = |role: &str| format!("Contract: Row\n  id int64 @required\n  email string @pii(email) @access({role})\n");
    let feature =
        copy("First", "out/a.csv").replace("Scenario:", "@herd(crm)\nScenario:").replace("\"out/a.csv\")", "\"out/a.csv\", contract=Row)");
    let codes = |role: &str, herd: &str| {
        let files = [("contracts/row.contract", contract(role)), ("features/f.dsl", feature.clone()), ("herds/crm.herd", herd.to_owned())];
        let files: Vec<(&str, &str)> =
            files.iter().map(|(path, text)| (*path, text.as_str())).chain([("rows.csv", "id,email\n1,a\n")]).collect();
        Fixture::new(&files).codes()
    };
    let right = herd.replace("emial", "email");
    assert_eq!(codes("support", &right), Vec::<String>::new());
    assert_eq!(codes("suport", &right), ["W0505"]);
    assert_eq!(codes("support", herd), ["W0505"]);
    assert_eq!(codes("auditors", &right), Vec::<String>::new(), "a role of some other place");
}
