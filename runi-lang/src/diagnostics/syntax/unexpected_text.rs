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

/// `name; type` or `name = type` in a contract.
#[must_use]
pub fn sign_before_type(place: Place) -> Diagnostic {
    let range = place.text_range();
    let diagnostic =
        Diagnostic::new(&UNEXPECTED_TEXT, place, "nothing stands between a field's name and its type").with_help("write `name type`");
    match range {
        Some(range) => diagnostic.with_fix(Applicability::Safe, "remove it", range, ""),
        None => diagnostic,
    }
}

/// `@key id`: `tag` is the tag with its `@`.
#[must_use]
pub fn arguments_without_brackets(place: Place, tag: &str, arguments: &str) -> Diagnostic {
    Diagnostic::new(&UNEXPECTED_TEXT, place, format!("the arguments of `{tag}` stand in brackets"))
        .with_label("not in brackets")
        .with_help(format!("write `{tag}({arguments})`"))
}

/// `@name` in the middle of an expression.
#[must_use]
pub fn not_in_sql(place: Place, tag: &str) -> Diagnostic {
    let name = tag.trim_start_matches('@');
    Diagnostic::new(&UNEXPECTED_TEXT, place, format!("`{tag}` stands inside SQL"))
        .with_label("not SQL")
        .with_help(format!("a column is `{name}`, a parameter is `${name}`; a tag begins a line of its own"))
}
