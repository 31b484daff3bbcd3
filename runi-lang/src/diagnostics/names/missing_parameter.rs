//! `E0109`: a parameter without a value.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A parameter without a value.
    pub MISSING_PARAMETER = "E0109", "missing-parameter", Error
);

/// The step `step` needs `name`, which is `ty`.
#[must_use]
pub fn missing_parameter(place: Place, step: &str, name: &str, ty: &str) -> Diagnostic {
    Diagnostic::new(&MISSING_PARAMETER, place, format!("`{step}` needs a value for `{name}`"))
        .with_label(format!("`{name}: {ty}` is missing"))
        .with_help(format!("write `{name}=…` inside the parentheses"))
}
