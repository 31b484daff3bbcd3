//! `E0203`: a condition that is not true or false.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::types::DataType;

declare_code!(
    /// A condition that is not true or false.
    pub NOT_BOOLEAN = "E0203", "not-boolean", Error
);

/// `what` (`a @when`, `a check` …) has type `ty`.
#[must_use]
pub fn not_boolean(place: Place, what: &str, ty: &DataType) -> Diagnostic {
    Diagnostic::new(&NOT_BOOLEAN, place, format!("{what} must be boolean, this is {ty}"))
        .with_label(format!("has type `{ty}`"))
        .with_help("compare it with something, such as `… is not null` or `… > 0`")
}
