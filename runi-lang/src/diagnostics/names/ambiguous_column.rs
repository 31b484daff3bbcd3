//! `E0117`: a column name that more than one view has.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A column name that more than one view has.
    pub AMBIGUOUS_COLUMN = "E0117", "ambiguous-column", Error
);

/// `name` stands in more than one view of a query.
#[must_use]
pub fn ambiguous_column(place: Place, name: &str) -> Diagnostic {
    Diagnostic::new(&AMBIGUOUS_COLUMN, place, format!("the column `{name}` is ambiguous"))
        .with_label("more than one view has it")
        .with_help(format!("say whose: `view.{name}`"))
}
