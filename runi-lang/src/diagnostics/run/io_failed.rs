//! `E0801`: said by the engine while a pipeline runs.

use crate::declare_code;

declare_code!(
    /// A path could not be read or written.
    pub IO_FAILED = "E0801", "io-failed", Error
);
