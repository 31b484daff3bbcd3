//! Diagnostics of the group `interop`, one module each: what goes wrong between contracts and the formats of others.

mod foreign_too_large;
mod foreign_unreadable;

pub use foreign_too_large::FOREIGN_TOO_LARGE;
pub use foreign_unreadable::FOREIGN_UNREADABLE;

use crate::diagnostic::Code;

/// Every code of this group, in order.
pub const ALL: &[&Code] = &[&FOREIGN_UNREADABLE, &FOREIGN_TOO_LARGE];
