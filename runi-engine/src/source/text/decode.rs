//! A piece of text becomes batches.

use super::{Cut, Span, TextFormat};
use crate::error::EngineError;
use crate::rows::{CellFailures, Chunk, Malformed, Origins, RawCell, RawRecords, Rows};
use crate::source::cell::Cell;
use crate::source::column::{Cells, build};
use crate::source::{Decoded, Piece};
use arrow::array::RecordBatch;
use arrow::buffer::Buffer;
use arrow::record_batch::RecordBatchOptions;
use memchr::memchr;
use std::sync::Arc;

/// As much of a malformed record as is kept.
const KEPT_RAW: usize = 64 << 10;

/// Room for the batches of one piece in [`Chunk::seq`].
const BATCH_BITS: u32 = 24;

impl<F: TextFormat> Piece for Cut<F> {
    fn seq(&self) -> u64 {
        self.seq
    }

    fn decode(self: Box<Self>) -> Result<Decoded, EngineError> {
        let cut: Arc<Self> = Arc::from(self);
        let buffer = Buffer::from(cut.data.clone());
        let (utf8, nul) = (simdutf8::basic::from_utf8(&cut.data).is_ok(), memchr(0, &cut.data).is_some());
        let mut decoded = Decoded { seq: cut.seq, batches: Vec::new(), malformed: Vec::new(), records: cut.records.len() as u64 };
        // Batches of even size: the last one is not a stub.
        let batches = cut.records.len().div_ceil(cut.shared.batch_rows).max(1);
        let size = cut.records.len().div_ceil(batches).max(1);
        let width = cut.shared.schema.fields().len();
        let mut cells: Vec<Cell> = Vec::with_capacity(size.min(cut.records.len()) * width);
        let mut broken = cut.broken.iter().peekable();
        for (number, spans) in cut.records.chunks(size).enumerate() {
            let first = number * size;
            cells.clear();
            let mut lost = Vec::new();
            for (row, span) in spans.iter().enumerate() {
                let reason = match broken.next_if(|broken| broken.record == first + row) {
                    Some(broken) => Err(broken.reason.to_owned()),
                    None if (utf8 && !nul) || is_text(span.of(&cut.data)) => {
                        cut.file.format.split(&cut.data, *span, cut.quotes, &mut cells)
                    }
                    None if memchr(0, span.of(&cut.data)).is_some() => Err("holds a NUL byte".to_owned()),
                    None => Err("is not UTF-8".to_owned()),
                };
                if let Err(error) = reason {
                    cells.truncate((row - lost.len()) * width);
                    decoded.malformed.push(cut.malformed(first + row, error));
                    lost.push((first + row) as u32);
                }
            }
            let rows = spans.len() - lost.len();
            if rows > 0 {
                decoded.batches.push(cut.batch(number, first, spans.len(), &lost, &cells, &buffer)?);
            }
        }
        Ok(decoded)
    }
}

fn is_text(record: &[u8]) -> bool {
    memchr(0, record).is_none() && simdutf8::basic::from_utf8(record).is_ok()
}

impl<F: TextFormat> Cut<F> {
    fn batch(
        self: &Arc<Self>,
        number: usize,
        first: usize,
        records: usize,
        lost: &[u32],
        cells: &[Cell],
        buffer: &Buffer,
    ) -> Result<(Rows, Vec<CellFailures>), EngineError> {
        let schema = &self.shared.schema;
        let rows = records - lost.len();
        let (quote, any_text) = (self.file.format.quote(), self.file.format.takes_any_text());
        let mut arrays = Vec::with_capacity(schema.fields().len());
        let mut failures = Vec::new();
        for (column, field) in schema.fields().iter().enumerate() {
            let cells = Cells { data: buffer, cells, width: schema.fields().len(), column, rows, quote, any_text };
            let built = build(field.data_type(), &cells)?;
            arrays.push(built.array);
            failures.extend(built.failures.map(|rows| CellFailures { column, rows }));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(schema), arrays, &options)
            .map_err(EngineError::engine(format!("building a batch of source `{}`", self.shared.source)))?;
        let kept = (!lost.is_empty()).then(|| {
            let mut lost = lost.iter().copied().peekable();
            (first as u32..(first + records) as u32).filter(|record| lost.next_if_eq(record).is_none()).collect()
        });
        let raw = TextRecords { cut: Arc::clone(self), first, kept };
        let chunk = Chunk {
            source: Arc::clone(&self.shared.source),
            file: Arc::clone(&self.file.file.shown),
            seq: self.seq << BATCH_BITS | number as u64,
            raw: Box::new(raw),
        };
        Ok((Rows { batch, origin: Some(Origins { chunk: Arc::new(chunk), index: None }) }, failures))
    }

    fn span(&self, record: usize) -> Span {
        self.records.get(record).copied().unwrap_or(Span { start: 0, end: 0 })
    }

    fn number_of(&self, record: usize) -> u64 {
        self.records_before + record as u64 + 1
    }

    fn line_of(&self, record: usize) -> u64 {
        self.lines_before + self.lines.before(&self.data, self.span(record).start as usize) + 1
    }

    fn malformed(&self, record: usize, error: String) -> Malformed {
        let bytes = self.span(record).of(&self.data);
        let kept = bytes.get(..bytes.len().min(KEPT_RAW)).unwrap_or_default();
        Malformed {
            file: Arc::clone(&self.file.file.shown),
            number: self.number_of(record),
            line: self.line_of(record),
            raw: String::from_utf8_lossy(kept).into_owned(),
            error,
        }
    }
}

/// The records of one batch, split again when someone asks.
#[derive(Debug)]
struct TextRecords<F> {
    cut: Arc<Cut<F>>,
    /// The piece's record that is row 0, when no record was malformed.
    first: usize,
    /// The piece's record for each row otherwise.
    kept: Option<Vec<u32>>,
}

impl<F> TextRecords<F> {
    fn record(&self, row: usize) -> usize {
        match &self.kept {
            None => self.first + row,
            Some(kept) => kept.get(row).map_or(usize::MAX, |record| *record as usize),
        }
    }
}

impl<F: TextFormat> RawRecords for TextRecords<F> {
    fn cells(&self, row: usize) -> Vec<RawCell> {
        self.cut.file.format.raw(self.cut.span(self.record(row)).of(&self.cut.data))
    }

    fn number(&self, row: usize) -> u64 {
        self.cut.number_of(self.record(row))
    }

    fn line(&self, row: usize) -> Option<u64> {
        Some(self.cut.line_of(self.record(row)))
    }

    fn names_are_data(&self) -> bool {
        self.cut.file.format.names_are_data()
    }
}
