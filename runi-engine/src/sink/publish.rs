//! From staged to visible: all outputs of a run, or none.

use super::delta::Commit;
use super::lock::OutputLock;
use super::place::sync_parent;
use super::temp::{Backup, TempFile};
use crate::error::EngineError;
use std::path::PathBuf;

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
    pub fn publish(mut self) -> Result<Published, EngineError> {
        self.step()?;
        Ok(self.published())
    }

    fn step(&mut self) -> Result<(), EngineError> {
        match &self.commit {
            Some(commit) => commit.publish(&self.target, &mut self.temp, self.rows, self.bytes),
            None => {
                self.temp.persist(&self.target).map_err(EngineError::io("rename", &self.target))?;
                sync_parent(&self.target).map_err(EngineError::io("write", &self.target))
            }
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
    let several = staged.len() > 1;
    let mut undo = Vec::new();
    for tables in [false, true] {
        for output in staged.iter_mut().filter(|output| output.commit.is_some() == tables) {
            // A lone rename needs no way back.
            let step = if tables || !several {
                output.step()
            } else {
                Backup::take(&mut output.temp, &output.target).and_then(|backup| {
                    undo.push(backup);
                    output.step()
                })
            };
            if let Err(error) = step {
                roll_back(undo);
                return Err(error);
            }
        }
    }
    Ok(staged.iter().map(Staged::published).collect())
}

fn roll_back(undo: Vec<Backup>) {
    for backup in undo.into_iter().rev() {
        let target = backup.target().to_owned();
        if let Err(error) = backup.restore() {
            tracing::error!(path = %target.display(), %error, "an output could not be put back");
        }
    }
}
