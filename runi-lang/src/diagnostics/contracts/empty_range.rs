//! `E0303`: bounds that no value can keep.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// Bounds that no value can keep.
    pub EMPTY_RANGE = "E0303", "empty-range", Error
);

/// `min` is above `max`, or equal and exclusive.
#[must_use]
pub fn empty_range(place: Place, tag: &str, min: &str, max: &str) -> Diagnostic {
    Diagnostic::new(&EMPTY_RANGE, place, format!("no value is between `{min}` and `{max}`"))
        .with_label(format!("`@{tag}` lets nothing through"))
        .with_help("swap the bounds")
}
