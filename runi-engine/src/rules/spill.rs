//! Partitioned entries that go to disk when they outgrow their share of memory.

use crate::error::EngineError;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Partitions, by the identity's top bits. At a thousand million rows one of them is below 100 MiB.
pub(super) const PARTITIONS: usize = 256;
/// Bytes of an entry, in memory and on disk.
pub(super) const ENTRY: usize = 24;

/// Where a key was seen. Two halves instead of a `u128`, whose alignment would cost 8 bytes per entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    high: u64,
    low: u64,
    /// Orders rows by source position.
    pub(super) position: u64,
}

impl Entry {
    pub(super) fn new(identity: u128, position: u64) -> Self {
        Self { high: (identity >> 64) as u64, low: identity as u64, position }
    }

    pub(super) fn identity(&self) -> u128 {
        u128::from(self.high) << 64 | u128::from(self.low)
    }
}

/// The entries of one collector.
pub(super) struct Partitions {
    held: Vec<Vec<Entry>>,
    /// Entries that a partition holds before it is written out.
    share: usize,
    dir: PathBuf,
    spills: Vec<Spill>,
}

struct Spill {
    file: File,
    end: u64,
    /// Per partition: where a run of entries starts, and how many bytes it has.
    runs: Vec<Vec<(u64, usize)>>,
}

impl Partitions {
    /// Nothing yet; `budget` bytes may be held in memory, temporary files go to `dir`.
    pub(super) fn new(budget: usize, dir: &Path) -> Self {
        Self { held: vec![Vec::new(); PARTITIONS], share: (budget / PARTITIONS / ENTRY).max(1), dir: dir.to_owned(), spills: Vec::new() }
    }

    /// Adds an entry.
    pub(super) fn push(&mut self, entry: Entry) -> Result<(), EngineError> {
        let partition = (entry.high >> 56) as usize;
        let Some(held) = self.held.get_mut(partition) else { return Ok(()) };
        if held.len() == held.capacity() {
            // Doubling past the share would break the budget.
            held.reserve_exact(held.len().clamp(1, self.share.saturating_sub(held.len()).max(1)));
        }
        held.push(entry);
        if held.len() >= self.share { self.write_out(partition) } else { Ok(()) }
    }

    /// Takes over what another one gathered.
    pub(super) fn merge(&mut self, other: Self) -> Result<(), EngineError> {
        self.spills.extend(other.spills);
        for entry in other.held.into_iter().flatten() {
            self.push(entry)?;
        }
        Ok(())
    }

    /// Every entry of one partition. Call it once per partition: it empties it.
    pub(super) fn take(&mut self, partition: usize) -> Result<Vec<Entry>, EngineError> {
        let mut entries = self.held.get_mut(partition).map(std::mem::take).unwrap_or_default();
        for spill in &mut self.spills {
            let runs = spill.runs.get_mut(partition).map(std::mem::take).unwrap_or_default();
            for (start, length) in runs {
                let mut bytes = vec![0; length];
                let read = spill.file.seek(SeekFrom::Start(start)).and_then(|_| spill.file.read_exact(&mut bytes));
                read.map_err(EngineError::io("read", &self.dir))?;
                entries.extend(bytes.chunks_exact(ENTRY).filter_map(decode));
            }
        }
        Ok(entries)
    }

    fn write_out(&mut self, partition: usize) -> Result<(), EngineError> {
        let failed = || EngineError::io("write", &self.dir);
        // Spills that came with a merge are only read, so the last one may belong to another file: it is still one of ours.
        if self.spills.is_empty() {
            // The file has no name: the system removes it even when the process is killed.
            let file = tempfile::tempfile_in(&self.dir).map_err(EngineError::io("create", &self.dir))?;
            self.spills.push(Spill { file, end: 0, runs: vec![Vec::new(); PARTITIONS] });
        }
        let (Some(held), Some(spill)) = (self.held.get_mut(partition), self.spills.last_mut()) else { return Ok(()) };
        let mut bytes = Vec::with_capacity(held.len() * ENTRY);
        for entry in held.drain(..) {
            bytes.extend_from_slice(&entry.high.to_le_bytes());
            bytes.extend_from_slice(&entry.low.to_le_bytes());
            bytes.extend_from_slice(&entry.position.to_le_bytes());
        }
        spill.file.seek(SeekFrom::Start(spill.end)).map_err(failed())?;
        spill.file.write_all(&bytes).map_err(failed())?;
        if let Some(runs) = spill.runs.get_mut(partition) {
            runs.push((spill.end, bytes.len()));
        }
        spill.end += bytes.len() as u64;
        Ok(())
    }
}

fn decode(bytes: &[u8]) -> Option<Entry> {
    let word = |at: usize| bytes.get(at..at + 8).and_then(|word| word.try_into().ok()).map(u64::from_le_bytes);
    Some(Entry { high: word(0)?, low: word(8)?, position: word(16)? })
}
