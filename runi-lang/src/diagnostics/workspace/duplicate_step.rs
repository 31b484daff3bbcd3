//! Two reusable steps with one name, version and domain.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// Two reusable steps with one name, version and domain.
    pub DUPLICATE_STEP = "E0607", "duplicate-step", Error
);

/// A step with the same name, version and domain stands at `first` already.
#[must_use]
pub fn duplicate_step(place: Place, name: &str, first: Place) -> Diagnostic {
    Diagnostic::new(&DUPLICATE_STEP, place, format!("the step `{name}` is declared twice in its domain"))
        .with_label("declared again here")
        .with_secondary(first, "first declared here")
        .with_help("rename one of them, or give it a version such as `@2`")
}
