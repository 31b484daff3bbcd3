//! Other workspaces of the same repository, as far as a change can reach them.
//!
//! What crosses the border between two workspaces is data: one writes a place and another one reads it. So the places of our own plans
//! are looked for in the workspaces that can name them, only the features that do are compiled, and what these write is looked for in
//! turn, in every workspace and in our own, until nothing new is found. Too many features may be taken, never too few: who is really
//! reached is for [`super::impact`] to say.

mod find;
mod unit;

use super::focus::Seeds;
use super::impact::Package;
use super::impact::place::Place;
use super::plans::{Making, VERSIONS};
use super::request::{Around, Pair};
use crate::diagnostic::Diagnostic;
use crate::diagnostics::history::{package_missing, search_ended, too_many_workspaces};
use crate::ir::{NodeKind, Pipeline};
use crate::sql::SqlEngine;
use crate::syntax::MAX_BYTES;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use unit::Unit;

/// Workspaces that one comparison opens on a side. Each costs a read of its features.
const MOST: usize = 256;

/// Bytes of a file of another workspace that is read. Ours are in the hands of whoever compares; these are not.
const LARGEST: usize = 8 * 1024 * 1024;

/// What is looked for beyond the border.
pub(super) struct Search<'a> {
    /// Both sides.
    pub(super) pair: &'a Pair,
    /// Which one.
    pub(super) side: usize,
    /// What our own plans were made for.
    pub(super) seeds: &'a Seeds,
    /// Our contracts that differ.
    pub(super) contracts: &'a BTreeSet<String>,
    /// Features that the comparison says to be broken.
    pub(super) broken: &'a BTreeSet<Arc<str>>,
    /// Makes the engine.
    pub(super) engine: &'a dyn Fn() -> Arc<dyn SqlEngine>,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Other workspaces with plans, by directory.
    pub(super) packages: Vec<Package>,
    /// Our own plans, when another workspace leads back to more of them.
    pub(super) own: Option<Vec<Pipeline>>,
    /// What could not be followed.
    pub(super) problems: Vec<Diagnostic>,
}

/// Places that somebody may share with us.
#[derive(Debug, Default)]
struct Wanted {
    /// Whose readers are looked for.
    read: Vec<Place>,
    /// Whose writers are looked for.
    written: Vec<Place>,
}

impl Wanted {
    fn is_empty(&self) -> bool {
        self.read.is_empty() && self.written.is_empty()
    }

    fn all(&self) -> impl Iterator<Item = &Place> {
        self.read.iter().chain(&self.written)
    }

    /// Where our own plans touch data.
    fn of(own: &[Pipeline], directory: &str, contracts: &BTreeSet<String>) -> Self {
        let mut wanted = Self::default();
        for pipeline in own {
            wanted.read.extend(pipeline.sinks.iter().filter_map(|sink| Place::new(directory, sink.connector.path())));
            for node in &pipeline.nodes {
                let NodeKind::Source(source) = &node.kind else { continue };
                let is_changed = source.contract.as_ref().is_some_and(|binding| contracts.contains(&binding.contract.name));
                if let Some(place) = Place::new(directory, source.connector.path()).filter(|_| is_changed) {
                    wanted.read.push(place.clone());
                    wanted.written.push(place);
                }
            }
        }
        wanted
    }
}

impl Search<'_> {
    fn making(&self, limit: usize) -> Making<'_> {
        Making { version: VERSIONS.get(self.side).copied().unwrap_or_default(), limit, engine: self.engine }
    }

    /// Follows our own plans of one side into the other workspaces of the repository.
    pub(super) fn run(&self, own: &[Pipeline]) -> Found {
        let mut found = Found::default();
        let side = if self.side == 0 { &self.pair.base } else { &self.pair.head };
        let Some((repository, around)) = self.pair.repository.as_ref().zip(self.pair.around.get(self.side)) else { return found };
        let here = repository.prefix();
        let wanted = Wanted::of(own, here, self.contracts);
        if wanted.is_empty() {
            return found;
        }
        let workspaces = around.workspaces();
        let packages = find::packages(&side.manifest, repository, &workspaces.directories);
        if !packages.missing.is_empty() {
            found.problems.push(package_missing(&packages.missing));
        }
        if workspaces.is_partial {
            found.problems.push(search_ended(self.making(LARGEST).version));
        }
        let mut others = workspaces.directories;
        others.remove(here);
        if others.is_empty() {
            return found;
        }
        let mut ours = Unit::own(side, here, self.seeds, own);
        let mut units = self.follow(around, here, others, &mut ours, wanted, &mut found.problems);
        found.own = ours.replaced();
        found.problems.extend(ours.all_problems());
        find::name(&mut units, &packages);
        for mut unit in units {
            found.problems.extend(unit.all_problems());
            if !unit.pipelines.is_empty() {
                found.packages.push(Package { name: unit.name, directory: unit.directory, pipelines: unit.pipelines });
            }
        }
        found
    }

    /// Looks for places, for those that the features found write, and so on. Gives the workspaces that were opened, by directory.
    fn follow(
        &self,
        around: &Around,
        here: &str,
        mut others: BTreeSet<String>,
        ours: &mut Unit,
        start: Wanted,
        problems: &mut Vec<Diagnostic>,
    ) -> Vec<Unit> {
        let (theirs, own) = (self.making(LARGEST), self.making(MAX_BYTES));
        let mut units: BTreeMap<String, Unit> = BTreeMap::new();
        let mut known: BTreeSet<String> = start.read.iter().map(|place| place.text().to_owned()).collect();
        let (mut wanted, mut is_first) = (start, true);
        while !wanted.is_empty() {
            let near: Vec<String> = others.iter().filter(|dir| wanted.all().any(|place| place.is_in_reach(dir))).cloned().collect();
            for directory in near {
                others.remove(&directory);
                if units.len() == MOST {
                    problems.push(too_many_workspaces(theirs.version, MOST));
                    others.clear();
                    break;
                }
                let unit = Unit::open(around.directory(&directory), &directory, here, theirs.version);
                units.insert(directory, unit);
            }
            let mut next = Vec::new();
            for unit in units.values_mut() {
                if unit.take(&wanted) {
                    unit.compile(theirs, &BTreeSet::new());
                    next.extend(unit.outputs(&mut known));
                }
            }
            // Our own features were chosen before; only what comes back to them is new.
            if !is_first && ours.take(&wanted) {
                ours.compile(own, self.broken);
                next.extend(ours.outputs(&mut known));
            }
            wanted = Wanted { read: next, written: Vec::new() };
            is_first = false;
        }
        units.into_values().collect()
    }
}
