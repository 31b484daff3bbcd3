//! What one piece of work gives to the outside: rows for sinks and feeds, and what was set aside.

use crate::quarantine::QuarantineBuilder;
use arrow::array::RecordBatch;

/// Gathered while a piece passes its tree, delivered afterwards.
pub(crate) struct Output {
    /// One list per data sink of the pipeline.
    pub(crate) sinks: Vec<Vec<RecordBatch>>,
    /// One list per node; only fed nodes are used.
    pub(crate) feeds: Vec<Vec<RecordBatch>>,
    /// Rows that were set aside.
    pub(crate) quarantine: QuarantineBuilder,
}
