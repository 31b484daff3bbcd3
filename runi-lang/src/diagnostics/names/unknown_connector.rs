//! `E0110`: a connector that does not exist.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::names::suggest::suggest_word;

declare_code!(
    /// A connector that does not exist.
    pub UNKNOWN_CONNECTOR = "E0110", "unknown-connector", Error
);

/// `name` is no connector type.
#[must_use]
pub fn unknown_connector(place: Place, name: &str, known: &[String]) -> Diagnostic {
    let diagnostic = Diagnostic::new(&UNKNOWN_CONNECTOR, place, format!("unknown connector `{name}`")).with_label("no such type");
    suggest_word(diagnostic, name, known, "the types are `csv`, `json`, `parquet`, `arrow` and `delta`")
}
