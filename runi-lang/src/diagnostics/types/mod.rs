//! Diagnostics of the group `types`, one module each.

use crate::diagnostic::Code;

/// Every code of this group, in order.
pub const ALL: &[&Code] = &[];
