//! Contracts become Avro schemas.
//!
//! A contract is a record. What Avro has words for is said in them; the rest stands beside them in attributes `runi:*`, which
//! readers of Avro ignore and [`crate::import::avro`] reads back.

use crate::build::{self, Names};
use crate::export::Written;
use crate::import::avro::plain_field;
use crate::loss::Loss;
use crate::parts;
use runi_lang::model::{Contract, Field};
use runi_lang::types::{DataType, TimeUnit};
use serde_json::{Map, Value, json};

/// The schema of one contract; of several, a union of their records.
#[must_use]
pub fn export(contracts: &[Contract], namespace: Option<&str>) -> Written {
    let mut losses = Vec::new();
    let mut names = Names::default();
    let mut records: Vec<Value> = contracts.iter().map(|contract| record(contract, namespace, &mut names, &mut losses)).collect();
    let schema = if records.len() == 1 { records.swap_remove(0) } else { Value::Array(records) };
    let text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    Written { text: text + "\n", losses }
}

/// The type as which what is written for a type reads back, without attributes.
pub(crate) fn reads_back_as(ty: &DataType) -> DataType {
    let field = json!({ "name": "x", "type": schema(ty, "x", &mut Names::default()) });
    field.as_object().and_then(plain_field).map_or(DataType::String, |field| field.ty)
}

fn record(contract: &Contract, namespace: Option<&str>, names: &mut Names, losses: &mut Vec<Loss>) -> Value {
    let name = names.unique(build::ascii_name(&contract.name));
    let mut record = Map::new();
    record.insert("type".to_owned(), "record".into());
    record.insert("name".to_owned(), name.clone().into());
    if let Some(namespace) = namespace {
        record.insert("namespace".to_owned(), namespace.into());
    }
    if !contract.doc.is_empty() {
        record.insert("doc".to_owned(), contract.doc.clone().into());
    }
    // What the record says without attributes; the rest becomes attributes.
    let mut back = Contract::new(build::contract_name(&name));
    back.doc = crate::text::prose(&contract.doc);
    let mut columns = Names::default();
    let mut fields = Vec::new();
    for field in &contract.fields {
        let column = columns.unique(build::ascii_name(&field.name));
        if column != field.name {
            build::lose(losses, format!("{}.{}", contract.name, field.name), format!("Avro calls it `{column}`"));
        }
        let aliases: Vec<&str> = contract.renamed.iter().filter(|r| r.to == field.name).map(|r| r.from.as_str()).collect();
        let aliases: Vec<&str> = aliases.into_iter().filter(|alias| build::is_ascii_name(alias)).collect();
        let renamed = aliases.iter().map(|from| runi_lang::model::Renamed { from: (*from).to_owned(), to: column.clone(), until: None });
        back.renamed.extend(renamed);
        fields.push(Value::Object(one_field(contract, field, &column, &name, aliases, names, losses)));
    }
    record.insert("fields".to_owned(), Value::Array(fields));
    for (key, value) in parts::contract_beyond(&back, contract) {
        record.insert(format!("runi:{key}"), value);
    }
    Value::Object(record)
}

fn one_field(
    contract: &Contract,
    field: &Field,
    column: &str,
    record: &str,
    aliases: Vec<&str>,
    names: &mut Names,
    losses: &mut Vec<Loss>,
) -> Map<String, Value> {
    let mut ty = schema(&field.ty, &format!("{record}_{column}"), names);
    // Readers refuse a default that is no UUID.
    let uuid = field.rules.format.as_ref().is_some_and(|(format, _)| format == "uuid");
    if uuid && field.ty == DataType::String && field.default.is_none() {
        ty = json!({ "type": "string", "logicalType": "uuid" });
    }
    let default = field.default.as_deref().and_then(|sql| literal(sql, &field.ty));
    if let (Some(sql), None) = (&field.default, &default) {
        let message = format!("the default `{sql}` stands in `runi:default`, where readers of Avro do not look");
        build::lose(losses, format!("{}.{}", contract.name, field.name), message);
    }
    let mut object = Map::new();
    object.insert("name".to_owned(), column.into());
    let nullable = !field.is_required();
    // A default belongs to the first branch of a union.
    let ty = match (nullable, &default) {
        (false, _) => ty,
        (true, None) => json!(["null", ty]),
        (true, Some(_)) => json!([ty, "null"]),
    };
    object.insert("type".to_owned(), ty);
    match default {
        Some(value) => drop(object.insert("default".to_owned(), value)),
        None if nullable => drop(object.insert("default".to_owned(), Value::Null)),
        None => {}
    }
    if !field.description.is_empty() {
        object.insert("doc".to_owned(), field.description.clone().into());
    }
    if !aliases.is_empty() {
        object.insert("aliases".to_owned(), aliases.into());
    }
    for (key, value) in parts::field_beyond(plain_field(&object).as_ref(), field) {
        object.insert(format!("runi:{key}"), value);
    }
    object
}

/// The schema of a type. Named types are called after their place.
fn schema(ty: &DataType, name: &str, names: &mut Names) -> Value {
    let logical = |base: &str, logical: &str| json!({ "type": base, "logicalType": logical });
    match ty {
        DataType::Boolean => "boolean".into(),
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::UInt8 | DataType::UInt16 => "int".into(),
        DataType::Int64 | DataType::UInt32 => "long".into(),
        // Avro has no unsigned integers: 20 digits hold each of them.
        DataType::UInt64 => json!({ "type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 0 }),
        DataType::Float32 => "float".into(),
        DataType::Float64 => "double".into(),
        DataType::Decimal { precision, scale } => {
            json!({ "type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale })
        }
        DataType::String | DataType::Interval | DataType::Null | DataType::Unknown => "string".into(),
        DataType::Binary => "bytes".into(),
        DataType::Date => logical("int", "date"),
        DataType::Time => logical("long", "time-micros"),
        DataType::Timestamp { unit, zone } => {
            let unit = match unit {
                TimeUnit::Second | TimeUnit::Millisecond => "millis",
                TimeUnit::Microsecond => "micros",
                TimeUnit::Nanosecond => "nanos",
            };
            let local = if zone.is_some() { "" } else { "local-" };
            logical("long", &format!("{local}timestamp-{unit}"))
        }
        DataType::Enum(values) if values.iter().all(|value| build::is_ascii_name(value)) => {
            json!({ "type": "enum", "name": names.unique(name.to_owned()), "symbols": values })
        }
        DataType::Enum(_) => "string".into(),
        DataType::List(item) => json!({ "type": "array", "items": ["null", schema(item, &format!("{name}_item"), names)] }),
        DataType::Struct(parts) => {
            let own = names.unique(name.to_owned());
            record_of(parts.iter().map(|(part, ty)| (part.as_str(), ty)), own, names)
        }
        DataType::Map(key, value) if **key == DataType::String => {
            json!({ "type": "map", "values": ["null", schema(value, &format!("{name}_value"), names)] })
        }
        DataType::Map(key, value) => {
            let own = names.unique(format!("{name}_entry"));
            let entry = record_of([("key", key.as_ref()), ("value", value.as_ref())].into_iter(), own, names);
            json!({ "type": "array", "items": entry })
        }
    }
}

fn record_of<'t>(parts: impl Iterator<Item = (&'t str, &'t DataType)>, own: String, names: &mut Names) -> Value {
    let mut columns = Names::default();
    let mut fields = Vec::new();
    for (part, ty) in parts {
        let column = columns.unique(build::ascii_name(part));
        let ty = schema(ty, &format!("{own}_{column}"), names);
        fields.push(json!({ "name": column, "type": ["null", ty], "default": null }));
    }
    json!({ "type": "record", "name": own, "fields": fields })
}

/// A default of a contract as Avro writes it, for the types whose values JSON can say.
fn literal(sql: &str, ty: &DataType) -> Option<Value> {
    let fits = |bits: u32, signed: bool| {
        let value: i128 = sql.trim().parse().ok()?;
        let (min, max) = if signed { (-(1_i128 << (bits - 1)), (1_i128 << (bits - 1)) - 1) } else { (0, (1_i128 << bits) - 1) };
        (min..=max).contains(&value).then(|| i64::try_from(value).ok().map(Value::from))?
    };
    match ty {
        DataType::Boolean => sql.trim().parse::<bool>().ok().map(Value::Bool),
        DataType::Int8 => fits(8, true),
        DataType::Int16 => fits(16, true),
        DataType::Int32 => fits(32, true),
        DataType::Int64 => fits(64, true),
        DataType::UInt8 => fits(8, false),
        DataType::UInt16 => fits(16, false),
        DataType::UInt32 => fits(32, false),
        DataType::Float32 | DataType::Float64 => sql.trim().parse::<f64>().ok().filter(|v| v.is_finite()).map(Value::from),
        DataType::String => build::sql_unquote(sql).map(Value::String),
        // What a part may hold is a union with null first, of which a default says nothing else: only empty ones can be said.
        DataType::List(_) => build::sql_unquote(sql).and_then(|json| (json.trim() == "[]").then(|| json!([]))),
        DataType::Map(key, _) if **key == DataType::String => {
            build::sql_unquote(sql).and_then(|json| (json.trim() == "{}").then(|| json!({})))
        }
        DataType::Enum(values) => {
            build::sql_unquote(sql).filter(|v| values.contains(v) && values.iter().all(|v| build::is_ascii_name(v))).map(Value::String)
        }
        _ => None,
    }
}
