//! `E0121`: an argument that a tag does not take or cannot read.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// An argument that a tag does not take or cannot read.
    pub BAD_ARGUMENT = "E0121", "bad-argument", Error
);

/// What is wrong is in `message`; `help` says what is right.
#[must_use]
pub fn bad_argument(place: Place, message: impl Into<String>, help: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&BAD_ARGUMENT, place, message).with_label("here").with_help(help)
}
