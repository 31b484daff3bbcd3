//! Contracts to JSON Schema, draft 2020-12, one document each.
//!
//! What JSON Schema has words for is said with them. The document is then read back, and every part of the contract that did not come back is
//! added as a keyword `x-runi-…`, which validators leave alone: so nothing is lost on the way there and back.

use super::Written;
use crate::import::json_schema::{PREFIX, native};
use crate::parts::{self, Parts};
use crate::{ExportError, Loss, pattern};
use runi_lang::model::{Contract, Field, OnFail, Range};
use runi_lang::types::DataType;
use serde_json::{Map, Value, json};

/// The draft that is written.
const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

pub(super) fn export(contract: &Contract) -> Result<Written, ExportError> {
    let text = serde_json::to_string_pretty(&document(contract))
        .map_err(|error| ExportError { format: "JSON Schema", message: format!("`{}` cannot be written: {error}", contract.name) })?;
    Ok(Written { text: text + "\n", losses: unchecked(contract) })
}

/// What the document carries, and no validator of JSON Schema checks.
fn unchecked(contract: &Contract) -> Vec<Loss> {
    let mut losses = Vec::new();
    let mut lose = |at: String, message: String| losses.push(Loss { at, message, line: None });
    for rule in &contract.rules {
        lose(contract.name.clone(), format!("the rule \"{}\" is carried along; validators of JSON Schema do not check it", rule.title));
    }
    for key in &contract.keys {
        let columns = key.columns.join(", ");
        lose(contract.name.clone(), format!("that ({columns}) is unique is carried along; a schema speaks of one row"));
    }
    for field in &contract.fields {
        let at = || format!("{}.{}", contract.name, field.name);
        if let Some((ours, _)) = field.rules.matches.as_ref().filter(|(ours, _)| pattern::to_ecma(ours).is_none()) {
            lose(at(), format!("the pattern `{ours}` is carried along; ECMA-262 reads it otherwise, so that validators do not check it"));
        }
        if field.rules.unique.is_some() {
            lose(at(), "that values are unique is carried along; a schema speaks of one row".to_owned());
        }
        if field.rules.range.is_some() && !field.ty.is_numeric() {
            lose(at(), "the range is carried along; JSON Schema has ranges of numbers only".to_owned());
        }
        if matches!(field.ty, DataType::Decimal { .. }) {
            lose(at(), "the digits of the decimal are carried along; validators read any number".to_owned());
        }
    }
    losses
}

/// The document of one contract.
fn document(contract: &Contract) -> Value {
    let plain = with(contract, &[], Map::new());
    let back = native(&plain).into_iter().next().unwrap_or_else(|| Contract::new(""));
    let fields: Vec<Parts> = contract.fields.iter().map(|field| parts::field_beyond(back.field(&field.name), field)).collect();
    let own = parts::contract_beyond(&back, contract);
    with(contract, &fields, own)
}

/// The document with these parts added to its fields and to the contract.
fn with(contract: &Contract, fields: &[Map<String, Value>], own: Map<String, Value>) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (i, field) in contract.fields.iter().enumerate() {
        properties.insert(field.name.clone(), property(field, fields.get(i)));
        if field.is_required() {
            required.push(json!(field.name));
        }
    }
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!(DRAFT));
    schema.insert("title".to_owned(), json!(contract.name));
    if !contract.doc.is_empty() {
        schema.insert("description".to_owned(), json!(contract.doc));
    }
    if contract.deprecated.is_some() {
        schema.insert("deprecated".to_owned(), json!(true));
    }
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("properties".to_owned(), Value::Object(properties));
    if !required.is_empty() {
        schema.insert("required".to_owned(), Value::Array(required));
    }
    if contract.drift.extra == OnFail::Fail {
        schema.insert("additionalProperties".to_owned(), json!(false));
    }
    add(&mut schema, own);
    Value::Object(schema)
}

fn property(field: &Field, own: Option<&Map<String, Value>>) -> Value {
    let mut schema = data_type(&field.ty, !field.is_required());
    let mut set = |key: &str, value: Option<Value>| schema.extend(value.map(|value| (key.to_owned(), value)));
    if !field.description.is_empty() {
        set("description", Some(json!(field.description)));
    }
    if field.ty.is_textual() {
        let count = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<u64>().ok()).map(Value::from);
        if let Some(Range { min, max, exclusive: false, .. }) = &field.rules.length {
            set("minLength", count(min));
            set("maxLength", count(max));
        }
        set("pattern", field.rules.matches.as_ref().and_then(|(ours, _)| pattern::to_ecma(ours)).map(Value::String));
        set("format", field.rules.format.as_ref().map(|(format, _)| json!(format)));
    }
    if let Some(Range { min, max, exclusive, .. }) = field.rules.range.as_ref().filter(|_| field.ty.is_numeric()) {
        let number =
            |text: &Option<String>| text.as_ref().and_then(|text| serde_json::from_str::<serde_json::Number>(text).ok()).map(Value::Number);
        let (low, high) = if *exclusive { ("exclusiveMinimum", "exclusiveMaximum") } else { ("minimum", "maximum") };
        set(low, number(min));
        set(high, number(max));
    }
    set("default", field.default.as_deref().and_then(|sql| literal(sql, &field.ty)));
    if field.deprecated.is_some() {
        set("deprecated", Some(json!(true)));
    }
    add(&mut schema, own.cloned().unwrap_or_default());
    Value::Object(schema)
}

/// A type; where null is allowed, it is one of the types.
fn data_type(ty: &DataType, nullable: bool) -> Map<String, Value> {
    let mut schema = Map::new();
    let mut set = |key: &str, value: Value| schema.insert(key.to_owned(), value);
    let kind = match ty {
        DataType::Boolean => "boolean",
        ty if ty.is_integer() => "integer",
        ty if ty.is_numeric() => "number",
        DataType::List(_) => "array",
        DataType::Struct(_) | DataType::Map(..) => "object",
        _ => "string",
    };
    set("type", if nullable { json!([kind, "null"]) } else { json!(kind) });
    if let Some((min, max)) = ty.integer_bounds() {
        set("format", json!(ty.to_string()));
        // What every reader holds is not worth a word.
        if !matches!(ty, DataType::Int64) {
            set("minimum", i64::try_from(min).map_or(Value::Null, Value::from));
            set("maximum", u64::try_from(max).map_or(Value::Null, Value::from));
        }
    }
    match ty {
        DataType::Float32 => set("format", json!("float")),
        DataType::Decimal { .. } => set("format", json!("decimal")),
        DataType::Binary => set("contentEncoding", json!("base64")),
        DataType::Date => set("format", json!("date")),
        DataType::Timestamp { zone: Some(_), .. } => set("format", json!("date-time")),
        DataType::Enum(values) => {
            let null = nullable.then_some(Value::Null);
            set("enum", values.iter().map(|value| json!(value)).chain(null).collect())
        }
        DataType::List(item) => set("items", Value::Object(data_type(item, true))),
        DataType::Map(_, value) => set("additionalProperties", Value::Object(data_type(value, true))),
        DataType::Struct(parts) => {
            set("properties", Value::Object(parts.iter().map(|(name, ty)| (name.clone(), Value::Object(data_type(ty, true)))).collect()))
        }
        _ => None,
    };
    schema
}

/// A default that is a literal.
fn literal(sql: &str, ty: &DataType) -> Option<Value> {
    let quoted = sql.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    match (quoted, ty) {
        (Some(text), ty) if ty.is_textual() || *ty == DataType::Date => Some(json!(text.replace("''", "'"))),
        (Some(text), DataType::List(_) | DataType::Struct(_) | DataType::Map(..)) => serde_json::from_str(&text.replace("''", "'")).ok(),
        (None, DataType::Boolean) => sql.parse::<bool>().ok().map(Value::Bool),
        (None, ty) if ty.is_numeric() => serde_json::from_str::<serde_json::Number>(sql).ok().map(Value::Number),
        _ => None,
    }
}

fn add(schema: &mut Map<String, Value>, own: Map<String, Value>) {
    schema.extend(own.into_iter().map(|(part, value)| (format!("{PREFIX}{}", part.replace('_', "-")), value)));
}
