//! E0010: nested too deeply.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A type nests deeper than 128 levels.
    pub NESTED_TOO_DEEPLY = "E0010", "nested-too-deeply", Error
);

/// The type here would be level 129.
#[must_use]
pub fn nested_too_deeply(place: Place) -> Diagnostic {
    Diagnostic::new(&NESTED_TOO_DEEPLY, place, "the type nests deeper than 128 levels")
        .with_help("split it into contracts that refer to each other")
}
