//! `W0505`: a name that no herd knows, or that a herd knows in another spelling.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A role or a category that is spelt otherwise in a herd, so that nothing follows from it.
    pub UNKNOWN_TO_HERDS = "W0505", "unknown-to-herds", Warning
);

/// `@access(role)` on `field`; herds have roles, and `near` is the one that was probably meant.
#[must_use]
pub fn unknown_role(place: Place, field: &str, role: &str, near: &str) -> Diagnostic {
    Diagnostic::new(&UNKNOWN_TO_HERDS, place, format!("`{field}` is open to `{role}`, a role that no herd has"))
        .with_label("nobody has this role")
        .with_help(format!("did you mean `@access({near})`?"))
}

/// A column of the category leaves in a scenario of `herd`, whose masking policy speaks of `near` and not of `category`.
#[must_use]
pub fn unmatched_category(place: Place, column: &str, category: &str, herd: &str, near: &str) -> Diagnostic {
    let message = format!("the masking policy of the herd `{herd}` speaks of `{near}`, and `{column}` is `@pii({category})`");
    Diagnostic::new(&UNKNOWN_TO_HERDS, place, message)
        .with_label(format!("the policy does not ask for a mask of `{category}`"))
        .with_help(format!("write `{category}` in the herd's policy, or `@pii({near})` in the contract"))
}
