//! The types that reach a file. Readers elsewhere know no string views and no dictionaries, some
//! know no unsigned numbers, so each format has plain types that mean the same.

use super::encode::Fault;
use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, FieldRef, Fields, SchemaRef, TimeUnit};
use std::sync::Arc;

/// A type's replacement; `None` keeps it.
type Swap = fn(&DataType) -> Result<Option<DataType>, String>;

/// For CSV and JSON.
pub(super) fn text_fields(schema: &SchemaRef) -> Vec<FieldRef> {
    infallible(schema, |ty| Ok(plain(ty)))
}

/// For Arrow IPC.
pub(super) fn arrow_fields(schema: &SchemaRef) -> Vec<FieldRef> {
    infallible(schema, |ty| Ok(plain(ty)))
}

/// For Parquet, which counts time in milliseconds or finer.
pub(super) fn parquet_fields(schema: &SchemaRef) -> Vec<FieldRef> {
    infallible(schema, |ty| {
        Ok(match ty {
            DataType::Timestamp(TimeUnit::Second, zone) => Some(DataType::Timestamp(TimeUnit::Millisecond, zone.clone())),
            DataType::Time32(TimeUnit::Second) => Some(DataType::Time32(TimeUnit::Millisecond)),
            DataType::Date64 => Some(DataType::Date32),
            other => plain(other),
        })
    })
}

/// For Delta, which has neither unsigned numbers nor times of day, and only microseconds.
pub(super) fn delta_fields(schema: &SchemaRef) -> Result<Vec<FieldRef>, String> {
    let swap: Swap = |ty| match ty {
        DataType::UInt8 => Ok(Some(DataType::Int16)),
        DataType::UInt16 => Ok(Some(DataType::Int32)),
        DataType::UInt32 => Ok(Some(DataType::Int64)),
        DataType::UInt64 => Ok(Some(DataType::Decimal128(20, 0))),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => Err("a Delta table counts time in microseconds, not nanoseconds".to_owned()),
        DataType::Timestamp(_, zone) => Ok(Some(DataType::Timestamp(TimeUnit::Microsecond, zone.as_ref().map(|_| "UTC".into())))),
        DataType::Time32(_) | DataType::Time64(_) => Err("a Delta table has no type for a time of day".to_owned()),
        DataType::Date64 => Ok(Some(DataType::Date32)),
        DataType::LargeUtf8 => Ok(Some(DataType::Utf8)),
        DataType::LargeBinary | DataType::FixedSizeBinary(_) => Ok(Some(DataType::Binary)),
        DataType::Float16 => Ok(Some(DataType::Float32)),
        other => Ok(plain(other)),
    };
    schema.fields().iter().map(|field| rebuild(field, swap).map_err(|message| format!("column `{}`: {message}", field.name()))).collect()
}

fn plain(ty: &DataType) -> Option<DataType> {
    match ty {
        DataType::Utf8View => Some(DataType::Utf8),
        DataType::BinaryView => Some(DataType::Binary),
        DataType::Dictionary(_, value) => Some(plain(value).unwrap_or_else(|| value.as_ref().clone())),
        _ => None,
    }
}

fn infallible(schema: &SchemaRef, swap: Swap) -> Vec<FieldRef> {
    schema.fields().iter().map(|field| rebuild(field, swap).unwrap_or_else(|_| Arc::clone(field))).collect()
}

/// The field with every type in it replaced. Its metadata goes: it speaks of this program's own types.
fn rebuild(field: &FieldRef, swap: Swap) -> Result<FieldRef, String> {
    Ok(Arc::new(Field::new(field.name(), rebuild_type(field.data_type(), swap)?, field.is_nullable())))
}

fn rebuild_type(ty: &DataType, swap: Swap) -> Result<DataType, String> {
    Ok(match ty {
        DataType::List(item) | DataType::ListView(item) => DataType::List(rebuild(item, swap)?),
        DataType::LargeList(item) | DataType::LargeListView(item) => DataType::LargeList(rebuild(item, swap)?),
        DataType::FixedSizeList(item, length) => DataType::FixedSizeList(rebuild(item, swap)?, *length),
        DataType::Struct(parts) => DataType::Struct(parts.iter().map(|part| rebuild(part, swap)).collect::<Result<Fields, _>>()?),
        DataType::Map(entries, sorted) => DataType::Map(rebuild(entries, swap)?, *sorted),
        leaf => swap(leaf)?.unwrap_or_else(|| leaf.clone()),
    })
}

/// The batch's columns in the fields' types.
pub(super) fn conform(fields: &[FieldRef], batch: &RecordBatch, views: bool) -> Result<Vec<ArrayRef>, Fault> {
    if batch.num_columns() != fields.len() {
        return Err(Fault::Encoding(format!("a batch has {} columns where the sink has {}", batch.num_columns(), fields.len())));
    }
    fields.iter().zip(batch.columns()).map(|(field, column)| conform_column(field, column, views)).collect()
}

fn conform_column(field: &FieldRef, column: &ArrayRef, views: bool) -> Result<ArrayRef, Fault> {
    if !field.is_nullable() && column.logical_null_count() > 0 {
        return Err(Fault::Encoding(format!("column `{}` may not be null, and a row has no value there", field.name())));
    }
    let (wanted, found) = (field.data_type(), column.data_type());
    let as_it_is = found == wanted
        || (views && matches!((wanted, found), (DataType::Utf8, DataType::Utf8View) | (DataType::Binary, DataType::BinaryView)));
    if as_it_is {
        return Ok(Arc::clone(column));
    }
    // Not `safe`: a value that does not fit is an error, never a silent null.
    let options = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(column, wanted, &options).map_err(|error| Fault::Encoding(format!("column `{}`: {error}", field.name())))
}
