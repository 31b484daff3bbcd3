//! What a contract says, as a flat list of entries, so that a format without words for one can carry it under its name.
//!
//! Keys are those of the model's own JSON: `type`, `required`, `range`, `pii`, `unit`, `keys`, `references` … A format writes what
//! it has words for, reads its own text back, and carries the entries that differ as `runi:<key>`. A format without room for that
//! names them as losses. Neither list can be forgotten when a contract learns something new.

use crate::build;
use crate::loss::Loss;
use runi_lang::model::{Contract, Field};
use runi_lang::types::DataType;
use serde_json::{Map, Value};

/// Keys and values.
pub(crate) type Entries = Map<String, Value>;

const RULES: &[&str] = &["required", "unique", "range", "length", "matches", "format", "enumeration", "conversion"];
const SENSITIVITY: &[&str] = &["pii", "access", "classification", "mask"];

/// What a field says.
pub(crate) fn of_field(field: &Field) -> Entries {
    let mut flat = Entries::new();
    if let Ok(Value::Object(all)) = serde_json::to_value(field) {
        for (key, value) in all {
            match (key.as_str(), value) {
                ("rules" | "sensitivity", Value::Object(inner)) => flat.extend(inner),
                (_, value) => drop(flat.insert(key, value)),
            }
        }
    }
    flat
}

/// What a contract says, without its fields.
pub(crate) fn of_contract(contract: &Contract) -> Entries {
    let plain = |contract: &Contract| match serde_json::to_value(Contract { fields: Vec::new(), ..contract.clone() }) {
        Ok(Value::Object(all)) => all,
        _ => Entries::new(),
    };
    let silent = plain(&Contract::new(&contract.name));
    let mut entries = plain(contract);
    // What every contract says unless it says otherwise is not worth an entry.
    entries.retain(|key, value| key == "name" || silent.get(key) != Some(value));
    entries
}

/// Puts an entry into a field. False when it is none that a field has; the field is then as it was.
pub(crate) fn into_field(field: &mut Field, key: &str, value: &Value) -> bool {
    let mut flat = of_field(field);
    flat.insert(key.to_owned(), value.clone());
    let (mut rules, mut sensitivity, mut all) = (Entries::new(), Entries::new(), Entries::new());
    for (key, value) in flat {
        let part = if RULES.contains(&key.as_str()) {
            &mut rules
        } else if SENSITIVITY.contains(&key.as_str()) {
            &mut sensitivity
        } else {
            &mut all
        };
        part.insert(key, value);
    }
    all.insert("rules".to_owned(), Value::Object(rules));
    all.insert("sensitivity".to_owned(), Value::Object(sensitivity));
    match serde_json::from_value::<Field>(Value::Object(all)) {
        // A key that no field has is ignored by serde: then nothing was taken.
        Ok(read) if of_field(&read).get(key) == Some(value) => {
            *field = read;
            true
        }
        _ => false,
    }
}

/// Puts an entry into a contract. False when it is none that a contract has.
pub(crate) fn into_contract(contract: &mut Contract, key: &str, value: &Value) -> bool {
    let Ok(Value::Object(mut all)) = serde_json::to_value(Contract { fields: Vec::new(), ..contract.clone() }) else { return false };
    all.insert(key.to_owned(), value.clone());
    match serde_json::from_value::<Contract>(Value::Object(all)) {
        Ok(read) if key != "fields" && of_contract(&read).get(key) == Some(value) => {
            *contract = Contract { fields: std::mem::take(&mut contract.fields), ..read };
            true
        }
        _ => false,
    }
}

/// The entries that `back` lacks or says otherwise.
pub(crate) fn missing(said: Entries, back: &Entries) -> Entries {
    said.into_iter().filter(|(key, value)| back.get(key) != Some(value)).collect()
}

/// Names every difference between a contract and what its exported form says.
pub(crate) fn losses(format: &str, said: &Contract, back: &Contract) -> Vec<Loss> {
    let mut losses = Vec::new();
    compare(format, &said.name, &of_contract(said), &of_contract(back), &mut losses);
    let same = said.fields.len() == back.fields.len();
    for (i, field) in said.fields.iter().enumerate() {
        let at = format!("{}.{}", said.name, field.name);
        // A format may write a field under another name, but keeps the order.
        let there = if same { back.fields.get(i) } else { back.field(&field.name) };
        match there {
            Some(there) => compare(format, &at, &of_field(field), &of_field(there), &mut losses),
            None => build::lose(&mut losses, at, format!("{format} has no such field")),
        }
    }
    losses
}

/// What tells the items of a list apart, and how a message names them.
fn identity(item: &Value) -> String {
    match item {
        Value::String(text) => text.clone(),
        item => ["title", "columns", "column", "from", "rule"].iter().find_map(|key| item.get(*key)).map_or_else(
            || item.to_string(),
            |value| match value {
                Value::String(text) => text.clone(),
                Value::Array(words) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
                value => value.to_string(),
            },
        ),
    }
}

/// The differences of two lists, item by item.
fn items(format: &str, at: &str, what: &str, said: &[Value], back: &[Value], losses: &mut Vec<Loss>) {
    let before = losses.len();
    for item in said.iter().filter(|item| !back.contains(item)) {
        let name = identity(item);
        let how = if back.iter().any(|other| identity(other) == name) { "says otherwise" } else { "does not say" };
        build::lose(losses, at, format!("{format} {how}: {what} `{name}`"));
    }
    for item in back.iter().filter(|item| !said.iter().any(|other| identity(other) == identity(item))) {
        build::lose(losses, at, format!("{format} adds {what} `{}`", identity(item)));
    }
    if losses.len() == before {
        build::lose(losses, at, format!("{format} says {what} in another order"));
    }
}

fn compare(format: &str, at: &str, said: &Entries, back: &Entries, losses: &mut Vec<Loss>) {
    for (key, value) in said {
        let what = tag(key);
        let message = match back.get(key) {
            Some(there) if there == value => continue,
            Some(Value::Array(there)) if value.is_array() => {
                items(format, at, &what, value.as_array().map_or(&[], Vec::as_slice), there, losses);
                continue;
            }
            Some(there) if key == "name" => format!("{format} calls it `{}`", there.as_str().unwrap_or_default()),
            Some(there) if key == "type" => format!("{format} has no `{}`: it reads back as `{}`", shown(value), shown(there)),
            Some(there) => format!("{format} says {what} otherwise: `{there}`, not `{value}`"),
            None => format!("{format} does not say {what}"),
        };
        build::lose(losses, at, message);
    }
    for key in back.keys().filter(|key| !said.contains_key(*key)) {
        build::lose(losses, at, format!("{format} adds {}", tag(key)));
    }
}

/// A type out of its JSON, as a contract writes it.
fn shown(ty: &Value) -> String {
    serde_json::from_value::<DataType>(ty.clone()).map_or_else(|_| ty.to_string(), |ty| ty.to_string())
}

/// How a contract writes an entry.
fn tag(key: &str) -> String {
    match key {
        "doc" | "description" => format!("the {}", if key == "doc" { "docstring" } else { "description" }),
        "type" => "the type".to_owned(),
        "name" => "the name".to_owned(),
        "enumeration" => "`@enum_policy`".to_owned(),
        "conversion" => "`@type`".to_owned(),
        "keys" => "`@key` and `@unique`".to_owned(),
        "rules" => "`@rule`".to_owned(),
        "renamed" => "`@renamed_from`".to_owned(),
        "accepted" => "`@accept`".to_owned(),
        other => format!("`@{other}`"),
    }
}
