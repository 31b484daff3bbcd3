//! E0031: not a check.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A `Then` line that looks as if it checked something, and does not.
    pub NOT_A_CHECK = "E0031", "not-a-check", Error
);

const HELP: &str = "a check is a code span that ends its line after a colon: ``Then no order is free: `amount > 0` ``";

/// A backtick without its second one.
#[must_use]
pub fn lone_backtick(place: Place) -> Diagnostic {
    Diagnostic::new(&NOT_A_CHECK, place, "a backtick in a `Then` line has no second one").with_label("opens nothing").with_help(HELP)
}

/// A span that is a condition and stands where it is not one.
#[must_use]
pub fn not_a_check(place: Place) -> Diagnostic {
    Diagnostic::new(&NOT_A_CHECK, place, "this condition in a `Then` line is not checked")
        .with_label("neither a check nor a name")
        .with_help(HELP)
}
