//! `E0213`: two columns with one name in one shape.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// Two columns with one name in one shape.
    pub COLUMN_CONFLICT = "E0213", "column-conflict", Error
);

/// `column` would stand twice.
#[must_use]
pub fn column_conflict(place: Place, column: &str) -> Diagnostic {
    Diagnostic::new(&COLUMN_CONFLICT, place, format!("two columns would be called `{column}`"))
        .with_label("the name is taken")
        .with_help("give one of them another name, or drop it first")
}
