//! E0014: unknown argument.

use crate::declare_code;
use crate::diagnostic::{Applicability, Diagnostic, Place};

declare_code!(
    /// A tag has no such argument.
    pub UNKNOWN_ARGUMENT = "E0014", "unknown-argument", Error
);

/// The place is the argument's name; `near` is one that may have been meant.
#[must_use]
pub fn unknown_argument(place: Place, tag: &str, name: &str, near: Option<&str>, known: &[&str]) -> Diagnostic {
    let range = place.text_range();
    let diagnostic = Diagnostic::new(&UNKNOWN_ARGUMENT, place, format!("`@{tag}` has no argument `{name}`"));
    match (near, range) {
        (Some(near), Some(range)) => {
            diagnostic.with_help(format!("did you mean `{near}`?")).with_fix(Applicability::Safe, format!("write `{near}`"), range, near)
        }
        _ => diagnostic.with_help(match known {
            [] => format!("`@{tag}` takes no such argument"),
            _ => format!("`@{tag}` takes {}", known.join(", ")),
        }),
    }
}
