//! Finding what changed: the walk, the comparison by stat and by hash, and the inputs of the database.

use super::cache::{self, Cache, CachedFile};
use super::files::{Entry, FileTree, Role, Scope, Stat};
use super::index::{Digest, Export, LazySummary, exports};
use super::{OpenError, Settings, Workspace, herd, lock, manifest};
use crate::db::{self, File, FileCheck};
use crate::diagnostic::{Diagnostic, Place, TextRange};
use crate::diagnostics::syntax::file_too_large;
use crate::diagnostics::workspace as problems;
use crate::state;
use crate::syntax;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// A file that was modified less than this before it was looked at may be modified again within the same tick of the disk's clock.
const RACY_NS: u64 = 50_000_000;

/// What is known of one file.
#[derive(Debug)]
pub(super) struct FileState {
    pub(super) role: Role,
    /// The stat of the content below; `None` when it must not be trusted.
    stat: Option<Stat>,
    hash: [u8; 32],
    /// Why there is no text.
    pub(super) unreadable: Option<Diagnostic>,
    /// The file in the database, once its text was needed.
    pub(super) input: Option<File>,
    pub(super) exports: Arc<[Export]>,
    pub(super) summary: LazySummary,
    pub(super) check: Arc<FileCheck>,
    pub(super) answers: Arc<[Digest]>,
    /// Of a herd.
    pub(super) herd: Option<herd::Reading>,
}

impl FileState {
    /// Whether this is a contract or a feature that has a text.
    pub(super) fn is_readable(&self) -> bool {
        self.role.grammar().is_some() && self.unreadable.is_none()
    }

    fn empty(role: Role) -> Self {
        Self {
            role,
            stat: None,
            hash: [0; 32],
            unreadable: None,
            input: None,
            exports: Arc::from([]),
            summary: LazySummary::Ready(Arc::default()),
            check: Arc::default(),
            answers: Arc::from([]),
            herd: None,
        }
    }
}

/// What a scan found.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    /// Contracts and features with another text than last time, and new ones.
    pub(super) changed: Vec<Arc<str>>,
    /// Whether the cache on disk would gain from being written.
    pub(super) worth_storing: bool,
}

/// The text of a file's bytes; a file with bad bytes is not read any further, because every fix of it would write them back.
fn decode(path: &str, bytes: &[u8]) -> Result<Arc<str>, Box<Diagnostic>> {
    match syntax::decode(bytes) {
        (text, None) => Ok(Arc::from(text)),
        (_, Some(problem)) => Err(Box::new(problem.into_diagnostic(path))),
    }
}

enum Content {
    Same,
    Text([u8; 32], Arc<str>),
    Unreadable(Diagnostic),
}

/// The content of a file whose last content had the hash `known`.
fn content(tree: &dyn FileTree, entry: &Entry, known: Option<[u8; 32]>) -> Content {
    if usize::try_from(entry.stat.size).is_ok_and(|size| size > syntax::MAX_BYTES) {
        // Refused before it is read: a stray data file must not fill the memory.
        let size = usize::try_from(entry.stat.size).unwrap_or(usize::MAX);
        return Content::Unreadable(file_too_large(Place::file(entry.path.as_ref()), size));
    }
    let bytes = match tree.read(&entry.path) {
        Ok(bytes) => bytes,
        Err(error) => return Content::Unreadable(problems::unreadable_file(&entry.path, &error.to_string().to_lowercase())),
    };
    let hash = *blake3::hash(&bytes).as_bytes();
    if known == Some(hash) {
        return Content::Same;
    }
    match decode(&entry.path, &bytes) {
        Ok(text) => Content::Text(hash, text),
        Err(problem) => Content::Unreadable(*problem),
    }
}

impl Workspace {
    /// Reads `Runi.toml` and `Runi.lock`.
    pub(super) fn refresh_settings(&mut self) -> Result<(), OpenError> {
        let io = |path: &str| {
            let path = path.to_owned();
            move |source| OpenError::Io { path, source }
        };
        let bytes = self.tree.read(manifest::FILE).map_err(io(manifest::FILE))?;
        let text: Arc<str> = String::from_utf8_lossy(&bytes).into();
        let reading = if text == self.settings.text && !text.is_empty() {
            std::mem::take(&mut self.settings.reading)
        } else {
            manifest::read(manifest::FILE, &text)
        };
        let Some(environment) = reading.manifest.environments.get(&self.environment_name) else {
            let known = reading.manifest.environments.keys().map(|name| format!("`{name}`")).collect();
            return Err(OpenError::UnknownEnvironment { name: self.environment_name.clone(), known });
        };
        let lock_text = match self.tree.stat(lock::FILE) {
            Some(_) => Some(self.tree.read(lock::FILE).map_err(io(lock::FILE))?),
            None => None,
        };
        let lock = lock::verify(lock_text.as_deref(), &reading.manifest);
        let environment = Arc::new(environment.clone());
        let herds = Arc::clone(&self.settings.herds);
        self.settings = Settings { text, lock, environment, herds, reading };
        Ok(())
    }

    /// Looks at every file; reads those that may have changed.
    pub(super) fn scan(&mut self) -> Result<Scanned, OpenError> {
        let mut scanned = Scanned::default();
        if !self.cache_loaded {
            self.cache_loaded = true;
            scanned.worth_storing = !self.load_cache();
        }
        let scope = Scope::of(self.manifest());
        let entries = self.tree.list(&scope).map_err(|source| OpenError::Io { path: ".".to_owned(), source })?;
        scanned.worth_storing |= self.forget_missing(&entries);

        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|since| u64::try_from(since.as_nanos()).ok());
        let suspects: Vec<&Entry> = entries.iter().filter(|entry| self.is_suspect(entry)).collect();
        let contents: Vec<Content> = {
            let (tree, files) = (self.tree.as_ref(), &self.files);
            let known = |path: &Arc<str>| files.get(path).filter(|file| file.unreadable.is_none()).map(|file| file.hash);
            let suspects: Vec<_> = suspects.iter().map(|entry| (*entry, known(&entry.path))).collect();
            suspects.into_par_iter().map(|(entry, known)| content(tree, entry, known)).collect()
        };
        let (mut texts, mut moved) = (Vec::new(), false);
        for (entry, content) in suspects.into_iter().zip(contents) {
            let trusted = now.is_none_or(|now| entry.stat.modified_ns.saturating_add(RACY_NS) < now);
            let file = self.files.entry(Arc::clone(&entry.path)).or_insert_with(|| FileState::empty(entry.role));
            scanned.worth_storing |= trusted && entry.role.grammar().is_some();
            file.stat = trusted.then_some(entry.stat);
            match content {
                Content::Same => continue,
                Content::Unreadable(problem) => {
                    moved |= !file.exports.is_empty();
                    let input = file.input;
                    *file = FileState { unreadable: Some(problem), input, ..FileState::empty(entry.role) };
                }
                Content::Text(hash, text) => {
                    file.hash = hash;
                    file.unreadable = None;
                    match entry.role.grammar() {
                        Some(_) => texts.push((Arc::clone(&entry.path), text)),
                        None => file.herd = Some(herd::read(&entry.path, &text)),
                    }
                }
            }
        }
        if moved {
            self.exports_move();
        }
        self.collect_herds();
        scanned.changed = self.take_texts(texts);
        Ok(scanned)
    }

    fn is_suspect(&self, entry: &Entry) -> bool {
        self.files.get(&entry.path).is_none_or(|file| file.stat != Some(entry.stat))
    }

    fn forget_missing(&mut self, entries: &[Entry]) -> bool {
        let present: BTreeSet<&str> = entries.iter().map(|entry| entry.path.as_ref()).collect();
        let before = self.files.len();
        self.files.retain(|path, _| present.contains(path.as_ref()));
        let gone = self.files.len() != before;
        if gone {
            self.exports_move();
        }
        gone
    }

    fn collect_herds(&mut self) {
        let readings = self.files.values().filter_map(|file| file.herd.as_ref()?.herd.as_ref());
        let mut herds = db::Herds::new();
        for herd in readings {
            herds.entry(herd.name.clone()).or_insert_with(|| Arc::new(herd.clone()));
        }
        if *self.settings.herds != herds {
            self.settings.herds = Arc::new(herds);
        }
    }

    /// Gives new texts to the database and compares the summaries with what others were told before.
    fn take_texts(&mut self, texts: Vec<(Arc<str>, Arc<str>)>) -> Vec<Arc<str>> {
        let mut inputs = Vec::with_capacity(texts.len());
        for (path, text) in texts {
            let Some(file) = self.files.get_mut(&path) else { continue };
            let Some(kind) = file.role.grammar() else { continue };
            let input = match file.input {
                Some(input) => {
                    db::set_text(&mut self.db, input, text);
                    input
                }
                None => db::add_file(&self.db, &path, kind, text),
            };
            file.input = Some(input);
            inputs.push((path, input));
        }
        let summaries: Vec<_> = inputs
            .into_par_iter()
            .map_with(self.db.clone(), |db, (path, input)| {
                let summary = Arc::clone(db::summary(db, input));
                let exports: Arc<[Export]> = exports(&summary).into();
                (path, summary, exports)
            })
            .collect();
        let mut changed = Vec::with_capacity(summaries.len());
        let mut moved = false;
        for (path, summary, exports) in summaries {
            if let Some(file) = self.files.get_mut(&path) {
                // Digests cover the whole summary except the heads of scenarios, and those no other file looks up.
                moved |= file.exports != exports;
                (file.exports, file.summary) = (exports, LazySummary::Ready(summary));
            }
            changed.push(path);
        }
        if moved {
            self.exports_move();
        }
        changed
    }

    /// The file in the database; its text is read when it was not needed before. `None` when it has none.
    pub(super) fn input(&mut self, path: &Arc<str>) -> Result<Option<File>, OpenError> {
        let Some(file) = self.files.get_mut(path) else { return Ok(None) };
        let Some(kind) = file.role.grammar() else { return Ok(None) };
        if file.input.is_some() || file.unreadable.is_some() {
            return Ok(file.input.filter(|_| file.unreadable.is_none()));
        }
        let bytes = self.tree.read(path).map_err(|source| OpenError::Io { path: path.to_string(), source })?;
        match decode(path, &bytes) {
            Ok(text) => file.input = Some(db::add_file(&self.db, path, kind, text)),
            Err(problem) => file.unreadable = Some(*problem),
        }
        Ok(file.input)
    }

    fn load_cache(&mut self) -> bool {
        let Some(root) = self.tree.disk_root() else { return true };
        // What lies behind a link is none of this workspace.
        let Ok(folder) = state::existing(root, "cache") else { return false };
        let path = folder.join(cache::name(&self.environment_name));
        let Some(cache) = (!path.is_symlink()).then(|| cache::load(&path)).flatten() else { return false };
        (self.checked_world, self.checked_engine) = (Some(cache.world), cache.engine);
        for file in cache.files {
            let stat = Stat { size: file.size, modified_ns: file.modified_ns, is_dir: false };
            let state = FileState {
                stat: (file.modified_ns != 0).then_some(stat),
                hash: file.hash,
                exports: file.exports,
                summary: file.summary,
                check: file.check,
                answers: file.answers,
                ..FileState::empty(file.role)
            };
            self.files.insert(file.path, state);
        }
        true
    }

    /// Writes the cache. That it cannot be written changes nothing but the time that the next check takes.
    pub(super) fn store_cache(&self) {
        let Some(root) = self.tree.disk_root() else { return };
        let cached = |(path, file): (&Arc<str>, &FileState)| CachedFile {
            path: Arc::clone(path),
            role: file.role,
            size: file.stat.map(|stat| stat.size).unwrap_or_default(),
            modified_ns: file.stat.map(|stat| stat.modified_ns).unwrap_or_default(),
            hash: file.hash,
            exports: Arc::clone(&file.exports),
            summary: file.summary.clone(),
            check: Arc::clone(&file.check),
            answers: Arc::clone(&file.answers),
        };
        let files = self.files.iter().filter(|(_, file)| file.is_readable()).map(cached).collect();
        let cache = Cache { world: self.world_key(), engine: self.checked_engine.clone(), files };
        let stored = state::folder(root, "cache")
            .map_err(std::io::Error::other)
            .and_then(|folder| cache::store(&folder.join(cache::name(&self.environment_name)), &cache));
        if let Err(error) = stored {
            tracing::debug!(%error, "the check cache was not written");
        }
    }
}

/// The range of a herd's name.
pub(super) fn herd_name_range(file: &FileState) -> Option<TextRange> {
    file.herd.as_ref()?.name_range
}
