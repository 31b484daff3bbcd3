//! E0006: unclosed bracket.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A bracket that nothing closes.
    pub UNCLOSED_BRACKET = "E0006", "unclosed-bracket", Error
);

/// A `bracket` that is still open where the next item begins.
#[must_use]
pub fn unclosed_bracket(place: Place, bracket: char) -> Diagnostic {
    let close = match bracket {
        '[' => ']',
        '{' => '}',
        _ => ')',
    };
    Diagnostic::new(&UNCLOSED_BRACKET, place, format!("`{bracket}` is never closed"))
        .with_label("opened here")
        .with_help(format!("add the missing `{close}`"))
}
