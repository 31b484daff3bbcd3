//! The memory of one run, shared between operators that can spill and those that cannot.
//!
//! Those that can spill share half of it fairly. The other half is left to those that cannot: what has been spilled is merged by one that
//! cannot, which would find nothing left where the others may take everything.

use datafusion::common::{Result, resources_datafusion_err};
use datafusion::execution::memory_pool::{FairSpillPool, MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation};
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// See the module.
#[derive(Debug)]
pub(crate) struct RunPool {
    limit: usize,
    spilling: FairSpillPool,
    /// Bytes of those that cannot spill; held while either side grows, so that both together stay below the limit.
    other: Mutex<usize>,
}

impl RunPool {
    /// A pool of `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, spilling: FairSpillPool::new(limit / 2), other: Mutex::new(0) }
    }

    fn refuse(&self, reservation: &MemoryReservation, additional: usize, left: usize) -> Result<()> {
        let (name, limit) = (reservation.consumer().name().to_owned(), self.limit);
        Err(resources_datafusion_err!("{name} needs {additional} bytes more, and {left} of {limit} are left"))
    }
}

impl fmt::Display for RunPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({} bytes)", self.name(), self.limit)
    }
}

impl MemoryPool for RunPool {
    fn name(&self) -> &str {
        "run"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        if consumer.can_spill() {
            self.spilling.register(consumer);
        }
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        if consumer.can_spill() {
            self.spilling.unregister(consumer);
        }
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        let mut other = self.other.lock().unwrap_or_else(PoisonError::into_inner);
        if reservation.consumer().can_spill() {
            self.spilling.grow(reservation, additional);
        } else {
            *other += additional;
        }
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        let mut other = self.other.lock().unwrap_or_else(PoisonError::into_inner);
        if reservation.consumer().can_spill() {
            self.spilling.shrink(reservation, shrink);
        } else {
            *other = other.saturating_sub(shrink);
        }
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        let mut other = self.other.lock().unwrap_or_else(PoisonError::into_inner);
        let left = self.limit.saturating_sub(*other).saturating_sub(self.spilling.reserved());
        if additional > left {
            return self.refuse(reservation, additional, left);
        }
        if reservation.consumer().can_spill() {
            return self.spilling.try_grow(reservation, additional);
        }
        *other += additional;
        Ok(())
    }

    fn reserved(&self) -> usize {
        *self.other.lock().unwrap_or_else(PoisonError::into_inner) + self.spilling.reserved()
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Finite(self.limit)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn those_that_spill_leave_room_to_those_that_cannot() {
        let pool: Arc<dyn MemoryPool> = Arc::new(RunPool::new(1000));
        let sort = |name: &str| MemoryConsumer::new(name.to_owned()).with_can_spill(true).register(&pool);
        let first = sort("first");
        first.try_grow(500).unwrap();
        assert!(first.try_grow(1).is_err());
        // Two share the half.
        let second = sort("second");
        first.free();
        assert!(second.try_grow(251).is_err());
        second.try_grow(250).unwrap();
        first.try_grow(250).unwrap();
        // What merges finds the other half, and no more.
        let merge = MemoryConsumer::new("merge").register(&pool);
        merge.try_grow(500).unwrap();
        assert!(merge.try_grow(1).is_err());
        assert_eq!(pool.reserved(), 1000);
        // What is free of the half may be taken by it as well.
        drop(first);
        merge.try_grow(250).unwrap();
        assert!(second.try_grow(1).is_err());
        drop((merge, second));
        assert_eq!(pool.reserved(), 0);
    }
}
