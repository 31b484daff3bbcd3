//! E0005: unclosed quote.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A quote that nothing closes on its line.
    pub UNCLOSED_QUOTE = "E0005", "unclosed-quote", Error
);

/// A `quote` that is still open where its line ends.
#[must_use]
pub fn unclosed_quote(place: Place, quote: char) -> Diagnostic {
    Diagnostic::new(&UNCLOSED_QUOTE, place, "a quote is not closed on its line")
        .with_label("opened here")
        .with_help(format!("close it with `{quote}`; inside double quotes, `\\\"` is a quote"))
}
