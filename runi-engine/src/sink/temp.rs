//! Temporary files, and how those of dead runs are found again.
//!
//! Each temporary file has a journal under `.runi/tmp` that its process keeps locked and that names
//! the file. A journal whose lock is free belongs to a process that is gone (process ids are used
//! again; locks are not), so its files can go, unless a publish that was cut short still needs them
//! (see `intent`). The search costs nothing that grows with the workspace.

use super::lock::create_locked;
use crate::error::EngineError;
use runi_lang::state;
use std::ffi::OsStr;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// What every temporary name begins with; sources skip such files.
pub(super) const PREFIX: &str = ".runi-tmp-";

/// Whether a run gives such names.
pub(super) fn is_temporary(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(PREFIX.as_bytes())
}

/// A locked list of files that exist only while this process works on them.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    id: Uuid,
}

impl Journal {
    /// A new, empty journal.
    pub(super) fn create(root: &Path) -> Result<Self, EngineError> {
        // Absolute, since the process may change its directory.
        let root = root.canonicalize().map_err(EngineError::io("read", root))?;
        let (path, file, id) = create_locked(&state::folder(&root, "tmp").map_err(EngineError::unusable)?, File::try_lock)?;
        Ok(Self { path, file, id })
    }

    /// A name beside `target` that no other run uses, recorded before anything stands there.
    pub(super) fn name(&mut self, target: &Path, role: &str) -> Result<PathBuf, EngineError> {
        let stem = target.file_name().unwrap_or_default().to_string_lossy();
        // File names end at 255 bytes; the id alone makes this one unique.
        let stem: String = stem.chars().take(40).collect();
        let path = target.with_file_name(format!("{PREFIX}{}-{}-{role}-{stem}", std::process::id(), self.id.simple()));
        let mut line = path.as_os_str().as_encoded_bytes().to_vec();
        line.push(b'\0');
        self.file.write_all(&line).map_err(EngineError::io("write", &self.path))?;
        Ok(path)
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // Whoever made the files has moved or removed them by now.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// A file under a temporary name; gone when dropped.
#[derive(Debug)]
pub(super) struct TempFile {
    path: PathBuf,
    kept: bool,
    journal: Journal,
}

impl TempFile {
    /// An empty file beside `target`.
    pub(super) fn create(root: &Path, target: &Path) -> Result<(Self, File), EngineError> {
        let mut journal = Journal::create(root)?;
        let path = journal.name(target, "new")?;
        let file = OpenOptions::new().create_new(true).write(true).open(&path).map_err(EngineError::io("create", target))?;
        Ok((Self { path, kept: false, journal }, file))
    }

    /// Renames it over `target`, which keeps its permissions.
    pub(super) fn persist(&mut self, target: &Path) -> io::Result<()> {
        replace(&self.path, target)?;
        self.kept = true;
        Ok(())
    }

    /// Where it is until it is persisted.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The workspace that it belongs to.
    pub(super) fn root(&self) -> &Path {
        self.journal.path.ancestors().nth(3).unwrap_or(Path::new("."))
    }
}

/// Renames `temp` over `target`, which keeps its permissions.
pub(super) fn replace(temp: &Path, target: &Path) -> io::Result<()> {
    if let Ok(previous) = std::fs::metadata(target) {
        std::fs::set_permissions(temp, previous.permissions())?;
    }
    std::fs::rename(temp, target)
}

impl Drop for TempFile {
    fn drop(&mut self) {
        if !self.kept {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// A directory for what a run cannot hold in memory; gone with its content when dropped.
///
/// It lies under the workspace, not in `/tmp`, which is often small and in memory.
#[derive(Debug)]
pub(crate) struct TempDirectory {
    path: PathBuf,
    _journal: Journal,
}

impl TempDirectory {
    /// An empty directory under `.runi/tmp`.
    ///
    /// # Errors
    /// [`EngineError::Io`] when it cannot be made.
    pub(crate) fn create(root: &Path) -> Result<Self, EngineError> {
        let mut journal = Journal::create(root)?;
        let beside = journal.path.with_file_name("spool");
        let path = journal.name(&beside, "dir")?;
        std::fs::create_dir(&path).map_err(EngineError::io("create", &path))?;
        Ok(Self { path, _journal: journal })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for TempDirectory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// The file that an output replaces, kept until every output of the run is in its place.
#[derive(Debug)]
pub(super) struct Backup {
    target: PathBuf,
    /// `None`: there was no file.
    copy: Option<PathBuf>,
}

impl Backup {
    /// Keeps what stands at `target`, in the journal of the file that shall replace it.
    pub(super) fn take(temp: &mut TempFile, target: &Path) -> Result<Self, EngineError> {
        let copy = temp.journal.name(target, "old")?;
        let kept = std::fs::hard_link(target, &copy).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => Err(error),
            // Not every file system has links.
            _ => std::fs::copy(target, &copy).map(drop),
        });
        match kept {
            Ok(()) => Ok(Self { target: target.to_owned(), copy: Some(copy) }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self { target: target.to_owned(), copy: None }),
            Err(error) => {
                let _ = std::fs::remove_file(&copy);
                Err(EngineError::io("rename", target)(error))
            }
        }
    }

    /// Where the copy lies; `None`: there was no file.
    pub(super) fn copy(&self) -> Option<&Path> {
        self.copy.as_deref()
    }

    /// What it is a backup of.
    pub(super) fn target(&self) -> &Path {
        &self.target
    }

    /// Puts the file back, or takes the new one away where there was none.
    pub(super) fn restore(mut self) -> io::Result<()> {
        match self.copy.take() {
            Some(copy) => std::fs::rename(&copy, &self.target)?,
            None => match std::fs::remove_file(&self.target) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            },
        }
        super::place::sync_parent(&self.target)
    }
}

impl Drop for Backup {
    fn drop(&mut self) {
        if let Some(copy) = &self.copy {
            let _ = std::fs::remove_file(copy);
        }
    }
}

/// Removes what dead runs left behind under `.runi/tmp` and beside outputs, but nothing that `needed` asks for; says
/// how many files that were.
pub(super) fn sweep(root: &Path, needed: impl Fn(&Path) -> Result<bool, EngineError>) -> Result<usize, EngineError> {
    let directory = state::existing(root, "tmp").map_err(EngineError::unusable)?;
    let entries = match std::fs::read_dir(&directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(EngineError::io("read", directory)(error)),
    };
    let mut removed = 0;
    for entry in entries {
        let path = entry.map_err(EngineError::io("read", &directory))?.path();
        // A directory is in somebody's journal, and goes with it; anything else but a file is none of a run's.
        if !std::fs::symlink_metadata(&path).is_ok_and(|found| found.is_file()) {
            continue;
        }
        let mut file = match File::open(&path) {
            Ok(file) => file,
            // Its owner ended a moment ago.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(EngineError::io("read", path)(error)),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => continue,
            Err(TryLockError::Error(error)) => return Err(EngineError::io("lock", path)(error)),
        }
        let mut names = Vec::new();
        file.read_to_end(&mut names).map_err(EngineError::io("read", &path))?;
        let names: Vec<&Path> = names.split(|byte| *byte == b'\0').filter_map(name_of).map(Path::new).collect();
        // Asked only now: what a dead run still needs was written down before it died.
        let mut kept = false;
        for name in &names {
            kept |= needed(name)?;
        }
        if kept {
            continue;
        }
        for name in names {
            removed += usize::from(remove_leftover(name)?);
        }
        remove(&path)?;
    }
    Ok(removed)
}

/// A name as [`Journal::name`] wrote it down.
#[cfg(unix)]
fn name_of(bytes: &[u8]) -> Option<&OsStr> {
    Some(std::os::unix::ffi::OsStrExt::from_bytes(bytes))
}

/// A name as [`Journal::name`] wrote it down; one that is no text cannot be read back safely here, and stays.
#[cfg(not(unix))]
fn name_of(bytes: &[u8]) -> Option<&OsStr> {
    std::str::from_utf8(bytes).ok().map(OsStr::new)
}

fn remove_leftover(path: &Path) -> Result<bool, EngineError> {
    // A journal may have been cut short, or be no journal at all: only names that runs give are ever removed.
    let ours = path.file_name().is_some_and(is_temporary);
    if !ours || !path.is_absolute() {
        return Ok(false);
    }
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => std::fs::remove_dir_all(path).map(|()| true).map_err(EngineError::io("remove", path)),
        _ => remove(path),
    }
}

/// Removes a file; whether it was there.
pub(super) fn remove(path: &Path) -> Result<bool, EngineError> {
    match std::fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(EngineError::io("remove", path)(error)),
    }
}
