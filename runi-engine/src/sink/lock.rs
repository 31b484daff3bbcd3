//! One writer per output: an advisory lock that dies with its process.

use crate::error::EngineError;
use runi_lang::state;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// The right to write one output. Lock files live under `.runi/locks`, so nothing lies about beside
/// outputs; they stay, for removing a lock file while another process opens it would give two owners.
#[derive(Debug)]
pub(super) struct OutputLock {
    _file: File,
}

impl OutputLock {
    /// Takes the lock of `target`, a resolved path, at once or not at all.
    pub(super) fn take(root: &Path, target: &Path) -> Result<Self, EngineError> {
        let name = blake3::hash(target.as_os_str().as_encoded_bytes()).to_hex();
        let path = state::file(root, &format!("locks/{name}")).map_err(EngineError::unusable)?;
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(EngineError::io("create", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(EngineError::Busy { path: target.to_owned() }),
            Err(TryLockError::Error(error)) => Err(EngineError::io("lock", path)(error)),
        }
    }
}

/// New files that are tried. Each try is lost only to a sweep that looks at the file in the moment between its creation and its lock.
const TRIES: usize = 32;

/// A new file in `directory` under a name that begins with the time, locked by `lock` ([`File::try_lock`]).
///
/// # Errors
/// It cannot be made; the file system has no locks (some network file systems), which is no reason to try again.
pub(super) fn create_locked(
    directory: &Path,
    lock: impl Fn(&File) -> Result<(), TryLockError>,
) -> Result<(PathBuf, File, Uuid), EngineError> {
    for _ in 0..TRIES {
        let id = Uuid::now_v7();
        let path = directory.join(id.simple().to_string());
        let file = OpenOptions::new().create_new(true).write(true).open(&path).map_err(EngineError::io("create", &path))?;
        match lock(&file) {
            Ok(()) if path.exists() => return Ok((path, file, id)),
            // The sweep takes it away.
            Ok(()) | Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => {
                let _ = std::fs::remove_file(&path);
                return Err(EngineError::io("lock", path)(error));
            }
        }
        let _ = std::fs::remove_file(&path);
    }
    Err(EngineError::io("lock", directory)(io::Error::new(io::ErrorKind::WouldBlock, "another process locks every new file in it")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::cell::Cell;

    fn names(directory: &Path) -> usize {
        std::fs::read_dir(directory).unwrap().count()
    }

    #[test]
    fn a_file_system_without_locks_is_said_at_once_and_nothing_stays() {
        // ENOLCK, ENOSYS and EOPNOTSUPP of Linux.
        for number in [37, 38, 95] {
            let dir = tempfile::tempdir().unwrap();
            let asked = Cell::new(0);
            let refuse = |_: &File| {
                asked.set(asked.get() + 1);
                Err(TryLockError::Error(io::Error::from_raw_os_error(number)))
            };
            let error = create_locked(dir.path(), refuse).unwrap_err();
            assert!(matches!(&error, EngineError::Io { action: "lock", source, .. } if source.raw_os_error() == Some(number)), "{error}");
            assert_eq!((asked.get(), names(dir.path())), (1, 0));
        }
    }

    #[test]
    fn a_file_that_a_sweep_looks_at_is_left_to_it_and_another_is_made() {
        let dir = tempfile::tempdir().unwrap();
        let asked = Cell::new(0);
        let swept = |file: &File| {
            asked.set(asked.get() + 1);
            if asked.get() < 4 { Err(TryLockError::WouldBlock) } else { file.try_lock() }
        };
        let (path, _file, id) = create_locked(dir.path(), swept).unwrap();
        assert!(path.ends_with(id.simple().to_string()));
        assert_eq!((asked.get(), names(dir.path())), (4, 1));
        assert!(create_locked(dir.path(), |_| Err(TryLockError::WouldBlock)).is_err(), "not for ever");
        assert_eq!(names(dir.path()), 1);
    }
}
