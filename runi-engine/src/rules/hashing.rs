//! 128-bit identities of key tuples.
//!
//! A tuple whose columns take 16 bytes or fewer in all (two 64-bit integers, say) *is* its identity: two tuples are equal
//! exactly when their identities are. Wider ones and text are the first 128 bits of BLAKE3 over Arrow's row format:
//! among n different tuples the probability that any two share an identity is below n² / 2¹²⁹ — for a thousand
//! million rows, 1.5 · 10⁻²¹ — and nobody can make two that do.

use crate::error::EngineError;
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use arrow::row::{RowConverter, SortField};
use std::sync::Arc;

/// Makes identities of columns of fixed types.
pub(super) struct Identities {
    types: Vec<DataType>,
    way: Way,
}

enum Way {
    /// The bytes of each column, one after the other.
    Exact(Vec<usize>),
    Hashed(RowConverter),
}

impl Identities {
    /// For tuples of these types.
    pub(super) fn new(types: Vec<DataType>) -> Result<Self, EngineError> {
        // Text has one row format whatever its layout, but a converter takes only one layout.
        let types: Vec<DataType> = types.into_iter().map(plain).collect();
        let widths: Option<Vec<usize>> = types.iter().map(width).collect();
        let way = match widths {
            Some(widths) if widths.iter().sum::<usize>() <= 16 => Way::Exact(widths),
            _ => {
                let fields = types.iter().cloned().map(SortField::new).collect();
                Way::Hashed(RowConverter::new(fields).map_err(EngineError::engine("preparing a key"))?)
            }
        };
        Ok(Self { types, way })
    }

    /// One identity per row; `None` where any column is null, or holds what the key's type cannot.
    pub(super) fn of(&self, columns: &[ArrayRef]) -> Result<Vec<Option<u128>>, EngineError> {
        let failed = EngineError::engine::<arrow::error::ArrowError>("hashing a key");
        let columns =
            columns.iter().zip(&self.types).map(|(column, ty)| normal(column, ty)).collect::<Result<Vec<_>, _>>().map_err(failed)?;
        let rows = columns.first().map_or(0, |column| column.len());
        let mut out = match &self.way {
            Way::Exact(widths) => exact(&columns, widths, rows),
            Way::Hashed(converter) => {
                let failed = EngineError::engine::<arrow::error::ArrowError>("hashing a key");
                let converted = converter.convert_columns(&columns).map_err(failed)?;
                converted.iter().map(|row| Some(hash(row.as_ref()))).collect()
            }
        };
        for nulls in columns.iter().filter_map(|column| column.logical_nulls()) {
            for row in (!nulls.inner()).set_indices() {
                if let Some(identity) = out.get_mut(row) {
                    *identity = None;
                }
            }
        }
        Ok(out)
    }
}

fn plain(ty: DataType) -> DataType {
    match ty {
        DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
        DataType::Binary | DataType::LargeBinary => DataType::BinaryView,
        DataType::Boolean => DataType::UInt8,
        DataType::Dictionary(_, values) => plain(*values),
        other => other,
    }
}

/// Bytes of a value whose bits are its identity: floats have two zeros and many NaNs.
fn width(ty: &DataType) -> Option<usize> {
    ty.primitive_width().filter(|_| !ty.is_floating())
}

fn normal(column: &ArrayRef, ty: &DataType) -> Result<ArrayRef, arrow::error::ArrowError> {
    let column = if column.data_type() == ty { Arc::clone(column) } else { cast(column, ty)? };
    Ok(match ty {
        DataType::Float32 => Arc::new(
            column.as_primitive::<Float32Type>().unary::<_, Float32Type>(|value| if value.is_nan() { f32::NAN } else { value + 0.0 }),
        ),
        DataType::Float64 => Arc::new(
            column.as_primitive::<Float64Type>().unary::<_, Float64Type>(|value| if value.is_nan() { f64::NAN } else { value + 0.0 }),
        ),
        _ => column,
    })
}

fn exact(columns: &[ArrayRef], widths: &[usize], rows: usize) -> Vec<Option<u128>> {
    let mut packed = vec![0_u128; rows];
    for (column, width) in columns.iter().zip(widths) {
        let data = column.to_data();
        let bytes = data.buffers().first().and_then(|buffer| buffer.as_slice().get(data.offset() * width..)).unwrap_or_default();
        for (identity, value) in packed.iter_mut().zip(bytes.chunks_exact(*width)) {
            let mut wide = [0; 16];
            wide.iter_mut().zip(value).for_each(|(to, from)| *to = *from);
            // A shift by all 128 bits is only asked for where the first and only column has them.
            *identity = identity.checked_shl(*width as u32 * 8).unwrap_or(0) | u128::from_le_bytes(wide);
        }
    }
    packed.into_iter().map(|identity| Some(mix(identity))).collect()
}

/// Spreads neighbouring numbers over all bits. Every step can be undone, so different numbers stay different.
fn mix(mut value: u128) -> u128 {
    const ODD: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
    value ^= value >> 64;
    value = value.wrapping_mul(ODD);
    value ^= value >> 71;
    value = value.wrapping_mul(ODD);
    value ^ value >> 64
}

fn hash(bytes: &[u8]) -> u128 {
    let digest = blake3::hash(bytes);
    let mut first = [0; 16];
    first.iter_mut().zip(digest.as_bytes()).for_each(|(to, from)| *to = *from);
    u128::from_le_bytes(first)
}
