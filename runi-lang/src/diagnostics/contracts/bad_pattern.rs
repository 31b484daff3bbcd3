//! `E0304`: a pattern that is not a regular expression.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A pattern that is not a regular expression.
    pub BAD_PATTERN = "E0304", "bad-pattern", Error
);

/// The regex compiler says `why`.
#[must_use]
pub fn bad_pattern(place: Place, pattern: &str, why: &str) -> Diagnostic {
    Diagnostic::new(&BAD_PATTERN, place, format!("`{pattern}` is not a regular expression"))
        .with_label(why.to_owned())
        .with_help("the syntax is that of Rust's `regex`: no look-around and no back-references")
}
