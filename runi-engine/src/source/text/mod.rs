//! Text sources: files are read in order, cut into pieces of whole records, and decoded piece by piece.
//!
//! One worker at a time holds the lock and cuts; everything that costs per cell happens in [`TextFormat::split`] and
//! after it, in parallel.

mod decode;
mod frame;
mod input;
mod lines;

pub(super) use frame::{Framing, Span};
pub use input::unpacked;

use super::cell::Cell;
use super::files::SourceFile;
use super::{Cutter, InputFile, Piece, ReadOptions};
use crate::error::EngineError;
use crate::rows::RawCell;
use arrow::datatypes::SchemaRef;
use bytes::Bytes;
use frame::{Broken, Framer};
use input::Input;
use lines::Lines;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How the records of one file are laid out.
pub(super) trait TextFormat: fmt::Debug + Send + Sync + 'static {
    /// Appends one cell for each field of the schema. `quotes` tells whether the piece holds any quote byte.
    ///
    /// # Errors
    /// Why the record is malformed, a phrase that follows "the record".
    fn split(&self, data: &[u8], span: Span, quotes: bool, cells: &mut Vec<Cell>) -> Result<(), String>;

    /// The cells of one record as they were written.
    fn raw(&self, record: &[u8]) -> Vec<RawCell>;

    /// Whether the name of a column that the contract does not know may be data.
    fn names_are_data(&self) -> bool {
        false
    }

    /// The byte around quoted cells.
    fn quote(&self) -> u8 {
        b'"'
    }

    /// Whether text columns take a value of any kind, as columns without a contract do.
    fn takes_any_text(&self) -> bool {
        false
    }
}

/// A file and its layout.
#[derive(Debug)]
pub(super) struct TextFile<F> {
    /// Where it lies.
    pub(super) file: SourceFile,
    /// How its records are laid out.
    pub(super) format: F,
    /// Whether its first record names the columns.
    pub(super) header: bool,
}

/// What all pieces of a source share.
#[derive(Debug)]
struct Shared {
    source: Arc<str>,
    schema: SchemaRef,
    batch_rows: usize,
}

/// Cuts the files of a source.
pub(super) struct TextCutter<F> {
    files: Vec<Arc<TextFile<F>>>,
    framing: Framing,
    chunk_bytes: usize,
    shared: Arc<Shared>,
    done: Arc<AtomicU64>,
    state: Mutex<State<F>>,
}

struct State<F> {
    next_file: usize,
    next_seq: u64,
    current: Option<Current<F>>,
    finished: Vec<InputFile>,
}

struct Current<F> {
    file: Arc<TextFile<F>>,
    input: Input,
    framer: Framer,
    tail: Vec<u8>,
    at_start: bool,
    header: bool,
    records: u64,
    lines: u64,
}

/// A piece of whole records of one file.
#[derive(Debug)]
struct Cut<F> {
    shared: Arc<Shared>,
    file: Arc<TextFile<F>>,
    seq: u64,
    data: Bytes,
    records: Vec<Span>,
    broken: Vec<Broken>,
    quotes: bool,
    /// Records of the file before this piece.
    records_before: u64,
    /// Line ends of the file before `data`.
    lines_before: u64,
    /// Line ends in `data`.
    lines: Lines,
}

impl<F: TextFormat> TextCutter<F> {
    /// For files whose heads were read.
    pub(super) fn new(source: &str, schema: SchemaRef, files: Vec<TextFile<F>>, framing: Framing, options: &ReadOptions) -> Self {
        let shared = Shared { source: source.into(), schema, batch_rows: options.batch_rows.max(1) };
        Self {
            files: files.into_iter().map(Arc::new).collect(),
            framing,
            // Offsets in a piece are 28 bits wide (see `Cell`).
            chunk_bytes: options.chunk_bytes.clamp(1, 64 << 20),
            shared: Arc::new(shared),
            done: Arc::new(AtomicU64::new(0)),
            state: Mutex::new(State { next_file: 0, next_seq: 0, current: None, finished: Vec::new() }),
        }
    }

    fn start(&self, state: &mut State<F>) -> Result<Option<Current<F>>, EngineError> {
        let Some(file) = self.files.get(state.next_file) else { return Ok(None) };
        state.next_file += 1;
        let input = Input::open(&self.shared.source, &file.file, &self.done)?;
        Ok(Some(Current {
            input,
            framer: Framer::new(self.framing),
            tail: Vec::new(),
            at_start: true,
            header: file.header,
            records: 0,
            lines: 0,
            file: Arc::clone(file),
        }))
    }

    /// The next piece of a file, and whether the file ends with it.
    fn cut(&self, current: &mut Current<F>, seq: u64) -> Result<(Option<Cut<F>>, bool), EngineError> {
        let mut data = std::mem::take(&mut current.tail);
        loop {
            // A record that is longer than a piece: read as much again, so that looking at it anew costs little.
            let wanted = self.chunk_bytes.max(data.len());
            let eof = current.input.append(&mut data, wanted)? < wanted;
            let from = if current.at_start { bom(&data, eof) } else { Some(0) };
            let Some(from) = from else { continue };
            let mut framed = current.framer.frame(&data, from, eof);
            if framed.consumed == 0 && !eof {
                continue;
            }
            current.at_start = false;
            let lines_before = current.lines;
            current.lines += framed.lines;
            if current.header && !framed.records.is_empty() {
                current.header = false;
                framed.records.remove(0);
                framed.broken.retain_mut(|broken| {
                    let kept = broken.record > 0;
                    broken.record = broken.record.saturating_sub(1);
                    kept
                });
            }
            let records_before = current.records;
            current.records += framed.records.len() as u64;
            let rest = data.get(framed.consumed..).unwrap_or_default();
            let mut tail = Vec::with_capacity(if eof { 0 } else { rest.len() + self.chunk_bytes });
            tail.extend_from_slice(rest);
            if framed.records.is_empty() && !eof {
                data = tail;
                continue;
            }
            current.tail = tail;
            data.truncate(framed.consumed);
            let cut = (!framed.records.is_empty()).then(|| Cut {
                shared: Arc::clone(&self.shared),
                file: Arc::clone(&current.file),
                seq,
                data: Bytes::from(data),
                records: framed.records,
                broken: framed.broken,
                quotes: framed.quotes,
                records_before,
                lines_before,
                lines: Lines::default(),
            });
            return Ok((cut, eof));
        }
    }
}

/// The length of a byte order mark; `None` when more bytes are needed to tell.
fn bom(data: &[u8], eof: bool) -> Option<usize> {
    const BOM: &[u8] = b"\xEF\xBB\xBF";
    if data.starts_with(BOM) {
        return Some(BOM.len());
    }
    (eof || data.len() >= BOM.len() || !BOM.starts_with(data)).then_some(0)
}

impl<F: TextFormat> Cutter for TextCutter<F> {
    fn next(&self) -> Result<Option<Box<dyn Piece>>, EngineError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let mut current = match state.current.take() {
                Some(current) => current,
                None => match self.start(&mut state)? {
                    Some(current) => current,
                    None => return Ok(None),
                },
            };
            let (cut, ended) = self.cut(&mut current, state.next_seq)?;
            if ended {
                state.finished.push(current.input.close(current.records)?);
            } else {
                state.current = Some(current);
            }
            if let Some(cut) = cut {
                state.next_seq += 1;
                return Ok(Some(Box::new(cut)));
            }
        }
    }

    fn finish(&self) -> Result<Vec<InputFile>, EngineError> {
        Ok(self.state.lock().unwrap_or_else(PoisonError::into_inner).finished.clone())
    }

    fn unchanged(&self) -> Result<(), EngineError> {
        self.files.iter().try_for_each(|file| file.file.unchanged(&self.shared.source))
    }

    fn bytes_done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }
}

/// The first records of a file, for its columns.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// The bytes that hold them.
    pub(super) data: Vec<u8>,
    /// At most as many as were asked for.
    pub(super) records: Vec<Span>,
    /// Why the first record cannot be read, if so.
    pub(super) broken: Option<&'static str>,
}

/// Reads the first `wanted` records of a file (fewer when they are longer than 1 MiB together).
///
/// # Errors
/// What the system says, or broken compression.
pub(super) fn head(source: &str, file: &SourceFile, framing: Framing, wanted: usize) -> Result<Head, EngineError> {
    const STEP: usize = 1 << 16;
    const ENOUGH: usize = 1 << 20;
    let mut input = Input::open(&source.into(), file, &Arc::new(AtomicU64::new(0)))?;
    let mut data = Vec::new();
    loop {
        let step = STEP.max(data.len());
        let eof = input.append(&mut data, step)? < step;
        let from = bom(&data, eof).unwrap_or(0);
        let framed = Framer::new(framing).frame(&data, from, eof);
        if eof || framed.records.len() >= wanted || (!framed.records.is_empty() && data.len() >= ENOUGH) {
            let broken = framed.broken.first().filter(|broken| broken.record == 0).map(|broken| broken.reason);
            let mut records = framed.records;
            records.truncate(wanted);
            return Ok(Head { data, records, broken });
        }
    }
}
