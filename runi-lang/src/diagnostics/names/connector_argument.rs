//! `E0112`: an argument that a connector does not take, lacks, or cannot read.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// An argument that a connector does not take, lacks, or cannot read.
    pub CONNECTOR_ARGUMENT = "E0112", "connector-argument", Error
);

/// What is wrong is in `message`; `help` says what is right.
#[must_use]
pub fn connector_argument(place: Place, message: impl Into<String>, help: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&CONNECTOR_ARGUMENT, place, message).with_label("here").with_help(help)
}
