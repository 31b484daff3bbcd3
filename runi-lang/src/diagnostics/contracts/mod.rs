//! Diagnostics of the group `contracts`, one module each.

mod ambiguous_reference;
mod bad_freshness;
mod bad_mask;
mod bad_pattern;
mod bad_reference;
mod empty_range;
mod missing_need;
mod reference_cycle;
mod reference_unchecked;
mod reserved_name;
mod rule_type;
mod source_without_contract;
mod step_form;
mod step_gives;
mod step_nulls;
mod step_writes;
mod unknown_format;

pub use ambiguous_reference::{AMBIGUOUS_REFERENCE, ambiguous_reference};
pub use bad_freshness::{BAD_FRESHNESS, bad_freshness};
pub use bad_mask::{BAD_MASK, bad_mask};
pub use bad_pattern::{BAD_PATTERN, bad_pattern};
pub use bad_reference::{BAD_REFERENCE, bad_reference};
pub use empty_range::{EMPTY_RANGE, empty_range};
pub use missing_need::{MISSING_NEED, missing_need};
pub use reference_cycle::{REFERENCE_CYCLE, reference_cycle};
pub use reference_unchecked::{REFERENCE_UNCHECKED, reference_unchecked};
pub use reserved_name::{RESERVED_NAME, reserved_name};
pub use rule_type::{RULE_TYPE, rule_type};
pub use source_without_contract::{SOURCE_WITHOUT_CONTRACT, source_without_contract};
pub use step_form::{STEP_FORM, step_form};
pub use step_gives::{STEP_GIVES, step_gives};
pub use step_nulls::{STEP_NULLS, step_nulls};
pub use step_writes::{STEP_WRITES, step_writes, step_writes_bare};
pub use unknown_format::{UNKNOWN_FORMAT, unknown_format};

use crate::diagnostic::Code;

/// Every code of this group, in order.
pub const ALL: &[&Code] = &[
    &SOURCE_WITHOUT_CONTRACT,
    &REFERENCE_UNCHECKED,
    &RULE_TYPE,
    &EMPTY_RANGE,
    &BAD_PATTERN,
    &UNKNOWN_FORMAT,
    &BAD_REFERENCE,
    &BAD_FRESHNESS,
    &BAD_MASK,
    &REFERENCE_CYCLE,
    &STEP_WRITES,
    &STEP_GIVES,
    &STEP_NULLS,
    &STEP_FORM,
    &MISSING_NEED,
    &RESERVED_NAME,
    &AMBIGUOUS_REFERENCE,
];
