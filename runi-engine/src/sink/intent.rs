//! What a publish is about to do, on the disk before it does it.
//!
//! One rename is atomic, several are not: a run that is killed between two of them would leave outputs
//! of different runs. So a publish of more than one step first writes its intent under
//! `.runi/publish`, durably, and removes it when all is done. An intent whose lock is free belongs to
//! a process that is gone. Whoever finds it carries it out, or, when a file of it has vanished, puts
//! back what was there, before it reads or writes anything else, and says so in the run log:
//!
//! - a run, before it opens its sources ([`recover`]);
//! - a sink, once it has the lock of its output ([`settle`]). The dead process had that lock, so no
//!   rival can be at work on the same output, only another finder, who is waited for.
//!
//! A note is believed in all that it says when it carries the seal of the user's key, which its run gave
//! it. Any other may have come with the workspace: it is carried out only where a sink could write too.

use super::delta::Commit;
use super::lock::create_locked;
use super::place::{is_hidden, sync_parent};
use super::temp;
use crate::error::EngineError;
use crate::record::{Recovery, RecoveryRecord, RunLog, RunRecord, RunStatus, rfc3339};
use runi_lang::state::{self, UserKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

/// All steps of one publish: files first, then tables.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Intent {
    pub(super) files: Vec<FileStep>,
    pub(super) tables: Vec<TableStep>,
    /// What the log is to say of the run, once all is published. Intents of earlier versions have none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) record: Option<RunRecord>,
}

/// A file that takes the place of another.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct FileStep {
    pub(super) temp: PathBuf,
    pub(super) target: PathBuf,
    /// A copy of what stood there; `None`: nothing did.
    pub(super) backup: Option<PathBuf>,
    pub(super) bytes: u64,
    pub(super) digest: String,
}

/// A commit to a table.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TableStep {
    pub(super) temp: PathBuf,
    pub(super) commit: Commit,
    pub(super) rows: u64,
    pub(super) bytes: u64,
}

/// An intent on the disk, locked while its process lives.
#[derive(Debug)]
pub(crate) struct Noted {
    path: PathBuf,
    _file: File,
}

/// What became of publishes that were cut short.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Publishes whose outputs are all in place now.
    pub completed: usize,
    /// Publishes of which a file had vanished; the outputs are as they were before.
    pub undone: usize,
}

/// The line under the intent: it was written here, by this user.
fn seal(root: &Path, text: &[u8]) -> Option<blake3::Hash> {
    let place = root.canonicalize().ok()?;
    Some(UserKey::of(root)?.seal("publish", &[place.as_os_str().as_encoded_bytes(), b"\0", text].concat()))
}

impl Noted {
    /// Writes the intent down; it is on the disk when this returns. `None`: it cannot be, since a path is no text.
    pub(super) fn write(root: &Path, intent: &Intent) -> Result<Option<Self>, EngineError> {
        let Ok(mut text) = serde_json::to_vec(intent) else {
            tracing::warn!("a path is not UTF-8: a publish that is killed now cannot be completed by the next run");
            return Ok(None);
        };
        let seal = seal(root, &text);
        text.push(b'\n');
        text.extend(seal.iter().flat_map(|seal| format!("{}\n", seal.to_hex()).into_bytes()));
        let (path, mut file, _) = create_locked(&state::folder(root, "publish").map_err(EngineError::unusable)?, File::try_lock)?;
        match file.write_all(&text).and_then(|()| file.sync_all()).and_then(|()| sync_parent(&path)) {
            Ok(()) => Ok(Some(Self { path, _file: file })),
            Err(error) => {
                let _ = std::fs::remove_file(&path);
                Err(EngineError::io("write", path)(error))
            }
        }
    }

    /// Everything was done, or undone. When it cannot be removed, the next run finds that nothing is left to do.
    pub(crate) fn forget(self) {
        if let Err(error) = temp::remove(&self.path) {
            tracing::warn!(%error, "the note of a publish stays");
        }
    }
}

/// Carries out what dead runs of the workspace meant to publish.
///
/// # Errors
/// [`EngineError::Unfinished`] when it can neither be completed nor undone; [`EngineError::Untrusted`] when it is not known to be this
/// user's and would write where no sink may; [`EngineError::Io`] when `.runi` cannot be read.
pub fn recover(root: &Path) -> Result<Recovered, EngineError> {
    let mut recovered = Recovered::default();
    for path in noted(root)? {
        let Some(mut file) = open(&path)? else { continue };
        match file.try_lock() {
            Ok(()) => finish(root, &path, &mut file, &mut recovered)?,
            // Its run is alive, or somebody else is about it.
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(EngineError::io("lock", path)(error)),
        }
    }
    Ok(recovered)
}

/// As [`recover`], for the intents that name `target`, whose output lock is held.
pub(super) fn settle(root: &Path, target: &Path) -> Result<(), EngineError> {
    for path in noted(root)? {
        let Some(mut file) = open(&path)? else { continue };
        if read(root, &path, &mut file)?.is_some_and(|(intent, _)| intent.writes(target)) {
            let Some(mut file) = open(&path)? else { continue };
            file.lock().map_err(EngineError::io("lock", &path))?;
            finish(root, &path, &mut file, &mut Recovered::default())?;
        }
    }
    Ok(())
}

/// Files that an intent still needs.
pub(super) fn needed(root: &Path) -> Result<BTreeSet<PathBuf>, EngineError> {
    let mut needed = BTreeSet::new();
    for path in noted(root)? {
        let Some(mut file) = open(&path)? else { continue };
        let (intent, _) = read(root, &path, &mut file)?.unwrap_or_default();
        needed.extend(intent.files.into_iter().flat_map(|step| std::iter::once(step.temp).chain(step.backup)));
        needed.extend(intent.tables.into_iter().map(|step| step.temp));
    }
    Ok(needed)
}

fn noted(root: &Path) -> Result<Vec<PathBuf>, EngineError> {
    let directory = state::existing(root, "publish").map_err(EngineError::unusable)?;
    match std::fs::read_dir(&directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(EngineError::io("read", directory)(error)),
        Ok(entries) => {
            let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>();
            let mut paths = paths.map_err(EngineError::io("read", directory))?;
            // Their names begin with the time.
            paths.sort_unstable();
            Ok(paths)
        }
    }
}

/// `None`: it has been dealt with a moment ago.
fn open(path: &Path) -> Result<Option<File>, EngineError> {
    state::is_file(path).map_err(EngineError::unusable)?;
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(EngineError::io("read", path)(error)),
    }
}

/// The intent, and whether its seal holds. `None`: it was not written to its end, so nothing of it was begun.
fn read(root: &Path, path: &Path, file: &mut File) -> Result<Option<(Intent, bool)>, EngineError> {
    let mut text = Vec::new();
    file.read_to_end(&mut text).map_err(EngineError::io("read", path))?;
    // Notes of earlier versions are one line without an end.
    let mut lines = text.split(|byte| *byte == b'\n');
    let (text, given) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let Ok(intent) = serde_json::from_slice(text) else { return Ok(None) };
    let sealed = blake3::Hash::from_hex(given).is_ok_and(|given| seal(root, text) == Some(given));
    Ok(Some((intent, sealed)))
}

/// Deals with an intent whose lock is held.
fn finish(root: &Path, path: &Path, file: &mut File, recovered: &mut Recovered) -> Result<(), EngineError> {
    // Somebody else was faster.
    if !path.exists() {
        return Ok(());
    }
    if let Some((intent, sealed)) = read(root, path, file)? {
        if !sealed && let Some(deed) = intent.overreach(root)? {
            return Err(EngineError::Untrusted { path: path.to_owned(), deed });
        }
        let outcome = intent.carry_out().map_err(|error| EngineError::Unfinished {
            path: path.to_owned(),
            code: error.code(),
            message: error.to_string(),
        })?;
        match outcome {
            Recovery::Completed => recovered.completed += 1,
            Recovery::Undone => recovered.undone += 1,
        }
        intent.record.map_or(Ok(()), |record| log(root, record, outcome))?;
    }
    temp::remove(path).map(drop)
}

/// Writes down what became of a run that was killed, unless it has done so itself, or a finder that was killed in turn.
fn log(root: &Path, record: RunRecord, outcome: Recovery) -> Result<(), EngineError> {
    let log = RunLog::at(root);
    let told = |known: &RunRecord| known.run_id == record.run_id && (known.recovered.is_some() || known.status == record.status);
    if log.records()?.iter().any(told) {
        return Ok(());
    }
    let recovered = Some(RecoveryRecord { outcome, at: rfc3339(chrono::Utc::now()) });
    let record = match outcome {
        Recovery::Completed => RunRecord { recovered, ..record },
        Recovery::Undone => RunRecord { recovered, status: RunStatus::Interrupted, outputs: Vec::new(), ..record },
    };
    log.append(&record)
}

impl Intent {
    /// What it would do that no sink of the workspace may, a phrase; `None`: nothing.
    fn overreach(&self, root: &Path) -> Result<Option<String>, EngineError> {
        let root = root.canonicalize().map_err(EngineError::io("read", root))?;
        for step in &self.files {
            if !may_write(&root, &step.target) {
                return Ok(Some(format!("write `{}`", step.target.display())));
            }
            let moved = std::iter::once(&step.temp).chain(&step.backup);
            if let Some(odd) = moved.into_iter().find(|temp| !is_beside(temp, &step.target)) {
                return Ok(Some(format!("move `{}`", odd.display())));
            }
        }
        for step in &self.tables {
            let table = step.commit.table();
            if !may_write(&root, &table) || table.join("_delta_log").is_symlink() {
                return Ok(Some(format!("write the table `{}`", table.display())));
            }
            if !is_beside(&step.temp, &step.commit.part()) {
                return Ok(Some(format!("move `{}`", step.temp.display())));
            }
        }
        Ok(None)
    }

    fn writes(&self, target: &Path) -> bool {
        self.files.iter().any(|step| step.target == target) || self.tables.iter().any(|step| step.commit.table() == target)
    }

    /// Every step can be done twice: a rename whose file is gone and whose target is that file has been done, and so
    /// has a commit that is in the log.
    fn carry_out(&self) -> Result<Recovery, EngineError> {
        let mut whole = true;
        for step in &self.files {
            whole &= step.temp.exists() || step.in_place()?;
        }
        let mut committed = false;
        for step in &self.tables {
            let done = step.commit.is_done()?;
            committed |= done;
            whole &= done || step.rows == 0 || step.temp.exists() || step.commit.part().exists();
        }
        if !whole && !committed {
            return self.undo();
        }
        for step in self.files.iter().filter(|step| step.temp.exists()) {
            if let Err(error) = temp::replace(&step.temp, &step.target) {
                tracing::warn!(path = %step.target.display(), %error, "a killed run's output cannot take its place; all of them are undone");
                return self.undo();
            }
        }
        for step in &self.files {
            sync_parent(&step.target).map_err(EngineError::io("write", &step.target))?;
        }
        self.tables.iter().try_for_each(TableStep::carry_out)?;
        Ok(Recovery::Completed)
    }

    fn undo(&self) -> Result<Recovery, EngineError> {
        for step in self.files.iter().rev().filter(|step| !step.temp.exists()) {
            match &step.backup {
                Some(backup) if backup.exists() => {
                    std::fs::rename(backup, &step.target).map_err(EngineError::io("rename", &step.target))?
                }
                None if step.in_place()? => drop(temp::remove(&step.target)?),
                // It is as it was already, or not this run's any more.
                _ => {}
            }
            if step.target.parent().is_some_and(Path::exists) {
                sync_parent(&step.target).map_err(EngineError::io("write", &step.target))?;
            }
        }
        self.tables.iter().try_for_each(|step| temp::remove(&step.commit.part()).map(drop))?;
        Ok(Recovery::Undone)
    }
}

/// Whether a sink could have resolved a path of the workspace to `target`: no link leads there, it is inside, not hidden, and none of
/// the workspace's own texts. A run's own quarantine is the one hidden place.
fn may_write(root: &Path, target: &Path) -> bool {
    let plain = target.is_absolute() && !target.components().any(|part| matches!(part, Component::ParentDir | Component::CurDir));
    let stands = target.ancestors().find(|path| path.symlink_metadata().is_ok());
    let real = stands.is_some_and(|stands| stands.canonicalize().is_ok_and(|real| real == stands));
    let Ok(inside) = target.strip_prefix(root) else { return false };
    let text = inside.extension().is_some_and(|extension| ["contract", "dsl", "herd"].iter().any(|own| extension == *own));
    let own = text || inside.as_os_str().is_empty() || inside == Path::new("Runi.toml") || inside == Path::new("Runi.lock");
    let quarantine = inside.starts_with(Path::new(state::FOLDER).join("quarantine"));
    plain && real && !own && (quarantine || !is_hidden(inside))
}

/// Whether `temp` is a name that a run gives to its unfinished files beside `target`, and no link.
fn is_beside(temp: &Path, target: &Path) -> bool {
    let named = temp.file_name().is_some_and(temp::is_temporary) && temp.parent() == target.parent();
    named && temp.symlink_metadata().map_or(true, |found| found.is_file())
}

impl FileStep {
    /// Whether the target is the file of this run.
    fn in_place(&self) -> Result<bool, EngineError> {
        match std::fs::metadata(&self.target) {
            Ok(found) if found.is_file() && found.len() == self.bytes => {}
            _ => return Ok(false),
        }
        let mut hasher = blake3::Hasher::new();
        let read = EngineError::io("read", &self.target);
        File::open(&self.target).and_then(|file| hasher.update_reader(file).map(drop)).map_err(read)?;
        Ok(format!("blake3:{}", hasher.finalize().to_hex()) == self.digest)
    }
}

impl TableStep {
    fn carry_out(&self) -> Result<(), EngineError> {
        if self.commit.is_done()? {
            return Ok(());
        }
        let part = self.commit.part();
        if self.rows > 0 && self.temp.exists() {
            temp::replace(&self.temp, &part).map_err(EngineError::io("rename", &part))?;
            sync_parent(&part).map_err(EngineError::io("write", &part))?;
        }
        self.commit.commit(self.rows, self.bytes)
    }
}
