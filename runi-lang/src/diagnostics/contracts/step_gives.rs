//! `E0311`: a reusable step that does not give what it says.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A reusable step that does not give what it says.
    pub STEP_GIVES = "E0311", "step-gives", Error
);

/// `message` says what is missing or different.
#[must_use]
pub fn step_gives(place: Place, message: impl Into<String>, help: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&STEP_GIVES, place, message).with_label("the signature says otherwise").with_help(help)
}
