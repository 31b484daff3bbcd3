//! `E0205`: sQL that the engine cannot plan.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// SQL that the engine cannot plan.
    pub SQL_OTHER = "E0205", "sql-other", Error
);

/// The engine says `message`.
#[must_use]
pub fn sql_other(place: Place, message: &str, help: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::new(&SQL_OTHER, place, message).with_label("the engine cannot plan this");
    match help {
        Some(help) => diagnostic.with_help(help),
        None => diagnostic,
    }
}
