//! `W0201`: a promise that null passes.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::names::suggest::list;

declare_code!(
    /// A promise that null passes.
    pub NULL_PASSES = "W0201", "null-passes", Warning
);

/// The promise is null, not false, where one of `columns` is.
#[must_use]
pub fn null_passes(place: Place, columns: &[String]) -> Diagnostic {
    Diagnostic::new(&NULL_PASSES, place, format!("this passes where {} is null", list(columns))).with_label("null is not false").with_help(
        format!("add `{} is not null and …`, or a `@when` that chooses only rows with a value", columns.first().map_or("", String::as_str)),
    )
}
