//! Diagnostics of the group `privacy`, one module each.

use crate::diagnostic::Code;

/// Every code of this group, in order.
pub const ALL: &[&Code] = &[];
