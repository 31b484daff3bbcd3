//! The checks' view of other files, through queries, with a record of what was asked.

use super::{Db, Name, World, contract, contract_names, step_names, steps};
use crate::check::{ContractEntry, Lookup, StepEntry, StepKey};
use crate::model::StepDef;
use crate::workspace::{Environment, Herd};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// A question about other files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dependency {
    /// The contract of this name.
    Contract(String),
    /// The steps of this name.
    Steps(String),
    /// All contracts' names.
    ContractNames,
    /// All steps' names.
    StepNames,
}

pub(super) struct DbLookup<'db> {
    db: &'db dyn Db,
    world: World,
    asked: Mutex<BTreeSet<Dependency>>,
}

impl<'db> DbLookup<'db> {
    pub(super) fn new(db: &'db dyn Db) -> Self {
        Self { db, world: World::get(db), asked: Mutex::default() }
    }

    pub(super) fn into_dependencies(self) -> Vec<Dependency> {
        self.asked.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().collect()
    }

    fn ask(&self, dependency: Dependency) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(dependency);
    }
}

impl Lookup for DbLookup<'_> {
    fn contract(&self, name: &str) -> Option<ContractEntry> {
        self.ask(Dependency::Contract(name.to_owned()));
        contract(self.db, Name::new(self.db, name)).clone()
    }

    fn contract_names(&self) -> Vec<String> {
        self.ask(Dependency::ContractNames);
        contract_names(self.db).clone()
    }

    fn steps(&self, name: &str) -> Vec<Arc<StepEntry>> {
        self.ask(Dependency::Steps(name.to_owned()));
        steps(self.db, Name::new(self.db, name)).clone()
    }

    fn step_names(&self) -> Vec<String> {
        self.ask(Dependency::StepNames);
        step_names(self.db).clone()
    }

    fn step_body(&self, _key: &StepKey) -> Option<Arc<StepDef>> {
        // A check that could see bodies would be re-run by edits of them.
        None
    }

    fn environment(&self) -> &Environment {
        self.world.environment(self.db)
    }

    fn herd(&self, name: &str) -> Option<Arc<Herd>> {
        self.world.herds(self.db).get(name).cloned()
    }

    fn herd_names(&self) -> Vec<String> {
        self.world.herds(self.db).keys().cloned().collect()
    }
}
