//! `E0802`: said by the engine while a pipeline runs.

use crate::declare_code;

declare_code!(
    /// A source names no file.
    pub NO_INPUT = "E0802", "no-input", Error
);
