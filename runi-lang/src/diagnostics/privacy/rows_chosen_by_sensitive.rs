//! `W0501`: rows that a sensitive value chooses.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::names::suggest::list;

declare_code!(
    /// Rows that a sensitive value chooses.
    pub ROWS_CHOSEN_BY_SENSITIVE = "W0501", "rows-chosen-by-sensitive", Note
);

/// `what` (`a where`, `a sink's when` …) decides by `columns`.
#[must_use]
pub fn rows_chosen_by_sensitive(place: Place, what: &str, columns: &[String]) -> Diagnostic {
    Diagnostic::new(&ROWS_CHOSEN_BY_SENSITIVE, place, format!("{what} chooses rows by {}, which is sensitive", list(columns)))
        .with_label("reported, not proved")
        .with_note("the values do not leave, but which rows come out says something of them")
}
