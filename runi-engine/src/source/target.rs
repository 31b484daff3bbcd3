//! The schema that a source delivers.

use crate::sql::types::to_arrow_field;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use runi_lang::model::Contract;
use runi_lang::schema::Column;
use std::sync::Arc;

/// The contract's fields, or a text column for each name. All may hold nulls: a cell that cannot be read is one.
pub(super) fn schema(contract: Option<&Contract>, names: &[String]) -> SchemaRef {
    let fields: Vec<Field> = match contract {
        Some(contract) => contract
            .fields
            .iter()
            .map(|field| to_arrow_field(&Column { name: field.name.clone(), ty: field.ty.clone(), nullable: true }))
            .collect(),
        None => names.iter().map(|name| Field::new(name, DataType::Utf8View, true)).collect(),
    };
    Arc::new(Schema::new(fields))
}
