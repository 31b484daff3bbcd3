//! E0024: `@when` on a change of shape.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A `@when` on a step that changes the shape of all rows.
    pub GUARDED_SHAPE_CHANGE = "E0024", "guarded-shape-change", Error
);

/// `what` changes the shape of every row, so the `@when` at `when` cannot choose.
#[must_use]
pub fn guarded_shape_change(place: Place, what: &str, when: Place) -> Diagnostic {
    Diagnostic::new(&GUARDED_SHAPE_CHANGE, place, format!("`{what}` changes the shape of all rows, so its step cannot have a `@when`"))
        .with_secondary(when, "chooses some rows only")
        .with_help("move it to a step without `@when`")
}
