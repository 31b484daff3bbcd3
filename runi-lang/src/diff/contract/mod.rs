//! Two versions of a contract, compared by meaning.
//!
//! A field's identity is its name, and a rename is one that was declared. Layout, comments, the order of tags and rewrites that mean
//! the same are no change. Each change names both values, the columns whose readers it reaches, and what data could say of it.

mod bounds;
mod conditions;
mod constraints;
mod fields;
mod governance;
mod keys;
mod pattern;
mod policies;
mod quality;
mod types;
mod whole;
mod within;

pub(super) use bounds::compare_numbers;
pub(super) use whole::{promise, shown};
pub(super) use within::part;

use super::change::{Change, Item, ItemKind, Question, Spot};
use super::rule::{Rule, Verdict};
use super::rules;
use crate::model::{Contract, Spans};
use crate::sql::SqlEngine;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Makes the engine that knows what SQL means. It is called only when the words of two conditions differ.
pub type MakeEngine<'a> = &'a dyn Fn() -> Arc<dyn SqlEngine>;

/// One version of a contract, and where its parts stand.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// What it says.
    pub contract: &'a Contract,
    /// Its file: workspace-relative, with `/`. Empty where it has none.
    pub path: &'a str,
    /// Where its parts stand in that file; without them changes have no places.
    pub spans: Option<&'a Spans>,
}

impl<'a> Side<'a> {
    /// A version that stands in a file.
    #[must_use]
    pub fn new(contract: &'a Contract, path: &'a str, spans: &'a Spans) -> Self {
        Self { contract, path, spans: Some(spans) }
    }

    /// A version that stands nowhere.
    #[must_use]
    pub fn bare(contract: &'a Contract) -> Self {
        Self { contract, path: "", spans: None }
    }

    /// The place of a part, by its key below the contract's name; the name's own for an empty key.
    fn spot(&self, key: &str) -> Option<Spot> {
        let name = &self.contract.name;
        let key = if key.is_empty() { name.clone() } else { format!("{name}/{key}") };
        let range = self.spans?.get(&key)?;
        Some(Spot { path: self.path.to_owned(), range })
    }
}

/// Everything that differs between two versions of a contract, by meaning. Places are left out.
#[must_use]
pub fn compare(old: &Contract, new: &Contract, engine: MakeEngine<'_>) -> Vec<Change> {
    compare_sides(&Side::bare(old), &Side::bare(new), engine)
}

/// Everything that differs between two versions of a contract, by meaning, each with its places.
#[must_use]
pub fn compare_sides(old: &Side<'_>, new: &Side<'_>, engine: MakeEngine<'_>) -> Vec<Change> {
    let mut cx = Comparison::new(*old, *new, engine);
    whole::compare(&mut cx);
    fields::compare(&mut cx);
    keys::compare(&mut cx);
    quality::compare(&mut cx);
    cx.changes
}

/// A contract that only the new version has.
#[must_use]
pub fn added(new: &Side<'_>) -> Change {
    let item = item(new.contract);
    let mut change = Change::new(&rules::X004, &item, "", format!("contract `{}` is new", item.name));
    change.after = new.spot("");
    change
}

/// A contract that only the old version has.
#[must_use]
pub fn removed(old: &Side<'_>) -> Change {
    let item = item(old.contract);
    let mut change = Change::new(&rules::X001, &item, "", format!("contract `{}` is gone", item.name));
    change.before = old.spot("");
    change
}

fn item(contract: &Contract) -> Item {
    Item { kind: ItemKind::Contract, name: contract.name.clone() }
}

/// What a comparison knows and has found.
struct Comparison<'a> {
    old: Side<'a>,
    new: Side<'a>,
    engine: MakeEngine<'a>,
    item: Item,
    /// Old names of fields that have another name now, as declared.
    renamed: BTreeMap<String, String>,
    changes: Vec<Change>,
}

impl<'a> Comparison<'a> {
    fn new(old: Side<'a>, new: Side<'a>, engine: MakeEngine<'a>) -> Self {
        Self { old, new, engine, item: item(new.contract), renamed: renames(old.contract, new.contract), changes: Vec::new() }
    }

    /// Notes a change and hands it out for what only some changes have.
    fn say(&mut self, rule: &'static Rule, part: impl Into<String>, message: impl Into<String>) -> Said<'_, 'a> {
        self.changes.push(Change::new(rule, &self.item, part, message));
        let at = self.changes.len() - 1;
        Said { cx: self, at }
    }

    /// A key of today as the old version has it: below a field that was renamed, its earlier name.
    fn key_before(&self, key: &str) -> String {
        let mut parts = key.splitn(3, '/');
        if let (Some("field"), Some(name)) = (parts.next(), parts.next())
            && let Some((from, _)) = self.renamed.iter().find(|(_, to)| *to == name)
        {
            return parts.next().map_or_else(|| format!("field/{from}"), |rest| format!("field/{from}/{rest}"));
        }
        key.to_owned()
    }

    /// The name of today of a column of the old version.
    fn today<'n>(&'n self, column: &'n str) -> &'n str {
        self.renamed.get(column).map_or(column, String::as_str)
    }
}

/// A change that was just noted.
struct Said<'c, 'a> {
    cx: &'c mut Comparison<'a>,
    at: usize,
}

impl Said<'_, '_> {
    fn with(self, set: impl FnOnce(&mut Change)) -> Self {
        if let Some(change) = self.cx.changes.get_mut(self.at) {
            set(change);
        }
        self
    }

    /// Where it stood and stands, by keys below the contract's name; `None` where there is nothing.
    fn at(self, before: Option<&str>, after: Option<&str>) -> Self {
        let before = before.and_then(|key| self.cx.old.spot(key));
        let after = after.and_then(|key| self.cx.new.spot(key));
        self.with(|change| (change.before, change.after) = (before, after))
    }

    /// The same key on both sides, under each side's name of the field, or, where a side lacks it, the key that is always there.
    fn near(self, key: &str, fallback: &str) -> Self {
        let before = [key, fallback].iter().find_map(|key| self.cx.old.spot(&self.cx.key_before(key)));
        let after = self.cx.new.spot(key).or_else(|| self.cx.new.spot(fallback));
        self.with(|change| (change.before, change.after) = (before, after))
    }

    /// The verdicts of this case.
    fn case(self, consumer: Verdict, producer: Verdict) -> Self {
        self.with(|change| (change.consumer, change.producer) = (consumer, producer))
    }

    /// The columns whose readers are hit.
    fn columns<S: Into<String>>(self, columns: impl IntoIterator<Item = S>) -> Self {
        let columns = columns.into_iter().map(Into::into).collect();
        self.with(|change| change.columns = columns)
    }

    /// What data could say.
    fn ask(self, question: Option<Question>) -> Self {
        self.with(|change| change.question = question)
    }
}

/// Fields that have another name now: the new version says so, has the new name and not the old one, and the old version the reverse.
fn renames(old: &Contract, new: &Contract) -> BTreeMap<String, String> {
    new.renamed
        .iter()
        .filter(|renamed| {
            let was = old.field(&renamed.from).is_some() && new.field(&renamed.from).is_none();
            was && old.field(&renamed.to).is_none() && new.field(&renamed.to).is_some()
        })
        .map(|renamed| (renamed.from.clone(), renamed.to.clone()))
        .collect()
}

/// Names that a message lists in full; the places of both versions show them all.
const LISTED: usize = 8;

/// Names as prose: `a`, `b` and `c`, or so many and `13 more`.
fn listed<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> String {
    let mut names: Vec<String> = names.into_iter().map(|name| format!("`{}`", name.as_ref())).collect();
    if names.len() > LISTED {
        let more = names.split_off(LISTED - 1).len();
        names.push(format!("{more} more"));
    }
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => "nothing".to_owned(),
    }
}
