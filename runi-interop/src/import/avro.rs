//! Avro schemas become contracts.
//!
//! The schema is checked by `apache-avro` and read from its JSON, because that also holds what the library drops: attributes,
//! unknown logical types, the order of what stands there. Named types are put where they are used; attributes `runi:*`, which
//! [`crate::export::avro`] writes, say the rest of a contract again.

use crate::build::{self, lose};
use crate::carry;
use crate::error::ImportError;
use crate::import::Input;
use crate::loss::{Imported, Loss};
use apache_avro::Schema;
use runi_lang::model::{Contract, Field, Renamed};
use runi_lang::types::{DataType, TimeUnit};
use serde_json::{Map, Value};
use std::collections::HashMap;

const FORMAT: &str = "Avro";
type Object = Map<String, Value>;
/// Stands where a schema that was checked has something anyway.
static NOTHING: Value = Value::Null;

/// Reads one source.
pub(super) fn from(input: &Input<'_>) -> Result<Imported, ImportError> {
    build::choose(FORMAT, import(&[&super::text(FORMAT, input.bytes)?])?, input.options)
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
        return Err(ImportError::unreadable(FORMAT, "there is no record at the top of the schema; a contract is made of one", None));
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

/// What a schema says of one place.
struct Shape {
    ty: DataType,
    nullable: bool,
    /// `@format`, from a logical type.
    format: Option<&'static str>,
}

impl Shape {
    fn of(ty: DataType) -> Self {
        Self { ty, nullable: false, format: None }
    }
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
        contract.doc = build::docstring(text(record, "doc").unwrap_or_default());
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
                key => match key.strip_prefix("runi:") {
                    Some(key) if carry::into_contract(&mut contract, key, value) => {}
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
        field.description = build::one_line(text(object, "doc").unwrap_or_default());
        match object.get("default") {
            None | Some(Value::Null) => {}
            Some(value) => match literal(value, &field.ty) {
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
                    let carried = serde_json::from_value::<DataType>(value.clone()).ok();
                    let fits = carried.filter(|ty| crate::export::avro::reads_back_as(ty) == field.ty);
                    match fits {
                        Some(ty) => field.ty = ty,
                        None => self.lose(&at, "`runi:type` is not what the schema says; the schema holds"),
                    }
                }
                key => match key.strip_prefix("runi:") {
                    Some(key) if carry::into_field(&mut field, key, value) => {}
                    _ => self.lose(&at, format!("the attribute `{key}` is not kept")),
                },
            }
        }
        Ok((field, aliases))
    }

    fn shape(&mut self, schema: &'v Value, space: &str, at: &str) -> Result<Shape, ImportError> {
        self.parts += 1;
        if self.parts > crate::import::MAX_PARTS {
            return Err(too_large("more than 20,000 parts once every named type is put where it is used"));
        }
        if self.depth >= build::MAX_DEPTH {
            return Err(too_large("types are nested more than 100 levels deep"));
        }
        self.depth += 1;
        let shape = match schema {
            Value::String(name) => self.by_name(name, space, at),
            Value::Array(branches) => self.union(branches, space, at),
            Value::Object(object) => match object.get("type") {
                Some(Value::String(kind)) => self.complex(object, kind, space, at),
                Some(inner) => self.shape(inner, space, at),
                None => Ok(Shape::of(DataType::String)),
            },
            _ => Ok(Shape::of(DataType::String)),
        };
        self.depth -= 1;
        shape
    }

    fn by_name(&mut self, name: &str, space: &str, at: &str) -> Result<Shape, ImportError> {
        if let Some(ty) = primitive(name) {
            return Ok(Shape::of(ty));
        }
        if name == "null" {
            self.lose(at, "a value that is always null is read as a nullable `string`");
            return Ok(Shape { nullable: true, ..Shape::of(DataType::String) });
        }
        let inside = format!("{space}.{name}");
        let full = if !name.contains('.') && self.named.contains_key(&inside) { inside } else { name.to_owned() };
        let Some((object, _)) = self.named.get(&full) else {
            return Err(ImportError::unreadable(FORMAT, format!("`{at}`: there is no type `{name}`"), None));
        };
        let object = *object;
        let around = self.named.get(&full).map(|(_, space)| space.clone()).unwrap_or_default();
        self.complex(object, text(object, "type").unwrap_or_default(), &around, at)
    }

    fn union(&mut self, branches: &'v [Value], space: &str, at: &str) -> Result<Shape, ImportError> {
        let null =
            |branch: &Value| matches!(branch, Value::String(name) if name == "null") || branch.get("type") == Some(&Value::from("null"));
        let nullable = branches.iter().any(null);
        let mut others = branches.iter().filter(|branch| !null(branch));
        match (others.next(), others.count()) {
            (Some(one), 0) => {
                let shape = self.shape(one, space, at)?;
                Ok(Shape { nullable: nullable || shape.nullable, ..shape })
            }
            (None, _) => self.by_name("null", space, at),
            (Some(_), more) => {
                self.lose(at, format!("a union of {} types is read as `string`", more + 1));
                Ok(Shape { nullable, ..Shape::of(DataType::String) })
            }
        }
    }

    fn complex(&mut self, object: &'v Object, kind: &str, space: &str, at: &str) -> Result<Shape, ImportError> {
        if let Some(logical) = text(object, "logicalType") {
            if let Some(shape) = self.logical(object, kind, logical, at) {
                return Ok(shape);
            }
            self.lose(at, format!("the logical type `{logical}` of `{kind}` is not known; it is read without it"));
        }
        let ty = match kind {
            "record" | "error" => return self.record(object, space, at),
            "enum" => {
                let symbols = object.get("symbols").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
                let symbols: Vec<String> = symbols.map(str::to_owned).collect();
                if let Some(default) = text(object, "default") {
                    self.lose(at, format!("the enum's default `{default}` for symbols that a reader does not know is not kept"));
                }
                self.unkept(object, &["symbols", "default"], at);
                if symbols.is_empty() {
                    self.lose(at, "an enum without symbols is read as `string`");
                    return Ok(Shape::of(DataType::String));
                }
                DataType::Enum(symbols)
            }
            "fixed" => {
                let size = object.get("size").and_then(Value::as_u64).unwrap_or(0);
                self.lose(at, format!("`fixed` of {size} bytes is read as `binary` of any length"));
                self.unkept(object, &["size"], at);
                DataType::Binary
            }
            "array" => {
                let items = self.shape(object.get("items").unwrap_or(&NOTHING), space, &format!("{at}[]"))?;
                self.inner(&items, &format!("{at}[]"));
                self.unkept(object, &["items", "default"], at);
                DataType::List(Box::new(items.ty))
            }
            "map" => {
                let values = self.shape(object.get("values").unwrap_or(&NOTHING), space, &format!("{at}{{}}"))?;
                self.inner(&values, &format!("{at}{{}}"));
                self.unkept(object, &["values", "default"], at);
                DataType::Map(Box::new(DataType::String), Box::new(values.ty))
            }
            name => {
                let shape = self.by_name(name, space, at)?;
                if primitive(name).is_some() {
                    self.unkept(object, &["logicalType", "precision", "scale"], at);
                }
                return Ok(shape);
            }
        };
        Ok(Shape::of(ty))
    }

    /// What a value inside of another cannot say.
    fn inner(&mut self, shape: &Shape, at: &str) {
        if !shape.nullable && !self.plain {
            self.lose(at, "a part that is never null is read as one that may be");
        }
        if let Some(format) = shape.format {
            self.lose(at, format!("the format `{format}` of a part is not kept"));
        }
    }

    fn unkept(&mut self, object: &Object, known: &[&str], at: &str) {
        const ALWAYS: &[&str] = &["type", "name", "namespace"];
        for key in object.keys().filter(|key| !ALWAYS.contains(&key.as_str()) && !known.contains(&key.as_str())) {
            self.lose(at, format!("the attribute `{key}` of the type is not kept"));
        }
    }

    fn record(&mut self, object: &'v Object, around: &str, at: &str) -> Result<Shape, ImportError> {
        let (full, space) = full_name(object, around).unwrap_or_default();
        if self.open.contains(&full) {
            self.lose(at, format!("`{full}` holds itself: it is read as `string`"));
            return Ok(Shape::of(DataType::String));
        }
        self.unkept(object, &["fields"], at);
        self.open.push(full);
        let mut parts = Vec::new();
        for field in object.get("fields").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object) {
            let name = text(field, "name").unwrap_or_default();
            let at = format!("{at}.{name}");
            let shape = self.shape(field.get("type").unwrap_or(&NOTHING), &space, &at)?;
            self.inner(&shape, &at);
            for key in field.keys().filter(|key| !matches!(key.as_str(), "name" | "type")) {
                if !(key == "default" && field.get(key) == Some(&Value::Null)) {
                    self.lose(&at, format!("`{key}` of a part of a struct is not kept"));
                }
            }
            parts.push((name.to_owned(), shape.ty));
        }
        self.open.pop();
        if parts.is_empty() {
            self.lose(at, "a record without fields is read as `string`");
            return Ok(Shape::of(DataType::String));
        }
        Ok(Shape::of(DataType::Struct(parts)))
    }

    fn logical(&mut self, object: &Object, kind: &str, logical: &str, at: &str) -> Option<Shape> {
        let timestamp = |unit, zone: Option<&str>| DataType::Timestamp { unit, zone: zone.map(str::to_owned) };
        let utc = Some("UTC");
        let ty = match (kind, logical) {
            ("int", "date") => DataType::Date,
            ("int", "time-millis") => {
                self.lose(at, "a time in milliseconds is read as one in microseconds");
                DataType::Time
            }
            ("long", "time-micros") => DataType::Time,
            ("long", "timestamp-millis") => timestamp(TimeUnit::Millisecond, utc),
            ("long", "timestamp-micros") => timestamp(TimeUnit::Microsecond, utc),
            ("long", "timestamp-nanos") => timestamp(TimeUnit::Nanosecond, utc),
            ("long", "local-timestamp-millis") => timestamp(TimeUnit::Millisecond, None),
            ("long", "local-timestamp-micros") => timestamp(TimeUnit::Microsecond, None),
            ("long", "local-timestamp-nanos") => timestamp(TimeUnit::Nanosecond, None),
            ("string", "uuid") => return Some(Shape { format: Some("uuid"), ..Shape::of(DataType::String) }),
            ("bytes" | "fixed", "decimal") => {
                let number = |key| object.get(key).and_then(Value::as_u64);
                let precision = number("precision").and_then(|p| u8::try_from(p).ok()).filter(|p| (1..=38).contains(p));
                let scale = i8::try_from(number("scale").unwrap_or(0)).ok();
                if kind == "fixed" {
                    self.lose(at, "a decimal of fixed size is read as one of any size");
                }
                match (precision, scale) {
                    (Some(precision), Some(scale)) if u64::try_from(scale).is_ok_and(|scale| scale <= u64::from(precision)) => {
                        DataType::Decimal { precision, scale }
                    }
                    _ => {
                        self.lose(at, "a decimal of more than 38 digits is read as `string`");
                        DataType::String
                    }
                }
            }
            _ => return None,
        };
        Some(Shape::of(ty))
    }
}

fn primitive(name: &str) -> Option<DataType> {
    Some(match name {
        "boolean" => DataType::Boolean,
        "int" => DataType::Int32,
        "long" => DataType::Int64,
        "float" => DataType::Float32,
        "double" => DataType::Float64,
        "bytes" => DataType::Binary,
        "string" => DataType::String,
        _ => return None,
    })
}

/// A default of Avro as SQL.
fn literal(value: &Value, ty: &DataType) -> Option<String> {
    match (value, ty) {
        (Value::Bool(value), DataType::Boolean) => Some(value.to_string()),
        (Value::Number(value), ty) if ty.is_integer() || matches!(ty, DataType::Float32 | DataType::Float64) => Some(value.to_string()),
        (Value::String(value), DataType::String | DataType::Enum(_)) => Some(build::sql_text(value)),
        _ => None,
    }
}
