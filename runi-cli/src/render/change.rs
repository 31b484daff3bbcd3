//! A change to one file: shown as a unified diff, or written whole or not at all.

use crate::error::CommandError;
use similar::TextDiff;
use std::io::Write;
use std::path::Path;

/// The change as `diff -u` shows it.
pub(crate) fn unified(path: &str, old: &str, new: &str) -> String {
    TextDiff::from_lines(old, new).unified_diff().header(path, path).to_string()
}

/// Writes beside the file, then renames: a killed process leaves the old text or the new one, and so does a machine that crashes. A
/// new file may be read by whom the user lets read new files; an old one keeps its permissions.
pub(crate) fn replace(path: &Path, text: impl AsRef<[u8]>) -> Result<(), CommandError> {
    let fail = CommandError::io("write", path);
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(&fail)?;
    let mut builder = tempfile::Builder::new();
    // The system takes the user's mask off these.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder).map_err(&fail)?;
    file.write_all(text.as_ref()).and_then(|()| file.as_file().sync_all()).map_err(&fail)?;
    if let Ok(found) = std::fs::metadata(path) {
        std::fs::set_permissions(file.path(), found.permissions()).map_err(&fail)?;
    }
    file.persist(path).map_err(|error| fail(error.error))?;
    // Some systems have no handle for a directory, and some file systems do not sync one: the file itself is whole.
    let _ = std::fs::File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}
