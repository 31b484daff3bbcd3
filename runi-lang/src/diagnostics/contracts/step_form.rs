//! `E0313`: a step whose parts do not go together.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A step whose parts do not go together.
    pub STEP_FORM = "E0313", "step-form", Error
);

/// `message` says which.
#[must_use]
pub fn step_form(place: Place, message: impl Into<String>, help: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&STEP_FORM, place, message).with_label("here").with_help(help)
}
