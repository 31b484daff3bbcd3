//! Batches become blocks of one size, so that a file depends on its rows and not on how they came.

use super::encode::Fault;
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::{cast, concat};
use arrow::datatypes::DataType;
use std::sync::Arc;

/// Rows of a block: large enough that a task per column pays, small enough to stay in the cache's reach.
pub(super) const BLOCK_ROWS: usize = 64 * 1024;

/// A block of very wide rows ends early, with the row that reaches this weight ([`weigh`]), to bound memory.
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
        let mut weights = vec![0; rows];
        columns.iter().for_each(|column| weigh(column, &mut weights));
        let mut full = Vec::new();
        let mut start = 0;
        for (row, weight) in weights.into_iter().enumerate() {
            self.rows += 1;
            self.bytes += weight;
            if self.rows == BLOCK_ROWS || self.bytes >= BLOCK_BYTES {
                self.take(columns, start, row + 1);
                start = row + 1;
                full.extend(self.rest());
            }
        }
        self.take(columns, start, rows);
        full
    }

    fn take(&mut self, columns: &[ArrayRef], start: usize, end: usize) {
        if start < end {
            self.pieces.iter_mut().zip(columns).for_each(|(pieces, column)| pieces.push(column.slice(start, end - start)));
        }
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

/// Adds what each row of a column weighs, about its bytes. It depends on the values alone: not on whether text comes as views, on what
/// lies under a null, or on where the batch was cut.
fn weigh(column: &ArrayRef, weights: &mut [usize]) {
    let fixed = match column.data_type() {
        DataType::Boolean => 1,
        other => other.primitive_width().unwrap_or(16),
    };
    weights.iter_mut().for_each(|weight| *weight += fixed);
    match column.data_type() {
        DataType::Utf8 => lengths(column.as_string::<i32>().iter(), weights, str::len),
        DataType::LargeUtf8 => lengths(column.as_string::<i64>().iter(), weights, str::len),
        DataType::Utf8View => lengths(column.as_string_view().iter(), weights, str::len),
        DataType::Binary => lengths(column.as_binary::<i32>().iter(), weights, <[u8]>::len),
        DataType::LargeBinary => lengths(column.as_binary::<i64>().iter(), weights, <[u8]>::len),
        DataType::BinaryView => lengths(column.as_binary_view().iter(), weights, <[u8]>::len),
        DataType::List(_) => items(column, column.as_list::<i32>().iter(), weights),
        DataType::LargeList(_) => items(column, column.as_list::<i64>().iter(), weights),
        DataType::Map(_, _) => {
            let map = column.as_map();
            let entries = |row: usize| Arc::new(map.value(row)) as ArrayRef;
            items(column, (0..map.len()).map(|row| map.is_valid(row).then(|| entries(row))), weights);
        }
        DataType::Struct(_) => {
            let mut inner = vec![0; column.len()];
            column.as_struct().columns().iter().for_each(|field| weigh(field, &mut inner));
            for (row, (weight, inner)) in weights.iter_mut().zip(inner).enumerate() {
                *weight += if column.is_valid(row) { inner } else { 0 };
            }
        }
        _ => {}
    }
}

fn lengths<T>(values: impl Iterator<Item = Option<T>>, weights: &mut [usize], length: impl Fn(T) -> usize) {
    weights.iter_mut().zip(values).for_each(|(weight, value)| *weight += value.map_or(0, &length));
}

fn items(column: &ArrayRef, rows: impl Iterator<Item = Option<ArrayRef>>, weights: &mut [usize]) {
    debug_assert_eq!(column.len(), weights.len());
    for (weight, row) in weights.iter_mut().zip(rows) {
        if let Some(row) = row {
            let mut inner = vec![0; row.len()];
            weigh(&row, &mut inner);
            *weight += inner.into_iter().sum::<usize>();
        }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use arrow::array::{Int32Array, ListArray, StringArray, StringViewArray, StringViewBuilder};
    use arrow::datatypes::Int32Type;

    /// Rows of each block, when the rows come in batches of `size`.
    fn cut(column: &ArrayRef, size: usize) -> Vec<usize> {
        let mut blocks = Blocks::new(1);
        let mut rows = Vec::new();
        for start in (0..column.len()).step_by(size) {
            let take = size.min(column.len() - start);
            rows.extend(blocks.push(&[column.slice(start, take)], take));
        }
        rows.extend(blocks.rest());
        for (pieces, rows) in &rows {
            assert_eq!(pieces[0].iter().map(|piece| piece.len()).sum::<usize>(), *rows);
        }
        rows.into_iter().map(|(_, rows)| rows).collect()
    }

    #[test]
    fn wide_rows_are_cut_at_the_same_row_however_they_come() {
        // Views of one text, so that rows of 3 MiB need no memory.
        let mut builder = StringViewBuilder::new();
        let long = 3 << 20;
        let block = builder.append_block(vec![b'x'; long].into());
        for row in 0..100 {
            if row % 10 == 0 {
                builder.append_null();
            } else {
                builder.try_append_view(block, 0, u32::try_from(long).unwrap()).unwrap();
            }
        }
        let column: ArrayRef = Arc::new(builder.finish());
        let whole = cut(&column, 100);
        assert_eq!(whole.iter().sum::<usize>(), 100);
        assert!(whole.len() >= 4 && whole.iter().all(|rows| rows * 3 <= 64 + 16), "{whole:?}");
        for size in [1, 3, 7, 22, 23, 99] {
            assert_eq!(cut(&column, size), whole, "{size}");
        }
    }

    #[test]
    fn narrow_rows_fill_blocks_of_one_size() {
        let column: ArrayRef = Arc::new(Int32Array::from_iter_values(0..150_000));
        for size in [150_000, 8192, 8191] {
            assert_eq!(cut(&column, size), [BLOCK_ROWS, BLOCK_ROWS, 150_000 - 2 * BLOCK_ROWS]);
        }
    }

    #[test]
    fn a_row_weighs_the_same_in_every_representation() {
        let weights = |column: ArrayRef| {
            let mut weights = vec![0; column.len()];
            weigh(&column, &mut weights);
            weights
        };
        let texts = [Some("a"), None, Some("a text that is longer than a view"), Some("")];
        let plain = weights(Arc::new(StringArray::from(texts.to_vec())));
        assert_eq!(plain, weights(Arc::new(StringViewArray::from(texts.to_vec()))));
        assert_eq!(plain, [17, 16, 16 + 33, 16]);
        let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), None]), None, Some(vec![])]);
        assert_eq!(weights(Arc::new(list.clone())), [24, 16, 16]);
        assert_eq!(weights(Arc::new(list.slice(1, 2))), [16, 16]);
    }
}
