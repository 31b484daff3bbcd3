//! A lock that does not fit the manifest.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A lock that does not fit the manifest.
    pub STALE_LOCK = "E0616", "stale-lock", Error
);

/// `Runi.lock` and `[packages]` disagree about `package`; `reason` is a phrase.
#[must_use]
pub fn stale_lock(place: Place, package: &str, reason: &str) -> Diagnostic {
    Diagnostic::new(&STALE_LOCK, place, format!("the lock of the package `{package}` does not fit the manifest: {reason}"))
        .with_help("correct `[packages]` in `Runi.toml`, or `Runi.lock` by hand: no command writes it")
}
