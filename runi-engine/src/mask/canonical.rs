//! The canonical text of a value: what keyed masks hash, and how the quarantine shows values.
//!
//! | type | text |
//! |---|---|
//! | text, binary | itself, byte by byte (the quarantine shows binary as hex) |
//! | boolean | `true`, `false` |
//! | integers | decimal digits |
//! | decimals | decimal digits without zeros at the end of the fraction: `1.50` is `1.5`, `2.00` is `2` |
//! | floats | the shortest digits that read back as the same value; minus zero is `0` |
//! | dates | `2027-03-31` |
//! | times | `13:05:09`, with a fraction only where it is not zero |
//! | timestamps | `2027-03-31T13:05:09`, with a fraction only where it is not zero; with a zone: in UTC, ending in `Z` |
//! | lists, structs, maps | compact JSON |

use super::super::quarantine::json::json_value;
use crate::error::EngineError;
use arrow::array::types::{ArrowTimestampType, Decimal128Type, DecimalType};
use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, Time64NanosecondType, TimeUnit,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow::temporal_conversions::{as_datetime, as_time};
use std::fmt::Write;

/// Calls `each` with the canonical text of every row, in order; `None` is null.
///
/// # Errors
/// A type that has no canonical text.
pub(crate) fn visit(array: &ArrayRef, each: &mut dyn FnMut(Option<&[u8]>)) -> Result<(), EngineError> {
    match array.data_type() {
        DataType::Utf8View => array.as_string_view().iter().for_each(|value| each(value.map(str::as_bytes))),
        DataType::Utf8 => array.as_string::<i32>().iter().for_each(|value| each(value.map(str::as_bytes))),
        DataType::LargeUtf8 => array.as_string::<i64>().iter().for_each(|value| each(value.map(str::as_bytes))),
        DataType::BinaryView => array.as_binary_view().iter().for_each(each),
        DataType::Binary => array.as_binary::<i32>().iter().for_each(each),
        DataType::LargeBinary => array.as_binary::<i64>().iter().for_each(each),
        DataType::Dictionary(_, values) => return visit(&recast(array, values)?, each),
        _ => {
            let nulls = array.logical_nulls();
            let mut text = String::new();
            for row in 0..array.len() {
                if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
                    each(None);
                    continue;
                }
                text.clear();
                write(array, row, &mut text)?;
                each(Some(text.as_bytes()));
            }
        }
    }
    Ok(())
}

/// Appends the text of a value that is not null; binary as hex.
pub(crate) fn write(array: &ArrayRef, row: usize, out: &mut String) -> Result<(), EngineError> {
    macro_rules! number {
        ($ty:ty) => {
            write_to(out, array.as_primitive::<$ty>().value(row))
        };
    }
    match array.data_type() {
        DataType::Utf8View => out.push_str(array.as_string_view().value(row)),
        DataType::Utf8 => out.push_str(array.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => out.push_str(array.as_string::<i64>().value(row)),
        DataType::BinaryView => array.as_binary_view().value(row).iter().for_each(|byte| write_to(out, format_args!("{byte:02x}"))),
        DataType::Binary | DataType::LargeBinary | DataType::FixedSizeBinary(_) => {
            write(&recast(&array.slice(row, 1), &DataType::BinaryView)?, 0, out)?;
        }
        DataType::Dictionary(_, values) => write(&recast(&array.slice(row, 1), values)?, 0, out)?,
        DataType::Boolean => out.push_str(if array.as_boolean().value(row) { "true" } else { "false" }),
        DataType::Int8 => number!(Int8Type),
        DataType::Int16 => number!(Int16Type),
        DataType::Int32 => number!(Int32Type),
        DataType::Int64 => number!(Int64Type),
        DataType::UInt8 => number!(UInt8Type),
        DataType::UInt16 => number!(UInt16Type),
        DataType::UInt32 => number!(UInt32Type),
        DataType::UInt64 => number!(UInt64Type),
        // Adding zero turns minus zero into zero and changes nothing else.
        DataType::Float32 => write_to(out, array.as_primitive::<Float32Type>().value(row) + 0.0),
        DataType::Float64 => write_to(out, array.as_primitive::<Float64Type>().value(row) + 0.0),
        DataType::Decimal128(precision, scale) => {
            let text = Decimal128Type::format_decimal(array.as_primitive::<Decimal128Type>().value(row), *precision, *scale);
            out.push_str(if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text });
        }
        DataType::Date32 => match as_datetime::<Date32Type>(i64::from(array.as_primitive::<Date32Type>().value(row))) {
            Some(at) => write_to(out, at.format("%Y-%m-%d")),
            None => write_to(out, array.as_primitive::<Date32Type>().value(row)),
        },
        DataType::Date64 => write(&recast(&array.slice(row, 1), &DataType::Date32)?, 0, out)?,
        DataType::Time32(_) | DataType::Time64(_) => {
            let array = recast(&array.slice(row, 1), &DataType::Time64(TimeUnit::Nanosecond))?;
            let value = array.as_primitive::<Time64NanosecondType>().value(0);
            match as_time::<Time64NanosecondType>(value) {
                Some(time) => write_to(out, time.format("%H:%M:%S%.f")),
                None => write_to(out, value),
            }
            trim_fraction(out);
        }
        DataType::Timestamp(unit, zone) => {
            match unit {
                TimeUnit::Second => timestamp::<TimestampSecondType>(array.as_primitive(), row, out),
                TimeUnit::Millisecond => timestamp::<TimestampMillisecondType>(array.as_primitive(), row, out),
                TimeUnit::Microsecond => timestamp::<TimestampMicrosecondType>(array.as_primitive(), row, out),
                TimeUnit::Nanosecond => timestamp::<TimestampNanosecondType>(array.as_primitive(), row, out),
            }
            trim_fraction(out);
            if zone.is_some() {
                out.push('Z');
            }
        }
        DataType::List(_)
        | DataType::LargeList(_)
        | DataType::ListView(_)
        | DataType::FixedSizeList(_, _)
        | DataType::Struct(_)
        | DataType::Map(_, _)
        | DataType::Null => write_to(out, json_value(array, row)?),
        other => {
            return Err(EngineError::Engine {
                context: "writing a value as text".to_owned(),
                message: format!("type {other} has no text"),
            });
        }
    }
    Ok(())
}

/// The canonical text of one cell; `None` is null.
pub(crate) fn text(array: &ArrayRef, row: usize) -> Result<Option<String>, EngineError> {
    if array.logical_nulls().is_some_and(|nulls| nulls.is_null(row)) {
        return Ok(None);
    }
    let mut out = String::new();
    write(array, row, &mut out)?;
    Ok(Some(out))
}

fn timestamp<T: ArrowTimestampType>(array: &PrimitiveArray<T>, row: usize, out: &mut String) {
    let value = array.value(row);
    match as_datetime::<T>(value) {
        Some(at) => write_to(out, at.format("%Y-%m-%dT%H:%M:%S%.f")),
        None => write_to(out, value),
    }
}

/// Chrono writes fractions in groups of three digits: `.500` becomes `.5`.
fn trim_fraction(out: &mut String) {
    if out.rfind('.').is_some_and(|dot| dot > out.rfind(':').unwrap_or(dot)) {
        out.truncate(out.trim_end_matches('0').len());
    }
}

/// Writing into a string cannot fail.
fn write_to(out: &mut String, value: impl std::fmt::Display) {
    let _ = write!(out, "{value}");
}

fn recast(array: &ArrayRef, ty: &DataType) -> Result<ArrayRef, EngineError> {
    cast(array, ty).map_err(EngineError::engine("writing a value as text"))
}
