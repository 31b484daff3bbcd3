//! Tests over text columns, whatever their Arrow encoding.

use crate::error::EngineError;
use arrow::array::{Array, ArrayAccessor, ArrayRef, AsArray, StringViewArray};
use arrow::buffer::BooleanBuffer;
use arrow::compute::cast;
use arrow::datatypes::DataType;

/// Whether a column of this type can be tested as text.
pub(crate) fn is_text(ty: &DataType) -> bool {
    match ty {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

/// The rows whose value is not null and does not pass.
pub(crate) fn failing(array: &ArrayRef, passes: impl Fn(&str) -> bool) -> Result<BooleanBuffer, EngineError> {
    let failed = match array.data_type() {
        DataType::Utf8View => failing_views(array.as_string_view(), passes),
        DataType::Utf8 => each(array.as_string::<i32>(), passes),
        DataType::LargeUtf8 => each(array.as_string::<i64>(), passes),
        DataType::Dictionary(_, _) => return failing_dictionary(array, passes),
        _ => {
            let text = cast(array, &DataType::Utf8View).map_err(EngineError::engine("reading a column as text"))?;
            failing_views(text.as_string_view(), passes)
        }
    };
    Ok(not_null(failed, array))
}

/// Each dictionary value is tested once, however often it occurs.
fn failing_dictionary(array: &ArrayRef, passes: impl Fn(&str) -> bool) -> Result<BooleanBuffer, EngineError> {
    let dictionary = array.as_any_dictionary();
    if dictionary.values().is_empty() {
        return Ok(BooleanBuffer::new_unset(array.len()));
    }
    let values = failing(dictionary.values(), passes)?;
    let mut keys = dictionary.normalized_keys().into_iter();
    let failed = BooleanBuffer::collect_bool(array.len(), |_| keys.next().is_some_and(|key| values.value(key)));
    Ok(not_null(failed, array))
}

fn each<'a>(array: impl ArrayAccessor<Item = &'a str>, passes: impl Fn(&str) -> bool) -> BooleanBuffer {
    BooleanBuffer::collect_bool(array.len(), |row| !passes(array.value(row)))
}

/// Values of at most 12 bytes lie inside their view, so the view itself is the key of a small memo:
/// codes and names repeat, and a hit costs less than any pattern.
fn failing_views(array: &StringViewArray, passes: impl Fn(&str) -> bool) -> BooleanBuffer {
    const SLOTS: usize = 256;
    const INLINE: u32 = 12;
    // No view has this key: its length would be `u32::MAX`.
    let mut memo = vec![(u128::MAX, false); SLOTS];
    let views = array.views();
    BooleanBuffer::collect_bool(views.len(), |row| {
        let view = views[row];
        if view as u32 > INLINE {
            return !passes(array.value(row));
        }
        let mixed = (view as u64 ^ (view >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let slot = &mut memo[(mixed >> 56) as usize];
        if slot.0 != view {
            *slot = (view, !passes(array.value(row)));
        }
        slot.1
    })
}

/// Without the rows that are null: what lies under a null is not a value.
pub(crate) fn not_null(rows: BooleanBuffer, array: &dyn Array) -> BooleanBuffer {
    match array.logical_nulls() {
        Some(nulls) => &rows & nulls.inner(),
        None => rows,
    }
}
