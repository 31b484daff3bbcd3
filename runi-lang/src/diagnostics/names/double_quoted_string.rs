//! `E0118`: double quotes around text: they make an identifier.

use crate::declare_code;
use crate::diagnostic::Applicability;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// Double quotes around text: they make an identifier.
    pub DOUBLE_QUOTED_STRING = "E0118", "double-quoted-string", Error
);

/// `"text"` names no column: single quotes were meant.
#[must_use]
pub fn double_quoted_string(place: Place, text: &str) -> Diagnostic {
    let range = place.text_range();
    let literal = format!("'{}'", text.replace('\'', "''"));
    let diagnostic = Diagnostic::new(&DOUBLE_QUOTED_STRING, place, format!("`\"{text}\"` names a column, and there is none"))
        .with_label("double quotes make an identifier")
        .with_help(format!("a string has single quotes: `{literal}`"));
    match range {
        Some(range) => diagnostic.with_fix(Applicability::Safe, format!("write `{literal}`"), range, literal),
        None => diagnostic,
    }
}
