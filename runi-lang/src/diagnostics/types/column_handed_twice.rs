//! `E0210`: one column for two parameters of a step.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// One column for two parameters of a step.
    pub COLUMN_HANDED_TWICE = "E0210", "column-handed-twice", Error
);

/// `column` is an argument of the step already at `first`.
#[must_use]
pub fn column_handed_twice(place: Place, column: &str, first: Place) -> Diagnostic {
    Diagnostic::new(&COLUMN_HANDED_TWICE, place, format!("the step is handed `{column}` twice"))
        .with_label("and once more")
        .with_secondary(first, "handed over here")
        .with_help("the step may assign each column that it is handed: copy the column in a step above, `copy = …`")
}
