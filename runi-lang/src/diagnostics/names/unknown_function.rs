//! `E0107`: a function that the engine does not have.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::names::suggest::suggest;

declare_code!(
    /// A function that the engine does not have.
    pub UNKNOWN_FUNCTION = "E0107", "unknown-function", Error
);

/// `name` is no function; `known` are near misses.
#[must_use]
pub fn unknown_function(place: Place, name: &str, known: &[String]) -> Diagnostic {
    let diagnostic = Diagnostic::new(&UNKNOWN_FUNCTION, place, format!("unknown function `{name}`")).with_label("no such function");
    let lower = name.to_lowercase();
    suggest(diagnostic, &lower, known, "the functions are DataFusion's scalar and aggregate functions")
}
