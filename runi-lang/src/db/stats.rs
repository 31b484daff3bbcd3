//! Counts of what ran: the proof that an edit re-runs what it must and nothing else.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts of one database, shared by its clones.
#[derive(Debug, Default)]
pub struct Counters {
    parsed: AtomicUsize,
    summarised: AtomicUsize,
    checked: AtomicUsize,
}

/// Counts at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Files that were parsed and lowered.
    pub parsed: usize,
    /// Summaries that were computed.
    pub summarised: usize,
    /// Files that were checked.
    pub checked: usize,
}

impl Counters {
    pub(super) fn parsed(&self) {
        self.parsed.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn summarised(&self) {
        self.summarised.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn checked(&self) {
        self.checked.fetch_add(1, Ordering::Relaxed);
    }

    /// The counts of now.
    #[must_use]
    pub fn read(&self) -> Counts {
        Counts {
            parsed: self.parsed.load(Ordering::Relaxed),
            summarised: self.summarised.load(Ordering::Relaxed),
            checked: self.checked.load(Ordering::Relaxed),
        }
    }
}

impl Counts {
    /// What ran since `earlier`.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            parsed: self.parsed - earlier.parsed,
            summarised: self.summarised - earlier.summarised,
            checked: self.checked - earlier.checked,
        }
    }
}
