//! `@key` and `@unique`: no two rows of a source share these values.
//!
//! A [`KeyCollector`] gathers the identity and the position of every row, in bounded memory; [`KeyCollector::finish`]
//! keeps only identities that occur twice or more; [`Duplicates::mark`] then finds their rows in a second look at the
//! batches. Rows with a null in the key pass: a `@key` makes its columns `required`, which is its own rule.
//!
//! Identities are exact for keys of at most 16 bytes (integers, dates, decimals, timestamps) and 128 bits of BLAKE3
//! otherwise: among a thousand million different keys the chance that any two are taken for one is 1.5 · 10⁻²¹.

use super::Verdicts;
use super::hashing::Identities;
use super::spill::{Entry, PARTITIONS, Partitions};
use crate::error::EngineError;
use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::SchemaRef;
use runi_lang::model::{Duplicates as Policy, Key};
use rustc_hash::FxHashMap;
use std::path::Path;

/// Bytes that a collector holds before it writes to disk.
const BUDGET: usize = 48 << 20;

/// Where a batch's rows stand in their source: row `i` is row `first + i` of chunk `seq`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    seq: u64,
    first: usize,
}

impl Position {
    /// The rows of chunk `seq` from `first` on.
    #[must_use]
    pub fn new(seq: u64, first: usize) -> Self {
        Self { seq, first }
    }

    /// One number per row that ascends with the source.
    fn base(self, rows: usize) -> Result<u64, EngineError> {
        let fits = self.seq <= u64::from(u32::MAX) && self.first.checked_add(rows).is_some_and(|end| u32::try_from(end).is_ok());
        if !fits {
            let message = format!("chunk {} with {} rows is too far into the source", self.seq, rows);
            return Err(EngineError::Engine { context: "gathering keys".to_owned(), message });
        }
        Ok(self.seq << 32 | self.first as u64)
    }
}

/// Gathers the keys of a source, or of one worker's part of it.
pub struct KeyCollector {
    lookup: Lookup,
    partitions: Partitions,
    policy: Policy,
}

/// Keys that occur twice or more.
pub struct Duplicates {
    lookup: Lookup,
    /// Identity → position of the first row that has it.
    found: FxHashMap<u128, u64>,
    policy: Policy,
}

struct Lookup {
    columns: Vec<String>,
    identities: Identities,
}

impl KeyCollector {
    /// For one key over rows of `schema`; what outgrows 48 MiB goes to a nameless file in `dir`.
    ///
    /// # Errors
    /// A column that the schema lacks, or whose type has no equality.
    pub fn new(key: &Key, schema: &SchemaRef, dir: &Path) -> Result<Self, EngineError> {
        Self::with_budget(key, schema, dir, BUDGET)
    }

    /// The same with another limit, in bytes.
    ///
    /// # Errors
    /// As for [`KeyCollector::new`].
    pub fn with_budget(key: &Key, schema: &SchemaRef, dir: &Path, budget: usize) -> Result<Self, EngineError> {
        let types = key.columns.iter().map(|column| schema.field_with_name(column).map(|field| field.data_type().clone()));
        let types = types.collect::<Result<_, _>>().map_err(EngineError::engine("preparing a key"))?;
        let lookup = Lookup { columns: key.columns.clone(), identities: Identities::new(types)? };
        Ok(Self { lookup, partitions: Partitions::new(budget, dir), policy: key.duplicates })
    }

    /// Gathers a batch.
    ///
    /// # Errors
    /// A batch without the key's columns, or a disk that is full.
    pub fn add(&mut self, batch: &RecordBatch, at: Position) -> Result<(), EngineError> {
        let base = at.base(batch.num_rows())?;
        for (row, identity) in self.lookup.of(batch)?.into_iter().enumerate() {
            if let Some(identity) = identity {
                self.partitions.push(Entry::new(identity, base + row as u64))?;
            }
        }
        Ok(())
    }

    /// Takes over what another worker gathered for the same key.
    ///
    /// # Errors
    /// A disk that is full.
    pub fn merge(&mut self, other: Self) -> Result<(), EngineError> {
        self.partitions.merge(other.partitions)
    }

    /// Keeps what occurs twice or more. Memory from here on is proportional to the number of such keys.
    ///
    /// # Errors
    /// A temporary file that cannot be read back.
    pub fn finish(mut self) -> Result<Duplicates, EngineError> {
        let mut found = FxHashMap::default();
        for partition in 0..PARTITIONS {
            let mut entries = self.partitions.take(partition)?;
            entries.sort_unstable();
            for same in entries.chunk_by(|a, b| a.identity() == b.identity()) {
                if let [first, _, ..] = same {
                    found.insert(first.identity(), first.position);
                }
            }
        }
        Ok(Duplicates { lookup: self.lookup, found, policy: self.policy })
    }
}

impl Duplicates {
    /// How many keys occur twice or more.
    #[must_use]
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether every key is unique.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Sets `bit` for the rows that share a key: all of them under `reject_all`, all but the first under `keep_first`.
    /// A batch must come with the position that it was gathered under.
    ///
    /// # Errors
    /// A batch without the key's columns.
    pub fn mark(&self, batch: &RecordBatch, at: Position, verdicts: &mut Verdicts, bit: usize) -> Result<(), EngineError> {
        if self.found.is_empty() {
            return Ok(());
        }
        let base = at.base(batch.num_rows())?;
        for (row, identity) in self.lookup.of(batch)?.into_iter().enumerate() {
            if let Some(first) = identity.and_then(|identity| self.found.get(&identity))
                && (self.policy == Policy::RejectAll || *first != base + row as u64)
            {
                verdicts.set(row, bit);
            }
        }
        Ok(())
    }
}

impl Lookup {
    fn of(&self, batch: &RecordBatch) -> Result<Vec<Option<u128>>, EngineError> {
        let columns: Result<Vec<ArrayRef>, EngineError> = self
            .columns
            .iter()
            .map(|name| {
                batch.column_by_name(name).cloned().ok_or_else(|| EngineError::Engine {
                    context: "reading a key".to_owned(),
                    message: format!("the batch has no column `{name}`"),
                })
            })
            .collect();
        self.identities.of(&columns?)
    }
}
