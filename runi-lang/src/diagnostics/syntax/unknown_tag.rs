//! E0013: unknown tag.

use crate::declare_code;
use crate::diagnostic::{Applicability, Diagnostic, Place};

declare_code!(
    /// A tag that the language does not have here.
    pub UNKNOWN_TAG = "E0013", "unknown-tag", Error
);

/// The place is the tag's name with its `@`; `near` is a tag that may have been meant.
#[must_use]
pub fn unknown_tag(place: Place, name: &str, near: Option<&str>, known: &[&str]) -> Diagnostic {
    let range = place.text_range();
    let diagnostic = Diagnostic::new(&UNKNOWN_TAG, place, format!("unknown tag `@{name}`"));
    match (near, range) {
        (Some(near), Some(range)) => diagnostic.with_help(format!("did you mean `@{near}`?")).with_fix(
            Applicability::Safe,
            format!("write `@{near}`"),
            range,
            format!("@{near}"),
        ),
        _ => diagnostic.with_help(format!("tags here: {}", known.join(", "))),
    }
}
