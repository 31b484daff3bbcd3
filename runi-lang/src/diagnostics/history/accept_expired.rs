//! W0922: an `@accept` whose day has passed.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// An acceptance is over.
    pub ACCEPT_EXPIRED = "W0922", "accept-expired", Warning
);

/// The place is the contract's file.
#[must_use]
pub fn accept_expired(place: Place, contract: &str, rule: &str, until: &str) -> Diagnostic {
    Diagnostic::new(&ACCEPT_EXPIRED, place, format!("`@accept({rule})` of `{contract}` ended on {until} and accepts nothing"))
        .with_help("remove it, or have it approved anew with a later day")
}
