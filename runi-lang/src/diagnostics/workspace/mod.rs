//! Diagnostics of the group `workspace`, one module each.

mod duplicate_contract;
mod duplicate_herd;
mod duplicate_scenario;
mod duplicate_step;
mod invalid_toml;
mod literal_secret;
mod misplaced_file;
mod missing_key;
mod missing_path;
mod missing_secret;
mod package_not_read;
mod path_outside;
mod scenario_cycle;
mod stale_lock;
mod unknown_key;
mod unreadable_file;
mod unused_rebind;
mod wrong_value;

pub use duplicate_contract::{DUPLICATE_CONTRACT, duplicate_contract};
pub use duplicate_herd::{DUPLICATE_HERD, duplicate_herd};
pub use duplicate_scenario::{DUPLICATE_SCENARIO, duplicate_scenario};
pub use duplicate_step::{DUPLICATE_STEP, duplicate_step};
pub use invalid_toml::{INVALID_TOML, invalid_toml};
pub use literal_secret::{LITERAL_SECRET, literal_secret};
pub use misplaced_file::{MISPLACED_FILE, misplaced_file};
pub use missing_key::{MISSING_KEY, missing_key};
pub use missing_path::{MISSING_PATH, empty_glob, missing_path};
pub use missing_secret::{MISSING_SECRET, missing_secret};
pub use package_not_read::{PACKAGE_NOT_READ, package_not_read};
pub use path_outside::{PATH_OUTSIDE, path_outside, path_reserved};
pub use scenario_cycle::{SCENARIO_CYCLE, scenario_cycle};
pub use stale_lock::{STALE_LOCK, stale_lock};
pub use unknown_key::{UNKNOWN_KEY, unknown_key};
pub use unreadable_file::{UNREADABLE_FILE, unreadable_file};
pub use unused_rebind::{UNUSED_REBIND, unused_rebind};
pub use wrong_value::{WRONG_VALUE, wrong_value};

use crate::diagnostic::Code;

/// Every code of this group, in order.
pub const ALL: &[&Code] = &[
    &INVALID_TOML,
    &UNKNOWN_KEY,
    &WRONG_VALUE,
    &MISSING_KEY,
    &DUPLICATE_CONTRACT,
    &DUPLICATE_SCENARIO,
    &DUPLICATE_STEP,
    &MISSING_PATH,
    &MISSING_SECRET,
    &UNREADABLE_FILE,
    &UNUSED_REBIND,
    &SCENARIO_CYCLE,
    &DUPLICATE_HERD,
    &PATH_OUTSIDE,
    &STALE_LOCK,
    &LITERAL_SECRET,
    &MISPLACED_FILE,
    &PACKAGE_NOT_READ,
];
