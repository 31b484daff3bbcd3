//! What holds for any two contracts: nothing differs from itself, layout is no change, and what tightens one way loosens the other.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/contracts.rs"]
mod contracts;
mod support;

use contracts::contract;
use proptest::prelude::*;
use runi_lang::diff::contract::{self, Side, compare_sides};
use runi_lang::diff::{Change, Verdict, rules};
use runi_lang::lower;
use runi_lang::model::{Contract, Field};
use runi_lang::syntax::{FileKind, parse, write};
use runi_lang::types::DataType;
use std::collections::BTreeMap;

fn read(text: &str) -> Contract {
    let (file, diagnostics) = lower::contracts("c.contract", &parse(text, FileKind::Contract));
    assert!(diagnostics.is_empty(), "{diagnostics:?}\n{text}");
    file.contracts.into_iter().next().unwrap()
}

/// Every change; what conditions mean beyond their words is not known here.
fn compare(old: &Contract, new: &Contract) -> Vec<Change> {
    contract::compare(old, new, &support::engine)
}

/// Rule ids and parts, sorted.
fn found(changes: &[Change]) -> Vec<String> {
    let mut found: Vec<String> = changes.iter().map(|change| format!("{} {}", change.rule.id, change.part)).collect();
    found.sort();
    found
}

/// Rules that say the opposite of each other, and rules that are their own opposite.
const OPPOSITES: &[(&str, &str)] = &[
    ("N001", "N002"),
    ("C001", "C002"),
    ("Q001", "Q002"),
    ("Q003", "Q004"),
    ("Q006", "Q007"),
    ("L002", "L003"),
    ("E005", "E006"),
    ("G003", "G004"),
    ("G009", "G010"),
];

/// How often each pair of opposites speaks, in the order of `OPPOSITES`.
fn directions(changes: &[Change], flip: bool) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for change in changes {
        for (a, b) in OPPOSITES {
            let (a, b) = if flip { (b, a) } else { (a, b) };
            let name = if change.rule.id == *a {
                if flip { *b } else { *a }
            } else if change.rule.id == *b {
                if flip { *a } else { *b }
            } else {
                continue;
            };
            *counts.entry(name).or_insert(0) += 1;
        }
    }
    counts
}

/// `contract` with another's tags on the fields that it has by name, so that two contracts share fields.
fn alike(base: &Contract, other: &Contract) -> Contract {
    let mut mixed = Contract { fields: base.fields.clone(), ..other.clone() };
    for (field, theirs) in mixed.fields.iter_mut().zip(&other.fields) {
        let Field { rules, sensitivity, unit, default, deprecated, description, .. } = theirs.clone();
        let mut rules = rules;
        if let Some(unique) = &mut rules.unique {
            unique.columns = vec![field.name.clone()];
        }
        *field = Field { rules, sensitivity, unit, default, deprecated, description, ..field.clone() };
    }
    mixed
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn nothing_differs_from_itself(contract in contract().boxed()) {
        prop_assert_eq!(found(&compare(&contract, &contract)), Vec::<String>::new());
    }

    #[test]
    fn verdicts_are_the_rules_own_or_one_of_its_cases(a in contract().boxed(), b in contract().boxed()) {
        for change in compare(&a, &b).into_iter().chain(compare(&a, &alike(&a, &b))) {
            let verdicts = (change.consumer, change.producer);
            let known = |case: &runi_lang::diff::Case| (case.consumer, case.producer) == verdicts;
            let rule = change.rule;
            prop_assert!((rule.consumer, rule.producer) == verdicts || rule.cases.iter().any(known), "{}: {}", rule.id, change.message);
            prop_assert!(!change.message.is_empty() && !change.message.ends_with('.'), "{}", change.message);
        }
    }

    #[test]
    fn what_tightens_one_way_loosens_the_other(a in contract().boxed(), b in contract().boxed()) {
        let b = alike(&a, &b);
        prop_assert_eq!(directions(&compare(&a, &b), false), directions(&compare(&b, &a), true));
    }

    /// Tags of a line and lines of a contract in another order, comments and white space: the same contract.
    #[test]
    fn layout_is_no_change(contract in contract().boxed(), seed in any::<u64>()) {
        let Ok(text) = write::contract(&contract) else { return Ok(()) };
        let mut mess = String::new();
        for (n, line) in text.lines().enumerate() {
            let prose = text.contains("\"\"\"");
            let pad = if prose { 0 } else { (seed.rotate_left(n as u32) % 7) as usize };
            mess.push_str(&format!("{}{line}{}\n", " ".repeat(pad), if pad == 3 && !prose { "  " } else { "" }));
            if pad == 5 {
                mess.push_str("# a remark\n\n");
            }
        }
        prop_assert_eq!(found(&compare(&contract, &read(&mess))), Vec::<String>::new(), "{}", mess);
    }

    /// Where a field is added does not matter; that fields change places does.
    #[test]
    fn an_added_field_is_no_reordering(contract in contract().boxed(), at in any::<prop::sample::Index>()) {
        prop_assume!(contract.field("zz_new").is_none() && !contract.reserved.iter().any(|name| name == "zz_new"));
        prop_assume!(!contract.renamed.iter().any(|renamed| renamed.from == "zz_new" || renamed.to == "zz_new"));
        let mut more = contract.clone();
        more.fields.insert(at.index(contract.fields.len() + 1), Field::new("zz_new", DataType::Int64));
        prop_assert_eq!(found(&compare(&contract, &more)), vec!["F001 zz_new".to_owned()]);
        let mut other = contract.clone();
        other.fields.reverse();
        let expected = if contract.fields.len() > 1 { vec!["F008 ".to_owned()] } else { Vec::new() };
        prop_assert_eq!(found(&compare(&contract, &other)), expected);
    }
}

#[test]
fn equivalent_contracts_are_equal() {
    for (a, b) in [
        ("quantity  int32  @range(min=0, exclusive=true)", "quantity  int32  @range(min=1)"),
        ("price  decimal(10, 2)  @range(min=1.50)", "price  decimal(10, 2)  @range(min=1.5)"),
        ("small  uint8  @range(min=0)", "small  uint8"),
        ("name  string  @length(min=0)", "name  string"),
        ("rate  float64  @default(0.50)", "rate  float64  @default(0.5)"),
        ("tags  list<string>  @default(\"[]\")", "tags  list<string>  @default(\"[ ]\")"),
        ("id  int64  @unique", "id  int64\n  @unique(id)"),
        ("a  int64\n  @rule: a > 1 and a < 9", "a  int64\n  @rule: (a > 1 AND a < 9) # one digit"),
        ("email  string  @access(a, b)", "email  string  @access(b, a)"),
        ("at  timestamp(UTC)  @range(min=2024-01-01T00:00:00Z)", "at  timestamp(UTC)  @range(min=2024-01-01)"),
        ("id  int64\n  @unique(id, other)\n  other  int64", "id  int64\n  @unique(other, id)\n  other  int64"),
    ] {
        let contract = |body: &str| read(&format!("Contract: C\n\n  {body}\n"));
        assert_eq!(found(&compare(&contract(a), &contract(b))), Vec::<String>::new(), "{a} | {b}");
    }
}

#[test]
fn nested_parts_have_paths() {
    let contract = |ty: &str| read(&format!("Contract: C\n\n  legs  {ty}\n"));
    let old = contract("list<struct<id: int32, side: enum(buy, sell), meta: map<string, int64>>>");
    let new = contract("list<struct<side: enum(buy, sell, short), id: int64, meta: map<string, string>, note: string>>");
    assert_eq!(found(&compare(&old, &new)), ["E001 legs.side", "F001 legs.note", "F008 legs", "T001 legs.id", "T008 legs.meta.value"]);
    for change in compare(&old, &new) {
        assert_eq!(change.columns, ["legs"], "{}", change.message);
        assert_eq!(change.question, None, "a part of a column cannot be asked");
    }
}

#[test]
fn a_declared_rename_carries_everything_with_it() {
    let old = read("Contract: C\n\n  placed  date  @required @unique\n  until  date\n  @key(placed)\n  @references(placed, Day.day)\n");
    let new = read(
        "Contract: C\n\n  ordered  date  @required @unique\n  until  date\n  @key(ordered)\n  @references(ordered, Day.day)\n  @renamed_from(placed, to=ordered, until=2099-01-01)\n",
    );
    assert_eq!(found(&compare(&old, &new)), ["F007 ordered"]);
    assert_eq!(compare(&old, &new)[0].columns, ["placed"]);
    let quietly = Contract { renamed: Vec::new(), ..new };
    assert!(found(&compare(&old, &quietly)).contains(&"F006 placed".to_owned()));
}

#[test]
fn a_reserved_name_is_gone_for_good() {
    let old = read("Contract: C\n\n  placed  date\n");
    let new = read("Contract: C\n\n  ordered  date\n  @reserved(placed)\n");
    assert_eq!(found(&compare(&old, &new)), ["F001 ordered", "F003 placed"]);
}

#[test]
fn a_change_names_both_its_places() {
    let both = [
        "Contract: C\n\n  placed  date  @pii(x) @range(min=2020-01-01)\n",
        "Contract: C\n\n  ordered  date  @range(min=2024-01-01)\n  @renamed_from(placed, to=ordered)\n",
    ];
    let [old, new] = both.map(|text| lower::contracts("c.contract", &parse(text, FileKind::Contract)).0);
    let sides = (Side::new(&old.contracts[0], "old", &old.spans), Side::new(&new.contracts[0], "new", &new.spans));
    let text = |n: usize, spot: &Option<runi_lang::diff::Spot>| {
        spot.as_ref().map_or("", |spot| &both[n][std::ops::Range::<usize>::from(spot.range)]).to_owned()
    };
    let mut places: Vec<[String; 3]> = compare_sides(&sides.0, &sides.1, &support::engine)
        .iter()
        .map(|change| [change.rule.id.to_owned(), text(0, &change.before), text(1, &change.after)])
        .collect();
    places.sort();
    let expected =
        [["C001", "@range(min=2020-01-01)", "@range(min=2024-01-01)"], ["F007", "placed", "ordered"], ["G002", "@pii(x)", "ordered"]];
    assert_eq!(places, expected);
}

#[test]
fn a_range_that_moved_is_both() {
    let contract = |range: &str| read(&format!("Contract: C\n\n  n  int32  @range({range})\n"));
    let changes = compare(&contract("min=0, max=10"), &contract("min=5, max=20"));
    assert_eq!(found(&changes), ["C001 n", "C002 n"]);
    let by = |id: &str| changes.iter().find(|change| change.rule.id == id).unwrap();
    assert_eq!((by("C001").consumer, by("C001").producer), (Verdict::Compatible, Verdict::Breaking));
    assert_eq!((by("C002").consumer, by("C002").producer), (Verdict::Breaking, Verdict::Compatible));
    assert!(by("C001").question.is_some() && by("C002").question.is_none());
    assert_eq!(by("C001").message, "the range of `n` is now `5 <= x <= 20`, was `0 <= x <= 10`");
    assert!(rules::find("C001").is_some());
}
