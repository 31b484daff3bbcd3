//! `E0806`: said by the engine while a pipeline runs.

use crate::declare_code;

declare_code!(
    /// A `select` failed on data.
    pub QUERY_FAILED = "E0806", "query-failed", Error
);
