//! A setting without a key that it needs.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A setting without a key that it needs.
    pub MISSING_KEY = "E0604", "missing-key", Error
);

/// `of` needs the key `key`.
#[must_use]
pub fn missing_key(place: Place, key: &str, of: &str) -> Diagnostic {
    Diagnostic::new(&MISSING_KEY, place, format!("{of} needs the key `{key}`")).with_help(format!("add `{key} = \"…\"`"))
}
