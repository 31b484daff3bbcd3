//! `E0305`: a `@format` that nobody knows.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::names::suggest::{list, nearest};

declare_code!(
    /// A `@format` that nobody knows.
    pub UNKNOWN_FORMAT = "E0305", "unknown-format", Error
);

/// `name` is no format.
#[must_use]
pub fn unknown_format(place: Place, name: &str, known: &[String]) -> Diagnostic {
    let diagnostic = Diagnostic::new(&UNKNOWN_FORMAT, place, format!("unknown format `{name}`")).with_label("no such format");
    match nearest(name, known) {
        Some(near) => diagnostic.with_help(format!("did you mean `{near}`?")),
        None => diagnostic.with_help(format!("the formats are {}; anything else is a `@matches`", list(known))),
    }
}
