//! `E0207`: a change of shape under a guard.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A change of shape under a guard.
    pub GUARDED_SHAPE_CHANGE = "E0207", "guarded-type-change", Error
);

/// `what` changes every row, and the step has a `@when` at `guard`.
#[must_use]
pub fn guarded_shape_change(place: Place, what: &str, guard: Place) -> Diagnostic {
    Diagnostic::new(&GUARDED_SHAPE_CHANGE, place, format!("{what} changes the shape of all rows, so the step may not have a `@when`"))
        .with_label("applies to every row")
        .with_secondary(guard, "chooses only some rows")
        .with_help("move it into a step of its own, without `@when`")
}
