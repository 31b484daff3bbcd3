//! E0009: something is missing.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// Something is missing.
    pub EXPECTED = "E0009", "expected", Error
);

/// `what` should stand here.
#[must_use]
pub fn expected(place: Place, what: &str) -> Diagnostic {
    Diagnostic::new(&EXPECTED, place, format!("{what} is missing")).with_label("expected here")
}
