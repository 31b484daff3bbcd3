//! A setting of the wrong type or form.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A setting of the wrong type or form.
    pub WRONG_VALUE = "E0603", "wrong-value", Error
);

/// The value of `what` should have been `wanted`.
#[must_use]
pub fn wrong_value(place: Place, what: &str, wanted: &str) -> Diagnostic {
    Diagnostic::new(&WRONG_VALUE, place, format!("the value of `{what}` has the wrong form"))
        .with_label(format!("expected {wanted}"))
        .with_help(format!("write {wanted}"))
}
