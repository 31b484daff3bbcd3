//! `E0116`: a herd that does not exist.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::names::suggest::suggest;

declare_code!(
    /// A herd that does not exist.
    pub UNKNOWN_HERD = "E0116", "unknown-herd", Error
);

/// `name` is no herd; `known` are the workspace's.
#[must_use]
pub fn unknown_herd(place: Place, name: &str, known: &[String]) -> Diagnostic {
    let diagnostic = Diagnostic::new(&UNKNOWN_HERD, place, format!("unknown herd `{name}`")).with_label("no herd has this name");
    suggest(diagnostic, name, known, &format!("describe it in `herds/{name}.herd`"))
}
