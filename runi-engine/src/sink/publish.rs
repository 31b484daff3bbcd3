//! From staged to visible: all outputs of a run, or none.

use super::delta::Commit;
use super::lock::OutputLock;
use super::place::sync_parent;
use super::temp::{Backup, TempFile};
use crate::error::EngineError;
use std::collections::BTreeMap;
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
    /// [`EngineError::Io`] or, for a table, [`EngineError::Engine`]; the previous output is whole then.
    pub fn publish(self) -> Result<Published, EngineError> {
        publish_all(vec![self])?
            .pop()
            .ok_or_else(|| EngineError::Engine { context: "publishing".to_owned(), message: "no output".to_owned() })
    }

    fn step(&mut self) -> Result<(), EngineError> {
        match &self.commit {
            Some(commit) => commit.publish(&self.target, &mut self.temp, self.rows, self.bytes),
            None => self.temp.persist(&self.target).map_err(EngineError::io("rename", &self.target)),
        }
    }

    fn published(&self) -> Published {
        Published { path: self.target.clone(), bytes: self.bytes, digest: self.digest.clone(), rows: self.rows }
    }
}

/// Makes every output of a run visible. When one cannot be, those before it are put back as they were.
///
/// Files go first and tables last, since a file can be put back and a commit cannot: only when a run
/// writes several tables and a later commit is refused do the earlier commits stay.
///
/// # Errors
/// As [`Staged::publish`].
pub fn publish_all(mut staged: Vec<Staged>) -> Result<Vec<Published>, EngineError> {
    let mut undo = Vec::new();
    match publish_in_order(&mut staged, &mut undo) {
        Ok(()) => Ok(staged.iter().map(Staged::published).collect()),
        Err(error) => {
            roll_back(undo);
            Err(error)
        }
    }
}

fn publish_in_order(staged: &mut [Staged], undo: &mut Vec<Backup>) -> Result<(), EngineError> {
    // A lone rename needs no way back.
    let several = staged.len() > 1;
    let mut renamed = BTreeMap::new();
    for output in staged.iter_mut().filter(|output| output.commit.is_none()) {
        if several {
            undo.push(Backup::take(&mut output.temp, &output.target)?);
        }
        output.step()?;
        renamed.insert(output.target.parent().map(Path::to_owned), output.target.clone());
    }
    // Once for each directory.
    for target in renamed.values() {
        sync_parent(target).map_err(EngineError::io("write", target))?;
    }
    staged.iter_mut().filter(|output| output.commit.is_some()).try_for_each(Staged::step)
}

fn roll_back(undo: Vec<Backup>) {
    for backup in undo.into_iter().rev() {
        let target = backup.target().to_owned();
        if let Err(error) = backup.restore() {
            tracing::error!(path = %target.display(), %error, "an output could not be put back");
        }
    }
}
