//! `E0811`: said by the engine while a pipeline runs.

use crate::declare_code;

declare_code!(
    /// A library of the engine reported a problem.
    pub ENGINE_FAILED = "E0811", "engine-failed", Error
);
