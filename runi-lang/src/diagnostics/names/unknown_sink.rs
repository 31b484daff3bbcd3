//! `E0120`: a sink that the scenario does not have.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::names::suggest::{list, suggest};

declare_code!(
    /// A sink that the scenario does not have.
    pub UNKNOWN_SINK = "E0120", "unknown-sink", Error
);

/// `name` is no sink of the scenario.
#[must_use]
pub fn unknown_sink(place: Place, name: &str, known: &[String]) -> Diagnostic {
    let diagnostic = Diagnostic::new(&UNKNOWN_SINK, place, format!("unknown sink `{name}`")).with_label("the scenario has no such sink");
    let help =
        if known.is_empty() { "the scenario writes nothing: add a `@sink`".to_owned() } else { format!("the sinks are {}", list(known)) };
    suggest(diagnostic, name, known, &help)
}
