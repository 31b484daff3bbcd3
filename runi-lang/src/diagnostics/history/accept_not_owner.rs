//! W0923: an `@accept` by somebody who does not own the file.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// `by=` names nobody whom `CODEOWNERS` names for the contract's file.
    pub ACCEPT_NOT_OWNER = "W0923", "accept-not-owner", Warning
);

/// The place is the contract's file.
#[must_use]
pub fn accept_not_owner(place: Place, contract: &str, rule: &str, by: &str, owners: &[String]) -> Diagnostic {
    let message = format!("`@accept({rule})` of `{contract}` is by `{by}`, who does not own this file, and accepts nothing");
    Diagnostic::new(&ACCEPT_NOT_OWNER, place, message).with_help(format!("CODEOWNERS names {}", owners.join(", ")))
}
