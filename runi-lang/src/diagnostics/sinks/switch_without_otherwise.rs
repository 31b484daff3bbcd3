//! `E0404`: a switch of sinks that loses rows.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A switch of sinks that loses rows.
    pub SWITCH_WITHOUT_OTHERWISE = "E0404", "switch-without-otherwise", Error
);

/// The sinks with `when` on `step` let rows fall through.
#[must_use]
pub fn switch_without_otherwise(place: Place, step: &str) -> Diagnostic {
    Diagnostic::new(&SWITCH_WITHOUT_OTHERWISE, place, format!("rows of `{step}` that match no `when` would be lost"))
        .with_label("the last of the switch")
        .with_help("add a sink marked `otherwise`, or one without `when`")
}
