//! `E0310`: a reusable step that changes what it was not given.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A reusable step that changes what it was not given.
    pub STEP_WRITES = "E0310", "step-writes", Error
);

/// The body writes `column`, which the signature does not hand to it.
#[must_use]
pub fn step_writes(place: Place, column: &str) -> Diagnostic {
    Diagnostic::new(&STEP_WRITES, place, format!("the step changes `{column}`, which its signature does not say"))
        .with_label("neither a column parameter nor given")
        .with_help(format!("add `gives {column} type` to the signature, or make it a parameter: `{column}: column<type>`"))
}

/// The body writes `column`, which is the name of a parameter without its `$`.
#[must_use]
pub fn step_writes_bare(place: Place, column: &str) -> Diagnostic {
    Diagnostic::new(&STEP_WRITES, place, format!("the step changes `{column}`, and its parameter is written `${column}`"))
        .with_label("a column of this very name")
        .with_help(format!("did you mean `${column}`, here and on the right?"))
}
