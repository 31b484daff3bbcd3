//! Diagnostics of the group `syntax`, one module each.

use crate::diagnostic::Code;

/// Every code of this group, in order.
pub const ALL: &[&Code] = &[];
