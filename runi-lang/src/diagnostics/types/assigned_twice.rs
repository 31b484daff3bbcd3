//! `E0210`: one target assigned twice in one `@do`.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// One target assigned twice in one `@do`.
    pub ASSIGNED_TWICE = "E0210", "column-assigned-twice", Error
);

/// `column` is a target already at `first`.
#[must_use]
pub fn assigned_twice(place: Place, column: &str, first: Place) -> Diagnostic {
    Diagnostic::new(&ASSIGNED_TWICE, place, format!("`{column}` is assigned twice in one `@do`"))
        .with_label("the second")
        .with_secondary(first, "the first")
        .with_help("assignments are simultaneous: use a second `@do` for a second value")
}
