//! A workspace on disk: its files, manifest, environments, herds, lock and check cache.
//!
//! [`Workspace`] is the way in. It finds what changed since last time (in this process, or in an
//! earlier one by the check cache), asks the queries of [`crate::db`] about that, and looks after
//! what no query may do: the disk, and rules that speak of all files at once.

mod cache;
mod codec;
mod compatibility;
pub mod files;
pub mod fix;
pub mod herd;
pub mod index;
mod links;
pub mod lock;
pub mod manifest;
mod pipelines;
mod report;
mod runnable;
mod scan;
pub mod summary;
mod tables;
mod verify;

pub use files::{FileTree, MemoryTree, WorkingCopy};
pub use herd::Herd;
pub use manifest::{Environment, Manifest, Rebind, SecretSource};
pub use report::{Promises, Report, Stats};
pub use runnable::Runnable;

use crate::check::{ContractEntry, ScenarioFacts};
use crate::db::{self, Counts, Database, Herds};
use crate::diagnostic::Diagnostic;
use crate::sql::SqlEngine;
use index::{Digest, Index};
use rayon::prelude::*;
use scan::FileState;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why a workspace could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No `Runi.toml` here or above.
    #[error("there is no `Runi.toml` in `{}` or above it", .0.display())]
    NotAWorkspace(PathBuf),
    /// The manifest does not know the environment.
    #[error("`Runi.toml` has no environment `{name}`; it has {}", known.join(", "))]
    UnknownEnvironment {
        /// As asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The disk said no.
    #[error("`{path}` cannot be read")]
    Io {
        /// What was read.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
}

/// A tree of files under one `Runi.toml`, in one environment.
#[derive(Debug)]
pub struct Workspace {
    tree: Arc<dyn FileTree>,
    environment_name: String,
    settings: Settings,
    db: Database,
    files: BTreeMap<Arc<str>, FileState>,
    index: Arc<Index>,
    /// Whether `index` lags behind the exports of `files`.
    index_is_stale: bool,
    /// Whether the exports are others than those that the checks in `files` were made with.
    exports_moved: bool,
    /// What the checks in `files` were made under.
    checked_world: Option<Digest>,
    /// The engine's version that they were made with; empty when there were none.
    checked_engine: String,
    cache_loaded: bool,
}

/// What `Runi.toml`, `Runi.lock` and the herds say.
#[derive(Debug, Default)]
struct Settings {
    text: Arc<str>,
    reading: manifest::Reading,
    lock: Vec<Diagnostic>,
    environment: Arc<Environment>,
    herds: Arc<Herds>,
}

impl Workspace {
    /// Opens the workspace of a directory: the nearest `Runi.toml` at or above it. Without `environment`, `dev`.
    ///
    /// # Errors
    /// When there is no `Runi.toml`, it cannot be read, or it has no such environment. What is wrong *inside* it is a diagnostic of [`Self::check`].
    pub fn open(dir: &Path, environment: Option<&str>) -> Result<Self, OpenError> {
        let root = WorkingCopy::find(dir).ok_or_else(|| OpenError::NotAWorkspace(dir.to_path_buf()))?;
        Self::with_tree(Arc::new(WorkingCopy::new(root)), environment)
    }

    /// Opens a workspace over any tree of files.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn with_tree(tree: Arc<dyn FileTree>, environment: Option<&str>) -> Result<Self, OpenError> {
        let mut workspace = Self {
            tree,
            environment_name: environment.unwrap_or(manifest::DEFAULT_ENVIRONMENT).to_owned(),
            settings: Settings::default(),
            db: Database::default(),
            files: BTreeMap::new(),
            index: Arc::default(),
            index_is_stale: true,
            exports_moved: false,
            checked_world: None,
            checked_engine: String::new(),
            cache_loaded: false,
        };
        workspace.refresh_settings()?;
        Ok(workspace)
    }

    /// The workspace's directory, when it is one on disk.
    #[must_use]
    pub fn root(&self) -> Option<&Path> {
        self.tree.disk_root()
    }

    /// What `Runi.toml` says.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.settings.reading.manifest
    }

    /// The chosen environment.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.settings.environment
    }

    /// Every herd by name; known after the first [`Self::check`].
    #[must_use]
    pub fn herds(&self) -> &BTreeMap<String, Arc<Herd>> {
        &self.settings.herds
    }

    /// The tree behind the workspace.
    #[must_use]
    pub fn tree(&self) -> &Arc<dyn FileTree> {
        &self.tree
    }

    /// Every contract, by name; known after the first [`Self::check`].
    #[must_use]
    pub fn contracts(&self) -> Vec<ContractEntry> {
        self.index.names(index::Space::Contract).iter().filter_map(|name| self.index.contract(name)).collect()
    }

    /// Facts of every scenario with the path of its file, by path and order; known after the first [`Self::check`].
    pub fn scenarios(&self) -> impl Iterator<Item = (&str, &ScenarioFacts)> {
        self.files.iter().flat_map(|(path, file)| file.check.checked.scenarios.iter().map(move |facts| (path.as_ref(), facts)))
    }

    /// Every file that the compiler reads, by path; known after the first [`Self::check`].
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(AsRef::as_ref)
    }

    /// The text of a file, as it was checked.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<Arc<str>> {
        if path == manifest::FILE {
            return Some(Arc::clone(&self.settings.text));
        }
        match self.files.get(path).and_then(|file| file.input) {
            Some(input) => Some(Arc::clone(input.text(&self.db))),
            None => Some(String::from_utf8_lossy(&self.tree.read(path).ok()?).into()),
        }
    }

    /// What ran in this process so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.db.counts()
    }

    /// Checks everything: looks at the disk, re-checks what a change could reach, and returns every problem of every file.
    ///
    /// `engine` is called at most once in the life of the workspace, and only if some file must be checked.
    ///
    /// # Errors
    /// When the tree cannot be listed or the manifest has gone. Problems inside files are part of the report.
    pub fn check(&mut self, engine: impl FnOnce() -> Arc<dyn SqlEngine>) -> Result<Report, OpenError> {
        let before = self.db.counts();
        self.refresh_settings()?;
        let scanned = self.scan()?;
        let world = self.world_key();
        let same_world = self.checked_world == Some(world);
        let moved = std::mem::take(&mut self.exports_moved);
        self.rebuild_index();
        db::set_world(&mut self.db, &self.index, &self.settings.environment, &self.settings.herds);

        let mut due = self.due(&scanned.changed, same_world, moved);
        let mut checked_anything = false;
        if !due.is_empty() {
            let version = self.db.engine_or(engine).version();
            if version != self.checked_engine {
                due = self.grammar_files().collect();
                self.checked_engine = version;
            }
            // Until every due file was checked, nothing may be taken for known.
            self.checked_world = None;
            self.check_files(&due)?;
            checked_anything = true;
        }
        self.checked_world = Some(world);
        if checked_anything || scanned.worth_storing || !same_world {
            self.store_cache();
        }
        let counts = self.db.counts().since(before);
        Ok(self.report(counts))
    }

    /// The files that must be asked about.
    fn due(&self, changed: &[Arc<str>], same_world: bool, exports_moved: bool) -> Vec<Arc<str>> {
        if !same_world {
            return self.grammar_files().collect();
        }
        let mut due: Vec<Arc<str>> = changed.to_vec();
        if exports_moved {
            due.extend(self.files.iter().filter(|(_, file)| !self.answers_hold(file)).map(|(path, _)| Arc::clone(path)));
            due.sort_unstable();
            due.dedup();
        }
        due
    }

    /// Whether every answer that a check was given would be given again.
    fn answers_hold(&self, file: &FileState) -> bool {
        file.check.dependencies.iter().zip(file.answers.iter()).all(|(question, answer)| self.index.answer(question) == *answer)
    }

    fn grammar_files(&self) -> impl Iterator<Item = Arc<str>> {
        self.files.iter().filter(|(_, file)| file.is_readable()).map(|(path, _)| Arc::clone(path))
    }

    /// Asks the database about these files, in parallel.
    fn check_files(&mut self, due: &[Arc<str>]) -> Result<(), OpenError> {
        let mut inputs = Vec::with_capacity(due.len());
        for path in due {
            if let Some(input) = self.input(path)? {
                inputs.push((Arc::clone(path), input));
            }
        }
        let index = &self.index;
        let results: Vec<_> = inputs
            .into_par_iter()
            .map_with(self.db.clone(), |db, (path, input)| {
                let check = Arc::clone(db::check(db, input));
                let answers: Arc<[Digest]> = check.dependencies.iter().map(|question| index.answer(question)).collect();
                (path, check, answers)
            })
            .collect();
        for (path, check, answers) in results {
            if let Some(file) = self.files.get_mut(&path) {
                (file.check, file.answers) = (check, answers);
            }
        }
        Ok(())
    }

    fn rebuild_index(&mut self) {
        if !self.index_is_stale {
            return;
        }
        let indexed = |(path, file): (&Arc<str>, &FileState)| index::IndexedFile {
            path: Arc::clone(path),
            exports: Arc::clone(&file.exports),
            summary: file.summary.clone(),
        };
        self.index = Arc::new(Index::new(self.files.iter().map(indexed).collect()));
        self.index_is_stale = false;
    }

    /// Notes that some file shows others something else than before.
    fn exports_move(&mut self) {
        (self.index_is_stale, self.exports_moved) = (true, true);
    }

    /// A digest of what every check depends on.
    fn world_key(&self) -> Digest {
        let mut hasher = blake3::Hasher::new();
        let settings = &self.settings;
        let herds: BTreeMap<&String, &Herd> = settings.herds.iter().map(|(name, herd)| (name, herd.as_ref())).collect();
        let world = (&settings.environment, herds, &self.manifest().edition);
        hasher.update(&serde_json::to_vec(&world).unwrap_or_default());
        cache::digest(&hasher)
    }
}
