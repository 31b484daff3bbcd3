//! Avro schemas become contracts.
//!
//! The schema is checked by `apache-avro` and read from its JSON, because that also holds what the library drops: attributes,
//! unknown logical types, the order of what stands there. Named types are put where they are used; attributes `runi:*`, which
//! [`crate::export::avro`] writes, say the rest of a contract again.

mod defaults;
mod types;

use crate::build::{self, lose};
use crate::error::ImportError;
use crate::import::Input;
use crate::loss::{Imported, Loss};
use crate::parts;
use apache_avro::Schema;
use runi_lang::model::{Contract, Field, Renamed};
use serde_json::{Map, Value};
use std::collections::HashMap;

const FORMAT: &str = "Avro";
type Object = Map<String, Value>;
/// Stands where a schema that was checked has something anyway.
static NOTHING: Value = Value::Null;

/// Reads one source.
pub(super) fn from(input: &Input<'_>) -> Result<Imported, ImportError> {
    build::choose(FORMAT, import(&[&crate::import::text(FORMAT, input.bytes)?])?, input.options)
}

/// Reads schema files that may name each other's types. Each record at the top of a file (or of a union there) is a contract.
///
/// # Errors
/// Text that is no Avro schema, a name that is nowhere defined, no record at the top, more than an import reads.
pub fn import(files: &[&str]) -> Result<Imported, ImportError> {
    build::within_limit(FORMAT, files.iter().map(|text| text.len()).sum())?;
    let mut tops = Vec::with_capacity(files.len());
    for text in files {
        let top: Value = serde_json::from_str(text)
            .map_err(|error| ImportError::unreadable(FORMAT, error.to_string(), u32::try_from(error.line()).ok()))?;
        tops.push(of_protocol(top));
    }
    match tops.as_slice() {
        [top] => Schema::parse(top).map(drop),
        _ => {
            let branches =
                tops.iter().flat_map(|top| if let Value::Array(branches) = top { branches.as_slice() } else { std::slice::from_ref(top) });
            Schema::parse_list(branches.map(Value::to_string).collect::<Vec<_>>()).map(drop)
        }
    }
    .map_err(|error| ImportError::unreadable(FORMAT, error.to_string(), None))?;
    let mut walk = Walk::default();
    for top in &tops {
        walk.define(top, "");
    }
    let mut contracts = Vec::new();
    for top in &tops {
        let branches = if let Value::Array(branches) = top { branches.as_slice() } else { std::slice::from_ref(top) };
        for record in branches.iter().filter_map(Value::as_object).filter(|object| is(object, "record")) {
            contracts.push(walk.contract(record)?);
        }
    }
    if contracts.is_empty() {
        return Err(ImportError::nothing(FORMAT, "there is no record at the top of the schema; a contract is made of one"));
    }
    Ok(Imported { contracts, losses: walk.losses, notes: Vec::new() })
}

/// The types of a protocol (`.avpr`) as a union at the top. Its messages are no data; an `error` is a record that is thrown.
fn of_protocol(top: Value) -> Value {
    let types = top.as_object().filter(|object| object.contains_key("protocol")).and_then(|object| object.get("types")?.as_array());
    let Some(types) = types else { return top };
    let space = top.get("namespace").and_then(Value::as_str).filter(|space| !space.is_empty());
    let named = |mut ty: Value| {
        if let Some(object) = ty.as_object_mut() {
            if is(object, "error") {
                object.insert("type".to_owned(), "record".into());
            }
            if let (Some(space), None, Some(false)) = (space, object.get("namespace"), text(object, "name").map(|name| name.contains('.')))
            {
                object.insert("namespace".to_owned(), space.into());
            }
        }
        ty
    };
    Value::Array(types.iter().cloned().map(named).collect())
}

/// What one field of a record says without its `runi:*` attributes.
pub(crate) fn plain_field(field: &Object) -> Option<Field> {
    let mut walk = Walk { plain: true, ..Walk::default() };
    walk.define(field.get("type")?, "");
    walk.field(field, "", "").ok().map(|(field, _)| field)
}

fn too_large(message: &str) -> ImportError {
    ImportError::TooLarge { format: FORMAT, message: message.to_owned() }
}

fn is(object: &Object, kind: &str) -> bool {
    matches!(object.get("type"), Some(Value::String(ty)) if ty == kind)
}

fn text<'v>(object: &'v Object, key: &str) -> Option<&'v str> {
    object.get(key).and_then(Value::as_str)
}

/// The full name of a definition, and the namespace of what it holds.
fn full_name(object: &Object, around: &str) -> Option<(String, String)> {
    let name = text(object, "name")?;
    if let Some((space, _)) = name.rsplit_once('.') {
        return Some((name.to_owned(), space.to_owned()));
    }
    let space = text(object, "namespace").unwrap_or(around);
    Some((if space.is_empty() { name.to_owned() } else { format!("{space}.{name}") }, space.to_owned()))
}

#[derive(Default)]
struct Walk<'v> {
    /// Definitions by full name, with the namespace inside them.
    named: HashMap<String, (&'v Object, String)>,
    losses: Vec<Loss>,
    /// Records around the current place.
    open: Vec<String>,
    depth: usize,
    parts: usize,
    /// Whether `runi:*` attributes are left aside.
    plain: bool,
}

impl<'v> Walk<'v> {
    /// Notes every definition below a schema. JSON nests at most 128 levels deep, so this ends.
    fn define(&mut self, schema: &'v Value, around: &str) {
        match schema {
            Value::Array(branches) => branches.iter().for_each(|branch| self.define(branch, around)),
            Value::Object(object) => {
                let named = ["record", "error", "enum", "fixed"].iter().any(|kind| is(object, kind));
                let name = full_name(object, around).filter(|_| named);
                let space = name.as_ref().map_or_else(|| around.to_owned(), |(_, space)| space.clone());
                if let Some((name, space)) = name {
                    self.named.entry(name).or_insert((object, space));
                }
                for key in ["type", "items", "values"] {
                    object.get(key).into_iter().for_each(|inner| self.define(inner, &space));
                }
                for field in object.get("fields").and_then(Value::as_array).into_iter().flatten() {
                    field.get("type").into_iter().for_each(|ty| self.define(ty, &space));
                }
            }
            _ => {}
        }
    }

    fn lose(&mut self, at: &str, message: impl Into<String>) {
        lose(&mut self.losses, at, message);
    }

    fn contract(&mut self, record: &'v Object) -> Result<Contract, ImportError> {
        let (full, space) = full_name(record, "").unwrap_or_default();
        let name = build::contract_name(&full);
        let mut contract = Contract::new(&name);
        if !space.is_empty() && !self.plain {
            self.lose(&full, format!("the namespace `{space}` is not kept"));
        }
        contract.doc = crate::text::prose(text(record, "doc").unwrap_or_default());
        self.open.push(full.clone());
        let mut names = build::Names::default();
        for field in record.get("fields").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object) {
            let (mut field, aliases) = self.field(field, &space, &full)?;
            field.name = names.unique(field.name);
            contract.renamed.extend(aliases.into_iter().map(|from| Renamed { from, to: field.name.clone(), until: None }));
            contract.fields.push(field);
        }
        self.open.pop();
        let (fields, losses) = (&contract.fields, &mut self.losses);
        contract.renamed.retain(|renamed| {
            let free = fields.iter().all(|field| field.name != renamed.from);
            if !free {
                lose(losses, format!("{full}.{}", renamed.to), format!("the alias `{}` is another field's name", renamed.from));
            }
            free
        });
        for (key, value) in record {
            match key.as_str() {
                "type" | "name" | "namespace" | "doc" | "fields" => {}
                "aliases" => self.lose(&full, "aliases of the record are not kept: a contract has one name"),
                key => match (key.strip_prefix("runi:"), value.as_str()) {
                    (Some("name"), Some(name)) => name.clone_into(&mut contract.name),
                    (Some(part), _) if parts::set_contract(&mut contract, &parts::one(part, value)).is_ok() => {}
                    _ => self.lose(&full, format!("the attribute `{key}` is not kept")),
                },
            }
        }
        Ok(contract)
    }

    /// A field and its aliases.
    fn field(&mut self, object: &'v Object, space: &str, record: &str) -> Result<(Field, Vec<String>), ImportError> {
        let name = text(object, "name").unwrap_or_default();
        let at = format!("{record}.{name}");
        let shape = self.shape(object.get("type").unwrap_or(&NOTHING), space, &at)?;
        let mut field = Field::new(name, shape.ty);
        if !shape.nullable {
            field.rules.required = Some(None);
        }
        field.rules.format = shape.format.map(|format| (format.to_owned(), None));
        field.description = crate::text::one_line(text(object, "doc").unwrap_or_default());
        match object.get("default") {
            None | Some(Value::Null) => {}
            Some(value) => match defaults::literal(value, &field.ty) {
                Some(sql) => field.default = Some(sql),
                None => self.lose(&at, format!("the default `{value}` of `{}` is not kept", field.ty)),
            },
        }
        let aliases = object.get("aliases").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let aliases: Vec<String> = aliases.map(str::to_owned).collect();
        for (key, value) in object {
            match key.as_str() {
                "name" | "type" | "doc" | "default" | "aliases" => {}
                key if self.plain && key.starts_with("runi:") => {}
                "runi:type" => {
                    let carried = value.as_str().and_then(crate::text::parse_type);
                    let fits = carried.filter(|ty| crate::export::avro::reads_back_as(ty) == field.ty);
                    match fits {
                        Some(ty) => field.ty = ty,
                        None => self.lose(&at, "`runi:type` is not what the schema says; the schema holds"),
                    }
                }
                key => match (key.strip_prefix("runi:"), value.as_str()) {
                    (Some("name"), Some(name)) => name.clone_into(&mut field.name),
                    (Some(part), _) if parts::set_field(&mut field, &parts::one(part, value)).is_ok() => {}
                    _ => self.lose(&at, format!("the attribute `{key}` is not kept")),
                },
            }
        }
        Ok((field, aliases))
    }
}
