//! Diagnostics of the group `history`, one module each: what a comparison of two versions could not use or could not do.

mod accept_expired;
mod accept_not_owner;
mod accept_unknown_rule;
mod not_followed;
mod old_version_broken;
mod package_missing;
mod workspace_not_followed;

pub use accept_expired::{ACCEPT_EXPIRED, accept_expired};
pub use accept_not_owner::{ACCEPT_NOT_OWNER, accept_not_owner};
pub use accept_unknown_rule::{ACCEPT_UNKNOWN_RULE, accept_unknown_rule};
pub use not_followed::{NOT_FOLLOWED, not_followed};
pub use old_version_broken::{OLD_VERSION_BROKEN, old_version_broken};
pub use package_missing::{PACKAGE_MISSING, package_missing};
pub use workspace_not_followed::{WORKSPACE_NOT_FOLLOWED, search_ended, too_many_workspaces, workspace_not_followed};

use crate::diagnostic::Code;

/// Every code of this group, in order.
pub const ALL: &[&Code] = &[
    &ACCEPT_UNKNOWN_RULE,
    &ACCEPT_EXPIRED,
    &ACCEPT_NOT_OWNER,
    &OLD_VERSION_BROKEN,
    &NOT_FOLLOWED,
    &PACKAGE_MISSING,
    &WORKSPACE_NOT_FOLLOWED,
];
