//! Types: `logicalType` with its options, and `physicalType`, which is whatever the server calls it.

use crate::document::{Node, Object, Reader};
use crate::text;
use runi_lang::types::{DataType, TimeUnit};

/// The type of a property or of an item. `string` stands where nothing better is said, and the loss is named.
pub(super) fn data_type(reader: &mut Reader, property: &mut Object<'_>) -> DataType {
    let logical = property.text(reader, "logicalType");
    let physical = property.text(reader, "physicalType").unwrap_or_default();
    let own = text::parse_type(&physical);
    if let (Some(own), Some(logical)) = (&own, &logical)
        && self::logical(own) == logical.as_str()
    {
        // The parts are said twice then; what else is said of them is lost.
        below(reader, property);
        return own.clone();
    }
    let foreign = foreign(&physical);
    let options = property.node("logicalTypeOptions");
    let option = |name: &str| options.and_then(|options| options.get(name)).and_then(Node::scalar);
    let Some(logical) = logical else {
        return own.or(foreign).unwrap_or_else(|| {
            reader.lose(&property.at, property.node, "the property says no type that is known here; it is read as `string`");
            DataType::String
        });
    };
    let format = option("format");
    match logical.as_str() {
        "string" => match format.as_deref() {
            Some("binary" | "byte") => DataType::Binary,
            _ => DataType::String,
        },
        "boolean" => DataType::Boolean,
        "integer" => integer(format.as_deref(), foreign),
        "number" => match (format.as_deref(), foreign) {
            (Some("f32"), _) => DataType::Float32,
            (Some("f64"), _) => DataType::Float64,
            (_, Some(found)) if found.is_numeric() => found,
            _ => DataType::Float64,
        },
        // Before 3.1 there was no `timestamp`: a date was any point in time.
        "date" => foreign.filter(|found| matches!(found, DataType::Timestamp { .. })).unwrap_or(DataType::Date),
        "timestamp" => timestamp(foreign, option("timezone").as_deref(), option("defaultTimezone")),
        "time" => DataType::Time,
        "object" => structure(reader, property),
        "array" => match property.node("items").and_then(|items| reader.object(&property.path("items"), items)) {
            Some(item) => DataType::List(Box::new(nested(reader, item))),
            None => {
                reader.lose(&property.at, property.node, "the array does not say of what; it is read as `list<string>`");
                DataType::List(Box::new(DataType::String))
            }
        },
        "map" => map(reader, property),
        "vector" => {
            reader.lose(&property.at, property.node, "a vector is read as a list; its dimensions and its metric are not kept");
            let wide = option("elementType").is_some_and(|ty| ty == "float64");
            DataType::List(Box::new(if wide { DataType::Float64 } else { DataType::Float32 }))
        }
        other => {
            reader.refuse(&property.path("logicalType"), property.node, &format!("there is no logical type `{other}`"));
            DataType::String
        }
    }
}

/// What ODCS calls a type of ours.
pub(crate) fn logical(ty: &DataType) -> &'static str {
    match ty {
        DataType::Boolean => "boolean",
        ty if ty.is_integer() => "integer",
        ty if ty.is_numeric() => "number",
        DataType::Date => "date",
        DataType::Time => "time",
        DataType::Timestamp { .. } => "timestamp",
        DataType::List(_) => "array",
        DataType::Struct(_) => "object",
        DataType::Map(..) => "map",
        _ => "string",
    }
}

fn integer(format: Option<&str>, foreign: Option<DataType>) -> DataType {
    match (format, foreign) {
        (Some("i8"), _) => DataType::Int8,
        (Some("i16"), _) => DataType::Int16,
        (Some("i32"), _) => DataType::Int32,
        (Some("i64"), _) => DataType::Int64,
        (Some("u8"), _) => DataType::UInt8,
        (Some("u16"), _) => DataType::UInt16,
        (Some("u32"), _) => DataType::UInt32,
        (Some("u64"), _) => DataType::UInt64,
        (Some("i128" | "u128"), _) => DataType::Decimal { precision: 38, scale: 0 },
        (_, Some(found)) if found.is_integer() || matches!(found, DataType::Decimal { scale: 0, .. }) => found,
        _ => DataType::Int64,
    }
}

fn timestamp(foreign: Option<DataType>, zoned: Option<&str>, zone: Option<String>) -> DataType {
    const UNIT: TimeUnit = TimeUnit::Microsecond;
    let zone = match (zoned, foreign) {
        (Some("false"), _) => None,
        (None, Some(DataType::Timestamp { zone, .. })) => zone,
        _ => Some(zone.filter(|zone| zone != "Etc/UTC").unwrap_or_else(|| "UTC".to_owned())),
    };
    let ty = DataType::Timestamp { unit: UNIT, zone };
    // A zone that nobody knows would make the contract invalid; UTC is what ODCS says when it says nothing.
    if text::parse_type(&text::data_type(&ty)).is_some() { ty } else { DataType::Timestamp { unit: UNIT, zone: Some("UTC".to_owned()) } }
}

fn structure(reader: &mut Reader, property: &mut Object<'_>) -> DataType {
    let mut parts: Vec<(String, DataType)> = Vec::new();
    for mut part in property.objects(reader, "properties") {
        let name = part.text(reader, "name").map(|name| text::field_name(&name)).filter(|name| !name.is_empty());
        let Some(name) = name else {
            reader.refuse(&part.at, part.node, "a property has a `name`");
            continue;
        };
        if parts.iter().any(|(known, _)| *known == name) {
            reader.refuse(&part.at, part.node, &format!("there are two properties named `{name}`"));
            continue;
        }
        let ty = nested(reader, part);
        parts.push((name, ty));
    }
    if parts.is_empty() {
        reader.lose(&property.at, property.node, "the object names no parts; it is read as `map<string, string>`");
        return DataType::Map(Box::new(DataType::String), Box::new(DataType::String));
    }
    DataType::Struct(parts)
}

fn map(reader: &mut Reader, property: &mut Object<'_>) -> DataType {
    let mut definition = property.node("map").and_then(|map| reader.object(&property.path("map"), map));
    let mut side = |key: &'static str| {
        let found = definition.as_mut().and_then(|map| Some((map.path(key), map.node(key)?)));
        match found.and_then(|(at, node)| reader.object(&at, node)) {
            Some(object) => Box::new(nested(reader, object)),
            None => {
                reader.lose(
                    &property.at,
                    property.node,
                    format!("the map does not say of which type its {key}s are; they are read as `string`"),
                );
                Box::new(DataType::String)
            }
        }
    };
    DataType::Map(side("key"), side("value"))
}

/// The type of a part; whatever else is said of it is lost, since only fields have rules.
fn nested(reader: &mut Reader, mut property: Object<'_>) -> DataType {
    let ty = data_type(reader, &mut property);
    part_losses(reader, &mut property);
    ty
}

/// Names what is said of the parts below a type that was read whole.
fn below(reader: &mut Reader, property: &mut Object<'_>) {
    let mut below = property.objects(reader, "properties");
    below.extend(property.node("items").and_then(|items| reader.object(&property.path("items"), items)));
    if let Some(mut map) = property.node("map").and_then(|map| reader.object(&property.path("map"), map)) {
        for key in ["key", "value"] {
            below.extend(map.node(key).and_then(|side| reader.object(&map.path(key), side)));
        }
    }
    for mut part in below {
        part.text(reader, "logicalType");
        part.text(reader, "physicalType");
        self::below(reader, &mut part);
        part_losses(reader, &mut part);
    }
}

fn part_losses(reader: &mut Reader, property: &mut Object<'_>) {
    const OF_TYPES: [&str; 3] = ["format", "timezone", "defaultTimezone"];
    property.text(reader, "name");
    let options = property.node("logicalTypeOptions").and_then(Node::entries);
    let mut said: Vec<&str> = options.into_iter().flat_map(|options| options.iter().map(|(key, _)| key)).collect();
    said.retain(|key| !OF_TYPES.contains(key));
    said.extend(property.rest().into_iter().map(|(key, _)| key));
    if !said.is_empty() {
        let list = said.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
        reader.lose(&property.at, property.node, format!("a part of a nested type has a name and a type only; not kept: {list}"));
    }
}

/// The type that a database calls so; its length or precision counts where it has one.
fn foreign(physical: &str) -> Option<DataType> {
    let lower = physical.trim().to_ascii_lowercase();
    let (name, rest) = lower.split_once('(').unwrap_or((&lower, ""));
    let numbers: Vec<u8> = rest.split(')').next().unwrap_or_default().split(',').filter_map(|n| n.trim().parse().ok()).collect();
    let zoned = lower.contains("with time zone") || lower.contains("with local time zone");
    let at = |zoned: bool| DataType::Timestamp { unit: TimeUnit::Microsecond, zone: zoned.then(|| "UTC".to_owned()) };
    Some(match name.split_whitespace().next().unwrap_or_default() {
        "boolean" | "bool" | "bit" => DataType::Boolean,
        "tinyint" | "int8" | "byteint" => DataType::Int8,
        "smallint" | "int2" | "int16" | "short" | "smallserial" => DataType::Int16,
        "int" | "integer" | "int4" | "int32" | "mediumint" | "serial" => DataType::Int32,
        "bigint" | "int64" | "long" | "bigserial" => DataType::Int64,
        "real" | "float4" | "float32" => DataType::Float32,
        "double" | "float" | "float8" | "float64" => DataType::Float64,
        "decimal" | "numeric" | "number" | "bignumeric" | "dec" | "money" => match numbers.as_slice() {
            [precision @ 1..=38, scale, ..] if scale <= precision => {
                DataType::Decimal { precision: *precision, scale: i8::try_from(*scale).ok()? }
            }
            [precision @ 1..=38] => DataType::Decimal { precision: *precision, scale: 0 },
            _ => DataType::Decimal { precision: 38, scale: 9 },
        },
        "varchar" | "char" | "text" | "string" | "nvarchar" | "nchar" | "character" | "clob" | "varchar2" | "uuid" | "json" | "jsonb" => {
            DataType::String
        }
        "binary" | "varbinary" | "blob" | "bytea" | "bytes" | "raw" => DataType::Binary,
        "date" => DataType::Date,
        "time" => DataType::Time,
        "timestamptz" | "timestamp_tz" | "timestamp_ltz" | "datetimeoffset" => at(true),
        "timestamp_ntz" | "datetime" | "datetime2" | "smalldatetime" => at(false),
        "timestamp" => at(zoned),
        _ => return None,
    })
}

/// The length that a type such as `varchar(20)` allows.
pub(super) fn length(physical: &str) -> Option<u64> {
    const TEXTS: [&str; 7] = ["varchar", "char", "nvarchar", "nchar", "varchar2", "character", "character varying"];
    let lower = physical.trim().to_ascii_lowercase();
    let (name, rest) = lower.split_once('(')?;
    let number = rest.strip_suffix(')')?.trim();
    TEXTS.contains(&name.trim()).then(|| number.parse().ok()).flatten()
}
