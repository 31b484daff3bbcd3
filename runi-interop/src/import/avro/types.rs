//! Schemas of Avro as types: unions, named types, logical types.

use super::{FORMAT, NOTHING, Object, Walk, full_name, text, too_large};
use crate::build;
use crate::error::ImportError;
use runi_lang::types::{DataType, TimeUnit};
use serde_json::Value;

/// What a schema says of one place.
pub(super) struct Shape {
    pub(super) ty: DataType,
    pub(super) nullable: bool,
    /// `@format`, from a logical type.
    pub(super) format: Option<&'static str>,
}

impl Shape {
    fn of(ty: DataType) -> Self {
        Self { ty, nullable: false, format: None }
    }
}

impl<'v> Walk<'v> {
    pub(super) fn shape(&mut self, schema: &'v Value, space: &str, at: &str) -> Result<Shape, ImportError> {
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
