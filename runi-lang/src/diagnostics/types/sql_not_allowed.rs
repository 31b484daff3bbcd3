//! `E0204`: sQL that has no place here.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// SQL that has no place here.
    pub SQL_NOT_ALLOWED = "E0204", "sql-not-allowed", Error
);

/// The engine refuses it: `message` says why.
#[must_use]
pub fn sql_not_allowed(place: Place, message: &str, help: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::new(&SQL_NOT_ALLOWED, place, message).with_label("not allowed here");
    match help {
        Some(help) => diagnostic.with_help(help),
        None => diagnostic.with_help("sub-queries, aggregates and windows belong in a step whose `@do` is a `select`"),
    }
}
