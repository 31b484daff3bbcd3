//! Cells and rows as JSON.

use crate::error::EngineError;
use crate::mask::canonical;
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float32Type, Float64Type};
use serde_json::{Map, Number, Value};
use std::sync::Arc;

/// One cell. Booleans, integers and finite floats are JSON's own; everything else is its canonical text, so that no
/// digit of a decimal is lost. Lists, structs and maps keep their shape.
pub(crate) fn json_value(array: &ArrayRef, row: usize) -> Result<Value, EngineError> {
    if array.logical_nulls().is_some_and(|nulls| nulls.is_null(row)) {
        return Ok(Value::Null);
    }
    let text = || -> Result<Value, EngineError> { Ok(canonical::text(array, row)?.map_or(Value::Null, Value::String)) };
    Ok(match array.data_type() {
        DataType::Null => Value::Null,
        DataType::Boolean => Value::Bool(array.as_boolean().value(row)),
        DataType::Float32 => float(f64::from(array.as_primitive::<Float32Type>().value(row))).map_or_else(text, Ok)?,
        DataType::Float64 => float(array.as_primitive::<Float64Type>().value(row)).map_or_else(text, Ok)?,
        ty if ty.is_integer() => match text()? {
            Value::String(digits) => digits.parse::<Number>().map_or(Value::String(digits), Value::Number),
            other => other,
        },
        DataType::List(_) => list(&array.as_list::<i32>().value(row))?,
        DataType::LargeList(_) => list(&array.as_list::<i64>().value(row))?,
        DataType::FixedSizeList(_, _) => list(&array.as_fixed_size_list().value(row))?,
        DataType::ListView(item) => {
            let plain = DataType::List(Arc::new(Field::clone(item)));
            json_value(&cast(&array.slice(row, 1), &plain).map_err(EngineError::engine("writing a list as JSON"))?, 0)?
        }
        DataType::Struct(_) => {
            let parts = array.as_struct();
            let mut object = Map::new();
            for (field, column) in parts.fields().iter().zip(parts.columns()) {
                object.insert(field.name().clone(), json_value(column, row)?);
            }
            Value::Object(object)
        }
        DataType::Map(_, _) => {
            let entries = array.as_map().value(row);
            let mut object = Map::new();
            if let [keys, values] = entries.columns() {
                for entry in 0..entries.len() {
                    object.insert(canonical::text(keys, entry)?.unwrap_or_default(), json_value(values, entry)?);
                }
            }
            Value::Object(object)
        }
        _ => text()?,
    })
}

fn float(value: f64) -> Option<Value> {
    Number::from_f64(value).map(Value::Number)
}

fn list(items: &ArrayRef) -> Result<Value, EngineError> {
    (0..items.len()).map(|item| json_value(items, item)).collect::<Result<Vec<_>, _>>().map(Value::Array)
}
