//! A file of settings that is not TOML.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A file of settings that is not TOML.
    pub INVALID_TOML = "E0601", "invalid-toml", Error
);

/// The text is not TOML; `reason` is the parser's own phrase.
#[must_use]
pub fn invalid_toml(place: Place, reason: &str) -> Diagnostic {
    let reason = reason.lines().next().unwrap_or_default().trim_end_matches('.');
    Diagnostic::new(&INVALID_TOML, place, format!("the file is not valid TOML: {reason}")).with_label("the mistake is here")
}
