//! `E0810`: said by the engine while a pipeline runs.

use crate::declare_code;

declare_code!(
    /// Stopped by a signal.
    pub INTERRUPTED = "E0810", "interrupted", Error
);
