//! Contracts to the Open Data Contract Standard (ODCS) 3.2, one YAML document each.
//!
//! What ODCS has words for is said with them. The document is then read back, and every part of the contract that did not come back is added as
//! a custom property `runi.…`: so nothing is lost on the way there and back, and nothing is said twice without need.

use super::Written;
use crate::ExportError;
use crate::import::odcs::{PREFIX, logical, native};
use crate::parts::{self, Parts};
use crate::{pattern, text};
use runi_lang::model::{Contract, Duration, Field, OnFail, Range, Reference, Rule};
use runi_lang::types::DataType;
use serde_json::{Map, Value, json};

/// The version of the standard that is written.
const API_VERSION: &str = "v3.2.0";

pub(super) fn export(contract: &Contract) -> Result<Written, ExportError> {
    let text = serde_saphyr::to_string(&document(contract))
        .map_err(|error| ExportError { format: "ODCS", message: format!("`{}` cannot be written: {error}", contract.name) })?;
    Ok(Written { text, losses: Vec::new() })
}

/// The document of one contract.
fn document(contract: &Contract) -> Value {
    let plain = with(contract, &[], Map::new());
    let back = native(&plain).into_iter().next().unwrap_or_else(|| Contract::new(&contract.name));
    let fields: Vec<Parts> = contract.fields.iter().map(|field| parts::field_beyond(back.field(&field.name), field)).collect();
    let mut own = parts::contract_beyond(&back, contract);
    // The version of a document has to be there, so that its lack has to be said.
    if contract.version.is_none() {
        own.insert(parts::WITHOUT.to_owned(), json!(["version"]));
    }
    with(contract, &fields, own)
}

/// The document with these parts added to its fields and to the contract.
fn with(contract: &Contract, fields: &[Map<String, Value>], own: Map<String, Value>) -> Value {
    let mut properties: Vec<Value> = Vec::new();
    for (i, field) in contract.fields.iter().enumerate() {
        properties.push(property(contract, field, fields.get(i)));
    }
    let mut dataset = Map::new();
    dataset.insert("name".to_owned(), json!(contract.name));
    dataset.insert("logicalType".to_owned(), json!("object"));
    if !contract.doc.is_empty() {
        dataset.insert("description".to_owned(), json!(contract.doc));
    }
    if contract.deprecated.is_some() {
        dataset.insert("deprecated".to_owned(), json!(true));
    }
    dataset.insert("properties".to_owned(), Value::Array(properties));
    let quality = quality(contract);
    if !quality.is_empty() {
        dataset.insert("quality".to_owned(), Value::Array(quality));
    }
    add_custom(&mut dataset, own);

    let mut document = Map::new();
    document.insert("apiVersion".to_owned(), json!(API_VERSION));
    document.insert("kind".to_owned(), json!("DataContract"));
    document.insert("id".to_owned(), json!(contract.name));
    document.insert("name".to_owned(), json!(contract.name));
    document.insert("version".to_owned(), json!(contract.version.map_or_else(|| "0.0.0".to_owned(), |version| version.to_string())));
    document.insert("status".to_owned(), json!("active"));
    if let Some(owner) = &contract.owner {
        document.insert("team".to_owned(), json!({"name": owner.name}));
        if let Some(contact) = &owner.contact {
            document.insert("support".to_owned(), json!([{"channel": contact}]));
        }
    }
    document.insert("schema".to_owned(), json!([dataset]));
    let levels = service_levels(contract);
    if !levels.is_empty() {
        document.insert("slaProperties".to_owned(), Value::Array(levels));
    }
    Value::Object(document)
}

/// Freshness and retention.
fn service_levels(contract: &Contract) -> Vec<Value> {
    let level = |property: &str, span: Duration, element: Option<String>| {
        let written = span.to_string();
        let (value, unit) = written.split_at(written.find(|c: char| !c.is_ascii_digit()).unwrap_or(written.len()));
        let value: Value = serde_json::from_str(value).unwrap_or_default();
        let mut level = Map::new();
        level.insert("property".to_owned(), json!(property));
        level.insert("value".to_owned(), value);
        level.insert("unit".to_owned(), json!(unit));
        level.extend(element.map(|element| ("element".to_owned(), json!(element))));
        Value::Object(level)
    };
    let timed = |column: &str| contract.field(column).is_some_and(|field| matches!(field.ty, DataType::Timestamp { .. }));
    let freshness = contract.freshness.as_ref().filter(|freshness| timed(&freshness.column));
    let freshness = freshness.map(|freshness| level("latency", freshness.within, Some(format!("{}.{}", contract.name, freshness.column))));
    freshness.into_iter().chain(contract.retention.map(|retention| level("retention", retention, None))).collect()
}

fn property(contract: &Contract, field: &Field, own: Option<&Map<String, Value>>) -> Value {
    let mut property = Map::new();
    let mut set = |key: &str, value: Value| property.insert(key.to_owned(), value);
    set("name", json!(field.name));
    let primary = contract.keys.iter().find(|key| key.primary);
    if let Some(position) = primary.and_then(|key| key.columns.iter().position(|column| *column == field.name)) {
        set("primaryKey", json!(true));
        set("primaryKeyPosition", json!(position + 1));
    }
    set("logicalType", json!(logical(&field.ty)));
    set("physicalType", json!(text::data_type(&field.ty)));
    if !field.description.is_empty() {
        set("description", json!(field.description));
    }
    if field.is_required() {
        set("required", json!(true));
    }
    if field.rules.unique.is_some() {
        set("unique", json!(true));
    }
    if let Some(level) = &field.sensitivity.classification {
        set("classification", json!(level));
    }
    if field.deprecated.is_some() {
        set("deprecated", json!(true));
    }
    let options = options(field);
    if !options.is_empty() {
        set("logicalTypeOptions", Value::Object(options));
    }
    if let DataType::Enum(values) = &field.ty {
        set("enum", values.iter().map(|value| json!({"value": value})).collect());
    }
    for (key, value) in nested(&field.ty) {
        set(&key, value);
    }
    let relationships: Vec<Value> =
        contract.references.iter().filter(|reference| reference.column == field.name).filter_map(relationship).collect();
    if !relationships.is_empty() {
        set("relationships", Value::Array(relationships));
    }
    add_custom(&mut property, own.cloned().unwrap_or_default());
    Value::Object(property)
}

/// The parts of a nested type, in the words of ODCS.
fn nested(ty: &DataType) -> Map<String, Value> {
    let part = |name: Option<&str>, ty: &DataType| {
        let mut part = Map::new();
        part.extend(name.map(|name| ("name".to_owned(), json!(name))));
        part.insert("logicalType".to_owned(), json!(logical(ty)));
        part.insert("physicalType".to_owned(), json!(text::data_type(ty)));
        part.extend(nested(ty));
        Value::Object(part)
    };
    let mut keys = Map::new();
    match ty {
        DataType::List(item) => {
            keys.insert("items".to_owned(), part(None, item));
        }
        DataType::Struct(parts) => {
            keys.insert("properties".to_owned(), parts.iter().map(|(name, ty)| part(Some(name), ty)).collect());
        }
        DataType::Map(key, value) => {
            keys.insert("map".to_owned(), json!({"key": part(None, key), "value": part(None, value)}));
        }
        _ => {}
    }
    keys
}

fn options(field: &Field) -> Map<String, Value> {
    let mut options = Map::new();
    let mut set = |key: &str, value: Option<Value>| options.extend(value.map(|value| (key.to_owned(), value)));
    let number = |text: &String| serde_json::from_str::<serde_json::Number>(text).ok().map(Value::Number);
    let count = |text: &String| text.parse::<u64>().ok().map(Value::from);
    if field.ty.is_textual() {
        if let Some(Range { min, max, exclusive: false, .. }) = &field.rules.length {
            set("minLength", min.as_ref().and_then(count));
            set("maxLength", max.as_ref().and_then(count));
        }
        set("pattern", field.rules.matches.as_ref().and_then(|(ours, _)| pattern::to_ecma(ours)).map(Value::String));
        set("format", field.rules.format.as_ref().map(|(format, _)| json!(format)));
    }
    if let Some(Range { min, max, exclusive, .. }) = &field.rules.range {
        let (low, high) = if *exclusive { ("exclusiveMinimum", "exclusiveMaximum") } else { ("minimum", "maximum") };
        let bound = |text: &Option<String>| match &field.ty {
            ty if ty.is_numeric() => text.as_ref().and_then(number),
            DataType::Date | DataType::Time | DataType::Timestamp { .. } => text.clone().map(Value::String),
            _ => None,
        };
        set(low, bound(min));
        set(high, bound(max));
    }
    set("format", integer_format(&field.ty).map(|format| json!(format)));
    if let DataType::Timestamp { zone, .. } = &field.ty {
        set("timezone", Some(json!(zone.is_some())));
        set("defaultTimezone", zone.as_ref().filter(|zone| *zone != "UTC").map(|zone| json!(zone)));
    }
    options
}

/// Sizes of numbers, as ODCS names them.
fn integer_format(ty: &DataType) -> Option<&'static str> {
    Some(match ty {
        DataType::Int8 => "i8",
        DataType::Int16 => "i16",
        DataType::Int32 => "i32",
        DataType::Int64 => "i64",
        DataType::UInt8 => "u8",
        DataType::UInt16 => "u16",
        DataType::UInt32 => "u32",
        DataType::UInt64 => "u64",
        DataType::Float32 => "f32",
        DataType::Float64 => "f64",
        _ => return None,
    })
}

/// A reference in the short notation, where its names fit it.
fn relationship(reference: &Reference) -> Option<Value> {
    let to = format!("{}.{}", reference.contract, reference.target);
    let fits = text::is_name(&to.replacen('.', "_", 1)) && to.is_ascii();
    let mut relationship = Map::new();
    relationship.insert("type".to_owned(), json!("foreignKey"));
    relationship.insert("to".to_owned(), json!(to));
    add_custom(&mut relationship, policy(reference.on_fail));
    fits.then_some(Value::Object(relationship))
}

/// Keys over several columns, and rules: both count bad rows, of which there may be none.
fn quality(contract: &Contract) -> Vec<Value> {
    let known = |columns: &[String]| !columns.is_empty() && columns.iter().all(|column| contract.field(column).is_some());
    let unique = contract.keys.iter().filter(|key| !key.primary && known(&key.columns)).map(|key| {
        json!({"type": "library", "metric": "duplicateValues", "arguments": {"properties": key.columns}, "mustBe": 0, "dimension": "uniqueness"})
    });
    let rule = |rule: &Rule| {
        let query = format!("SELECT COUNT(*) FROM {} WHERE NOT ({})", contract.name, rule.sql);
        let mut quality = Map::new();
        quality.insert("type".to_owned(), json!("sql"));
        quality.insert("name".to_owned(), json!(rule.title));
        quality.insert("query".to_owned(), json!(query));
        quality.insert("mustBe".to_owned(), json!(0));
        let mut own = Map::new();
        own.insert("rule".to_owned(), json!(rule.sql));
        own.extend(policy(rule.on_fail));
        add_custom(&mut quality, own);
        Value::Object(quality)
    };
    unique.chain(contract.rules.iter().map(rule)).collect()
}

fn policy(on_fail: Option<OnFail>) -> Map<String, Value> {
    on_fail.map(|policy| ("on_fail".to_owned(), json!(policy))).into_iter().collect()
}

fn add_custom(object: &mut Map<String, Value>, own: Map<String, Value>) {
    let custom: Vec<Value> = own.into_iter().map(|(part, value)| json!({"property": format!("{PREFIX}{part}"), "value": value})).collect();
    if !custom.is_empty() {
        object.insert("customProperties".to_owned(), Value::Array(custom));
    }
}
