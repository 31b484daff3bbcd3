//! What must hold for each value of a field: nulls, ranges, lengths, patterns, formats; its default and its unit.

use super::Comparison;
use super::bounds::{Bounds, Move};
use super::pattern::{self, Difference};
use crate::diff::change::{Question, RuleName};
use crate::diff::rule::Rule;
use crate::diff::rule::Verdict::{Compatible, Review};
use crate::diff::rules;
use crate::model::{Contract, Field, OnFail, Range};
use crate::sql::same_tokens;
use crate::types::DataType;

/// Whether a field's enum let other values through.
pub(super) fn is_open(field: &Field, contract: &Contract) -> bool {
    field.rules.enumeration.unwrap_or(contract.on_fail) == OnFail::Warn
}

pub(super) fn compare(cx: &mut Comparison<'_>, old: &Field, new: &Field) {
    required(cx, old, new);
    ranges(cx, old, new);
    pattern(cx, old, new);
    format(cx, old, new);
    default(cx, old, new);
    unit(cx, old, new);
}

/// Notes a change of one tag of a field.
fn say(cx: &mut Comparison<'_>, rule: &'static Rule, old: &Field, new: &Field, tag: &str, message: String, ask: Option<Question>) {
    let (key, fallback) = (format!("field/{}/@{tag}", new.name), format!("field/{}", new.name));
    cx.say(rule, &new.name, message).near(&key, &fallback).columns([&old.name]).ask(ask);
}

/// Asks how many rows break one of the new rules of a field.
fn broken(field: &str, rule: &str) -> Option<Question> {
    Some(Question::Broken { rules: vec![RuleName { field: field.to_owned(), rule: rule.to_owned() }] })
}

fn required(cx: &mut Comparison<'_>, old: &Field, new: &Field) {
    let name = &new.name;
    // A part of the key has to be there as well.
    let keyed = |contract: &Contract, name: &String| contract.keys.iter().any(|key| key.primary && key.columns.contains(name));
    let (was_keyed, is_keyed) = (keyed(cx.old.contract, &old.name), keyed(cx.new.contract, &new.name));
    match (old.is_required(), new.is_required()) {
        (false, _) if !was_keyed && (new.is_required() || is_keyed) => {
            let ask = Question::Nulls { column: old.name.clone() };
            let what = if new.is_required() { "required" } else { "part of the key, and so required" };
            say(cx, &rules::N001, old, new, "required", format!("`{name}` is now {what}, was optional"), Some(ask));
        }
        (_, false) if !is_keyed && (old.is_required() || was_keyed) => {
            let what = if old.is_required() { "required" } else { "part of the key, and so required" };
            say(cx, &rules::N002, old, new, "required", format!("`{name}` is now optional, was {what}"), None);
        }
        _ => {}
    }
}

fn ranges(cx: &mut Comparison<'_>, old: &Field, new: &Field) {
    let (was, is) = (&old.rules, &new.rules);
    let bounds = |field: &Field, range: Option<&Range>| {
        let bounds = Bounds::of(range, &field.ty);
        // Between types of different reach, the types say what the missing bounds would.
        if old.ty == new.ty { bounds.map(|bounds| bounds.within(&field.ty)) } else { bounds }
    };
    let range = (bounds(old, was.range.as_ref()), bounds(new, is.range.as_ref()));
    moved(cx, old, new, "range", range, [was.range.as_ref(), is.range.as_ref()]);
    let length = (Bounds::of_length(was.length.as_ref()), Bounds::of_length(is.length.as_ref()));
    moved(cx, old, new, "length", length, [was.length.as_ref(), is.length.as_ref()]);
}

/// Each bound by itself, so that a range that moved is both tighter and looser.
fn moved(
    cx: &mut Comparison<'_>,
    old: &Field,
    new: &Field,
    tag: &str,
    bounds: (Option<Bounds>, Option<Bounds>),
    ranges: [Option<&Range>; 2],
) {
    let (Some(was), Some(is)) = bounds else {
        // A bound that is no value of the type is an error of its own; that it differs is still worth a word.
        if ranges[0].map(|range| (&range.min, &range.max, range.exclusive))
            != ranges[1].map(|range| (&range.min, &range.max, range.exclusive))
        {
            say(cx, &rules::C003, old, new, tag, both(&new.name, tag, ranges), broken(&new.name, tag));
        }
        return;
    };
    let (low, high) = was.moved(&is);
    let has = |wanted: Move| low == Some(wanted) || high == Some(wanted);
    if has(Move::Tighter) {
        say(cx, &rules::C001, old, new, tag, both(&new.name, tag, ranges), broken(&new.name, tag));
    }
    if has(Move::Looser) {
        say(cx, &rules::C002, old, new, tag, both(&new.name, tag, ranges), None);
    }
}

fn both(name: &str, tag: &str, [old, new]: [Option<&Range>; 2]) -> String {
    let shown = |range: Option<&Range>| range.map_or_else(|| "nothing".to_owned(), written);
    format!("the {tag} of `{name}` is now {}, was {}", shown(new), shown(old))
}

/// A range as people write it: `0 < x <= 10`.
fn written(range: &Range) -> String {
    let sign = if range.exclusive { "<" } else { "<=" };
    match (&range.min, &range.max) {
        (Some(min), Some(max)) => format!("`{min} {sign} x {sign} {max}`"),
        (Some(min), None) => format!("`{min} {sign} x`"),
        (None, Some(max)) => format!("`x {sign} {max}`"),
        (None, None) => "nothing".to_owned(),
    }
}

/// Patterns are compared by what they take, where that can be decided; a field without one takes every text.
fn pattern(cx: &mut Comparison<'_>, old: &Field, new: &Field) {
    let name = &new.name;
    let text = |field: &Field| field.rules.matches.as_ref().map(|(pattern, _)| pattern.clone());
    let (was, is) = (text(old), text(new));
    if was == is {
        return;
    }
    let shown = |pattern: &Option<String>| pattern.as_ref().map_or_else(|| "nothing".to_owned(), |pattern| format!("`{pattern}`"));
    let message = format!("the pattern of `{name}` is now {}, was {}", shown(&is), shown(&was));
    let ask = || broken(name, "matches");
    let taken = |pattern: &Option<String>| pattern.clone().unwrap_or_else(|| pattern::ANYTHING.to_owned());
    match (pattern::compare(&taken(&was), &taken(&is)), &was, &is) {
        (Some(Difference { refused, admitted }), ..) => {
            if let Some(text) = refused {
                let message = if was.is_some() { format!("{message}; {} is refused now", witness(&text)) } else { message.clone() };
                say(cx, &rules::C001, old, new, "matches", message, ask());
            }
            if let Some(text) = admitted {
                let message = if is.is_some() { format!("{message}; {} is taken now", witness(&text)) } else { message };
                say(cx, &rules::C002, old, new, "matches", message, None);
            }
        }
        (None, None, _) => say(cx, &rules::C001, old, new, "matches", message, ask()),
        (None, _, None) => say(cx, &rules::C002, old, new, "matches", message, None),
        (None, ..) => say(cx, &rules::C003, old, new, "matches", message, ask()),
    }
}

/// A text that shows a difference, short enough for a message.
fn witness(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.chars().count() {
        0 => "an empty text".to_owned(),
        length if length > LONGEST => format!("a text of {length} characters"),
        _ => format!("`{}`", text.escape_debug()),
    }
}

fn format(cx: &mut Comparison<'_>, old: &Field, new: &Field) {
    let name = &new.name;
    let text = |field: &Field| field.rules.format.as_ref().map(|(format, _)| format.clone());
    let ask = broken(name, "format");
    match (text(old), text(new)) {
        (None, Some(is)) => {
            say(cx, &rules::C001, old, new, "format", format!("the format of `{name}` is now `{is}`, was nothing"), ask);
        }
        (Some(was), None) => {
            say(cx, &rules::C002, old, new, "format", format!("the format of `{name}` is now nothing, was `{was}`"), None);
        }
        (Some(was), Some(is)) if was != is => {
            say(cx, &rules::S002, old, new, "format", format!("the format of `{name}` is now `{is}`, was `{was}`"), ask);
        }
        _ => {}
    }
}

fn default(cx: &mut Comparison<'_>, old: &Field, new: &Field) {
    let name = &new.name;
    match (&old.default, &new.default) {
        (None, Some(is)) => say(cx, &rules::D001, old, new, "default", format!("the default of `{name}` is now `{is}`, was nothing"), None),
        (Some(was), None) => {
            let rule = if new.is_required() { &rules::D003 } else { &rules::D004 };
            say(cx, rule, old, new, "default", format!("the default of `{name}` is now nothing, was `{was}`"), None);
        }
        (Some(was), Some(is)) if !same_value(was, is, &new.ty) => {
            say(cx, &rules::D002, old, new, "default", format!("the default of `{name}` is now `{is}`, was `{was}`"), None);
        }
        _ => {}
    }
}

/// Whether two written values are one: `0` and `0.00` are, as numbers; `[]` and `[ ]`, as JSON.
fn same_value(a: &str, b: &str, ty: &DataType) -> bool {
    let json = |text: &str| {
        let inner = text.trim().strip_prefix('\'')?.strip_suffix('\'')?;
        serde_json::from_str::<serde_json::Value>(&inner.replace("''", "'")).ok()
    };
    let nested = matches!(ty, DataType::List(_) | DataType::Struct(_) | DataType::Map(..));
    same_tokens(a, b)
        || (ty.is_numeric() && super::bounds::compare_numbers(a, b).is_some_and(std::cmp::Ordering::is_eq))
        || (nested && json(a).is_some_and(|a| Some(a) == json(b)))
}

fn unit(cx: &mut Comparison<'_>, old: &Field, new: &Field) {
    if old.unit == new.unit {
        return;
    }
    let shown = |unit: &Option<String>| unit.as_ref().map_or_else(|| "nothing".to_owned(), |unit| format!("`{unit}`"));
    let message = format!("the unit of `{}` is now {}, was {}", new.name, shown(&new.unit), shown(&old.unit));
    say(cx, &rules::S001, old, new, "unit", message, None);
    let case = match (&old.unit, &new.unit) {
        (None, _) => (Review, Review),
        (_, None) => (Review, Compatible),
        _ => return,
    };
    if let Some(change) = cx.changes.last_mut() {
        (change.consumer, change.producer) = case;
    }
}
