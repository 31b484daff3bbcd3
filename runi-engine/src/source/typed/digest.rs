//! Digests of files that are not read from end to end.

use crate::error::EngineError;
use crate::source::InputFile;
use crate::source::files::SourceFile;
use std::fs::File;

/// Reads a file once for its digest.
///
/// # Errors
/// What the system says.
pub(super) fn of(file: &SourceFile, records: u64) -> Result<InputFile, EngineError> {
    let mut hash = blake3::Hasher::new();
    let handle = File::open(&file.path).map_err(EngineError::io("read", &file.path))?;
    hash.update_reader(handle).map_err(EngineError::io("read", &file.path))?;
    let digest = format!("blake3:{}", hash.finalize().to_hex());
    Ok(InputFile { path: file.shown.to_string(), bytes: file.bytes, digest, records })
}
