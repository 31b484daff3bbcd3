//! Parts of structs, known by name: a file may have fewer, more, or the same in another order, at any depth.
//!
//! What is missing is null and what is more is left out, as with columns; whether that is let pass, `@drift` decides, as with columns.

use super::{Drift, holds};
use arrow::array::{Array, ArrayRef, AsArray, ListArray, MapArray, StructArray, new_null_array};
use arrow::datatypes::{DataType as Arrow, Field, FieldRef, Fields};
use arrow::error::ArrowError;
use runi_lang::types::DataType;
use std::sync::Arc;

/// Whether every value of `actual` is one of `declared`, parts that are missing or more left aside: these are named in `drift`.
pub(super) fn compare(declared: &DataType, actual: &DataType, at: &str, drift: &mut Vec<Drift>) -> bool {
    match (declared, actual) {
        (DataType::Struct(declared), DataType::Struct(actual)) => {
            let find = |parts: &'_ [(String, DataType)], name: &str| parts.iter().position(|(known, _)| known == name);
            // Without a part in common it is another struct altogether.
            if !actual.iter().any(|(name, _)| find(declared, name).is_some()) {
                return false;
            }
            let mut fits = true;
            for (name, ty) in declared {
                let part = format!("{at}.{name}");
                match find(actual, name).and_then(|index| actual.get(index)) {
                    Some((_, actual)) => fits &= compare(ty, actual, &part, drift),
                    None => drift.push(Drift::Missing { field: part, required: false }),
                }
            }
            for (name, _) in actual.iter().filter(|(name, _)| find(declared, name).is_none()) {
                drift.push(Drift::Extra { column: format!("{at}.{name}") });
            }
            fits
        }
        (DataType::List(declared), DataType::List(actual)) => compare(declared, actual, at, drift),
        (DataType::Map(key, declared), DataType::Map(actual_key, actual)) => {
            holds(key, actual_key) && compare(declared, actual, &format!("{at}.value"), drift)
        }
        _ => holds(declared, actual),
    }
}

/// The type of a column once it has the parts of another type, each with the type that it had.
pub(super) fn shape(from: &Arrow, to: &Arrow) -> Arrow {
    match (from, to) {
        (Arrow::Struct(from), Arrow::Struct(to)) => {
            let part = |wanted: &FieldRef| {
                let ty = from.iter().find(|part| part.name() == wanted.name()).map(|part| shape(part.data_type(), wanted.data_type()));
                Arc::new(Field::new(wanted.name(), ty.unwrap_or_else(|| wanted.data_type().clone()), true))
            };
            Arrow::Struct(to.iter().map(part).collect())
        }
        (Arrow::List(from), Arrow::List(to)) => Arrow::List(item(from, to)),
        (Arrow::Map(from, sorted), Arrow::Map(to, _)) => {
            entries(from, to).map_or_else(|| Arrow::Map(Arc::clone(from), *sorted), |entries| Arrow::Map(entries, *sorted))
        }
        _ => from.clone(),
    }
}

/// The values of a column in the parts of another type. Where none differ, the column itself.
///
/// # Errors
/// What Arrow says about an array that cannot be put together; none is known.
pub(super) fn reshape(array: &ArrayRef, to: &Arrow) -> Result<ArrayRef, ArrowError> {
    let shape = shape(array.data_type(), to);
    if shape == *array.data_type() {
        return Ok(Arc::clone(array));
    }
    match (&shape, array.data_type()) {
        (Arrow::Struct(parts), Arrow::Struct(_)) => structure(array.as_struct(), parts, to).map(|array| Arc::new(array) as ArrayRef),
        (Arrow::List(field), Arrow::List(_)) => {
            let list: &ListArray = array.as_list();
            let Arrow::List(to) = to else { return Ok(Arc::clone(array)) };
            let values = reshape(list.values(), to.data_type())?;
            Ok(Arc::new(ListArray::try_new(Arc::clone(field), list.offsets().clone(), values, list.nulls().cloned())?))
        }
        (Arrow::Map(field, sorted), Arrow::Map(..)) => {
            let map = array.as_map();
            let (Arrow::Map(to, _), Arrow::Struct(parts)) = (to, field.data_type()) else { return Ok(Arc::clone(array)) };
            let entries = map.entries();
            let columns = entries.columns().iter().zip(types_of(to)).map(|(column, to)| reshape(column, &to)).collect::<Result<_, _>>()?;
            let entries = StructArray::try_new_with_length(parts.clone(), columns, entries.nulls().cloned(), entries.len())?;
            Ok(Arc::new(MapArray::try_new(Arc::clone(field), map.offsets().clone(), entries, map.nulls().cloned(), *sorted)?))
        }
        _ => Ok(Arc::clone(array)),
    }
}

fn structure(array: &StructArray, parts: &Fields, to: &Arrow) -> Result<StructArray, ArrowError> {
    let Arrow::Struct(wanted) = to else { return Ok(array.clone()) };
    let column = |(part, wanted): (&FieldRef, &FieldRef)| match array.column_by_name(part.name()) {
        Some(column) => reshape(column, wanted.data_type()),
        None => Ok(new_null_array(part.data_type(), array.len())),
    };
    let columns = parts.iter().zip(wanted).map(column).collect::<Result<_, _>>()?;
    StructArray::try_new_with_length(parts.clone(), columns, array.nulls().cloned(), array.len())
}

/// The field of a list's items.
fn item(from: &FieldRef, to: &FieldRef) -> FieldRef {
    Arc::new(Field::new(from.name(), shape(from.data_type(), to.data_type()), from.is_nullable()))
}

/// The field of a map's entries; a key and a value stand there by their places, whatever they are called.
fn entries(from: &FieldRef, to: &FieldRef) -> Option<FieldRef> {
    let Arrow::Struct(parts) = from.data_type() else { return None };
    let part = |(part, to): (&FieldRef, Arrow)| Arc::new(Field::new(part.name(), shape(part.data_type(), &to), part.is_nullable()));
    let parts: Fields = parts.iter().zip(types_of(to)).map(part).collect();
    Some(Arc::new(Field::new(from.name(), Arrow::Struct(parts), from.is_nullable())))
}

fn types_of(entries: &FieldRef) -> Vec<Arrow> {
    match entries.data_type() {
        Arrow::Struct(parts) => parts.iter().map(|part| part.data_type().clone()).collect(),
        _ => Vec::new(),
    }
}
