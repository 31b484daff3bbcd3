//! E0008: unexpected text.

use crate::declare_code;
use crate::diagnostic::{Applicability, Diagnostic, Place};

declare_code!(
    /// Text where nothing of its kind can stand.
    pub UNEXPECTED_TEXT = "E0008", "unexpected-text", Error
);

/// `what` is wrong with the text; `help` says what can stand here.
#[must_use]
pub fn unexpected_text(place: Place, what: &str, help: &str) -> Diagnostic {
    Diagnostic::new(&UNEXPECTED_TEXT, place, what).with_label("not understood").with_help(help)
}

/// `name: type` in a contract.
#[must_use]
pub fn colon_after_name(place: Place) -> Diagnostic {
    let range = place.text_range();
    let diagnostic =
        Diagnostic::new(&UNEXPECTED_TEXT, place, "a field has no colon between its name and its type").with_help("write `name type`");
    match range {
        Some(range) => diagnostic.with_fix(Applicability::Safe, "remove the colon", range, ""),
        None => diagnostic,
    }
}
