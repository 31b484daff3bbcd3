//! Diagnostics of the group `sinks`, one module each.

mod dropped_columns;
mod null_mask_required;
mod otherwise_without_switch;
mod same_target;
mod sink_missing_column;
mod sink_nullable;
mod sink_type;
mod switch_without_otherwise;

pub use dropped_columns::{DROPPED_COLUMNS, dropped_columns};
pub use null_mask_required::{NULL_MASK_REQUIRED, null_mask_required};
pub use otherwise_without_switch::{OTHERWISE_WITHOUT_SWITCH, otherwise_without_switch};
pub use same_target::{SAME_TARGET, same_target};
pub use sink_missing_column::{SINK_MISSING_COLUMN, sink_missing_column};
pub use sink_nullable::{SINK_NULLABLE, sink_nullable};
pub use sink_type::{SINK_TYPE, sink_type};
pub use switch_without_otherwise::{SWITCH_WITHOUT_OTHERWISE, switch_without_otherwise};

use crate::diagnostic::Code;

/// Every code of this group, in order.
pub const ALL: &[&Code] = &[
    &SINK_MISSING_COLUMN,
    &DROPPED_COLUMNS,
    &SINK_TYPE,
    &SINK_NULLABLE,
    &SWITCH_WITHOUT_OTHERWISE,
    &OTHERWISE_WITHOUT_SWITCH,
    &SAME_TARGET,
    &NULL_MASK_REQUIRED,
];
