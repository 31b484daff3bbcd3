//! `E0105`: a step that has more than one definition.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A step that has more than one definition.
    pub AMBIGUOUS_STEP = "E0105", "ambiguous-step", Error
);

/// `name` could be any of `candidates` (`Name@1 in features/a.dsl`).
#[must_use]
pub fn ambiguous_step(place: Place, name: &str, candidates: &[String]) -> Diagnostic {
    Diagnostic::new(&AMBIGUOUS_STEP, place, format!("`{name}` has more than one definition"))
        .with_label("which one?")
        .with_note(format!("there are {}", candidates.join(", ")))
        .with_help(format!("name the version, such as `{name}@2`, or the domain"))
}
