//! `E0202`: an expression whose parts do not fit together.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// An expression whose parts do not fit together.
    pub TYPE_MISMATCH = "E0202", "type-mismatch", Error
);

/// The engine's planner says `message`.
#[must_use]
pub fn type_mismatch(place: Place, message: &str, help: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::new(&TYPE_MISMATCH, place, message).with_label("the types do not fit");
    match help {
        Some(help) => diagnostic.with_help(help),
        None => diagnostic.with_help("convert one side with `cast(… as type)`, or with `try_cast` if a failure should give null"),
    }
}
