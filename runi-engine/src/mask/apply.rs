//! The masks themselves, a column at a time.

use super::canonical::visit;
use super::generalise::Grid;
use super::keyed::Keyed;
use crate::error::EngineError;
use arrow::array::{
    Array, ArrayData, ArrayRef, BooleanArray, LargeStringArray, ListArray, StringViewArray, StringViewBuilder, make_array, new_empty_array,
    new_null_array,
};
use arrow::buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer};
use arrow::datatypes::DataType;
use std::sync::Arc;

/// What stands for a redacted text.
const REDACTED: &str = "***";

/// A keyed function of every value's canonical text, written straight into one buffer.
pub(super) fn keyed(array: &ArrayRef, function: &Keyed) -> Result<ArrayRef, EngineError> {
    let mut bytes = Vec::with_capacity(array.len() * function.width());
    let mut ends = Vec::with_capacity(array.len());
    visit(array, &mut |value| {
        if let Some(value) = value {
            function.write(value, &mut bytes);
        }
        ends.push(bytes.len());
    })?;
    let mut start = 0;
    let lengths = ends.into_iter().map(|end| end - std::mem::replace(&mut start, end));
    // 64-bit offsets: a hash is longer than most values, so a batch that fits 32 may grow out of them.
    let offsets = OffsetBuffer::<i64>::from_lengths(lengths);
    let text = LargeStringArray::try_new(offsets, Buffer::from_vec(bytes), array.logical_nulls())
        .map_err(EngineError::engine("masking a column"))?;
    Ok(Arc::new(text))
}

/// All but the last `keep` characters become `*`.
pub(super) fn partial(array: &ArrayRef, keep: usize) -> Result<ArrayRef, EngineError> {
    let mut out = StringViewBuilder::with_capacity(array.len());
    let mut masked = String::new();
    visit(array, &mut |value| match value {
        None => out.append_null(),
        Some(value) => {
            // Binary may be no UTF-8; what cannot be shown counts as one character.
            let text = String::from_utf8_lossy(value);
            let count = text.chars().count();
            let hidden = if count <= keep { count } else { count - keep };
            masked.clear();
            masked.extend(std::iter::repeat_n('*', hidden));
            masked.extend(text.chars().skip(hidden));
            out.append_value(&masked);
        }
    })?;
    Ok(Arc::new(out.finish()))
}

/// A constant where there is a value.
pub(super) fn redacted(array: &ArrayRef, ty: &DataType) -> Result<ArrayRef, EngineError> {
    let (rows, nulls) = (array.len(), array.logical_nulls());
    let zeros = |width: usize, ty: &DataType, nulls: Option<NullBuffer>| {
        ArrayData::builder(ty.clone())
            .len(rows)
            .nulls(nulls)
            .add_buffer(Buffer::from_vec(vec![0_u128; (rows * width).div_ceil(16)]))
            .build()
            .map(make_array)
            .map_err(EngineError::engine("redacting a column"))
    };
    Ok(match ty {
        DataType::Utf8View => {
            let present = (0..rows).map(|row| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)));
            Arc::new(present.map(|present| present.then_some(REDACTED)).collect::<StringViewArray>())
        }
        DataType::Boolean => Arc::new(BooleanArray::new(BooleanBuffer::new_unset(rows), nulls)),
        // A view of length zero is all zeros.
        DataType::BinaryView => zeros(16, ty, nulls)?,
        DataType::List(item) => Arc::new(
            ListArray::try_new(Arc::clone(item), OffsetBuffer::new_zeroed(rows), new_empty_array(item.data_type()), nulls)
                .map_err(EngineError::engine("redacting a column"))?,
        ),
        _ => match ty.primitive_width() {
            Some(width) => zeros(width, ty, nulls)?,
            None => new_null_array(ty, rows),
        },
    })
}

/// Every value on its grid.
pub(super) fn generalised(array: &ArrayRef, grid: &Grid) -> Result<ArrayRef, EngineError> {
    grid.apply(array)
}
