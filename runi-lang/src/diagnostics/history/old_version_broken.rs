//! W0924: a file of the old version that cannot be read.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// The old version of a file has errors, so nothing is said about what it declared.
    pub OLD_VERSION_BROKEN = "W0924", "old-version-broken", Warning
);

/// The place is the file; `line` is where the first problem stands.
#[must_use]
pub fn old_version_broken(path: &str, line: Option<usize>, code: &str, message: &str) -> Diagnostic {
    let place = line.map_or(String::new(), |line| format!(" in line {line}"));
    Diagnostic::new(&OLD_VERSION_BROKEN, Place::file(path), format!("the old version has an error{place}: {message} ({code})"))
        .with_help("what the error is in is not compared; choose a base in which the file is sound to compare it")
}
