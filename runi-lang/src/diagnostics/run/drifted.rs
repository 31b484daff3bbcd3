//! `E0804`: said by the engine while a pipeline runs.

use crate::declare_code;

declare_code!(
    /// A source's columns are not its contract's.
    pub DRIFTED = "E0804", "drifted", Error
);
