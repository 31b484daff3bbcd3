//! Parts of structs, which are known by name: a file may have more of them than the contract, fewer, or the same in another order.
//!
//! Arrow casts a struct part by part, in their order. So parts are first put in the order that is wanted; one that is missing is null.

use arrow::array::{Array, ArrayRef, AsArray, GenericListArray, MapArray, OffsetSizeTrait, StructArray, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Fields};
use arrow::error::ArrowError;
use std::sync::Arc;

/// The type that [`aligned`] gives a column: its own, with the parts of its structs as `wanted` has them.
pub(super) fn by_name(actual: &DataType, wanted: &DataType) -> DataType {
    match (actual, wanted) {
        (DataType::Struct(has), DataType::Struct(wants)) => DataType::Struct(parts(has, wants)),
        (DataType::List(item) | DataType::FixedSizeList(item, _), DataType::List(wants)) => DataType::List(inner(item, wants)),
        (DataType::LargeList(item), DataType::List(wants)) => DataType::LargeList(inner(item, wants)),
        (DataType::Map(entries, sorted), DataType::Map(wants, _)) => DataType::Map(entry(entries, wants), *sorted),
        _ => actual.clone(),
    }
}

fn inner(item: &Field, wanted: &Field) -> Arc<Field> {
    Arc::new(item.clone().with_data_type(by_name(item.data_type(), wanted.data_type())))
}

fn parts(has: &Fields, wants: &Fields) -> Fields {
    let part = |wanted: &Arc<Field>| {
        let ty = match has.find(wanted.name()) {
            Some((_, own)) => by_name(own.data_type(), wanted.data_type()),
            None => wanted.data_type().clone(),
        };
        Arc::new(Field::new(wanted.name(), ty, true))
    };
    wants.iter().map(part).collect()
}

/// The entries of a map: a key and a value, by position, whatever they are called.
fn entry(entries: &Field, wanted: &Field) -> Arc<Field> {
    let (DataType::Struct(has), DataType::Struct(wants)) = (entries.data_type(), wanted.data_type()) else {
        return Arc::new(entries.clone());
    };
    let pairs = has.iter().zip(wants).map(|(own, wanted)| inner(own, wanted));
    Arc::new(entries.clone().with_data_type(DataType::Struct(pairs.collect())))
}

/// A column with the parts of its structs in the order, and under the names, of a type.
///
/// # Errors
/// What Arrow says when it puts the parts together.
pub(super) fn aligned(column: &ArrayRef, wanted: &DataType) -> Result<ArrayRef, ArrowError> {
    let ty = by_name(column.data_type(), wanted);
    if *column.data_type() == ty {
        return Ok(Arc::clone(column));
    }
    Ok(match (column.data_type(), &ty) {
        (DataType::Struct(_), DataType::Struct(fields)) => {
            let own = column.as_struct();
            let part = |field: &Arc<Field>| match own.column_by_name(field.name()) {
                Some(part) => aligned(part, field.data_type()),
                None => Ok(new_null_array(field.data_type(), own.len())),
            };
            let arrays = fields.iter().map(part).collect::<Result<Vec<_>, _>>()?;
            Arc::new(StructArray::try_new_with_length(fields.clone(), arrays, own.nulls().cloned(), own.len())?)
        }
        (DataType::List(_), DataType::List(item)) => list::<i32>(column, item)?,
        (DataType::LargeList(_), DataType::LargeList(item)) => list::<i64>(column, item)?,
        (DataType::FixedSizeList(item, _), DataType::List(_)) => aligned(&cast(column, &DataType::List(Arc::clone(item)))?, wanted)?,
        (DataType::Map(..), DataType::Map(entries, sorted)) => {
            let (own, DataType::Struct(fields)) = (column.as_map(), entries.data_type()) else { return Ok(Arc::clone(column)) };
            let arrays = own.entries().columns().iter().zip(fields).map(|(part, field)| aligned(part, field.data_type()));
            let pairs = StructArray::try_new(fields.clone(), arrays.collect::<Result<Vec<_>, _>>()?, own.entries().nulls().cloned())?;
            Arc::new(MapArray::try_new(Arc::clone(entries), own.offsets().clone(), pairs, own.nulls().cloned(), *sorted)?)
        }
        _ => Arc::clone(column),
    })
}

fn list<O: OffsetSizeTrait>(column: &ArrayRef, item: &Arc<Field>) -> Result<ArrayRef, ArrowError> {
    let own = column.as_list::<O>();
    let values = aligned(own.values(), item.data_type())?;
    Ok(Arc::new(GenericListArray::<O>::try_new(Arc::clone(item), own.offsets().clone(), values, own.nulls().cloned())?))
}
