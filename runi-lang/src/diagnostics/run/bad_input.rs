//! `E0803`: said by the engine while a pipeline runs.

use crate::declare_code;

declare_code!(
    /// A file is not what its source says.
    pub BAD_INPUT = "E0803", "bad-input", Error
);
