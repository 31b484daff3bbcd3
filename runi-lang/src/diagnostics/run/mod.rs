//! Diagnostics of the group `run`, one module each: the codes of the engine's own errors, which happen while data flows.

mod bad_input;
mod drifted;
mod engine_failed;
mod interrupted;
mod io_failed;
mod no_input;
mod not_put_back;
mod output_busy;
mod query_failed;
mod rows_lost;
mod rule_failed;
mod secret_not_found;
mod source_changed;
mod unfinished;
mod untrusted_note;

pub use bad_input::BAD_INPUT;
pub use drifted::DRIFTED;
pub use engine_failed::ENGINE_FAILED;
pub use interrupted::INTERRUPTED;
pub use io_failed::IO_FAILED;
pub use no_input::NO_INPUT;
pub use not_put_back::NOT_PUT_BACK;
pub use output_busy::OUTPUT_BUSY;
pub use query_failed::QUERY_FAILED;
pub use rows_lost::ROWS_LOST;
pub use rule_failed::RULE_FAILED;
pub use secret_not_found::SECRET_NOT_FOUND;
pub use source_changed::SOURCE_CHANGED;
pub use unfinished::UNFINISHED;
pub use untrusted_note::UNTRUSTED_NOTE;

use crate::diagnostic::Code;

/// Every code of this group, in order.
pub const ALL: &[&Code] = &[
    &IO_FAILED,
    &NO_INPUT,
    &BAD_INPUT,
    &DRIFTED,
    &RULE_FAILED,
    &QUERY_FAILED,
    &ROWS_LOST,
    &SECRET_NOT_FOUND,
    &OUTPUT_BUSY,
    &INTERRUPTED,
    &ENGINE_FAILED,
    &UNFINISHED,
    &SOURCE_CHANGED,
    &UNTRUSTED_NOTE,
    &NOT_PUT_BACK,
];
