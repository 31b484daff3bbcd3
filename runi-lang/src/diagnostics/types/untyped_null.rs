//! `E0208`: a new column whose type nothing says.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A new column whose type nothing says.
    pub UNTYPED_NULL = "E0208", "untyped-null", Error
);

/// The new column `column` is only `null`.
#[must_use]
pub fn untyped_null(place: Place, column: &str) -> Diagnostic {
    Diagnostic::new(&UNTYPED_NULL, place, format!("the type of the new column `{column}` is not known"))
        .with_label("a bare `null` has no type")
        .with_help("say the type: `cast(null as varchar)`")
}
