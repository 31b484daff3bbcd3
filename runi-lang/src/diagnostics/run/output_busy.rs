//! `E0809`: said by the engine while a pipeline runs.

use crate::declare_code;

declare_code!(
    /// Another run is writing the same output.
    pub OUTPUT_BUSY = "E0809", "output-busy", Error
);
