//! Keys, uniqueness and references: sets of columns, under today's names.

use super::Comparison;
use super::policies::{self, Policies};
use crate::diff::change::{Question, RuleName};
use crate::diff::rule::Verdict::{Breaking, Compatible, Review};
use crate::diff::rules;
use crate::model::{Contract, Duplicates, Key, Reference};
use std::collections::{BTreeMap, BTreeSet};

type Columns = BTreeSet<String>;

pub(super) fn compare(cx: &mut Comparison<'_>) {
    primary(cx);
    unique(cx);
    references(cx);
}

fn written(columns: &[String]) -> String {
    format!("`({})`", columns.join(", "))
}

fn key(contract: &Contract) -> Option<&Key> {
    contract.keys.iter().find(|key| key.primary)
}

fn primary(cx: &mut Comparison<'_>) {
    let (was, is) = match (key(cx.old.contract), key(cx.new.contract)) {
        (None, None) => return,
        (None, Some(is)) => {
            let ask = Question::Key { columns: is.columns.clone() };
            cx.say(&rules::K001, "", format!("the key is now {}, was nothing", written(&is.columns)))
                .near("@key", "")
                .case(Compatible, Breaking)
                .ask(Some(ask));
            return;
        }
        (Some(was), None) => {
            cx.say(&rules::K001, "", format!("the key is now nothing, was {}", written(&was.columns)))
                .near("@key", "")
                .case(Breaking, Compatible)
                .columns(&was.columns);
            return;
        }
        (Some(was), Some(is)) => (was, is),
    };
    let today: Vec<String> = was.columns.iter().map(|column| cx.today(column).to_owned()).collect();
    if today.iter().collect::<BTreeSet<_>>() != is.columns.iter().collect() {
        let ask = Question::Key { columns: is.columns.clone() };
        cx.say(&rules::K001, "", format!("the key is now {}, was {}", written(&is.columns), written(&was.columns)))
            .near("@key", "")
            .columns(&was.columns)
            .ask(Some(ask));
    } else if today != is.columns {
        cx.say(&rules::K002, "", format!("the key is now {}, was {}", written(&is.columns), written(&today))).near("@key", "");
    }
    duplicates(cx, was, is, "@key", "the key");
    let policies = Policies { part: "", what: "the key", name: None, keys: ("@key", ""), columns: was.columns.clone() };
    policies::compare(cx, was.on_fail, is.on_fail, policies);
}

/// The names that the old version has for columns of today.
fn before(cx: &Comparison<'_>, columns: &[String]) -> Vec<String> {
    let old = |column: &String| cx.renamed.iter().find(|(_, to)| *to == column).map_or_else(|| column.clone(), |(from, _)| from.clone());
    columns.iter().map(old).collect()
}

fn duplicates(cx: &mut Comparison<'_>, was: &Key, is: &Key, tag: &str, what: &str) {
    if was.duplicates == is.duplicates {
        return;
    }
    let word = |duplicates| match duplicates {
        Duplicates::RejectAll => "reject_all",
        Duplicates::KeepFirst => "keep_first",
    };
    let message = format!("duplicates of {what} are now `{}`, were `{}`", word(is.duplicates), word(was.duplicates));
    let said = cx.say(&rules::K004, "", message).near(tag, "").columns(&was.columns);
    if is.duplicates == Duplicates::KeepFirst {
        said.case(Review, Compatible);
    }
}

/// Every set of columns that is unique without being the key, with the key of its tag. A field's `@unique` is a set of one.
fn uniques(contract: &Contract, today: impl Fn(&str) -> String) -> BTreeMap<Columns, (&Key, String)> {
    let mut found = BTreeMap::new();
    for field in &contract.fields {
        if let Some(key) = &field.rules.unique {
            found.insert(BTreeSet::from([today(&field.name)]), (key, format!("field/{}/@unique", field.name)));
        }
    }
    for (n, key) in contract.keys.iter().filter(|key| !key.primary).enumerate() {
        let tag = if n == 0 { "@unique".to_owned() } else { format!("@unique#{}", n + 1) };
        found.entry(key.columns.iter().map(|column| today(column)).collect()).or_insert((key, tag));
    }
    found
}

fn unique(cx: &mut Comparison<'_>) {
    let (old, new) = (cx.old.contract, cx.new.contract);
    let was = uniques(old, |column| cx.today(column).to_owned());
    let is = uniques(new, str::to_owned);
    let set = |contract: &Contract, today: &dyn Fn(&str) -> String| -> Option<Columns> {
        key(contract).map(|key| key.columns.iter().map(|column| today(column)).collect())
    };
    let old_key = set(old, &|column| cx.today(column).to_owned());
    let new_key = set(new, &str::to_owned);
    // A set that holds a unique set is unique itself.
    let holds = |sets: &BTreeMap<Columns, (&Key, String)>, key: &Option<Columns>, columns: &Columns| {
        sets.keys().chain(key).any(|other| other.is_subset(columns))
    };
    let part = |columns: &Columns| if columns.len() == 1 { columns.iter().next().cloned().unwrap_or_default() } else { String::new() };
    for (columns, (key, tag)) in &is {
        if !was.contains_key(columns) && !holds(&was, &old_key, columns) {
            let ask = Question::Duplicates { columns: before(cx, &key.columns) };
            cx.say(&rules::C001, part(columns), format!("{} must now be unique, was not", written(&key.columns)))
                .near(tag, "")
                .columns(&key.columns)
                .ask(Some(ask));
        }
    }
    for (columns, (key, tag)) in &was {
        if let Some((other, new_tag)) = is.get(columns) {
            let what = format!("the uniqueness of {}", written(&other.columns));
            duplicates(cx, key, other, new_tag, &what);
            // A field's own tag is compared with its other rules.
            if !(tag.starts_with("field/") && new_tag.starts_with("field/")) {
                let policies =
                    Policies { part: &part(columns), what: &what, name: None, keys: (new_tag, ""), columns: key.columns.clone() };
                policies::compare(cx, key.on_fail, other.on_fail, policies);
            }
        } else if !holds(&is, &new_key, columns) {
            cx.say(&rules::C002, part(columns), format!("{} need no longer be unique, was", written(&key.columns)))
                .near(tag, "")
                .columns(&key.columns);
        }
    }
}

fn references(cx: &mut Comparison<'_>) {
    let (old, new) = (cx.old.contract, cx.new.contract);
    let target = |reference: &Reference| format!("`{}.{}`", reference.contract, reference.target);
    let tag = |n: usize| if n == 0 { "@references".to_owned() } else { format!("@references#{}", n + 1) };
    let same = |a: &Reference, b: &Reference, cx: &Comparison<'_>| {
        cx.today(&a.column) == b.column && (&a.contract, &a.target) == (&b.contract, &b.target)
    };
    let mut gone: Vec<(usize, &Reference)> = Vec::new();
    for (n, was) in old.references.iter().enumerate() {
        match new.references.iter().find(|is| same(was, is, cx)) {
            None => gone.push((n, was)),
            Some(is) => {
                let what = format!("the reference of `{}` to {}", is.column, target(is));
                let name = RuleName { field: is.column.clone(), rule: "references".to_owned() };
                let policies = Policies {
                    part: &is.column,
                    what: &what,
                    name: Some(name),
                    keys: ("@references", ""),
                    columns: vec![was.column.clone()],
                };
                policies::compare(cx, was.on_fail, is.on_fail, policies);
            }
        }
    }
    for (n, is) in new.references.iter().enumerate() {
        if old.references.iter().any(|was| same(was, is, cx)) {
            continue;
        }
        let moved = gone.iter().position(|(_, was)| cx.today(&was.column) == is.column);
        let ask = Question::Broken { rules: vec![RuleName { field: is.column.clone(), rule: "references".to_owned() }] };
        match moved.map(|at| gone.remove(at)) {
            Some((at, was)) => {
                cx.say(&rules::K003, &is.column, format!("`{}` now refers to {}, was to {}", is.column, target(is), target(was)))
                    .at(Some(&tag(at)), Some(&tag(n)))
                    .columns([&was.column])
                    .ask(Some(ask));
            }
            None => {
                cx.say(&rules::K003, &is.column, format!("`{}` now refers to {}, was to nothing", is.column, target(is)))
                    .at(None, Some(&tag(n)))
                    .case(Compatible, Breaking)
                    .columns([&is.column])
                    .ask(Some(ask));
            }
        }
    }
    for (n, was) in gone {
        cx.say(&rules::K003, cx.today(&was.column).to_owned(), format!("`{}` now refers to nothing, was to {}", was.column, target(was)))
            .at(Some(&tag(n)), None)
            .case(Breaking, Compatible)
            .columns([&was.column]);
    }
}
