//! Salsa: inputs, summaries and the queries between files.
//!
//! ```text
//! File { text LOW } ──► model ──► summary ─┐ compared by the workspace; only a difference makes a new
//!                         │                ▼ World { index MEDIUM, environment, herds }
//!                         └────► check ◄── contract(name), steps(name)
//! ```
//!
//! The invariant: a query about one file reads other files only through `contract(name)` and
//! `steps(name)`, which read the index, which holds summaries. So an edit of a body re-runs
//! `model`, `summary` and `check` of its own file, and an edit of a signature also re-runs the
//! checks of the files that looked up that very name. Diagnostics are part of the values.

mod inputs;
mod lookup;
mod stats;

pub use inputs::{File, World};
pub use lookup::Dependency;
pub use stats::{Counters, Counts};

use crate::check::{Checked, ContractEntry, StepEntry, check_contract, check_feature};
use crate::diagnostic::{At, Diagnostic};
use crate::diagnostics::syntax::{UNCLOSED_BRACKET, UNCLOSED_QUOTE};
use crate::diagnostics::types::SQL_SYNTAX;
use crate::lower;
use crate::model::{ContractFile, FeatureFile, Spans};
use crate::sql::SqlEngine;
use crate::syntax::{FileKind, parse};
use crate::workspace::index::{Index, Space};
use crate::workspace::summary::Summary;
use crate::workspace::{Environment, Herd};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// The herds of the workspace by name.
pub type Herds = BTreeMap<String, Arc<Herd>>;

#[salsa::interned]
struct Name<'db> {
    text: String,
}

/// What the queries need besides salsa.
#[salsa::db]
pub trait Db: salsa::Database {
    /// Types SQL. `None` until somebody needed it.
    fn engine(&self) -> Option<&dyn SqlEngine>;
    /// Counts what ran.
    fn counters(&self) -> &Counters;
}

/// The database of one workspace.
#[salsa::db]
#[derive(Clone, Default)]
pub struct Database {
    storage: salsa::Storage<Self>,
    engine: Arc<OnceLock<Arc<dyn SqlEngine>>>,
    counters: Arc<Counters>,
}

#[salsa::db]
impl salsa::Database for Database {}

#[salsa::db]
impl Db for Database {
    fn engine(&self) -> Option<&dyn SqlEngine> {
        self.engine.get().map(AsRef::as_ref)
    }

    fn counters(&self) -> &Counters {
        &self.counters
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("counts", &self.counters.read()).finish_non_exhaustive()
    }
}

impl Database {
    /// Makes sure that there is an engine; `make` runs at most once in the life of the database.
    pub fn engine_or(&self, make: impl FnOnce() -> Arc<dyn SqlEngine>) -> Arc<dyn SqlEngine> {
        Arc::clone(self.engine.get_or_init(make))
    }

    /// What ran so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counters.read()
    }
}

/// What one file says, and what is wrong with it alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// The file's items.
    pub items: Items,
    /// Problems of syntax and of lowering.
    pub diagnostics: Vec<Diagnostic>,
}

/// The items of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Items {
    /// Of a `.contract` file.
    Contracts(ContractFile),
    /// Of a `.dsl` file.
    Feature(FeatureFile),
}

impl Items {
    /// Where the file's items stand.
    #[must_use]
    pub fn spans(&self) -> &Spans {
        match self {
            Self::Contracts(file) => &file.spans,
            Self::Feature(file) => &file.spans,
        }
    }
}

/// Reads one text. Pure; the queries and those who need a file only once share it.
#[must_use]
pub fn read_model(path: &str, kind: FileKind, text: &str) -> Model {
    let tree = parse(text, kind);
    match kind {
        FileKind::Contract => {
            let (file, diagnostics) = lower::contracts(path, &tree);
            Model { items: Items::Contracts(file), diagnostics }
        }
        FileKind::Feature => {
            let (file, diagnostics) = lower::feature(path, &tree);
            Model { items: Items::Feature(file), diagnostics }
        }
    }
}

/// The file's model. Not compared: an edit nearly always changes it, and what others see is compared in [`summary`].
#[salsa::tracked(no_eq)]
pub fn model(db: &dyn Db, file: File) -> Arc<Model> {
    db.counters().parsed();
    Arc::new(read_model(file.path(db), file.kind(db), file.text(db)))
}

/// What other files may know of this one.
#[salsa::tracked]
pub fn summary(db: &dyn Db, file: File) -> Arc<Summary> {
    db.counters().summarised();
    Arc::new(match &model(db, file).items {
        Items::Contracts(contracts) => Summary::of_contracts(contracts),
        Items::Feature(feature) => Summary::of_feature(file.path(db), feature),
    })
}

/// What a check of one file found, and what it asked about other files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileCheck {
    /// Problems, requirements and facts; places in other files are names of items.
    pub checked: Checked,
    /// Every question whose answer could change this result, sorted.
    pub dependencies: Vec<Dependency>,
}

/// Checks one file. Without an engine only the file's own problems are known.
#[salsa::tracked]
pub fn check(db: &dyn Db, file: File) -> Arc<FileCheck> {
    db.counters().checked();
    let path: &str = file.path(db);
    let model = model(db, file);
    let Some(engine) = db.engine() else {
        let checked = Checked { diagnostics: model.diagnostics.clone(), ..Checked::default() };
        return Arc::new(FileCheck { checked, dependencies: Vec::new() });
    };
    let lookup = lookup::DbLookup::new(db);
    let mut checked = match &model.items {
        Items::Contracts(contracts) => Checked { diagnostics: check_contract(path, contracts, &lookup, engine), ..Checked::default() },
        Items::Feature(feature) => check_feature(path, feature, &lookup, engine),
    };
    checked.diagnostics.retain(|found| !follows_from_reading(found, &model.diagnostics, file.text(db)));
    checked.diagnostics.extend(model.diagnostics.iter().cloned());
    Arc::new(FileCheck { checked, dependencies: lookup.into_dependencies() })
}

/// Whether SQL does not parse because of a quote or a bracket above it, in the same body, that was reported already.
fn follows_from_reading(found: &Diagnostic, read: &[Diagnostic], text: &str) -> bool {
    let start = |diagnostic: &Diagnostic| match diagnostic.place.at {
        At::Range(range) => Some(usize::from(range.start())),
        At::Item(_) | At::File => None,
    };
    let Some(at) = start(found).filter(|_| found.code == SQL_SYNTAX.id) else { return false };
    let causes = read.iter().filter(|cause| cause.code == UNCLOSED_QUOTE.id || cause.code == UNCLOSED_BRACKET.id).filter_map(start);
    causes.filter_map(|cause| text.get(cause..at)).any(|between| between.lines().skip(1).all(|line| !line.trim_start().starts_with('@')))
}

/// The contract of this name: the first by path, when there are several.
#[salsa::tracked]
fn contract<'db>(db: &'db dyn Db, name: Name<'db>) -> Option<ContractEntry> {
    World::get(db).index(db).contract(name.text(db))
}

/// Every reusable step of this name, by path and order in the file.
#[salsa::tracked]
fn steps<'db>(db: &'db dyn Db, name: Name<'db>) -> Vec<Arc<StepEntry>> {
    World::get(db).index(db).steps(name.text(db))
}

/// Every name of a kind, sorted.
#[salsa::tracked]
fn contract_names(db: &dyn Db) -> Vec<String> {
    World::get(db).index(db).names(Space::Contract)
}

/// Every step's name, sorted.
#[salsa::tracked]
fn step_names(db: &dyn Db) -> Vec<String> {
    World::get(db).index(db).names(Space::Step)
}

/// The shared inputs, made or set; what is equal is not set, because a set always counts as a change.
pub fn set_world(db: &mut Database, index: &Arc<Index>, environment: &Arc<Environment>, herds: &Arc<Herds>) {
    use salsa::{Durability, Setter};
    let Some(world) = World::try_get(db) else {
        let _ = World::builder(Arc::clone(index), Arc::clone(environment), Arc::clone(herds)).durability(Durability::MEDIUM).new(db);
        return;
    };
    if !Arc::ptr_eq(world.index(db), index) {
        world.set_index(db).with_durability(Durability::MEDIUM).to(Arc::clone(index));
    }
    if world.environment(db) != environment {
        world.set_environment(db).with_durability(Durability::MEDIUM).to(Arc::clone(environment));
    }
    if world.herds(db) != herds {
        world.set_herds(db).with_durability(Durability::MEDIUM).to(Arc::clone(herds));
    }
}

/// A new file.
#[must_use]
pub fn add_file(db: &Database, path: &Arc<str>, kind: FileKind, text: Arc<str>) -> File {
    use salsa::Durability;
    File::builder(Arc::clone(path), kind, text)
        .path_durability(Durability::NEVER_CHANGE)
        .kind_durability(Durability::NEVER_CHANGE)
        .text_durability(Durability::LOW)
        .new(db)
}

/// Gives a file another text, when it is another one.
pub fn set_text(db: &mut Database, file: File, text: Arc<str>) {
    use salsa::Setter;
    if *file.text(db) != text {
        file.set_text(db).to(text);
    }
}
