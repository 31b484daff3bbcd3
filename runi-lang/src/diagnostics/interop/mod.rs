//! Diagnostics of the group `interop`, one module each: what goes wrong between contracts and the formats of others.

mod endless_type;
mod foreign_too_large;
mod foreign_type;
mod foreign_unreadable;
mod foreign_value;
mod unwritable;

pub use endless_type::{ENDLESS_TYPE, endless_type};
pub use foreign_too_large::FOREIGN_TOO_LARGE;
pub use foreign_type::{FOREIGN_TYPE, foreign_type};
pub use foreign_unreadable::{FOREIGN_UNREADABLE, foreign_part};
pub use foreign_value::{FOREIGN_VALUE, foreign_tag, foreign_value};
pub use unwritable::{UNWRITABLE, unwritable};

use crate::diagnostic::Code;

/// Every code of this group, in order.
pub const ALL: &[&Code] = &[&FOREIGN_UNREADABLE, &FOREIGN_TOO_LARGE, &FOREIGN_VALUE, &FOREIGN_TYPE, &ENDLESS_TYPE, &UNWRITABLE];
