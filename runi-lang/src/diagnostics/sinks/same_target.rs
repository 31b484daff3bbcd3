//! `E0406`: two sinks that write to one place.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// Two sinks that write to one place.
    pub SAME_TARGET = "E0406", "same-target", Error
);

/// `target` is written at `first` already (or read there).
#[must_use]
pub fn same_target(place: Place, target: &str, first: Place, reads: bool) -> Diagnostic {
    let (message, word) = if reads { ("is read by the same scenario", "read here") } else { ("is written by two sinks", "the other") };
    Diagnostic::new(&SAME_TARGET, place, format!("`{target}` {message}"))
        .with_label("written here")
        .with_secondary(first, word)
        .with_help("write to another path")
}
