//! Rows on their way, and where they came from.
//!
//! A [`Rows`] is a batch plus, as long as every stage so far kept rows apart, the position of each
//! row in its source. The quarantine needs that; nothing else does, so it costs one `Arc` per batch
//! until a row is set aside.

use arrow::array::{BooleanArray, RecordBatch, UInt32Array};
use arrow::buffer::BooleanBuffer;
use arrow::compute::{filter_record_batch, take_record_batch};
use arrow::error::ArrowError;
use std::fmt;
use std::sync::Arc;

/// One cell of a record as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawCell {
    /// The column's name in the source.
    pub column: String,
    /// The text as it was read (for typed formats: the value as JSON text without quotes); `None` is null.
    pub text: Option<String>,
    /// Whether the text is JSON as it stands: a number, a truth value, a list or an object, and not text.
    pub json: bool,
}

/// Gives back the records of a chunk as they were read. Called for quarantined rows only, so it may be slow.
pub trait RawRecords: Send + Sync + fmt::Debug {
    /// The cells of the chunk's record `row` (from 0), in the source's order.
    fn cells(&self, row: usize) -> Vec<RawCell>;
    /// The record's number in its file, from 1; headers do not count.
    fn number(&self, row: usize) -> u64;
    /// The line on which it starts, from 1, for text formats.
    fn line(&self, row: usize) -> Option<u64>;
    /// Whether the name of a column that the contract does not know may be data: a key of one JSON object, or a cell of a record that was
    /// taken for a header.
    fn names_are_data(&self) -> bool {
        false
    }
}

/// A piece of one source file that was decoded as one batch.
#[derive(Debug)]
pub struct Chunk {
    /// The source's view name.
    pub source: Arc<str>,
    /// The file, relative to the workspace where it lies in it.
    pub file: Arc<str>,
    /// Position of the chunk among all chunks of the source: ascending by file, then by place in the file.
    pub seq: u64,
    /// The records.
    pub raw: Box<dyn RawRecords>,
}

/// The positions of a batch's rows in a chunk.
#[derive(Debug, Clone)]
pub struct Origins {
    /// Where they were read.
    pub chunk: Arc<Chunk>,
    /// Row `i` of the batch is record `index[i]` of the chunk; `None` means `i` itself.
    pub index: Option<UInt32Array>,
}

impl Origins {
    /// The record of the chunk that row `row` of the batch was.
    #[must_use]
    pub fn record(&self, row: usize) -> usize {
        self.index.as_ref().map_or(row, |index| index.value(row) as usize)
    }
}

/// A batch and its rows' origins.
#[derive(Debug, Clone)]
pub struct Rows {
    /// The values.
    pub batch: RecordBatch,
    /// Where they came from; `None` after a set-level step.
    pub origin: Option<Origins>,
}

impl Rows {
    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.batch.num_rows()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same rows with other columns.
    #[must_use]
    pub fn with_batch(&self, batch: RecordBatch) -> Self {
        debug_assert_eq!(batch.num_rows(), self.len());
        Self { batch, origin: self.origin.clone() }
    }

    /// The rows for which `keep` is set.
    ///
    /// # Errors
    /// What Arrow says; a mask of another length is one.
    pub fn filter(&self, keep: &BooleanBuffer) -> Result<Self, ArrowError> {
        if keep.count_set_bits() == self.len() {
            return Ok(self.clone());
        }
        let mask = BooleanArray::new(keep.clone(), None);
        let batch = filter_record_batch(&self.batch, &mask)?;
        let origin = self.origin.as_ref().map(|origin| Origins {
            chunk: Arc::clone(&origin.chunk),
            index: Some(keep.set_indices().map(|row| origin.record(row) as u32).collect()),
        });
        Ok(Self { batch, origin })
    }

    /// The rows at `indices`.
    ///
    /// # Errors
    /// What Arrow says; an index that is too large is one.
    pub fn take(&self, indices: &UInt32Array) -> Result<Self, ArrowError> {
        let batch = take_record_batch(&self.batch, indices)?;
        let origin = self.origin.as_ref().map(|origin| Origins {
            chunk: Arc::clone(&origin.chunk),
            index: Some(indices.values().iter().map(|row| origin.record(*row as usize) as u32).collect()),
        });
        Ok(Self { batch, origin })
    }
}

/// The cells of one column that could not be read as the field's type; the batch holds null there.
#[derive(Debug, Clone)]
pub struct CellFailures {
    /// Index of the column in the batch.
    pub column: usize,
    /// One bit per row.
    pub rows: BooleanBuffer,
}

/// A record that could not even be split into cells (or parsed as JSON). Never part of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// The file.
    pub file: Arc<str>,
    /// The record's number in its file, from 1.
    pub number: u64,
    /// The line on which it starts, from 1.
    pub line: u64,
    /// The bytes, UTF-8 replaced where they are not, at most 64 KiB of them.
    pub raw: String,
    /// What is wrong with it: "has 3 cells where the header has 5".
    pub error: String,
}
