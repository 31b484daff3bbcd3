//! Texts of a batch in memory of its own.
//!
//! A view of texts keeps the whole memory that it was cut from, and shares it with other batches. Operators that hold batches count that
//! memory once for each, and would spill, or give up, with most of their room empty.

use arrow::array::{Array, ArrayRef, AsArray, BinaryViewArray, RecordBatch, RecordBatchOptions, StringViewArray};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use std::sync::Arc;

/// Below this, memory is not worth a copy, in bytes.
const SMALL: usize = 64 << 10;

/// The same rows; views whose memory is less than half used are copied.
pub(crate) fn compact(batch: RecordBatch) -> Result<RecordBatch, ArrowError> {
    let wasteful = |column: &ArrayRef| match column.data_type() {
        DataType::Utf8View => {
            let views: &StringViewArray = column.as_string_view();
            wastes(views.data_buffers(), views.total_buffer_bytes_used())
        }
        DataType::BinaryView => {
            let views: &BinaryViewArray = column.as_binary_view();
            wastes(views.data_buffers(), views.total_buffer_bytes_used())
        }
        _ => false,
    };
    if !batch.columns().iter().any(wasteful) {
        return Ok(batch);
    }
    let columns = batch.columns().iter().map(|column| match column.data_type() {
        DataType::Utf8View if wasteful(column) => Arc::new(column.as_string_view().gc()) as ArrayRef,
        DataType::BinaryView if wasteful(column) => Arc::new(column.as_binary_view().gc()) as ArrayRef,
        _ => Arc::clone(column),
    });
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(batch.schema(), columns.collect(), &options)
}

fn wastes(buffers: &[arrow::buffer::Buffer], used: usize) -> bool {
    let held: usize = buffers.iter().map(arrow::buffer::Buffer::capacity).sum();
    held > SMALL && held / 2 > used
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use arrow::datatypes::{Field, Schema};

    #[test]
    fn what_a_slice_does_not_use_is_let_go() {
        let texts: StringViewArray = (0..20_000).map(|row| Some(format!("a text that is no short one: {row}"))).collect();
        let schema = Arc::new(Schema::new(vec![Field::new("a", DataType::Utf8View, true)]));
        let whole = RecordBatch::try_new(schema, vec![Arc::new(texts)]).unwrap();
        let part = whole.slice(100, 50);
        let small = compact(part.clone()).unwrap();
        assert_eq!(small, part);
        assert!(small.get_array_memory_size() < 10_000, "{}", small.get_array_memory_size());
        // What is used stays where it is.
        assert_eq!(
            compact(whole.clone()).unwrap().column(0).as_string_view().data_buffers().as_ptr(),
            whole.column(0).as_string_view().data_buffers().as_ptr()
        );
    }
}
