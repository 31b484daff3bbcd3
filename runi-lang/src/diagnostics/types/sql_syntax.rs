//! `E0201`: sQL that does not parse.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// SQL that does not parse.
    pub SQL_SYNTAX = "E0201", "sql-syntax", Error
);

/// The engine's parser says `message`.
#[must_use]
pub fn sql_syntax(place: Place, message: &str, help: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::new(&SQL_SYNTAX, place, message).with_label("does not parse");
    match help {
        Some(help) => diagnostic.with_help(help),
        None => diagnostic.with_help("expressions are SQL: strings in single quotes, identifiers bare or in double quotes"),
    }
}
