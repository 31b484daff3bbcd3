//! E0012: misplaced tag.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A tag where nothing can have it.
    pub MISPLACED_TAG = "E0012", "misplaced-tag", Error
);

/// The `tag` (with `@`) cannot stand here.
#[must_use]
pub fn misplaced_tag(place: Place, tag: &str, help: &str) -> Diagnostic {
    Diagnostic::new(&MISPLACED_TAG, place, format!("`{tag}` cannot stand here")).with_help(help)
}
