//! Batches become blocks of one size, so that a file depends on its rows and not on how they came.

use super::encode::Fault;
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::{cast, concat};
use arrow::datatypes::DataType;

/// Rows of a block: large enough that a task per column pays, small enough to stay in the cache's reach.
pub(super) const BLOCK_ROWS: usize = 64 * 1024;

/// A block of very wide rows ends early, to bound memory.
const BLOCK_BYTES: usize = 64 * 1024 * 1024;

/// The pieces of each column of one block.
pub(super) type Pieces = Vec<Vec<ArrayRef>>;

/// Rows that wait for their block to fill.
pub(super) struct Blocks {
    pieces: Pieces,
    rows: usize,
    bytes: usize,
}

impl Blocks {
    pub(super) fn new(columns: usize) -> Self {
        Self { pieces: vec![Vec::new(); columns], rows: 0, bytes: 0 }
    }

    /// Adds rows and gives the blocks that they fill, with their row counts.
    pub(super) fn push(&mut self, columns: &[ArrayRef], rows: usize) -> Vec<(Pieces, usize)> {
        let mut full = Vec::new();
        let mut start = 0;
        while start < rows {
            let take = (BLOCK_ROWS - self.rows).min(rows - start);
            for (pieces, column) in self.pieces.iter_mut().zip(columns) {
                let piece = column.slice(start, take);
                self.bytes += bytes(&piece);
                pieces.push(piece);
            }
            self.rows += take;
            start += take;
            if self.rows == BLOCK_ROWS || self.bytes >= BLOCK_BYTES {
                full.extend(self.rest());
            }
        }
        full
    }

    /// What is there, if anything is.
    pub(super) fn rest(&mut self) -> Option<(Pieces, usize)> {
        if self.rows == 0 {
            return None;
        }
        let columns = self.pieces.len();
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        Some((std::mem::replace(&mut self.pieces, vec![Vec::new(); columns]), rows))
    }
}

/// Bytes of the values, whatever buffers they share: a view's buffers may be those of a whole source chunk.
fn bytes(piece: &ArrayRef) -> usize {
    let views = 16 * piece.len();
    match piece.data_type() {
        DataType::Utf8View => views + piece.as_string_view().total_buffer_bytes_used(),
        DataType::BinaryView => views + piece.as_binary_view().total_buffer_bytes_used(),
        _ => piece.to_data().get_slice_memory_size().unwrap_or(0),
    }
}

/// One array of a column's pieces. `ty` is the column's type in the file.
pub(super) fn join(pieces: &[ArrayRef], ty: &DataType) -> Result<ArrayRef, Fault> {
    match pieces {
        [one] => Ok(ArrayRef::clone(one)),
        [first, rest @ ..] if rest.iter().all(|piece| piece.data_type() == first.data_type()) => {
            Ok(concat(&pieces.iter().map(|piece| piece.as_ref() as &dyn Array).collect::<Vec<_>>())?)
        }
        // Some pieces are views and some are not.
        mixed => {
            let plain = mixed.iter().map(|piece| cast(piece, ty)).collect::<Result<Vec<_>, _>>()?;
            Ok(concat(&plain.iter().map(|piece| piece.as_ref() as &dyn Array).collect::<Vec<_>>())?)
        }
    }
}
