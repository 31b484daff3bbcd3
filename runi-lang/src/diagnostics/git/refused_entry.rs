//! `W0915`: an entry among the workspace's files that is not one of them.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A commit, or the working copy, has an entry in the workspace that the compiler does not read.
    pub REFUSED_ENTRY = "W0915", "refused-entry", Warning
);

/// `path` as it may be shown; `why` is a clause: `it is a symbolic link`.
#[must_use]
pub fn refused_entry(path: &str, why: &str) -> Diagnostic {
    Diagnostic::new(&REFUSED_ENTRY, Place::file(path), format!("`{path}` is not read: {why}"))
        .with_help("rename it, or put its content into the repository itself")
}
