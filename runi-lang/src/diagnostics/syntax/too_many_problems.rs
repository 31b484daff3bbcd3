//! E0004: too many problems in one file.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// The file has more problems than are shown.
    pub TOO_MANY_PROBLEMS = "E0004", "too-many-problems", Error
);

/// `count` problems of the file are not shown.
#[must_use]
pub fn too_many_problems(place: Place, count: usize) -> Diagnostic {
    let noun = if count == 1 { "problem" } else { "problems" };
    Diagnostic::new(&TOO_MANY_PROBLEMS, place, format!("{count} more {noun} in this file")).with_help("fix the first ones and check again")
}
