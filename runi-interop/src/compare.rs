//! What the exported form of a contract, read back, does not say, or says otherwise: the losses of formats that have no room for more.

use crate::build;
use crate::loss::Loss;
use crate::parts::{self, Parts};
use runi_lang::model::{Contract, Field};
use serde_json::Value;

/// Names every difference between a contract and what its exported form says.
pub(crate) fn losses(format: &str, said: &Contract, back: &Contract) -> Vec<Loss> {
    let mut losses = Vec::new();
    compare(format, &said.name, &contract(said), &contract(back), &mut losses);
    let same = said.fields.len() == back.fields.len();
    for (i, field) in said.fields.iter().enumerate() {
        let at = format!("{}.{}", said.name, field.name);
        // A format may write a field under another name, but keeps the order.
        let there = if same { back.fields.get(i) } else { back.field(&field.name) };
        match there {
            Some(there) => compare(format, &at, &self::field(field), &self::field(there), &mut losses),
            None => build::lose(&mut losses, at, format!("{format} has no such field")),
        }
    }
    losses
}

/// The parts of a field, and its name, which a format may write otherwise.
fn field(field: &Field) -> Parts {
    named(&field.name, parts::of_field(field))
}

/// The parts of a contract, and its name. What every contract says unless it says otherwise is not worth a word.
fn contract(contract: &Contract) -> Parts {
    let silent = parts::of_contract(&Contract::new(""));
    let mut parts = parts::of_contract(contract);
    parts.retain(|part, value| silent.get(part) != Some(value));
    named(&contract.name, parts)
}

fn named(name: &str, parts: Parts) -> Parts {
    std::iter::once(("name".to_owned(), Value::from(name))).chain(parts).collect()
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

fn compare(format: &str, at: &str, said: &Parts, back: &Parts, losses: &mut Vec<Loss>) {
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

/// A text without its quotes.
fn shown(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// How a contract writes a part.
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
