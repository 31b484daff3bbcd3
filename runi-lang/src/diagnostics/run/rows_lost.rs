//! `E0807`: said by the engine while a pipeline runs.

use crate::declare_code;

declare_code!(
    /// Counted doors do not add up.
    pub ROWS_LOST = "E0807", "rows-lost", Error
);
