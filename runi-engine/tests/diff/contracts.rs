//! Every rule of the matrix on its pair of contracts, `fixtures/rules/<ID>`, and what becomes of conditions.

use super::support::{engine, repository};
use runi_lang::diff::contract::{Side, added, compare, compare_sides, removed};
use runi_lang::diff::{Change, Rule, rules};
use runi_lang::lower;
use runi_lang::model::{Contract, ContractFile};
use runi_lang::syntax::{FileKind, fmt, parse};
use std::collections::BTreeSet;
use std::path::PathBuf;

fn fixtures() -> PathBuf {
    repository("fixtures/rules")
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
            Some(new) => found.extend(compare_sides(&old, &Side::new(new, "after.contract", &after.spans), &engine)),
            None => found.push(removed(&old)),
        }
    }
    for new in after.contracts.iter().filter(|new| !before.contracts.iter().any(|old| old.name == new.name)) {
        found.push(added(&Side::new(new, "after.contract", &after.spans)));
    }
    found
}

/// The letters of contracts. Rules of features have pairs of `.dsl` files.
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

/// A contract of these lines, over columns of several types.
fn order(lines: &str) -> Contract {
    let text = format!(
        "Contract: Order\n\n  a  int64\n  b  int64\n  small  int32\n  price  decimal(18, 6)\n  rate  float64\n  side  string\n  placed  date\n{lines}\n"
    );
    let (file, problems) = lower::contracts("c.contract", &parse(&text, FileKind::Contract));
    assert!(problems.is_empty(), "{problems:?}\n{text}");
    file.contracts.into_iter().next().unwrap()
}

fn ids(old: &Contract, new: &Contract) -> Vec<&'static str> {
    compare(old, new, &engine).iter().map(|change| change.rule.id).collect()
}

fn became(old: &str, new: &str) -> Vec<&'static str> {
    let rule = |sql: &str| order(&format!("  @rule \"it holds\": {sql}"));
    ids(&rule(old), &rule(new))
}

#[test]
fn rewrites_of_a_condition_are_no_change() {
    for (old, new) in [
        ("price > 0 and side = 'buy'", "('buy' = side) AND 0 < price"),
        ("not (a > b)", "a <= b"),
        ("not (a > 1 and side is null)", "a <= 1 or side is not null"),
        ("a between 1 and 9", "a >= 1 and 9 >= a"),
        ("side in ('a', 'b')", "side in ('b', 'a')"),
        ("a <> b", "b != a"),
        ("\"price\" > 0", "price > 0"),
        ("a > 1.0", "a > 1"),
        ("rate > 1", "rate > 1.0"),
        ("price > 0", "price > 0.00"),
        ("small < 5 -- few", "5 > small"),
        ("placed >= date '2024-01-01'", "placed >= cast('2024-01-01' as date)"),
        ("b <> 0 and side is not null and a / b > 1", "side is not null and 0 <> b and a / b > 1"),
        ("now() > timestamp '2024-01-01'", "timestamp '2024-01-01' < now()"),
    ] {
        assert_eq!(became(old, new), Vec::<&str>::new(), "`{old}` became `{new}`");
    }
}

#[test]
fn what_only_looks_like_a_rewrite_is_a_change() {
    for (old, new) in [
        ("b <> 0 and a / b > 1", "a / b > 1 and b <> 0"),
        ("not (a > b)", "(a > b) is not true"),
        ("a > b", "a > b or a is null"),
        ("side = 'Buy'", "side = 'buy'"),
        ("a = b", "a is not distinct from b"),
        ("rate > 0.1", "rate > 0.10000000000000002"),
        ("random() > 0.5", "random() > 0.5 and true"),
        ("a / b > 1", "b / a > 1"),
    ] {
        let found = became(old, new);
        assert!(!found.is_empty(), "`{old}` became `{new}`");
    }
}

#[test]
fn conditions_and_thresholds_have_directions() {
    for (old, new, wanted) in [
        ("price > 0", "price > 10", &["Q001"][..]),
        ("price > 0", "price >= 0", &["Q002"]),
        ("price < 10", "5 >= price", &["Q001"]),
        ("a > 0", "a > 0.5", &["Q001"]),
        ("price >= 0.5", "price >= 0", &["Q002"]),
        ("small > 1", "small > 3000000000", &["Q001"]),
        ("a > 1", "a > 1 and b > 2", &["Q001"]),
        ("b > 2 and a > 1 and rate > 0", "a > 1", &["Q002"]),
        ("a > 1 and b > 0", "a > 0 and b > 0 and rate > 0", &["Q001", "Q002"]),
        ("a between 0 and 10", "a between 5 and 20", &["Q001", "Q002"]),
        ("a > 1", "b > 1", &["Q005"]),
        ("a > 1", "a < 1", &["Q005"]),
        ("side in ('a', 'b')", "side in ('a')", &["Q001"]),
        ("side in ('a')", "side in ('a', 'b')", &["Q002"]),
        ("b <> 0 and a / b > 1", "a / b > 1 and b <> 0", &["Q005"]),
    ] {
        assert_eq!(became(old, new), wanted, "`{old}` became `{new}`");
    }
}

#[test]
fn a_declared_rename_is_followed_into_conditions() {
    let named = |column: &str, rule: &str, tags: &str| {
        let text = format!("Contract: C\n\n  {column}  date\n  until  date\n  @rule \"order\": {rule}\n{tags}");
        let (file, problems) = lower::contracts("c.contract", &parse(&text, FileKind::Contract));
        assert!(problems.is_empty(), "{problems:?}\n{text}");
        file.contracts.into_iter().next().unwrap()
    };
    let renamed = "  @renamed_from(placed, to=year, until=2099-01-01)\n";
    let old = named("placed", "placed < until", "");
    assert_eq!(ids(&old, &named("year", "until > year", renamed)), ["F007"]);
    assert_eq!(ids(&old, &named("year", "until >= year", renamed)), ["F007", "Q005"]);
    // A word that is the column's name is not always the column.
    let part = named("placed", "extract(year from placed) > 2000", "");
    assert_eq!(ids(&part, &named("year", "extract(year from year) > 2000", renamed)), ["F007"]);
    assert_eq!(ids(&part, &named("year", "extract(month from year) > 2000", renamed)), ["F007", "Q005"]);
    let text = named("placed", "cast(until as string) <> 'placed'", "");
    assert_eq!(ids(&text, &named("year", "cast(until as string) <> 'year'", renamed)), ["F007", "Q005"]);
}

#[test]
fn a_rule_under_another_title_is_known_by_its_condition() {
    let (old, new) = (order("  @rule \"paid\": a > 0"), order("  @rule \"something is paid\": not (a <= 0)"));
    assert_eq!(ids(&old, &new), ["Q008"]);
    assert_eq!(ids(&order("  @rule: a > 0"), &order("  @rule: 0 < a")), Vec::<&str>::new());
}

#[test]
fn no_engine_is_made_for_the_same_words() {
    let never = || -> std::sync::Arc<dyn runi_lang::sql::SqlEngine> { panic!("an engine was made") };
    let old = order("  @rule \"one\": a > 1 and side is NOT null\n  @rule \"two\": b > 1");
    let new = order("  @rule \"two\": (b > 1)\n  @rule(on_fail=warn) \"one\": a > 1\n    AND side IS not null -- known");
    let found = compare(&old, &new, &never);
    assert_eq!(found.iter().map(|change| change.rule.id).collect::<Vec<_>>(), ["Q004"]);
}

#[test]
fn a_rule_over_what_was_not_there_refuses_no_old_row() {
    let contract = |body: &str| {
        let (file, problems) =
            lower::contracts("c", &parse(&format!("Contract: C\n\n  id  int64  @required\n  {body}\n"), FileKind::Contract));
        assert!(problems.is_empty(), "{problems:?}");
        file.contracts[0].clone()
    };
    let graded = |old: &str, new: &str| -> bool {
        let changes = compare(&contract(old), &contract(new), &engine);
        let change = changes.iter().find(|change| change.rule.id == "Q001").unwrap_or_else(|| panic!("{old} | {new}: {changes:?}"));
        change.producer.breaks()
    };
    for passes in [
        "a int64\n  @rule \"r\": a > 0",
        "a int64\n  b int64\n  @rule \"r\": a is null or b > a",
        // As an import of Protobuf says that one of several is set.
        "a string\n  b string\n  @rule \"r\": cast(\"a\" is not null as int) + cast(\"b\" is not null as int) <= 1",
    ] {
        assert!(!graded("", passes), "{passes}");
    }
    for breaks in
        ["a int64\n  @rule \"r\": a is not null", "a int64\n  @rule \"r\": a > 0 or id > 0", "a int64\n  @rule \"r\": coalesce(a, 0) > 0"]
    {
        assert!(graded("", breaks), "{breaks}");
    }
    assert!(graded("a int64", "a int64\n  @rule \"r\": a > 0"), "what was there may break it");
}

#[test]
fn a_part_of_the_key_has_to_be_there() {
    let found = |old: &str, new: &str| -> Vec<String> {
        let contract = |body: &str| {
            let text = format!("Contract: C\n\n  id  int64  @required\n  {body}\n");
            lower::contracts("c", &parse(&text, FileKind::Contract)).0.contracts[0].clone()
        };
        let mut ids: Vec<String> =
            compare(&contract(old), &contract(new), &engine).iter().map(|change| change.rule.id.to_owned()).collect();
        ids.sort();
        ids
    };
    assert_eq!(found("n int64\n  @key(id)", "n int64\n  @key(id, n)"), ["K001", "N001"]);
    assert_eq!(found("n int64 @required\n  @key(id, n)", "n int64\n  @key(id, n)"), Vec::<String>::new());
    assert_eq!(found("n int64\n  @key(id, n)", "n int64\n  @key(id)"), ["K001", "N002"]);
}
