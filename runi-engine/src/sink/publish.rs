//! From staged to visible: all outputs of a run, or none.

use super::delta::Commit;
use super::intent::{FileStep, Intent, Noted, TableStep};
use super::lock::OutputLock;
use super::place::sync_parent;
use super::temp::{Backup, TempFile};
use crate::error::EngineError;
use crate::record::RunRecord;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// A finished output that nobody sees yet. Dropping it removes it.
#[derive(Debug)]
pub struct Staged {
    target: PathBuf,
    rows: u64,
    bytes: u64,
    digest: String,
    commit: Option<Commit>,
    // The order matters: the temporary file goes before the lock does.
    temp: TempFile,
    _lock: OutputLock,
}

/// An output in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The file, or the table's directory; symbolic links are resolved.
    pub path: PathBuf,
    /// Bytes that this run wrote.
    pub bytes: u64,
    /// `blake3:…` of those bytes.
    pub digest: String,
    /// Rows that this run wrote.
    pub rows: u64,
}

impl Staged {
    pub(super) fn new(
        target: PathBuf,
        rows: u64,
        bytes: u64,
        digest: String,
        commit: Option<Commit>,
        temp: TempFile,
        lock: OutputLock,
    ) -> Self {
        Self { target, rows, bytes, digest, commit, temp, _lock: lock }
    }

    /// Rows that were written.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// `blake3:…` of the bytes.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Makes it visible, in one step.
    ///
    /// # Errors
    /// [`EngineError::Io`] or, for a table, [`EngineError::Engine`]; the previous output is whole then. Only when the directory of a
    /// file that took its place cannot be synced, the new output is whole, and may be the previous one again after the machine crashed.
    pub fn publish(self) -> Result<Published, EngineError> {
        publish_all(vec![self], None)?
            .pop()
            .ok_or_else(|| EngineError::Engine { context: "publishing".to_owned(), message: "no output".to_owned() })
    }

    /// Commits to the table; the file of a refused commit goes.
    fn commit(&mut self, commit: &Commit, observe: Observer<'_>) -> Result<(), EngineError> {
        let part = commit.part();
        if self.rows > 0 {
            self.temp.persist(&part).map_err(EngineError::io("rename", &part))?;
            sync_parent(&part).map_err(EngineError::io("write", &part))?;
            observe(PublishStep::Placed(&part));
        }
        commit.commit(self.rows, self.bytes).inspect_err(|_| {
            // A commit that is in the log counts, whatever failed after it, and needs its file.
            if commit.is_absent() {
                drop(std::fs::remove_file(&part));
            }
        })
    }

    /// What it is once it is published.
    pub(crate) fn published(&self) -> Published {
        Published { path: self.target.clone(), bytes: self.bytes, digest: self.digest.clone(), rows: self.rows }
    }
}

/// A step of a publish that has just been taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublishStep<'a> {
    /// The intent is on the disk; nothing is visible yet.
    Noted,
    /// This file is the run's own now.
    Replaced(&'a Path),
    /// This file lies in its table and does not count yet.
    Placed(&'a Path),
    /// This table has the run's commit.
    Committed(&'a Path),
}

type Observer<'a> = &'a mut dyn FnMut(PublishStep<'_>);

/// Makes every output of a run visible. When one cannot be, those before it are put back as they were; when the process
/// dies meanwhile, the next run completes it (see `intent`), and writes `record` into the log.
///
/// Files go first and tables last, since a file can be put back and a commit cannot: only when a run
/// writes several tables and a later commit is refused do the earlier commits stay.
///
/// # Errors
/// As [`Staged::publish`].
pub fn publish_all(staged: Vec<Staged>, record: Option<RunRecord>) -> Result<Vec<Published>, EngineError> {
    publish_observed(staged, record, &mut |_| {})
}

/// [`publish_all`] that tells of each step.
///
/// # Errors
/// As [`Staged::publish`].
pub fn publish_observed(
    staged: Vec<Staged>,
    record: Option<RunRecord>,
    observe: &mut dyn FnMut(PublishStep<'_>),
) -> Result<Vec<Published>, EngineError> {
    let (published, noted) = publish_noted(staged, record, observe)?;
    if let Some(noted) = noted {
        noted.forget();
    }
    Ok(published)
}

/// [`publish_observed`] that leaves the note of what was done in place until its holder forgets it: whoever is killed before
/// has its record written by the next run.
///
/// # Errors
/// As [`Staged::publish`]; [`EngineError::NotPutBack`].
pub(crate) fn publish_noted(
    mut staged: Vec<Staged>,
    record: Option<RunRecord>,
    observe: Observer<'_>,
) -> Result<(Vec<Published>, Option<Noted>), EngineError> {
    // A lone rename needs no way back and no intent; a table takes two steps.
    let several = staged.len() > 1;
    let mut backups = Vec::new();
    if several {
        for output in staged.iter_mut().filter(|output| output.commit.is_none()) {
            backups.push(Backup::take(&mut output.temp, &output.target)?);
        }
    }
    let noted = match staged.first() {
        Some(first) if several || first.commit.is_some() => Noted::write(first.temp.root(), &intent(&staged, &backups, record))?,
        _ => None,
    };
    if noted.is_some() {
        observe(PublishStep::Noted);
    }
    let mut replaced = 0;
    if let Err(error) = publish_in_order(&mut staged, &mut replaced, observe) {
        backups.truncate(replaced);
        let left = roll_back(backups);
        if let Some((_, what)) = left.first() {
            // The intent stays: the next run tries again.
            let what = what.to_string();
            return Err(EngineError::NotPutBack { error: Box::new(error), paths: left.into_iter().map(|(path, _)| path).collect(), what });
        }
        if let Some(noted) = noted {
            noted.forget();
        }
        return Err(error);
    }
    Ok((staged.iter().map(Staged::published).collect(), noted))
}

fn intent(staged: &[Staged], backups: &[Backup], record: Option<RunRecord>) -> Intent {
    let mut intent = Intent { record, ..Intent::default() };
    let mut backups = backups.iter();
    for output in staged {
        let (temp, bytes) = (output.temp.path().to_owned(), output.bytes);
        match &output.commit {
            Some(commit) => intent.tables.push(TableStep { temp, commit: commit.clone(), rows: output.rows, bytes }),
            None => intent.files.push(FileStep {
                temp,
                target: output.target.clone(),
                backup: backups.next().and_then(Backup::copy).map(Path::to_owned),
                bytes,
                digest: output.digest.clone(),
            }),
        }
    }
    intent
}

fn publish_in_order(staged: &mut [Staged], replaced: &mut usize, observe: Observer<'_>) -> Result<(), EngineError> {
    let mut renamed = BTreeMap::new();
    for output in staged.iter_mut().filter(|output| output.commit.is_none()) {
        output.temp.persist(&output.target).map_err(EngineError::io("rename", &output.target))?;
        *replaced += 1;
        observe(PublishStep::Replaced(&output.target));
        renamed.insert(output.target.parent().map(Path::to_owned), output.target.clone());
    }
    // Once for each directory.
    for target in renamed.values() {
        sync_parent(target).map_err(EngineError::io("write", target))?;
    }
    for output in staged {
        let Some(commit) = output.commit.clone() else { continue };
        output.commit(&commit, &mut *observe)?;
        observe(PublishStep::Committed(&output.target));
    }
    Ok(())
}

/// The outputs that are not as they were, and why.
fn roll_back(undo: Vec<Backup>) -> Vec<(PathBuf, io::Error)> {
    let restore = |backup: Backup| {
        let target = backup.target().to_owned();
        backup.restore().err().map(|error| (target, error))
    };
    undo.into_iter().rev().filter_map(restore).collect()
}
