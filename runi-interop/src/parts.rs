//! A contract and its fields as flat lists of named parts, so that a format can carry whatever it has no word for.
//!
//! Parts are called as in the model's own JSON: `required`, `range`, `pii`, `unit`, `keys`, `references` … An export writes what the format can
//! say itself, reads that back, and adds each part that did not come back as it was. So nothing is said twice, and nothing that the format
//! cannot say is lost. Formats without room for parts name them as losses instead (see [`crate::compare`]).

use crate::text;
use runi_lang::model::{Contract, Field};
use serde_json::{Map, Value};

/// Parts by name.
pub(crate) type Parts = Map<String, Value>;

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
pub(crate) fn of_contract(contract: &Contract) -> Parts {
    let mut all = object(serde_json::to_value(Contract { fields: Vec::new(), ..contract.clone() }));
    CONTRACT.iter().filter_map(|part| Some(((*part).to_owned(), all.shift_remove(*part)?))).collect()
}

/// Everything that a field says, its name left out.
pub(crate) fn of_field(field: &Field) -> Parts {
    let mut parts = object(serde_json::to_value(field));
    parts.shift_remove("name");
    parts.insert("type".to_owned(), Value::String(text::data_type(&field.ty)));
    for (group, _) in GROUPS {
        let below = object(Ok(parts.shift_remove(group).unwrap_or_default()));
        parts.extend(below);
    }
    parts
}

/// What must be added to a field as a format says it, so that it says what the field says, its name included.
pub(crate) fn field_beyond(back: Option<&Field>, field: &Field) -> Parts {
    let native = back.map(of_field).unwrap_or_default();
    named(back.map(|back| &*back.name), &field.name, missing(&native, &of_field(field)))
}

/// What must be added to a contract as a format says it, so that it says what the contract says, its name included.
pub(crate) fn contract_beyond(back: &Contract, contract: &Contract) -> Parts {
    named(Some(&back.name), &contract.name, missing(&of_contract(back), &of_contract(contract)))
}

fn named(back: Option<&str>, name: &str, mut parts: Parts) -> Parts {
    if back.is_some_and(|back| back != name) {
        parts.insert("name".to_owned(), Value::from(name));
    }
    parts
}

/// What must be added to `native`, so that it says what `wanted` says.
fn missing(native: &Parts, wanted: &Parts) -> Parts {
    let beyond = wanted.iter().filter(|(part, value)| native.get(*part) != Some(*value));
    let mut missing: Parts = beyond.map(|(part, value)| (part.clone(), value.clone())).collect();
    let without: Vec<Value> = native.keys().filter(|part| !wanted.contains_key(*part)).map(|part| Value::String(part.clone())).collect();
    if !without.is_empty() {
        missing.insert(WITHOUT.to_owned(), Value::Array(without));
    }
    missing
}

/// One part by itself.
pub(crate) fn one(part: &str, value: &Value) -> Parts {
    Parts::from_iter([(part.to_owned(), value.clone())])
}

/// Sets parts of a contract, its name and its fields left out.
///
/// # Errors
/// The part that cannot be read, and why.
pub(crate) fn set_contract(contract: &mut Contract, parts: &Parts) -> Result<(), (String, String)> {
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

/// Sets parts of a field, its name left out.
///
/// # Errors
/// The part that cannot be read, and why.
pub(crate) fn set_field(field: &mut Field, parts: &Parts) -> Result<(), (String, String)> {
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

fn restore(all: &mut Parts, part: &str, kept: Option<Value>) {
    match kept {
        Some(value) => all.insert(part.to_owned(), value),
        None => all.shift_remove(part),
    };
}

fn object(value: Result<Value, serde_json::Error>) -> Parts {
    match value {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use runi_lang::lower;
    use runi_lang::syntax::{FileKind, parse};
    use runi_lang::types::DataType;

    /// A contract that says everything that a contract and a field can say.
    const FULL: &str = r#"
Contract: Full
  """What it is."""
  @version(1.2.3)
  @owner(shop, contact="shop@example.com")
  @classification(restricted)
  @compliance(GDPR)
  @compatibility(consumer, history=transitive)
  @on_fail(warn)
  @drift(extra=fail)
  @freshness(15m, on=at)
  @retention(30d)
  @deprecated(until=2030-01-01)

  id  string  @required @unique @range(min=a, max=b) @length(min=1) @matches("[a-z]+") @format(uuid) @type(on_fail=warn) @pii(name) @access(sales) @classification(restricted) @mask(hash) @unit(x) @default(a) @deprecated(until=2030-01-01) "Which."
  state  enum(a, b)  @enum_policy(on_fail=fail)
  at  timestamp(UTC)

  @key(id)
  @rule "one": id <> 'x'
  @references(id, Other.id)
  @renamed_from(old, to=id, until=2030-01-01)
  @reserved(gone)
  @accept(F001, on=id, until=2030-01-01, because="it must", by="@me")
"#;

    #[test]
    fn no_part_is_forgotten() {
        let (file, problems) = lower::contracts("", &parse(FULL, FileKind::Contract));
        assert_eq!(problems, vec![]);
        let contract = file.contracts.first().unwrap();
        let mut written = object(serde_json::to_value(contract));
        let fields = written.shift_remove("fields").unwrap();
        written.shift_remove("name");
        let mut keys: Vec<&str> = written.keys().map(String::as_str).collect();
        let mut known = CONTRACT.to_vec();
        keys.sort_unstable();
        known.sort_unstable();
        assert_eq!(keys, known, "every part of a contract that is written can be set");

        for (group, parts) in GROUPS {
            let all = fields.as_array().unwrap().iter().flat_map(|field| field[group].as_object().unwrap().keys());
            let mut keys: Vec<&str> = all.map(String::as_str).collect();
            let mut known = parts.to_vec();
            keys.sort_unstable();
            known.sort_unstable();
            assert_eq!(keys, known, "every part of a field's {group} is known");
        }
    }

    #[test]
    fn parts_that_were_taken_out_can_be_set_again() {
        let (file, _) = lower::contracts("", &parse(FULL, FileKind::Contract));
        let wanted = file.contracts.first().unwrap();
        let mut made = Contract::new("Made");
        let beyond = contract_beyond(&made, wanted);
        assert_eq!(beyond.get("name"), Some(&Value::from("Full")));
        let parts = beyond.into_iter().filter(|(part, _)| part != "name").collect();
        set_contract(&mut made, &parts).unwrap();
        for field in &wanted.fields {
            let mut bare = Field::new(&field.name, DataType::Boolean);
            let beyond = field_beyond(Some(&bare), field);
            set_field(&mut bare, &beyond).unwrap();
            made.fields.push(bare);
        }
        assert_eq!(made, Contract { name: "Made".to_owned(), ..wanted.clone() });
        assert_eq!(set_field(&mut Field::new("f", DataType::String), &one("rang", &Value::Null)).unwrap_err().0, "rang");
    }
}
