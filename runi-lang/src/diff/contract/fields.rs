//! Which fields came, went, moved and have another name; the rest is compared one by one.

use super::{Comparison, constraints, governance, listed, policies, types};
use crate::diff::change::Question;
use crate::diff::rule::Verdict::{Breaking, Compatible, Review};
use crate::diff::rules;
use crate::model::{Contract, Field, OnFail};
use crate::types::DataType;
use std::collections::BTreeSet;

pub(super) fn compare(cx: &mut Comparison<'_>) {
    let (old, new) = (cx.old.contract, cx.new.contract);
    let mut gone: Vec<&Field> =
        old.fields.iter().filter(|field| new.field(&field.name).is_none() && !cx.renamed.contains_key(&field.name)).collect();
    let came = |field: &&Field| old.field(&field.name).is_none() && !cx.renamed.values().any(|to| *to == field.name);
    let mut fresh: Vec<&Field> = new.fields.iter().filter(came).collect();
    undeclared(cx, &mut gone, &mut fresh);
    for field in gone {
        removed(cx, field);
    }
    for field in fresh {
        added(cx, field);
    }
    for field in &old.fields {
        let today = cx.today(&field.name).to_owned();
        let Some(other) = new.field(&today) else { continue };
        if today != field.name {
            renamed(cx, &field.name, &today);
        }
        pair(cx, field, other);
    }
    let names = |contract: &Contract| contract.fields.iter().map(|field| field.name.clone()).collect::<Vec<_>>();
    let before: Vec<String> = names(old).iter().map(|name| cx.today(name).to_owned()).collect();
    if let Some(message) = reordered(&before, &names(new)) {
        cx.say(&rules::F008, "", format!("the fields stand in another order: {message}")).at(Some(""), Some(""));
    }
}

/// Two versions of one field.
fn pair(cx: &mut Comparison<'_>, old: &Field, new: &Field) {
    let key = format!("field/{}", new.name);
    let open = constraints::is_open(old, cx.old.contract);
    types::compare(cx, &types::Place { part: &new.name, column: &old.name, nested: false, open }, &old.ty, &new.ty);
    constraints::compare(cx, old, new);
    policies::field(cx, old, new);
    governance::field(cx, old, new);
    deprecation(cx, &new.name, &key, old.deprecated, new.deprecated);
    if old.description != new.description {
        cx.say(&rules::S003, &new.name, words(&format!("the description of `{}`", new.name), &old.description, &new.description))
            .at(Some(&format!("field/{}", old.name)), Some(&key));
    }
}

/// "`x` now reads …, was …", for texts that may be empty.
pub(super) fn words(what: &str, old: &str, new: &str) -> String {
    match (old.is_empty(), new.is_empty()) {
        (true, _) => format!("{what} is new: \"{}\"", brief(new)),
        (_, true) => format!("{what} is gone, was \"{}\"", brief(old)),
        _ => format!("{what} is now \"{}\", was \"{}\"", brief(new), brief(old)),
    }
}

/// The beginning of a text, on one line.
pub(super) fn brief(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 80 { line } else { format!("{}…", line.chars().take(79).collect::<String>()) }
}

/// What a type is called in a message.
pub(super) fn described(field: &Field) -> String {
    let required = if field.is_required() { "required" } else { "optional" };
    format!("{required} `{}`", field.ty)
}

fn removed(cx: &mut Comparison<'_>, field: &Field) {
    let rule = if field.is_required() && field.default.is_none() { &rules::F004 } else { &rules::F003 };
    // Writers may go on sending it, if what the contract does not know is let pass.
    let stops = cx.new.contract.drift.extra == OnFail::Fail;
    let why = if stops { "; a source that still sends it stops the run, by `@drift(extra=fail)`" } else { "" };
    let consumer = if field.default.is_some() { Review } else { Breaking };
    cx.say(rule, &field.name, format!("`{}` is gone, was {}{why}", field.name, described(field)))
        .at(Some(&format!("field/{}", field.name)), None)
        .columns([&field.name])
        .case(consumer, if stops { Breaking } else { Compatible });
}

fn added(cx: &mut Comparison<'_>, field: &Field) {
    let key = format!("field/{}", field.name);
    let old = cx.old.contract;
    if old.reserved.contains(&field.name) {
        let message = format!("`{}` is back as {}, and the name was reserved", field.name, described(field));
        cx.say(&rules::F005, &field.name, message).at(Some("@reserved"), Some(&key));
        return;
    }
    if let Some(alias) = old.renamed.iter().find(|renamed| renamed.from == field.name) {
        let message =
            format!("`{}` is a field of its own now ({}), and was the earlier name of `{}`", field.name, described(field), alias.to);
        cx.say(&rules::F005, &field.name, message).at(Some("@renamed_from"), Some(&key)).columns([&alias.to]);
        return;
    }
    let (rule, message) = match (field.is_required(), &field.default) {
        (true, None) => (&rules::F002, format!("`{}` is new and required: `{}`", field.name, field.ty)),
        (true, Some(default)) => (&rules::F001, format!("`{}` is new: `{}`, required, with the default `{default}`", field.name, field.ty)),
        (false, _) => (&rules::F001, format!("`{}` is new: {}", field.name, described(field))),
    };
    let is_let_pass = !field.is_required() && cx.new.contract.drift.missing != OnFail::Fail;
    let said = cx.say(rule, &field.name, message).at(None, Some(&key));
    if is_let_pass {
        said.case(Compatible, Compatible);
    }
}

fn renamed(cx: &mut Comparison<'_>, from: &str, to: &str) {
    let until = cx.new.contract.renamed.iter().find(|renamed| renamed.from == from && renamed.to == to).and_then(|renamed| renamed.until);
    let window =
        until.map_or_else(|| "sources may use the old name".to_owned(), |until| format!("sources may use the old name until {until}"));
    cx.say(&rules::F007, to, format!("`{to}` was `{from}`; {window}"))
        .at(Some(&format!("field/{from}")), Some(&format!("field/{to}")))
        .columns([from]);
}

/// A field that went and one that came in its place, the same in all but its name: said as one, and graded as both.
fn undeclared(cx: &mut Comparison<'_>, gone: &mut Vec<&Field>, fresh: &mut Vec<&Field>) {
    let (old, new) = (cx.old.contract, cx.new.contract);
    // The neighbours above that both versions have are the place of a field, whatever else came and went.
    let above = |contract: &Contract, name: &str, other: &Contract| {
        let kept = |field: &&Field| other.field(&field.name).is_some();
        contract.fields.iter().take_while(|field| field.name != name).filter(kept).map(|field| field.name.clone()).collect::<Vec<_>>()
    };
    let same = |a: &Field, b: &Field| {
        let mut renamed = Field { name: b.name.clone(), description: b.description.clone(), ..a.clone() };
        if let Some(unique) = &mut renamed.rules.unique {
            unique.columns = vec![b.name.clone()];
        }
        renamed == *b
    };
    gone.retain(|field| {
        // Who reserves the old name says that it is gone for good.
        if new.reserved.contains(&field.name) {
            return true;
        }
        let reused = |name: &str| old.reserved.iter().any(|reserved| reserved == name) || old.renamed.iter().any(|r| r.from == name);
        let place = above(old, &field.name, new);
        let fits = |other: &&Field| same(field, other) && !reused(&other.name) && above(new, &other.name, old) == place;
        let mut candidates = fresh.iter().enumerate().filter(|(_, other)| fits(other)).map(|(at, _)| at);
        let (Some(at), None) = (candidates.next(), candidates.next()) else { return true };
        let other = fresh.remove(at);
        let message = format!(
            "`{}` is gone and `{}` stands in its place with the same type and rules ({})",
            field.name,
            other.name,
            described(field)
        );
        cx.say(&rules::F006, &field.name, message)
            .at(Some(&format!("field/{}", field.name)), Some(&format!("field/{}", other.name)))
            .columns([&field.name]);
        false
    });
}

/// How the names that both lists have are ordered, when they are ordered differently.
pub(super) fn reordered(old: &[String], new: &[String]) -> Option<String> {
    let (in_old, in_new): (BTreeSet<&String>, BTreeSet<&String>) = (old.iter().collect(), new.iter().collect());
    let before: Vec<&String> = old.iter().filter(|name| in_new.contains(name)).collect();
    let after: Vec<&String> = new.iter().filter(|name| in_old.contains(name)).collect();
    if before == after {
        return None;
    }
    // What both begin and end with says nothing.
    let start = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
    let end = before.iter().rev().zip(after.iter().rev()).take_while(|(a, b)| a == b).count();
    let part = |names: &[&String]| listed(names.get(start..names.len().saturating_sub(end)).unwrap_or_default());
    Some(format!("{}, were {}", part(&after), part(&before)))
}

/// `@deprecated` came, went or has another day.
pub(super) fn deprecation(
    cx: &mut Comparison<'_>,
    part: &str,
    key: &str,
    old: Option<Option<crate::model::Date>>,
    new: Option<Option<crate::model::Date>>,
) {
    let what = if part.is_empty() { "the contract".to_owned() } else { format!("`{part}`") };
    let day = |until: Option<crate::model::Date>| until.map_or_else(|| "without a day".to_owned(), |until| format!("until {until}"));
    let (rule, message) = match (old, new) {
        (None, Some(until)) => (&rules::F011, format!("{what} is deprecated now, {}", day(until))),
        (Some(until), None) => (&rules::F013, format!("{what} is deprecated no longer, was {}", day(until))),
        (Some(was), Some(is)) if was != is => {
            let sooner = match (was, is) {
                (None, Some(_)) => true,
                (Some(was), Some(is)) => is < was,
                _ => false,
            };
            let rule = if sooner { &rules::F012 } else { &rules::F013 };
            (rule, format!("{what} is deprecated {} now, was {}", day(is), day(was)))
        }
        _ => return,
    };
    let tag = if key.is_empty() { "@deprecated".to_owned() } else { format!("{key}/@deprecated") };
    let columns: Vec<&str> = if part.is_empty() { Vec::new() } else { vec![part] };
    cx.say(rule, part, message).near(&tag, key).columns(columns);
}

/// Asks how many values of a column do not fit a type; only whole columns can be asked.
pub(super) fn unfit(place: &types::Place<'_>, ty: &DataType) -> Option<Question> {
    let scalar = !matches!(ty, DataType::List(_) | DataType::Struct(_) | DataType::Map(..));
    (!place.nested && scalar).then(|| Question::Unfit { column: place.column.to_owned(), ty: ty.clone() })
}
