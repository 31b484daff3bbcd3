//! A file that cannot be read as text.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A file that cannot be read as text.
    pub UNREADABLE_FILE = "E0610", "unreadable-file", Error
);

/// The file at `path` could not be read; `reason` is a phrase.
#[must_use]
pub fn unreadable_file(path: &str, reason: &str) -> Diagnostic {
    Diagnostic::new(&UNREADABLE_FILE, Place::file(path), format!("the file cannot be read: {reason}"))
        .with_help("save it as UTF-8 text, or leave it out with `exclude` in `Runi.toml`")
}
