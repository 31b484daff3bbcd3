//! E0020: invalid type.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A type with wrong parameters.
    pub INVALID_TYPE = "E0020", "invalid-type", Error
);

/// What is wrong with the type, and what would be right.
#[must_use]
pub fn invalid_type(place: Place, message: impl Into<String>, help: &str) -> Diagnostic {
    Diagnostic::new(&INVALID_TYPE, place, message).with_help(help)
}
