//! W0030: legacy spelling.

use crate::declare_code;
use crate::diagnostic::{Applicability, Diagnostic, Place, TextRange};

declare_code!(
    /// A spelling of earlier versions.
    pub LEGACY_SPELLING = "W0030", "legacy-spelling", Warning
);

/// `what` is written where `new` is meant; the fix replaces `range`.
#[must_use]
pub fn legacy_spelling(place: Place, what: &str, range: TextRange, new: &str) -> Diagnostic {
    Diagnostic::new(&LEGACY_SPELLING, place, format!("{what} is an older spelling"))
        .with_help(format!("write `{new}`; `runi fix` does it"))
        .with_fix(Applicability::Safe, format!("write `{new}`"), range, new)
}
