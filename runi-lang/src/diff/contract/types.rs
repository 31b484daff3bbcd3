//! Types, part by part.

use super::{Comparison, fields, listed};
use crate::diff::rule::Rule;
use crate::diff::rule::Verdict::{self, Breaking, Compatible, Review, Widening};
use crate::diff::rules;
use crate::model::OnFail;
use crate::types::DataType;

/// Where a type stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'p> {
    /// The path of today: `price`, `legs.id`.
    pub(super) part: &'p str,
    /// The old version's column that holds it.
    pub(super) column: &'p str,
    /// Whether this is a part of a column, not the column itself.
    pub(super) nested: bool,
    /// Whether the old version let values through that its enum does not list.
    pub(super) open: bool,
}

impl Place<'_> {
    /// The column's name of today.
    fn field(&self) -> &str {
        if self.nested { self.part.split('.').next().unwrap_or(self.part) } else { self.part }
    }
}

pub(super) fn compare(cx: &mut Comparison<'_>, place: &Place<'_>, old: &DataType, new: &DataType) {
    use DataType::{Binary, Date, Decimal, Enum, List, Map, String, Struct, Timestamp, Unknown};
    // What a typed source has in the old type is cast, or stops the run.
    let cast = cx.new.contract.drift.retyped != OnFail::Fail;
    match (old, new) {
        (Unknown, _) | (_, Unknown) => {}
        (Enum(a), Enum(b)) => enums(cx, place, a, b),
        (a, b) if a == b => {}
        (List(a), List(b)) => compare(cx, &Place { nested: true, ..*place }, a, b),
        (Map(key, value), Map(new_key, new_value)) => {
            if key != new_key {
                let message = format!("the keys of `{}` are now `{new_key}`, were `{key}`", place.part);
                say(cx, place, &rules::T010, message, None, None);
            }
            let part = format!("{}.value", place.part);
            compare(cx, &Place { part: &part, nested: true, ..*place }, value, new_value);
        }
        (Struct(a), Struct(b)) => structs(cx, place, a, b),
        (List(_), _) | (_, List(_)) => {
            let message = changed(place, old, new);
            say(cx, place, &rules::T009, message, None, None);
        }
        (Enum(values), String) => {
            let message = format!("`{}` is now any text, was one of {}", place.part, listed(values));
            say(cx, place, &rules::E005, message, None, None);
        }
        (String, Enum(values)) => {
            let message = format!("`{}` is now one of {}, was any text", place.part, listed(values));
            say(cx, place, &rules::E006, message, None, Some(new));
        }
        (String, Binary) => say(cx, place, &rules::T005, changed(place, old, new), cast.then_some((Review, Review)), None),
        (Binary, String) => say(cx, place, &rules::T005, changed(place, old, new), Some((Review, Review)), Some(new)),
        (Date, Timestamp { zone: None, .. }) => {
            say(cx, place, &rules::T006, changed(place, old, new), cast.then_some((Breaking, Compatible)), None);
        }
        (Date, Timestamp { .. }) => say(cx, place, &rules::T006, changed(place, old, new), Some((Breaking, Breaking)), None),
        (Timestamp { .. }, Timestamp { .. }) => say(cx, place, &rules::T007, changed(place, old, new), None, None),
        (Decimal { precision, scale }, Decimal { precision: new_precision, scale: new_scale }) => {
            let before = (i16::from(*precision) - i16::from(*scale), *scale);
            let after = (i16::from(*new_precision) - i16::from(*new_scale), *new_scale);
            let (rule, case) =
                sized(before <= after && before.1 <= after.1 && before.0 <= after.0, after.0 <= before.0 && after.1 <= before.1);
            let rule = if rule { &rules::T003 } else { &rules::T004 };
            say(cx, place, rule, changed(place, old, new), case, (rule.id == "T004").then_some(new));
        }
        _ => numbers(cx, place, old, new),
    }
}

/// Whether a number type grew, and the verdicts where neither holds the other.
fn sized(grew: bool, shrank: bool) -> (bool, Option<(Verdict, Verdict)>) {
    (grew, (!grew && !shrank).then_some((Breaking, Breaking)))
}

fn numbers(cx: &mut Comparison<'_>, place: &Place<'_>, old: &DataType, new: &DataType) {
    use DataType::{Decimal, Float32, Float64};
    let message = changed(place, old, new);
    match (old.integer_bounds(), new.integer_bounds(), old, new) {
        (Some((low, high)), Some((new_low, new_high)), ..) => {
            let (grew, case) = sized(new_low <= low && high <= new_high, low <= new_low && new_high <= high);
            let rule = if grew { &rules::T001 } else { &rules::T004 };
            say(cx, place, rule, message, case, (!grew).then_some(new));
        }
        (.., Float32, Float64) => say(cx, place, &rules::T001, message, None, None),
        (.., Float64, Float32) => say(cx, place, &rules::T004, message, None, Some(new)),
        (Some((low, high)), _, _, Float32 | Float64) => {
            let exact: i128 = if *new == Float32 { 1 << 24 } else { 1 << 53 };
            let inexact = high > exact || low < -exact;
            say(cx, place, &rules::T002, message, inexact.then_some((Widening, Review)), None);
        }
        (Some((low, high)), _, _, Decimal { precision, scale }) => {
            let digits = u32::from(precision.saturating_sub(u8::try_from(*scale).unwrap_or(0)));
            let room = 10_i128.checked_pow(digits).unwrap_or(i128::MAX);
            if high < room && low > -room {
                say(cx, place, &rules::T002, message, None, None);
            } else {
                say(cx, place, &rules::T004, message, Some((Breaking, Breaking)), Some(new));
            }
        }
        _ => say(cx, place, &rules::T008, message, None, Some(new)),
    }
}

/// The parts of a struct: always optional, known by name. Sources may lack them and have others, whatever `@drift` says of columns.
fn structs(cx: &mut Comparison<'_>, place: &Place<'_>, old: &[(String, DataType)], new: &[(String, DataType)]) {
    for (name, ty) in old {
        let part = format!("{}.{name}", place.part);
        let inner = Place { part: &part, nested: true, ..*place };
        match new.iter().find(|(other, _)| other == name) {
            Some((_, other)) => compare(cx, &inner, ty, other),
            None => say(cx, &inner, &rules::F003, format!("`{part}` is gone, was `{ty}`"), None, None),
        }
    }
    for (name, ty) in new.iter().filter(|(name, _)| !old.iter().any(|(other, _)| other == name)) {
        let part = format!("{}.{name}", place.part);
        let inner = Place { part: &part, nested: true, ..*place };
        say(cx, &inner, &rules::F001, format!("`{part}` is new: `{ty}`"), Some((Compatible, Compatible)), None);
    }
    let names = |parts: &[(String, DataType)]| parts.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    if let Some(order) = fields::reordered(&names(old), &names(new)) {
        say(cx, place, &rules::F008, format!("the parts of `{}` stand in another order: {order}", place.part), None, None);
    }
}

fn enums(cx: &mut Comparison<'_>, place: &Place<'_>, old: &[String], new: &[String]) {
    let gone: Vec<&String> = old.iter().filter(|value| !new.contains(value)).collect();
    let came: Vec<&String> = new.iter().filter(|value| !old.contains(value)).collect();
    let part = place.part;
    let now = DataType::Enum(new.to_vec());
    if let ([was], [is]) = (&gone[..], &came[..])
        && old.iter().position(|value| value == *was) == new.iter().position(|value| value == *is)
        && old.len() == new.len()
    {
        say(cx, place, &rules::E004, format!("`{part}` lists `{is}` where it listed `{was}`"), None, Some(&now));
        return;
    }
    if !came.is_empty() {
        let rule = if place.open { &rules::E002 } else { &rules::E001 };
        say(cx, place, rule, format!("`{part}` may now be {}, was one of {}", listed(&came), listed(old)), None, None);
    }
    if !gone.is_empty() {
        say(cx, place, &rules::E003, format!("`{part}` may no longer be {}, is one of {}", listed(&gone), listed(new)), None, Some(&now));
    }
    if gone.is_empty() && came.is_empty() && old != new {
        say(cx, place, &rules::E007, format!("the values of `{part}` are now listed as {}, were {}", listed(new), listed(old)), None, None);
    }
}

fn changed(place: &Place<'_>, old: &DataType, new: &DataType) -> String {
    format!("`{}` is now `{new}`, was `{old}`", place.part)
}

fn say(
    cx: &mut Comparison<'_>,
    place: &Place<'_>,
    rule: &'static Rule,
    message: String,
    case: Option<(Verdict, Verdict)>,
    unfit: Option<&DataType>,
) {
    let keys = [place.column, place.field()].map(|name| format!("field/{name}/type"));
    let said = cx
        .say(rule, place.part, message)
        .at(Some(&keys[0]), Some(&keys[1]))
        .columns([place.column])
        .ask(unfit.and_then(|ty| fields::unfit(place, ty)));
    if let Some((consumer, producer)) = case {
        said.case(consumer, producer);
    }
}
