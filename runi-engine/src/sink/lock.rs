//! One writer per output: an advisory lock that dies with its process.

use crate::error::EngineError;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

/// The right to write one output. Lock files live under `.runi/locks`, so nothing lies about beside
/// outputs; they stay, for removing a lock file while another process opens it would give two owners.
#[derive(Debug)]
pub(super) struct OutputLock {
    _file: File,
}

impl OutputLock {
    /// Takes the lock of `target`, a resolved path, at once or not at all.
    pub(super) fn take(root: &Path, target: &Path) -> Result<Self, EngineError> {
        let directory = root.join(".runi").join("locks");
        std::fs::create_dir_all(&directory).map_err(EngineError::io("create", &directory))?;
        let name = blake3::hash(target.as_os_str().as_encoded_bytes()).to_hex();
        let path = directory.join(name.as_str());
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(EngineError::io("create", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(EngineError::Busy { path: target.to_owned() }),
            Err(TryLockError::Error(error)) => Err(EngineError::io("lock", path)(error)),
        }
    }
}
