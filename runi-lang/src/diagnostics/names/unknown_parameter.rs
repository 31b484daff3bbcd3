//! `E0108`: a parameter that the step does not have.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::names::suggest::{list, suggest};

declare_code!(
    /// A parameter that the step does not have.
    pub UNKNOWN_PARAMETER = "E0108", "unknown-parameter", Error
);

/// `name` is no parameter; `known` are the step's.
#[must_use]
pub fn unknown_parameter(place: Place, name: &str, known: &[String]) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(&UNKNOWN_PARAMETER, place, format!("unknown parameter `{name}`")).with_label("the step has no such parameter");
    let help = if known.is_empty() { "the step has no parameters".to_owned() } else { format!("the parameters are {}", list(known)) };
    suggest(diagnostic, name, known, &help)
}
