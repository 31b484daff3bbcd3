//! E0015: unknown value.

use crate::declare_code;
use crate::diagnostic::{Applicability, Diagnostic, Place};

declare_code!(
    /// A value that is not one of the possible ones.
    pub UNKNOWN_VALUE = "E0015", "unknown-value", Error
);

/// `what` names the kind of value; `known` are all of them.
#[must_use]
pub fn unknown_value(place: Place, what: &str, value: &str, near: Option<&str>, known: &[&str]) -> Diagnostic {
    let range = place.text_range();
    let diagnostic = Diagnostic::new(&UNKNOWN_VALUE, place, format!("`{value}` is no {what}"));
    match (near, range) {
        (Some(near), Some(range)) => {
            diagnostic.with_help(format!("did you mean `{near}`?")).with_fix(Applicability::Safe, format!("write `{near}`"), range, near)
        }
        _ => diagnostic.with_help(format!("one of {}", known.join(", "))),
    }
}
