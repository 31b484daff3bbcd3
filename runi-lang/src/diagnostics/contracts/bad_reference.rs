//! `E0306`: a `@references` that cannot hold.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A `@references` that cannot hold.
    pub BAD_REFERENCE = "E0306", "bad-reference", Error
);

/// `message` says why.
#[must_use]
pub fn bad_reference(place: Place, message: impl Into<String>, help: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&BAD_REFERENCE, place, message).with_label("cannot be checked").with_help(help)
}
