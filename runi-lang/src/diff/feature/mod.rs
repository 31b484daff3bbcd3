//! What differs between the features of two versions: scenarios and reusable steps, matched by name.
//!
//! A file that moved is no change, and neither is a rewrite that means the same (`meaning`). What differs is graded by
//! what it touches: logic, interface, verification, privacy, delivery.
//!
//! ```text
//! scenario    sources, steps, windows          body     guards, actions and promises of a step
//! interface   signatures of reusable steps     verify   thresholds, assertions, alerts, goldens, examples
//! sinks       delivery                         privacy  labelled columns, from the plans of both versions
//! meaning     whether two texts of SQL mean the same
//! ```

mod body;
mod interface;
mod meaning;
mod privacy;
mod scenario;
mod sinks;
mod verify;

pub(super) use privacy::{another_key, weaker};
pub(super) use scenario::{source_name, step_name as stage_name};
pub(super) use sinks::name as sink_name;

use super::change::{Change, Item, ItemKind, Spot};
use super::contract::shown;
use super::rule::Rule;
use super::rules::{W001, W002, X007};
use crate::check::slug;
use crate::diagnostic::TextRange;
use crate::ir::Pipeline;
use crate::model::{Accept, FeatureFile, Scenario, Spanned, StepDef};
use crate::sql::SqlEngine;
use std::collections::BTreeMap;

/// The features of one version, as far as they may differ from those of the other.
///
/// A scenario or step must be among those of both sides, or of neither, unless it was added or removed; so what is equal
/// on both sides may be left out of both. Pipelines make equivalent rewrites and privacy visible: a scenario without one
/// is compared by its text alone, and its outputs are not followed.
#[derive(Debug, Clone, Default)]
pub struct Features<'a> {
    /// Scenarios, each with the path of its file.
    pub scenarios: Vec<(&'a str, &'a Scenario)>,
    /// Reusable steps, each with the path of its file.
    pub steps: Vec<(&'a str, &'a StepDef)>,
    /// Plans of the scenarios, in one environment.
    pub pipelines: &'a [Pipeline],
}

impl<'a> Features<'a> {
    /// Everything that these files say, by path.
    #[must_use]
    pub fn of_files(files: &[(&'a str, &'a FeatureFile)], pipelines: &'a [Pipeline]) -> Self {
        let scenarios = files.iter().flat_map(|(path, file)| file.scenarios.iter().map(move |scenario| (*path, scenario)));
        let steps = files.iter().flat_map(|(path, file)| file.steps.iter().map(move |step| (*path, step)));
        Self { scenarios: scenarios.collect(), steps: steps.collect(), pipelines }
    }
}

/// A scenario and the file that says it.
#[derive(Debug, Clone, Copy)]
struct Placed<'a, T> {
    path: &'a str,
    value: &'a T,
}

impl<T> Placed<'_, T> {
    fn spot(&self, range: TextRange) -> Spot {
        Spot { path: self.path.to_owned(), range }
    }
}

/// One comparison of two items: what both sides share, and the changes found so far.
struct Compare<'a> {
    engine: &'a dyn SqlEngine,
    item: Item,
    before: &'a str,
    after: &'a str,
    changes: Vec<Change>,
}

impl Compare<'_> {
    /// Notes a change; a range is where it stands on that side.
    fn note(
        &mut self,
        rule: &'static Rule,
        part: &str,
        message: String,
        before: Option<TextRange>,
        after: Option<TextRange>,
    ) -> Option<&mut Change> {
        let mut change = Change::new(rule, &self.item, part, message);
        change.before = before.map(|range| Spot { path: self.before.to_owned(), range });
        change.after = after.map(|range| Spot { path: self.after.to_owned(), range });
        self.changes.push(change);
        self.changes.last_mut()
    }
}

/// Every change from `before` to `after`, by item.
#[must_use]
pub fn compare(before: &Features<'_>, after: &Features<'_>, engine: &dyn SqlEngine) -> Vec<Change> {
    let mut changes = Vec::new();
    let (old, new) = (scenarios(before), scenarios(after));
    for (slug, was) in &old {
        let item = Item { kind: ItemKind::Scenario, name: was.value.name.value.clone() };
        match new.get(slug) {
            Some(is) => {
                let item = Item { name: is.value.name.value.clone(), ..item };
                let mut compare = Compare { engine, item, before: was.path, after: is.path, changes: Vec::new() };
                let plans = (plan(before, slug), plan(after, slug));
                scenario::compare(&mut compare, was.value, is.value, plans);
                changes.append(&mut compare.changes);
            }
            None => {
                let mut change = Change::new(&W002, &item, "", format!("the scenario \"{}\" was removed", item.name));
                change.before = Some(was.spot(was.value.name.range));
                changes.push(change);
            }
        }
    }
    for (slug, is) in new.iter().filter(|(slug, _)| !old.contains_key(*slug)) {
        let item = Item { kind: ItemKind::Scenario, name: is.value.name.value.clone() };
        let mut change = Change::new(&W001, &item, "", format!("the scenario \"{}\" was added", item.name));
        change.after = Some(is.spot(is.value.name.range));
        changes.push(change);
        let mut compare = Compare { engine, item, before: is.path, after: is.path, changes: Vec::new() };
        accepts(&mut compare, &[], &is.value.accepted);
        privacy::compare(&mut compare, None, plan(after, slug), None, is.value);
        changes.append(&mut compare.changes);
    }
    changes.extend(interface::compare(before, after, engine));
    changes
}

/// Acceptances that came or went above a scenario or step.
fn accepts(compare: &mut Compare<'_>, old: &[Spanned<Accept>], new: &[Spanned<Accept>]) {
    let part = |accept: &Accept| accept.on.clone().unwrap_or_default();
    let has = |list: &[Spanned<Accept>], accept: &Accept| list.iter().any(|other| other.value == *accept);
    for accept in new.iter().filter(|accept| !has(old, &accept.value)) {
        compare.note(&X007, &part(&accept.value), format!("accepts {}", shown(&accept.value)), None, Some(accept.range));
    }
    for accept in old.iter().filter(|accept| !has(new, &accept.value)) {
        compare.note(&X007, &part(&accept.value), format!("accepts no longer {}", shown(&accept.value)), Some(accept.range), None);
    }
}

/// Scenarios by slug, which is what makes them unique in a workspace.
fn scenarios<'a>(features: &Features<'a>) -> BTreeMap<String, Placed<'a, Scenario>> {
    features.scenarios.iter().map(|(path, value)| (slug(&value.name.value), Placed { path, value: *value })).collect()
}

fn plan<'a>(features: &Features<'a>, slug: &str) -> Option<&'a Pipeline> {
    features.pipelines.iter().find(|pipeline| pipeline.slug == slug)
}

/// The words of a text. What stands between quotes is part of one word, its blanks included; line ends in it are written as `\n`.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quote) = (String::new(), None);
    for c in text.chars() {
        match (c, quote) {
            ('\n', Some(_)) => word.push_str("\\n"),
            (c, None) if c.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            (c, _) => {
                word.push(c);
                quote = match quote {
                    None => Some(c).filter(|c| matches!(c, '\'' | '"')),
                    Some(open) => Some(open).filter(|open| *open != c),
                };
            }
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// A text on one line and not too long for a message.
fn brief(text: &str) -> String {
    const LONGEST: usize = 80;
    let line = words(text).join(" ");
    if line.chars().count() <= LONGEST {
        return line;
    }
    let mut cut: String = line.chars().take(LONGEST - 1).collect();
    cut.push('…');
    cut
}
