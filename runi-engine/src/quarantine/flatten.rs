//! Nested columns as JSON text, for formats that have none.

use super::json::json_value;
use crate::error::EngineError;
use arrow::array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, StringViewBuilder};
use arrow::datatypes::{DataType, Field, Schema};
use std::sync::Arc;

/// The same rows, with every list, struct and map column as its JSON text. Null stays null.
///
/// # Errors
/// A value that has no JSON form.
pub fn flatten(batch: &RecordBatch) -> Result<RecordBatch, EngineError> {
    let mut fields = Vec::with_capacity(batch.num_columns());
    let mut columns = Vec::with_capacity(batch.num_columns());
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        if field.data_type().is_nested() {
            fields.push(Arc::new(Field::new(field.name(), DataType::Utf8View, field.is_nullable())));
            columns.push(json_column(column)?);
        } else {
            fields.push(Arc::clone(field));
            columns.push(Arc::clone(column));
        }
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options).map_err(EngineError::engine("flattening rows"))
}

fn json_column(column: &ArrayRef) -> Result<ArrayRef, EngineError> {
    let mut out = StringViewBuilder::with_capacity(column.len());
    for row in 0..column.len() {
        match json_value(column, row)? {
            serde_json::Value::Null => out.append_null(),
            value => out.append_value(value.to_string()),
        }
    }
    Ok(Arc::new(out.finish()))
}
