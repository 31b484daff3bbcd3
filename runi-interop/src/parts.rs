//! A contract and its fields as flat lists of named parts, so that a format can carry whatever it has no word for.
//!
//! An export writes what the format can say itself, reads that back, and adds each part that did not come back as it was. So nothing that the
//! format says twice, and nothing that it cannot say is lost.

use crate::text;
use runi_lang::model::{Contract, Field};
use serde_json::{Map, Value};

/// Parts of a field that stand below these keys of its serialised form.
const GROUPS: [(&str, &[&str]); 2] = [
    ("rules", &["required", "unique", "range", "length", "matches", "format", "enumeration", "conversion"]),
    ("sensitivity", &["pii", "access", "classification", "mask"]),
];

/// Parts of a contract, in the order in which they are written.
const CONTRACT: &[&str] = &[
    "doc",
    "version",
    "owner",
    "classification",
    "compliance",
    "compatibility",
    "keys",
    "rules",
    "references",
    "freshness",
    "on_fail",
    "drift",
    "renamed",
    "reserved",
    "accepted",
    "retention",
    "deprecated",
];

/// The part that lists parts which are not there, although the format's own words say so.
pub(crate) const WITHOUT: &str = "without";

/// Everything that a contract says, its name and its fields left out.
pub(crate) fn of_contract(contract: &Contract) -> Map<String, Value> {
    let mut all = object(serde_json::to_value(Contract { fields: Vec::new(), ..contract.clone() }));
    CONTRACT.iter().filter_map(|part| Some(((*part).to_owned(), all.shift_remove(*part)?))).collect()
}

/// Everything that a field says, its name left out.
pub(crate) fn of_field(field: &Field) -> Map<String, Value> {
    let mut parts = object(serde_json::to_value(field));
    parts.shift_remove("name");
    parts.insert("type".to_owned(), Value::String(text::data_type(&field.ty)));
    for (group, _) in GROUPS {
        let below = object(Ok(parts.shift_remove(group).unwrap_or_default()));
        parts.extend(below);
    }
    parts
}

/// What must be added to `native`, so that it says what `wanted` says.
pub(crate) fn missing(native: &Map<String, Value>, wanted: &Map<String, Value>) -> Map<String, Value> {
    let mut missing: Map<String, Value> = wanted
        .iter()
        .filter(|(part, value)| native.get(*part) != Some(*value))
        .map(|(part, value)| (part.clone(), value.clone()))
        .collect();
    let without: Vec<Value> = native.keys().filter(|part| !wanted.contains_key(*part)).map(|part| Value::String(part.clone())).collect();
    if !without.is_empty() {
        missing.insert(WITHOUT.to_owned(), Value::Array(without));
    }
    missing
}

/// Sets parts of a contract.
///
/// # Errors
/// The part that cannot be read, and why.
pub(crate) fn set_contract(contract: &mut Contract, parts: &Map<String, Value>) -> Result<(), (String, String)> {
    let mut all = object(serde_json::to_value(&*contract));
    for (part, value) in parts {
        if part == WITHOUT {
            for name in names(value).filter(|name| CONTRACT.contains(name)) {
                all.shift_remove(name);
            }
        } else if CONTRACT.contains(&part.as_str()) {
            let kept = all.insert(part.clone(), value.clone());
            if let Err(error) = serde_json::from_value::<Contract>(Value::Object(all.clone())) {
                restore(&mut all, part, kept);
                return Err((part.clone(), error.to_string()));
            }
        } else {
            return Err((part.clone(), "a contract has no such part".to_owned()));
        }
    }
    *contract = serde_json::from_value(Value::Object(all)).map_err(|error| (WITHOUT.to_owned(), error.to_string()))?;
    Ok(())
}

/// Sets parts of a field.
///
/// # Errors
/// The part that cannot be read, and why.
pub(crate) fn set_field(field: &mut Field, parts: &Map<String, Value>) -> Result<(), (String, String)> {
    for (part, value) in parts {
        let mut all = object(serde_json::to_value(&*field));
        let group = |part: &str| GROUPS.iter().find(|(_, parts)| parts.contains(&part)).map(|(group, _)| *group);
        match (part.as_str(), group(part)) {
            ("type", _) => {
                let written = value.as_str().ok_or_else(|| (part.clone(), "a type is a text".to_owned()))?;
                field.ty = text::parse_type(written).ok_or_else(|| (part.clone(), format!("`{written}` is not a type")))?;
                continue;
            }
            (WITHOUT, _) => {
                for name in names(value) {
                    if let Some(group) = group(name).and_then(|group| all.get_mut(group)).and_then(Value::as_object_mut) {
                        group.shift_remove(name);
                    } else if !matches!(name, "name" | "type") {
                        all.shift_remove(name);
                    }
                }
            }
            ("unit" | "default" | "deprecated" | "description", _) => {
                all.insert(part.clone(), value.clone());
            }
            (_, Some(group)) => {
                if let Some(group) = all.get_mut(group).and_then(Value::as_object_mut) {
                    group.insert(part.clone(), value.clone());
                }
            }
            _ => return Err((part.clone(), "a field has no such part".to_owned())),
        }
        *field = serde_json::from_value(Value::Object(all)).map_err(|error| (part.clone(), error.to_string()))?;
    }
    Ok(())
}

fn names(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn restore(all: &mut Map<String, Value>, part: &str, kept: Option<Value>) {
    match kept {
        Some(value) => all.insert(part.to_owned(), value),
        None => all.shift_remove(part),
    };
}

fn object(value: Result<Value, serde_json::Error>) -> Map<String, Value> {
    match value {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}
