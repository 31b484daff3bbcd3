//! Rows that wait at a barrier: in memory while they are few, in a spool when they are many.
//!
//! A spooled row keeps its values and loses its origin, so that the quarantine shows it as it stood
//! at the barrier. What it breaks is found again when it comes back.

use super::feed::SpoolWriter;
use crate::error::EngineError;
use crate::rows::Rows;
use crate::rules::Verdicts;
use crate::rules::keys::Position;
use std::path::Path;

/// Bytes that wait in memory.
const IN_MEMORY: usize = 128 << 20;

/// One batch that waits.
pub(crate) struct Held {
    pub(crate) position: Position,
    pub(crate) rows: Rows,
    /// What each row breaks; `None` after a spool.
    pub(crate) verdicts: Option<Verdicts>,
}

/// All that wait at one barrier.
#[derive(Default)]
pub(crate) struct HeldRows {
    memory: Vec<Held>,
    bytes: usize,
    spool: Option<SpoolWriter>,
    spooled: Vec<Position>,
}

impl HeldRows {
    /// Adds a batch. Without `spool_dir` everything stays in memory.
    pub(crate) fn push(&mut self, held: Held, spool_dir: Option<&Path>) -> Result<(), EngineError> {
        self.bytes += held.rows.batch.get_array_memory_size();
        self.memory.push(held);
        let Some(dir) = spool_dir.filter(|_| self.bytes > IN_MEMORY) else { return Ok(()) };
        for held in std::mem::take(&mut self.memory) {
            let spool = match &mut self.spool {
                Some(spool) => spool,
                none => none.insert(SpoolWriter::create(dir, &held.rows.batch.schema())?),
            };
            if !held.rows.is_empty() {
                spool.write(&held.rows.batch)?;
                self.spooled.push(held.position);
            }
        }
        self.bytes = 0;
        Ok(())
    }

    /// The batches that wait in memory, in no order.
    pub(crate) fn in_memory(&mut self) -> &mut [Held] {
        &mut self.memory
    }

    /// Gives every batch to `take`, by position.
    pub(crate) fn drain(self, take: &mut dyn FnMut(Held) -> Result<(), EngineError>) -> Result<(), EngineError> {
        let mut order: Vec<(Position, usize)> = self.spooled.iter().enumerate().map(|(index, position)| (*position, index)).collect();
        order.sort_unstable_by_key(|(position, _)| *position);
        let mut memory = self.memory;
        memory.sort_by_key(|held| held.position);
        let mut memory = memory.into_iter().peekable();
        if let Some(spool) = self.spool {
            let mut batches = spool.finish()?.reader()?;
            for (position, index) in order {
                while let Some(held) = memory.next_if(|held| held.position < position) {
                    take(held)?;
                }
                batches.set_index(index).map_err(EngineError::engine("reading a spool"))?;
                if let Some(batch) = batches.next() {
                    let batch = batch.map_err(EngineError::engine("reading a spool"))?;
                    take(Held { position, rows: Rows { batch, origin: None }, verdicts: None })?;
                }
            }
        }
        memory.try_for_each(take)
    }
}
