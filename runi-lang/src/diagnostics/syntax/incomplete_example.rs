//! E0027: incomplete example.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// An example without rows in or rows out.
    pub INCOMPLETE_EXAMPLE = "E0027", "incomplete-example", Error
);

/// `what` is missing.
#[must_use]
pub fn incomplete_example(place: Place, what: &str, help: &str) -> Diagnostic {
    Diagnostic::new(&INCOMPLETE_EXAMPLE, place, what).with_help(help)
}
