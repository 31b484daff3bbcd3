//! How far a run is; written by workers, read by whoever draws it.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counters of all sources of a run.
#[derive(Debug, Default)]
pub struct Progress {
    records: AtomicU64,
    bytes: AtomicU64,
    total: AtomicU64,
}

impl Progress {
    /// Records were read; the reader stands at `(done, total)` bytes.
    pub(crate) fn advance(&self, records: u64, (done, total): (u64, u64)) {
        self.records.fetch_add(records, Relaxed);
        self.bytes.fetch_max(done, Relaxed);
        self.total.fetch_max(total, Relaxed);
    }

    /// Records read so far.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records.load(Relaxed)
    }

    /// Bytes of the largest source read so far, and its size.
    #[must_use]
    pub fn bytes(&self) -> (u64, u64) {
        (self.bytes.load(Relaxed), self.total.load(Relaxed))
    }
}
