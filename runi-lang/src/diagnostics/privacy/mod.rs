//! Diagnostics of the group `privacy`, one module each.

mod golden_leak;
mod label_lost;
mod rows_chosen_by_sensitive;
mod sensitive_leak;
mod unknown_to_herds;
mod weaker_than_policy;

pub use golden_leak::{GOLDEN_LEAK, golden_leak};
pub use label_lost::{LABEL_LOST, label_lost};
pub use rows_chosen_by_sensitive::{ROWS_CHOSEN_BY_SENSITIVE, rows_chosen_by_sensitive};
pub use sensitive_leak::{Leak, SENSITIVE_LEAK, sensitive_leak};
pub use unknown_to_herds::{UNKNOWN_TO_HERDS, unknown_role, unmatched_category};
pub use weaker_than_policy::{WEAKER_THAN_POLICY, weaker_than_policy};

use crate::diagnostic::Code;

/// Every code of this group, in order.
pub const ALL: &[&Code] = &[&SENSITIVE_LEAK, &ROWS_CHOSEN_BY_SENSITIVE, &GOLDEN_LEAK, &WEAKER_THAN_POLICY, &LABEL_LOST, &UNKNOWN_TO_HERDS];
