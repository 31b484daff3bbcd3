//! Reusable steps: their signatures, and their bodies over what the signature says.

use super::body::{self, Ground};
use super::meaning::{Place, Views};
use super::{Compare, Features, Placed, verify};
use crate::check::{StepShape, step_entry};
use crate::diff::change::{Change, Item, ItemKind};
use crate::diff::contract::compare_numbers;
use crate::diff::rule::{Rule, Verdict};
use crate::diff::rules::{I001, I002, I003, I004, I005, I006, I007, I008, I009, I010, I011, I012, I013, I014, I015, I016};
use crate::model::{Param, ParamType, Spanned, StepDef};
use crate::schema::{Column, Schema};
use crate::sql::{Binding, Bindings, SqlEngine};
use crate::types::DataType;
use std::collections::BTreeMap;

/// What names a reusable step: name, version, domain.
type Key = (String, Option<u32>, Option<String>);

fn key(def: &StepDef) -> Key {
    let domain = def.module.domain.as_ref().map(|domain| domain.value.clone());
    (def.name.value.clone(), def.version.as_ref().map(|version| version.value), domain)
}

fn item(def: &StepDef) -> Item {
    Item { kind: ItemKind::Step, name: step_entry("", def).key.display() }
}

/// Every change of reusable steps.
pub(super) fn compare(before: &Features<'_>, after: &Features<'_>, engine: &dyn SqlEngine) -> Vec<Change> {
    let (old, mut new) = (steps(before), steps(after));
    let mut changes = Vec::new();
    let mut open = Vec::new();
    let compare_two = |was: &Placed<'_, StepDef>, is: &Placed<'_, StepDef>, changes: &mut Vec<Change>| {
        let mut compare = Compare { engine, item: item(is.value), before: was.path, after: is.path, changes: Vec::new() };
        super::accepts(&mut compare, &was.value.accepted, &is.value.accepted);
        signature(&mut compare, was.value, is.value);
        body_of(&mut compare, was.value, is.value);
        changes.append(&mut compare.changes);
    };
    for (key, was) in &old {
        match new.remove(key) {
            Some(is) => compare_two(was, &is, &mut changes),
            None => open.push((key, was)),
        }
    }
    for (key, was) in open {
        // The same name and version in another domain is the step, moved, when there is one only.
        let moved: Vec<Key> = new.keys().filter(|other| (&other.0, other.1) == (&key.0, key.1)).cloned().collect();
        match moved.as_slice() {
            [to] => {
                let Some(is) = new.remove(to) else { continue };
                let word = |domain: &Option<String>| domain.as_ref().map_or_else(|| "none".to_owned(), |domain| format!("`{domain}`"));
                let message = format!("the domain is now {}, was {}", word(&to.2), word(&key.2));
                let mut change = Change::new(&I015, &item(is.value), "", message);
                change.before = Some(was.spot(was.value.name.range));
                change.after = Some(is.spot(is.value.name.range));
                changes.push(change);
                compare_two(was, &is, &mut changes);
            }
            _ => {
                let item = item(was.value);
                let mut change = Change::new(&I002, &item, "", format!("the step `{}` was removed", item.name));
                change.before = Some(was.spot(was.value.name.range));
                changes.push(change);
            }
        }
    }
    for (key, is) in &new {
        let item = item(is.value);
        let sibling = old.keys().find(|other| other.0 == key.0 && other.2 == key.2);
        let (rule, message): (&'static Rule, String) = match sibling {
            Some(_) => (&I016, format!("the step `{}` was added beside another version", item.name)),
            None => (&I001, format!("the step `{}` was added", item.name)),
        };
        let mut change = Change::new(rule, &item, "", message);
        change.after = Some(is.spot(is.value.name.range));
        changes.push(change);
    }
    changes
}

fn steps<'a>(features: &Features<'a>) -> BTreeMap<Key, Placed<'a, StepDef>> {
    features.steps.iter().map(|(path, value)| (key(value), Placed { path, value: *value })).collect()
}

fn ty(ty: &ParamType) -> String {
    match ty {
        ParamType::Value(ty) => ty.to_string(),
        ParamType::Column(ty) => format!("column<{ty}>"),
        ParamType::Table(contract) => format!("table<{contract}>"),
    }
}

fn signature(compare: &mut Compare<'_>, old: &StepDef, new: &StepDef) {
    let find = |list: &'_ [Param], name: &str| list.iter().position(|param| param.name.value == name);
    for was in &old.params {
        let name = &was.name.value;
        let before = Some(was.name.range);
        let Some(is) = find(&new.params, name).and_then(|at| new.params.get(at)) else {
            compare.note(&I005, name, format!("the parameter `{name}` was removed"), before, None);
            continue;
        };
        let after = Some(is.name.range);
        if was.ty.value != is.ty.value {
            let message = format!("the parameter `{name}` is now `{}`, was `{}`", ty(&is.ty.value), ty(&was.ty.value));
            compare.note(&I006, name, message, Some(was.ty.range), Some(is.ty.range));
        }
        let default = |param: &Param| param.default.as_ref().map(|default| default.value.clone());
        match (default(was), default(is)) {
            (Some(old), Some(new)) if old != new && !same_number(&old, &new, &was.ty.value, &is.ty.value) => {
                compare.note(&I007, name, format!("the default of `{name}` is now `{new}`, was `{old}`"), before, after);
            }
            (Some(old), None) => {
                let message = format!("`{name}` has no default any more, had `{old}`");
                if let Some(change) = compare.note(&I007, name, message, before, after) {
                    (change.consumer, change.producer) = (Verdict::Compatible, Verdict::Breaking);
                }
            }
            (None, Some(new)) => {
                compare.note(&I003, name, format!("the parameter `{name}` has the default `{new}` now"), before, after);
            }
            _ => {}
        }
    }
    for is in new.params.iter().filter(|is| find(&old.params, &is.name.value).is_none()) {
        let name = &is.name.value;
        let (rule, message): (&'static Rule, String) = match &is.default {
            Some(default) => (&I003, format!("the parameter `{name}` was added, with the default `{}`", default.value)),
            None => (&I004, format!("the parameter `{name}` was added, without a default")),
        };
        compare.note(rule, name, message, None, Some(is.name.range));
    }
    columns(compare, &old.needs, &new.needs, "needs", [&I008, &I009, &I010]);
    columns(compare, &old.gives, &new.gives, "gives", [&I011, &I012, &I013]);
    let shape = |def: &StepDef| step_entry("", def).shape;
    if shape(old) != shape(new) {
        let word = |shape| if shape == StepShape::Set { "a `select`" } else { "row-level" };
        let message = format!("the step is now {}, was {}", word(shape(new)), word(shape(old)));
        compare.note(&I014, "", message, Some(old.name.range), Some(new.name.range));
    }
}

/// Whether two defaults are one number, for a parameter that is a number in both versions.
fn same_number(old: &str, new: &str, was: &ParamType, is: &ParamType) -> bool {
    let numeric = |ty: &ParamType| matches!(ty, ParamType::Value(ty) if ty.is_numeric());
    numeric(was) && numeric(is) && compare_numbers(old, new).is_some_and(std::cmp::Ordering::is_eq)
}

type Columns = [(Spanned<String>, Spanned<DataType>)];

fn columns(compare: &mut Compare<'_>, old: &Columns, new: &Columns, verb: &str, [added, removed, retyped]: [&'static Rule; 3]) {
    for (name, was) in old {
        let before = Some(name.range.cover(was.range));
        match new.iter().find(|(other, _)| other.value == name.value) {
            None => {
                compare.note(removed, &name.value, format!("it {verb} `{}` no more", name.value), before, None);
            }
            Some((new_name, is)) if is.value != was.value => {
                let message = format!("it {verb} `{}` as `{}`, was `{}`", name.value, is.value, was.value);
                compare.note(retyped, &name.value, message, before, Some(new_name.range.cover(is.range)));
            }
            Some(_) => {}
        }
    }
    for (name, is) in new.iter().filter(|(name, _)| !old.iter().any(|(other, _)| other.value == name.value)) {
        let message = format!("it now {verb} `{} {}`", name.value, is.value);
        compare.note(added, &name.value, message, None, Some(name.range.cover(is.range)));
    }
}

/// The body over what the signature says: a parameter is a column of its own that may hold any value of its type, so
/// what is equal for it is equal for every use.
fn body_of(compare: &mut Compare<'_>, old: &StepDef, new: &StepDef) {
    let (was, is) = (stand(old), stand(new));
    let bindings: Bindings =
        was.1.iter().chain(is.1.iter().filter(|(name, _)| !was.1.iter().any(|(other, _)| other == name))).cloned().collect();
    let input = Place { before: Some(was.0.clone()), after: Some(is.0.clone()), bindings: bindings.clone() };
    let gives = |def: &StepDef| {
        let column =
            |(name, ty): &(Spanned<String>, Spanned<DataType>)| Column { name: name.value.clone(), ty: ty.value.clone(), nullable: true };
        Schema { columns: def.gives.iter().map(column).collect() }
    };
    let output = Place { before: Some(gives(old)), after: Some(gives(new)), bindings };
    let has_tables = |def: &StepDef| def.params.iter().any(|param| matches!(param.ty.value, ParamType::Table(_)));
    // What a table hands over is its contract's to say, which this comparison does not see.
    let views = |def: &StepDef, schema: Schema| -> Option<Views> { (!has_tables(def)).then(|| vec![("input".to_owned(), schema)]) };
    let ground = Ground { input, views: (views(old, was.0), views(new, is.0)), output, ..Ground::default() };
    body::compare(compare, "", &old.body, &new.body, &ground);
    body::on_fail(compare, "", (old.on_fail.as_ref(), old.name.range), (new.on_fail.as_ref(), new.name.range));
    verify::examples(compare, &old.examples, &new.examples);
}

/// The columns that a body sees, and what its parameters stand for.
fn stand(def: &StepDef) -> (Schema, Bindings) {
    let mut columns: Vec<Column> = Vec::new();
    let mut bindings = Bindings::new();
    for param in &def.params {
        let name = format!("${}", param.name.value);
        match &param.ty.value {
            ParamType::Value(ty) | ParamType::Column(ty) => {
                columns.push(Column { name: name.clone(), ty: ty.clone(), nullable: true });
                bindings.push((param.name.value.clone(), Binding::Column(name)));
            }
            ParamType::Table(_) => bindings.push((param.name.value.clone(), Binding::Table(name))),
        }
    }
    for (name, ty) in &def.needs {
        columns.push(Column { name: name.value.clone(), ty: ty.value.clone(), nullable: true });
    }
    (Schema { columns }, bindings)
}
