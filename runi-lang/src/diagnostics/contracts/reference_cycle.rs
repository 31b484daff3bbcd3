//! `E0309`: sources that refer to each other in a circle.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// Sources that refer to each other in a circle.
    pub REFERENCE_CYCLE = "E0309", "reference-cycle", Error
);

/// `path` is the circle, such as `a → b → a`.
#[must_use]
pub fn reference_cycle(place: Place, path: &str) -> Diagnostic {
    Diagnostic::new(&REFERENCE_CYCLE, place, format!("the references go in a circle: {path}"))
        .with_label("closes the circle")
        .with_help("a source is checked after the sources that it refers to: remove one `@references`")
}
