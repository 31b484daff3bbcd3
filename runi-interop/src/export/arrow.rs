//! Contracts become Arrow schemas.
//!
//! Types and nullability are Arrow's own; everything else stands in metadata `runi:*` of the field or of the schema, which Parquet
//! keeps as well. [`crate::import::arrow`] reads it back.

use crate::export::Written;
use crate::import::arrow::{TEXTS, plain};
use crate::parts::{self, Parts};
use arrow::datatypes::{DataType as ArrowType, Field as ArrowField, IntervalUnit, Schema, TimeUnit};
use arrow::error::ArrowError;
use arrow::ipc::writer::FileWriter;
use runi_engine::sql::types::to_arrow;
use runi_lang::model::Contract;
use serde_json::{Value, json};
use std::collections::HashMap;

/// The schema of a contract, in the JSON that Arrow's implementations exchange.
#[must_use]
pub fn export(contract: &Contract) -> Written {
    let schema = schema(contract);
    let fields: Vec<Value> = schema.fields().iter().map(|field| field_json(field)).collect();
    let mut object = json!({ "fields": fields });
    if let (Some(object), false) = (object.as_object_mut(), schema.metadata().is_empty()) {
        object.insert("metadata".to_owned(), metadata_json(schema.metadata()));
    }
    let text = serde_json::to_string_pretty(&json!({ "schema": object })).unwrap_or_default();
    Written { text: text + "\n", losses: Vec::new() }
}

/// The schema of a contract as an Arrow file without rows.
///
/// # Errors
/// What Arrow says of a schema that its files cannot hold.
pub fn ipc(contract: &Contract) -> Result<Vec<u8>, ArrowError> {
    let mut writer = FileWriter::try_new(Vec::new(), &schema(contract))?;
    writer.finish()?;
    writer.into_inner()
}

/// The schema of a contract, with all that it says in the metadata.
#[must_use]
pub fn schema(contract: &Contract) -> Schema {
    let metadata = |parts: Parts| -> HashMap<String, String> {
        parts.into_iter().map(|(key, value)| (format!("runi:{key}"), text(&key, &value))).collect()
    };
    let fields: Vec<ArrowField> = contract
        .fields
        .iter()
        .map(|field| {
            let bare = ArrowField::new(&field.name, widely(to_arrow(&field.ty)), !field.is_required());
            let back = plain(&bare, &mut Vec::new());
            bare.with_metadata(metadata(parts::field_beyond(Some(&back), field)))
        })
        .collect();
    Schema::new_with_metadata(fields, metadata(parts::contract_beyond(&Contract::new(""), contract)))
}

/// The engine's own layouts are young; what leaves it uses those that every reader knows.
fn widely(ty: ArrowType) -> ArrowType {
    let inner = |field: &ArrowField| field.clone().with_data_type(widely(field.data_type().clone()));
    match ty {
        ArrowType::Utf8View => ArrowType::Utf8,
        ArrowType::BinaryView => ArrowType::Binary,
        ArrowType::List(item) => ArrowType::List(inner(&item).into()),
        ArrowType::Struct(fields) => ArrowType::Struct(fields.iter().map(|field| inner(field)).collect()),
        ArrowType::Map(entries, sorted) => ArrowType::Map(inner(&entries).into(), sorted),
        other => other,
    }
}

fn text(key: &str, value: &Value) -> String {
    match value {
        Value::String(text) if TEXTS.contains(&key) => text.clone(),
        value => value.to_string(),
    }
}

fn metadata_json(metadata: &HashMap<String, String>) -> Value {
    let mut entries: Vec<(&String, &String)> = metadata.iter().collect();
    entries.sort();
    Value::Array(entries.into_iter().map(|(key, value)| json!({ "key": key, "value": value })).collect())
}

fn field_json(field: &ArrowField) -> Value {
    let children: Vec<Value> = match field.data_type() {
        ArrowType::List(item) | ArrowType::Map(item, _) => vec![field_json(item)],
        ArrowType::Struct(fields) => fields.iter().map(|field| field_json(field)).collect(),
        _ => Vec::new(),
    };
    let mut json =
        json!({ "name": field.name(), "nullable": field.is_nullable(), "type": type_json(field.data_type()), "children": children });
    if let (Some(object), false) = (json.as_object_mut(), field.metadata().is_empty()) {
        object.insert("metadata".to_owned(), metadata_json(field.metadata()));
    }
    json
}

/// A type as Arrow's integration tests write it.
fn type_json(ty: &ArrowType) -> Value {
    let int = |bits: u8, signed: bool| json!({ "name": "int", "bitWidth": bits, "isSigned": signed });
    let unit = |unit: &TimeUnit| match unit {
        TimeUnit::Second => "SECOND",
        TimeUnit::Millisecond => "MILLISECOND",
        TimeUnit::Microsecond => "MICROSECOND",
        TimeUnit::Nanosecond => "NANOSECOND",
    };
    match ty {
        ArrowType::Boolean => json!({ "name": "bool" }),
        ArrowType::Int8 => int(8, true),
        ArrowType::Int16 => int(16, true),
        ArrowType::Int32 => int(32, true),
        ArrowType::Int64 => int(64, true),
        ArrowType::UInt8 => int(8, false),
        ArrowType::UInt16 => int(16, false),
        ArrowType::UInt32 => int(32, false),
        ArrowType::UInt64 => int(64, false),
        ArrowType::Float32 => json!({ "name": "floatingpoint", "precision": "SINGLE" }),
        ArrowType::Float64 => json!({ "name": "floatingpoint", "precision": "DOUBLE" }),
        ArrowType::Decimal128(precision, scale) => json!({ "name": "decimal", "precision": precision, "scale": scale, "bitWidth": 128 }),
        ArrowType::Utf8 => json!({ "name": "utf8" }),
        ArrowType::Binary => json!({ "name": "binary" }),
        ArrowType::Date32 => json!({ "name": "date", "unit": "DAY" }),
        ArrowType::Time64(u) => json!({ "name": "time", "unit": unit(u), "bitWidth": 64 }),
        ArrowType::Timestamp(u, zone) => match zone {
            Some(zone) => json!({ "name": "timestamp", "unit": unit(u), "timezone": zone.as_ref() }),
            None => json!({ "name": "timestamp", "unit": unit(u) }),
        },
        ArrowType::Interval(IntervalUnit::MonthDayNano) => json!({ "name": "interval", "unit": "MONTH_DAY_NANO" }),
        ArrowType::List(_) => json!({ "name": "list" }),
        ArrowType::Struct(_) => json!({ "name": "struct" }),
        ArrowType::Map(_, sorted) => json!({ "name": "map", "keysSorted": sorted }),
        ArrowType::Null => json!({ "name": "null" }),
        // The engine's layouts are those above.
        other => json!({ "name": other.to_string() }),
    }
}
