//! E0017: invalid value.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A value that cannot be read as what it should be.
    pub INVALID_VALUE = "E0017", "invalid-value", Error
);

/// `value` is no `what`; `wanted` says what it should look like.
#[must_use]
pub fn invalid_value(place: Place, what: &str, value: &str, wanted: &str) -> Diagnostic {
    Diagnostic::new(&INVALID_VALUE, place, format!("`{value}` is no {what}")).with_help(wanted)
}
