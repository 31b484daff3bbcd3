//! `W0214`: a string that an enum column never holds.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::names::suggest::{list, nearest};

declare_code!(
    /// A string that an enum column never holds.
    pub NEVER_HELD = "W0214", "never-held", Warning
);

/// `column` is compared with `text`, and has only `values`; without any, it is compared with a `null` that is written out.
#[must_use]
pub fn never_held(place: Place, column: &str, text: &str, values: &[String]) -> Diagnostic {
    if values.is_empty() {
        return Diagnostic::new(&NEVER_HELD, place, format!("a comparison of `{column}` with null is never true"))
            .with_label("it is null, whatever the row holds")
            .with_help(format!("write `{column} is null` or `{column} is not null`"));
    }
    let diagnostic = Diagnostic::new(&NEVER_HELD, place, format!("`{column}` is never `{text}`")).with_label("not a value of the enum");
    match nearest(text, values) {
        Some(near) => diagnostic.with_help(format!("did you mean `{near}`?")),
        None => diagnostic.with_help(format!("it is one of {}", list(values))),
    }
}
