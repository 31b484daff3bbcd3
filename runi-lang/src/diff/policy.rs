//! Who judges: the `[compatibility]` of the old version, and what the new version makes looser there.

use super::change::{Change, Item, ItemKind, Spot};
use super::contract;
use super::judge::Settings;
use super::request::{Around, Pair};
use super::rule::Level;
use super::rule::Verdict::{Breaking, Compatible, Review};
use super::rules::{self, X002, X003};
use super::side::Side;
use crate::diagnostic::{Place, TextRange, TextSize};
use crate::git::{CodeOwners, GitError};
use crate::model::{Accept, Compatibility};
use crate::workspace::manifest;
use std::cmp::Ordering;
use std::collections::BTreeSet;

impl Pair {
    /// What judges: the levels, the mode and the history of the old version, as a change does not loosen the rules by which it is
    /// judged; those of the new one where the old one has no `Runi.toml` yet.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        let side = if self.base.has_manifest { &self.base } else { &self.head };
        &side.manifest.compatibility
    }

    /// The workspace as an item.
    pub(super) fn workspace(&self) -> Item {
        Item { kind: ItemKind::Workspace, name: self.head.manifest.name.clone() }
    }
}

/// What the new `Runi.toml` changes of how later changes are judged.
pub(super) fn compare(pair: &Pair) -> Vec<Change> {
    if !(pair.base.has_manifest && pair.head.has_manifest) {
        return Vec::new();
    }
    let (old, new) = (&pair.base.manifest.compatibility, &pair.head.manifest.compatibility);
    let item = pair.workspace();
    let mut changes: Vec<Change> = promise(old, new, &item).into_iter().collect();
    changes.extend(levels(old, new, &item));
    for change in &mut changes {
        (change.before, change.after) = (spot(&pair.base), spot(&pair.head));
    }
    changes
}

fn promise(old: &Settings, new: &Settings, item: &Item) -> Option<Change> {
    let of = |settings: &Settings| {
        let plain = Compatibility::default();
        Compatibility { mode: settings.mode.clone().unwrap_or(plain.mode), history: settings.history.clone().unwrap_or(plain.history) }
    };
    let (was, is) = (of(old), of(new));
    let (rule, message, (consumer, producer)) = contract::promise(&was, &is)?;
    let part = if was.mode == is.mode { "history" } else { "default" };
    Some(Change { consumer, producer, ..Change::new(rule, item, part, format!("for contracts that do not say otherwise, {message}")) })
}

fn levels(old: &Settings, new: &Settings, item: &Item) -> Vec<Change> {
    let ids: BTreeSet<&String> = old.levels.keys().chain(new.levels.keys()).collect();
    let mut changes = Vec::new();
    for rule in ids.into_iter().filter_map(|id| rules::find(id)) {
        let own = [old, new].map(|settings| settings.levels.get(rule.id).copied());
        let [was, is] = own.map(|level| level.unwrap_or(rule.level));
        // A level that is written down holds for what breaks nobody, too.
        let strict = own.map(|level| level.is_some_and(|level| level > Level::Allow));
        let message = if was == is {
            format!(
                "the level `{}` of `{}` {}",
                word(is),
                rule.id,
                if strict[1] { "is now written down" } else { "is no longer written down" }
            )
        } else {
            format!("the level of `{}` is now `{}`, was `{}`", rule.id, word(is), word(was))
        };
        let (by, case) = match is.cmp(&was) {
            Ordering::Less if was == Level::Deny => (&X002, (Breaking, Breaking)),
            Ordering::Less => (&X002, (Review, Review)),
            Ordering::Greater => (&X003, (Compatible, Compatible)),
            Ordering::Equal if strict == [true, false] => (&X002, (Review, Review)),
            Ordering::Equal if strict == [false, true] => (&X003, (Compatible, Compatible)),
            Ordering::Equal => continue,
        };
        changes.push(Change { consumer: case.0, producer: case.1, ..Change::new(by, item, rule.id, message) });
    }
    changes
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Allow => "allow",
        Level::Warn => "warn",
        Level::Deny => "deny",
    }
}

/// Where `Runi.toml` begins to speak of comparisons; its beginning when it does not.
fn spot(side: &Side) -> Option<Spot> {
    let text = side.text.as_deref()?;
    let header = "[compatibility";
    let (start, len) = text.find(header).map_or((0, 0), |start| (start, header.len()));
    let at = |offset: usize| TextSize::new(u32::try_from(offset).unwrap_or_default());
    Some(Spot { path: manifest::FILE.to_owned(), range: TextRange::new(at(start), at(start + len)) })
}

/// What the new `Runi.toml` accepts of what it makes looser.
pub(super) fn accepted(pair: &Pair) -> Vec<(Accept, Place)> {
    let accepted = &pair.head.manifest.compatibility.accepted;
    accepted.iter().map(|accept| (accept.clone(), Place::file(manifest::FILE))).collect()
}

/// Who owns which file, as the old version has it: a change does not appoint its own approvers.
///
/// # Errors
/// When that cannot be read; nobody may take it for a file that has no owners.
pub(super) fn owners(pair: &Pair) -> Result<CodeOwners, GitError> {
    match &pair.around {
        [Around::Tree(tree), _] => tree.code_owners(),
        _ => Ok(CodeOwners::default()),
    }
}

/// The owners of a file that may have moved: those of where it was, else of where it is.
pub(super) fn owners_of(owners: &CodeOwners, paths: [Option<&str>; 2]) -> Vec<String> {
    let of = paths.into_iter().flatten().map(|path| owners.owners_of(path));
    of.into_iter().find(|owners| !owners.is_empty()).unwrap_or_default().to_vec()
}
