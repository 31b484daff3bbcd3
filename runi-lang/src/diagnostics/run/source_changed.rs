//! `E0813`: said by the engine while a pipeline runs.

use crate::declare_code;

declare_code!(
    /// A file was written while it was read.
    pub SOURCE_CHANGED = "E0813", "source-changed", Error
);
