//! From changes to decisions: modes, levels, acceptances, windows, versions and history.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use runi_lang::diff::contract::{Side, added, compare, removed};
use runi_lang::diff::judge::{Earlier, ItemChanges, Judge, Judgement};
use runi_lang::diff::{Bump, Decision, Finding, Item, ItemKind, Settings};
use runi_lang::lower;
use runi_lang::model::{Contract, Date};
use runi_lang::syntax::{FileKind, parse};
use runi_lang::workspace::manifest;

fn contract(body: &str) -> Contract {
    let text = format!("Contract: Order\n{body}\n");
    let (file, diagnostics) = lower::contracts("c.contract", &parse(&text, FileKind::Contract));
    assert!(diagnostics.is_empty(), "{diagnostics:?}\n{text}");
    file.contracts.into_iter().next().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn settings(table: &str) -> Settings {
    let reading = manifest::read("Runi.toml", &format!("[compatibility]\n{table}\n"));
    assert!(reading.diagnostics.is_empty(), "{:?}", reading.diagnostics);
    reading.manifest.compatibility
}

#[derive(Default)]
struct Trial {
    settings: Settings,
    today: Option<Date>,
    owners: Vec<String>,
    declared: bool,
    earlier: Vec<(&'static str, Contract)>,
}

impl Trial {
    fn judge(&self, before: Option<&Contract>, after: Option<&Contract>) -> Judgement {
        let changes = match (before, after) {
            (Some(old), Some(new)) => compare(old, new, &support::engine),
            (Some(old), None) => vec![removed(&Side::bare(old))],
            (None, Some(new)) => vec![added(&Side::bare(new))],
            (None, None) => Vec::new(),
        };
        let owners = |_: &str| self.owners.clone();
        let today = self.today.unwrap_or_else(|| day("2026-06-01"));
        let judge = Judge { settings: &self.settings, today, engine: &support::engine, owners: &owners };
        let item = Item { kind: ItemKind::Contract, name: "Order".to_owned() };
        let earlier: Vec<Earlier<'_>> = self.earlier.iter().map(|(name, contract)| Earlier { name, side: Side::bare(contract) }).collect();
        let case = ItemChanges {
            item: &item,
            contracts: [before, after],
            declared: [self.declared; 2],
            accepted: &[],
            path: "c.contract",
            changes,
        };
        judge.judge_with_history(case, &earlier)
    }
}

fn verdicts(old: &str, new: &str, trial: &Trial) -> Vec<String> {
    shown(&trial.judge(Some(&contract(old)), Some(&contract(new))).findings)
}

fn shown(findings: &[Finding]) -> Vec<String> {
    let word = |decision: &Decision| match decision {
        Decision::Denied => "denied",
        Decision::Warned => "warned",
        Decision::Allowed => "allowed",
        Decision::Accepted { .. } => "accepted",
    };
    findings.iter().map(|finding| format!("{} {}", finding.change.rule.id, word(&finding.decision))).collect()
}

#[test]
fn the_old_mode_decides_which_axis_counts() {
    let (required, optional) = ("  a  string  @required", "  a  string");
    for (mode, tightened, loosened) in
        [("full", "denied", "denied"), ("producer", "denied", "allowed"), ("consumer", "allowed", "denied"), ("none", "allowed", "allowed")]
    {
        let tag = |body: &str| format!("  @compatibility({mode})\n{body}");
        assert_eq!(verdicts(&tag(optional), &tag(required), &Trial::default()), [format!("N001 {tightened}")], "{mode}");
        assert_eq!(verdicts(&tag(required), &tag(optional), &Trial::default()), [format!("N002 {loosened}")], "{mode}");
    }
    // Loosening the promise does not let the same change through.
    let old = format!("  @compatibility(full)\n{required}");
    let new = format!("  @compatibility(none)\n{optional}");
    assert_eq!(verdicts(&old, &new, &Trial::default()), ["X002 denied", "N002 denied"]);
    // Policy is beyond modes.
    let none = "  @compatibility(none)\n  a  string";
    assert_eq!(verdicts(&format!("{none}  @pii(email)"), none, &Trial::default()), ["G002 denied"]);
}

#[test]
fn the_workspace_sets_levels_and_the_mode_of_contracts_that_say_nothing() {
    let (old, new) = ("  a  string\n  b  string  @required", "  a  string");
    let with = |table: &str| Trial { settings: settings(table), ..Trial::default() };
    assert_eq!(verdicts(old, new, &Trial::default()), ["F004 denied"]);
    assert_eq!(verdicts(old, new, &with("rules = { F004 = \"warn\" }")), ["F004 warned"]);
    assert_eq!(verdicts(old, new, &with("rules = { required-field-removed = \"allow\" }")), ["F004 allowed"]);
    assert_eq!(verdicts(old, new, &with("default = \"producer\"")), ["F004 allowed"]);
    assert_eq!(verdicts(old, new, &Trial { declared: true, ..with("default = \"producer\"") }), ["F004 denied"]);
    // A level that somebody wrote holds for what breaks nobody.
    assert_eq!(verdicts(new, "  a  string\n  c  string", &with("rules = { F001 = \"deny\" }")), ["F001 denied"]);
    assert_eq!(
        verdicts("  a  string @matches(\"\\\\bx\")", "  a  string @matches(\"\\\\by\")", &with("rules = { C003 = \"deny\" }")),
        ["C003 denied"]
    );
    // But not for an axis that the contract does not protect.
    let consumer = Trial { settings: settings("default = \"consumer\"\nrules = { F002 = \"deny\" }"), ..Trial::default() };
    assert_eq!(verdicts("  a  string", "  a  string\n  b  string  @required", &consumer), ["F002 allowed"]);
}

#[test]
fn mistakes_in_the_table_are_named() {
    let text = "[compatibility]\ndefault = \"both\"\nhistory = \"since:\"\nrules = { F04 = \"warn\", Q002 = \"loud\" }\nmode = \"full\"\n";
    let found: Vec<String> = manifest::read("Runi.toml", text).diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect();
    insta::assert_snapshot!(found.join("\n"));
}

#[test]
fn a_break_that_somebody_answers_for_is_accepted_until_its_day() {
    let old = "  a  string\n  b  string  @required";
    let new = |accept: &str| format!("  a  string\n  @accept({accept}, because=\"JIRA-12\", by=\"@head\")");
    let good = new("F004, on=b, until=2026-12-31");
    assert_eq!(verdicts(old, &good, &Trial::default()), ["F004 accepted", "X007 allowed"]);
    for (accept, owners, today, code) in [
        ("F004, on=b, until=2026-05-31", vec![], "2026-06-01", Some("W0922")),
        ("F004, on=b, until=2026-06-01", vec![], "2026-06-01", None),
        ("F04, on=b, until=2026-12-31", vec![], "2026-06-01", Some("W0921")),
        ("F004, on=b, until=2026-12-31", vec!["@else"], "2026-06-01", Some("W0923")),
        ("F004, on=b, until=2026-12-31", vec!["@else", "@HEAD"], "2026-06-01", None),
    ] {
        let trial = Trial { owners: owners.into_iter().map(str::to_owned).collect(), today: Some(day(today)), ..Trial::default() };
        let judged = trial.judge(Some(&contract(old)), Some(&contract(&new(accept))));
        assert_eq!(judged.problems.iter().map(|problem| problem.code.as_str()).collect::<Vec<_>>(), code.into_iter().collect::<Vec<_>>());
        let expected = if code.is_none() { "F004 accepted" } else { "F004 denied" };
        assert!(shown(&judged.findings).contains(&expected.to_owned()), "{accept}: {:?}", shown(&judged.findings));
    }
    // Another field's, another rule's.
    assert_eq!(verdicts(old, &new("F004, on=a, until=2026-12-31"), &Trial::default())[0], "F004 denied");
    assert_eq!(verdicts(old, &new("F003, on=b, until=2026-12-31"), &Trial::default())[0], "F004 denied");
    // A part of a column is the column's, too.
    let legs = |ty: &str, more: &str| format!("  legs  list<struct<id: {ty}>>\n{more}");
    let accept = "  @accept(T008, on=legs, until=2026-12-31, because=\"x\", by=\"@y\")";
    assert_eq!(verdicts(&legs("int64", ""), &legs("string", accept), &Trial::default())[0], "T008 accepted");
    // What goes away altogether is accepted by what was there.
    let last = contract("  a  string\n  @accept(X001, until=2026-12-31, because=\"x\", by=\"@y\")");
    assert_eq!(shown(&Trial::default().judge(Some(&last), None).findings), ["X001 accepted"]);
}

#[test]
fn a_field_may_go_when_its_day_has_passed() {
    let new = "  a  string";
    for (tag, today, expected) in [
        ("@deprecated(until=2026-05-31)", "2026-06-01", "allowed"),
        ("@deprecated(until=2026-05-31)", "2026-05-31", "denied"),
        ("@deprecated", "2026-06-01", "denied"),
        ("", "2026-06-01", "denied"),
    ] {
        let trial = Trial { today: Some(day(today)), ..Trial::default() };
        assert_eq!(verdicts(&format!("  a  string\n  b  string  {tag}"), new, &trial), [format!("F003 {expected}")], "{tag}");
        let whole = contract(&format!("  {tag}\n  a  string"));
        assert_eq!(shown(&trial.judge(Some(&whole), None).findings), [format!("X001 {expected}")], "{tag}");
    }
}

#[test]
fn an_earlier_name_lasts_until_its_day() {
    let (old, new) = ("  placed  date", "  ordered  date\n  @renamed_from(placed, to=ordered, until=2026-05-31)");
    let on = |today: &str| Trial { today: Some(day(today)), ..Trial::default() };
    assert_eq!(verdicts(old, new, &on("2026-05-31")), ["F007 warned"]);
    assert_eq!(verdicts(old, new, &on("2026-06-01")), ["F007 denied"]);
    assert_eq!(verdicts(new, "  ordered  date", &on("2026-05-31")), ["F009 denied"]);
    assert_eq!(verdicts(new, "  ordered  date", &on("2026-06-01")), ["F009 allowed"]);
}

#[test]
fn the_version_has_to_show_the_change() {
    let at = |version: &str, body: &str| format!("  @version({version})\n  a  string\n{body}");
    for (was, is, body, expected) in [
        ("1.2.3", "1.3.0", "  b  string", None),
        ("1.2.3", "1.2.4", "  b  string", Some("the version is 1.2.4, and a minor change of 1.2.3 makes it 1.3.0 at least")),
        ("1.2.3", "1.3.0", "  b  string @required", Some("the version is 1.3.0, and a major change of 1.2.3 makes it 2.0.0 at least")),
        ("1.2.3", "2.0.0", "  b  string @required", None),
        ("0.2.3", "0.3.0", "  b  string @required", None),
        ("0.2.3", "0.2.4", "  b  string", None),
        ("1.2.3", "1.2.3", "", None),
    ] {
        let judged = Trial::default().judge(Some(&contract(&at(was, ""))), Some(&contract(&at(is, body))));
        let short = judged.findings.iter().find(|finding| finding.change.rule.id == "X006");
        assert_eq!(short.map(|finding| finding.change.message.as_str()), expected, "{was} {is} {body}");
        assert!(short.is_none_or(|finding| finding.decision == Decision::Warned));
    }
    assert_eq!(verdicts(&at("1.2.3", ""), &at("1.1.0", ""), &Trial::default()), ["X005 denied"]);
    let judged = Trial::default().judge(Some(&contract(&at("1.0.0", ""))), Some(&contract(&at("1.0.0", "  b  string @required"))));
    assert_eq!(judged.bump, Bump::Major);
}

#[test]
fn earlier_versions_see_what_the_base_does_not() {
    let (v1, v2) = (contract("  a  int64\n  b  int32  @required"), contract("  a  int64\n  c  string"));
    let new = contract("  a  int64\n  c  string  @required");
    let trial = Trial { earlier: vec![("v1.0.0", v1), ("v2.0.0", v2.clone())], ..Trial::default() };
    let judged = trial.judge(Some(&v2), Some(&new));
    let found: Vec<(&str, Option<&str>)> =
        judged.findings.iter().map(|finding| (finding.change.rule.id, finding.against.as_deref())).collect();
    assert_eq!(found, [("F004", Some("v1.0.0")), ("F002", Some("v1.0.0")), ("N001", None)]);
}

#[test]
fn what_stops_somebody_says_what_to_do() {
    let old = "  a  string  @required\n  b  int64  @range(min=0)\n  c  enum(x, y)\n  e  string  @pii(email) @mask(hash)";
    let new = "  b  int32  @range(min=5)\n  c  enum(x, y, z)\n  d  string  @required\n  e  string  @mask(partial, keep=4)";
    let judged = Trial::default().judge(Some(&contract(old)), Some(&contract(new)));
    let lines: Vec<String> = judged
        .findings
        .iter()
        .map(|finding| format!("{}  {}\n      {}", finding.change.rule.id, finding.change.message, finding.help))
        .collect();
    assert!(judged.findings.iter().all(|finding| !finding.help.is_empty()), "{lines:?}");
    insta::assert_snapshot!(lines.join("\n"));
}
