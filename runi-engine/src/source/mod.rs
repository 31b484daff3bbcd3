//! Sources: files become typed batches, in pieces that several workers decode at the same time.
//!
//! ```text
//! open      the files are found, their columns compared with the contract   (`files`, `drift`)
//! next      serial and cheap: cuts the next piece of whole records          (`text`, `typed`)
//! decode    parallel: cells become values of the contract's types           (`csv`, `json`, `column`, `typed`)
//! ```
//!
//! Every record of a source comes out exactly once: as a row of one batch, or as [`Malformed`]. A cell that is not a
//! value of its field's type is null in the batch and marked in [`CellFailures`], so that the row can be set aside
//! with its raw text. Nothing is rounded or cut to fit: a decimal with too many digits, or a time finer than the
//! field's unit, is a failure of that cell.

mod cell;
mod column;
mod csv;
mod drift;
mod files;
mod json;
mod nested;
mod parse;
pub mod plain;
mod target;
mod text;
mod typed;

pub use drift::Drift;
pub use text::unpacked;
pub(crate) use typed::table_files;

use crate::error::EngineError;
use crate::rows::{CellFailures, Malformed, Rows};
use arrow::datatypes::SchemaRef;
use runi_lang::ir::Connector;
use runi_lang::model::Contract;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// What to read.
#[derive(Debug, Clone, Copy)]
pub struct SourceSpec<'a> {
    /// The view's name, for messages and positions.
    pub name: &'a str,
    /// Where the data lies and in which format.
    pub connector: &'a Connector,
    /// What each row must be; without one the schema is the file's own.
    pub contract: Option<&'a Contract>,
    /// The workspace: relative paths start here and may not leave it.
    pub root: &'a Path,
}

/// How to cut the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadOptions {
    /// Rows of a batch, at most.
    pub batch_rows: usize,
    /// Bytes of a piece of a text file, about; a longer record still comes whole.
    pub chunk_bytes: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { batch_rows: 8192, chunk_bytes: 1 << 20 }
    }
}

/// A file that was read, for the record of the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFile {
    /// Its path, relative to the workspace where it lies in it. A Delta table is one entry, `path@version`.
    pub path: String,
    /// Its size as stored.
    pub bytes: u64,
    /// `blake3:` and 64 hex digits, over the bytes as stored.
    pub digest: String,
    /// Records in it, malformed ones included.
    pub records: u64,
}

/// A decoded piece.
#[derive(Debug)]
pub struct Decoded {
    /// The piece's place in the source.
    pub seq: u64,
    /// Batches in order, each with the cells that could not be read.
    pub batches: Vec<(Rows, Vec<CellFailures>)>,
    /// Records that are in no batch.
    pub malformed: Vec<Malformed>,
    /// All records of the piece, malformed ones included.
    pub records: u64,
}

/// Cuts one source into pieces. Called by several workers.
trait Cutter: Send + Sync {
    /// The next piece, in order; `None` at the end.
    fn next(&self) -> Result<Option<Box<dyn Piece>>, EngineError>;
    /// The files, once everything was cut.
    fn finish(&self) -> Result<Vec<InputFile>, EngineError>;
    /// Whether the files are still what they were when the source was opened.
    fn unchanged(&self) -> Result<(), EngineError>;
    /// Bytes that were cut so far.
    fn bytes_done(&self) -> u64;
}

/// A piece that one worker decodes.
trait Piece: Send {
    /// Its place among the pieces of the source.
    fn seq(&self) -> u64;
    /// Does the work.
    fn decode(self: Box<Self>) -> Result<Decoded, EngineError>;
}

/// Opens a source: finds its files, reads their heads and compares their columns with the contract.
///
/// # Errors
/// No file, an unreadable one, or drift that the contract's policy forbids (every difference is listed).
pub fn open(spec: &SourceSpec<'_>, options: &ReadOptions) -> Result<OpenSource, EngineError> {
    if let Connector::Delta { .. } = spec.connector {
        return typed::open_delta(spec, options);
    }
    let files = files::find(spec)?;
    match spec.connector {
        Connector::Csv { .. } => csv::open(spec, files, options),
        Connector::Json { .. } => json::open(spec, files, options),
        Connector::Parquet { .. } => typed::open_parquet(spec, files, options),
        Connector::Arrow { .. } => typed::open_arrow(spec, files, options),
        Connector::Delta { .. } => Err(wrong_connector(spec)),
    }
}

/// For a reader that was handed another format's connector.
fn wrong_connector(spec: &SourceSpec<'_>) -> EngineError {
    EngineError::Engine {
        context: format!("opening source `{}`", spec.name),
        message: format!("no reader for {}", spec.connector.type_name()),
    }
}

/// A source whose schema is known and of which nothing was read yet.
pub struct OpenSource {
    schema: SchemaRef,
    drift: Vec<Drift>,
    bytes: Option<u64>,
    rows: Option<u64>,
    cutter: Box<dyn Cutter>,
}

impl fmt::Debug for OpenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenSource").field("schema", &self.schema).field("drift", &self.drift).finish_non_exhaustive()
    }
}

impl OpenSource {
    /// What batches look like: the contract's fields in its order and of its types, or the file's own columns.
    /// Every column may hold nulls, required ones too: the rules find those, not the reader.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.schema)
    }

    /// The differences that the contract's policy lets pass.
    #[must_use]
    pub fn drift(&self) -> &[Drift] {
        &self.drift
    }

    /// Size of all files as stored.
    #[must_use]
    pub fn bytes(&self) -> Option<u64> {
        self.bytes
    }

    /// How many records there are, where the format says so without being read.
    #[must_use]
    pub fn rows(&self) -> Option<u64> {
        self.rows
    }

    /// Starts reading.
    #[must_use]
    pub fn reader(self) -> SourceReader {
        SourceReader { cutter: self.cutter, total: self.bytes.unwrap_or(0), handed_out: AtomicU64::new(0) }
    }
}

/// Hands out the pieces of a source to any number of workers.
pub struct SourceReader {
    cutter: Box<dyn Cutter>,
    total: u64,
    handed_out: AtomicU64,
}

impl fmt::Debug for SourceReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceReader").field("pieces", &self.handed_out).finish_non_exhaustive()
    }
}

impl SourceReader {
    /// The next piece; `None` when everything was handed out. Pieces come in ascending order of [`Unit::seq`].
    ///
    /// # Errors
    /// A file that cannot be read, or whose compression is broken.
    pub fn next(&self) -> Result<Option<Unit>, EngineError> {
        let piece = self.cutter.next()?;
        if piece.is_some() {
            self.handed_out.fetch_add(1, Ordering::Relaxed);
        }
        Ok(piece.map(|piece| Unit { piece }))
    }

    /// What was read. Call it after [`Self::next`] gave `None`.
    ///
    /// # Errors
    /// A typed file that cannot be read again for its digest, or is not the one any more that was read.
    pub fn finish(&self) -> Result<Vec<InputFile>, EngineError> {
        self.cutter.finish()
    }

    /// Whether the files are still what they were when the source was opened. Who reads a source in two passes asks after the second.
    ///
    /// # Errors
    /// A file that was written, replaced or removed meanwhile.
    pub fn unchanged(&self) -> Result<(), EngineError> {
        self.cutter.unchanged()
    }

    /// Bytes handed out, and bytes in all (as stored).
    #[must_use]
    pub fn position(&self) -> (u64, u64) {
        (self.cutter.bytes_done().min(self.total), self.total)
    }
}

/// A piece of a source, not yet decoded.
pub struct Unit {
    piece: Box<dyn Piece>,
}

impl fmt::Debug for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unit").field("seq", &self.seq()).finish_non_exhaustive()
    }
}

impl Unit {
    /// Its place among the pieces of the source.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.piece.seq()
    }

    /// Turns it into batches. This is the heavy part; it needs nothing but the piece.
    ///
    /// # Errors
    /// Broken pages of a typed file. Text never fails here: what cannot be read is [`Decoded::malformed`].
    pub fn decode(self) -> Result<Decoded, EngineError> {
        self.piece.decode()
    }
}
