//! A rebinding that meets no source and no sink.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A rebinding that meets no source and no sink.
    pub UNUSED_REBIND = "W0612", "unused-rebind", Warning
);

/// No `what` (`source` or `sink`) is called `name`; `near` is the closest one.
#[must_use]
pub fn unused_rebind(place: Place, what: &str, name: &str, near: Option<&str>) -> Diagnostic {
    let range = place.text_range();
    let problem = Diagnostic::new(&UNUSED_REBIND, place, format!("no {what} is called `{name}`"));
    match (near, range) {
        (Some(near), Some(_)) => problem.with_label(format!("did you mean `{near}`?")).with_help(format!("write `{near}`")),
        _ => problem.with_label("this rebinding changes nothing").with_help("name a source or sink of a scenario, or remove it"),
    }
}
