//! `E0209`: a column or view that does not fit a parameter.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A column or view that does not fit a parameter.
    pub PARAMETER_TYPE = "E0209", "parameter-type", Error
);

/// `given` has type `found`, the parameter or need `name` wants `wanted`.
#[must_use]
pub fn parameter_type(place: Place, given: &str, found: &str, name: &str, wanted: &str) -> Diagnostic {
    Diagnostic::new(&PARAMETER_TYPE, place, format!("`{given}` is `{found}`, but `{name}` wants `{wanted}`"))
        .with_label(format!("is `{found}`"))
        .with_help(format!("convert it in a step above: `{given} = cast({given} as …)`"))
}
