//! E0023: assigned twice.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// One `@do` assigns a column twice.
    pub ASSIGNED_TWICE = "E0023", "assigned-twice", Error
);

/// `column` is assigned here for the second time.
#[must_use]
pub fn assigned_twice(place: Place, column: &str, first: Place) -> Diagnostic {
    Diagnostic::new(&ASSIGNED_TWICE, place, format!("`{column}` is assigned twice in one `@do`"))
        .with_label("again here")
        .with_secondary(first, "first here")
        .with_help("use a second `@do`, which sees the result of the first")
}
