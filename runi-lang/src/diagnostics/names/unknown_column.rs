//! `E0102`: a name that no column has at that point.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::names::suggest::{list, suggest};

declare_code!(
    /// A name that no column has at that point.
    pub UNKNOWN_COLUMN = "E0102", "unknown-column", Error
);

/// `name` is no column of `view` (empty: the rows at hand); `known` are the columns there.
#[must_use]
pub fn unknown_column(place: Place, name: &str, view: &str, known: &[String]) -> Diagnostic {
    let message = if view.is_empty() { format!("unknown column `{name}`") } else { format!("unknown column `{name}` in `{view}`") };
    let diagnostic = Diagnostic::new(&UNKNOWN_COLUMN, place, message).with_label("no such column at this point");
    let there = if known.is_empty() { "no column is known here".to_owned() } else { format!("columns here: {}", list(known)) };
    suggest(diagnostic, name, known, &there)
}
