//! E0028: missing expression.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A tag lacks the expression that it needs.
    pub MISSING_BODY = "E0028", "missing-body", Error
);

/// An expression or action should stand here.
#[must_use]
pub fn missing_body(place: Place) -> Diagnostic {
    Diagnostic::new(&MISSING_BODY, place, "an expression is missing")
        .with_label("expected here")
        .with_help("write it after the tag: a condition such as `price > 0`, or what a `@do` does, such as `price = price * 2`")
}
