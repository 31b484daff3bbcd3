//! A change to one file: shown as a unified diff, or written whole or not at all.

use crate::error::CommandError;
use similar::TextDiff;
use std::path::Path;

/// The change as `diff -u` shows it.
pub(crate) fn unified(path: &str, old: &str, new: &str) -> String {
    TextDiff::from_lines(old, new).unified_diff().header(path, path).to_string()
}

/// Writes beside the file, then renames: a killed process leaves the old text or the new one.
pub(crate) fn replace(path: &Path, text: impl AsRef<[u8]>) -> Result<(), CommandError> {
    let fail = CommandError::io("write", path);
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(&fail)?;
    let file = tempfile::NamedTempFile::new_in(folder).map_err(&fail)?;
    std::fs::write(file.path(), text).map_err(&fail)?;
    if let Ok(found) = std::fs::metadata(path) {
        std::fs::set_permissions(file.path(), found.permissions()).map_err(&fail)?;
    }
    file.persist(path).map(drop).map_err(|error| fail(error.error))
}
