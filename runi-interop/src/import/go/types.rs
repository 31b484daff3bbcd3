//! Types of Go and of the packages that models are made of.

use super::Reader;
use crate::import::code::{MAX_DEPTH, Shape};
use runi_lang::types::{DataType, TimeUnit};
use tree_sitter::Node;

/// UTC, to the microsecond: what `time.Time` is in a contract.
fn instant() -> Shape {
    Shape::Known(DataType::Timestamp { unit: TimeUnit::Microsecond, zone: Some("UTC".to_owned()) })
}

fn known(ty: DataType) -> Shape {
    Shape::Known(ty)
}

fn optional(shape: Shape) -> Shape {
    Shape::Optional(Box::new(shape))
}

fn less(ty: DataType, why: &str) -> Shape {
    Shape::Less(Box::new(Shape::Known(ty)), why.to_owned())
}

/// A type that Go itself has.
fn builtin(name: &str) -> Option<Shape> {
    Some(match name {
        "bool" => known(DataType::Boolean),
        "string" => known(DataType::String),
        "int8" => known(DataType::Int8),
        "int16" => known(DataType::Int16),
        "int32" | "rune" => known(DataType::Int32),
        "int" | "int64" => known(DataType::Int64),
        "uint8" | "byte" => known(DataType::UInt8),
        "uint16" => known(DataType::UInt16),
        "uint32" => known(DataType::UInt32),
        "uint" | "uint64" => known(DataType::UInt64),
        "float32" => known(DataType::Float32),
        "float64" => known(DataType::Float64),
        "any" => less(DataType::String, "any value is read as text"),
        "error" => Shape::None("it is an interface".to_owned()),
        "uintptr" => Shape::None("it is an address".to_owned()),
        "complex64" | "complex128" => Shape::None("it is a complex number".to_owned()),
        _ => return None,
    })
}

/// A type of another package, by what models use.
fn imported(package: &str, name: &str) -> Option<Shape> {
    Some(match (package, name) {
        ("time", "Time") | ("timestamppb", "Timestamp") | ("strfmt", "DateTime") => instant(),
        ("time", "Duration") => Shape::Counted("ns"),
        ("time", "Month" | "Weekday") => known(DataType::Int64),
        ("civil" | "date", "Date") | ("strfmt", "Date") => known(DataType::Date),
        ("civil", "Time") => known(DataType::Time),
        ("civil", "DateTime") => known(DataType::Timestamp { unit: TimeUnit::Microsecond, zone: None }),
        ("sql", "NullString") | ("null" | "zero", "String") | ("pgtype", "Text") => optional(known(DataType::String)),
        ("sql", "NullBool") | ("null" | "zero", "Bool") | ("pgtype", "Bool") => optional(known(DataType::Boolean)),
        ("sql", "NullByte") => optional(known(DataType::UInt8)),
        ("sql", "NullInt16") | ("null", "Int16") | ("pgtype", "Int2") => optional(known(DataType::Int16)),
        ("sql", "NullInt32") | ("null", "Int32") | ("pgtype", "Int4") => optional(known(DataType::Int32)),
        ("sql", "NullInt64") | ("null" | "zero", "Int" | "Int64") | ("pgtype", "Int8") => optional(known(DataType::Int64)),
        ("sql", "NullFloat64") | ("null" | "zero", "Float" | "Float64") | ("pgtype", "Float8") => optional(known(DataType::Float64)),
        ("sql", "NullTime") | ("null" | "zero", "Time") | ("pgtype", "Timestamptz") => optional(instant()),
        ("pgtype", "Date") => optional(known(DataType::Date)),
        ("sql", "RawBytes") => optional(known(DataType::Binary)),
        ("uuid", "UUID") => Shape::Formatted("uuid"),
        ("uuid", "NullUUID") => optional(Shape::Formatted("uuid")),
        ("json", "RawMessage") => optional(Shape::Formatted("json")),
        ("json", "Number") => less(DataType::String, "a number of any size is read as text"),
        ("netip" | "net", "Addr" | "IP") => less(DataType::String, "an address of either version is read as text"),
        ("decimal", "Decimal") => less(
            DataType::Decimal { precision: 38, scale: 10 },
            "how many digits it has is said by no type: `runi:\"type=decimal(18, 2)\"` says it",
        ),
        ("decimal", "NullDecimal") => optional(imported("decimal", "Decimal")?),
        ("big", "Int") => less(DataType::Decimal { precision: 38, scale: 0 }, "a number of more than 38 digits does not fit"),
        _ => return None,
    })
}

impl Reader<'_> {
    /// A type as the source writes it.
    pub(super) fn shape(&mut self, node: Node<'_>) -> Shape {
        self.depth += 1;
        let shape = if self.depth > MAX_DEPTH { Shape::None("its type nests too deeply".to_owned()) } else { self.nested(node) };
        self.depth -= 1;
        shape
    }

    fn nested(&mut self, node: Node<'_>) -> Shape {
        let child = |name: &str| node.child_by_field_name(name);
        match node.kind() {
            "type_identifier" => {
                let name = self.text_of(node);
                // A file may give a built-in type's name to another type; nobody does.
                builtin(name).unwrap_or_else(|| Shape::Named(name.to_owned()))
            }
            "pointer_type" | "parenthesized_type" => {
                let Some(inner) = node.named_child(0) else { return unreadable() };
                let shape = self.shape(inner);
                if node.kind() == "pointer_type" { optional(shape) } else { shape }
            }
            "slice_type" | "array_type" => {
                let Some(element) = child("element") else { return unreadable() };
                if matches!(self.text_of(element), "byte" | "uint8") {
                    // A slice can be nil, an array cannot.
                    let bytes = known(DataType::Binary);
                    return if node.kind() == "slice_type" { optional(bytes) } else { bytes };
                }
                let list = Shape::List(Box::new(self.shape(element)));
                match child("length") {
                    None => optional(list),
                    Some(length) => {
                        let why = format!("that it has {} items is lost", self.text_of(length));
                        Shape::Less(Box::new(list), why)
                    }
                }
            }
            "map_type" => {
                let (Some(key), Some(value)) = (child("key"), child("value")) else { return unreadable() };
                optional(Shape::Map(Box::new(self.shape(key)), Box::new(self.shape(value))))
            }
            "qualified_type" => {
                let (Some(package), Some(name)) = (child("package"), child("name")) else { return unreadable() };
                let (package, name) = (self.text_of(package), self.text_of(name));
                imported(package, name).unwrap_or_else(|| {
                    let why = format!("`{package}.{name}` is of another package: its values are read as text");
                    Shape::Less(Box::new(known(DataType::String)), why)
                })
            }
            "struct_type" => {
                let members = self.members(node);
                self.source.inline.push(members);
                Shape::Inline(self.source.inline.len() - 1)
            }
            "generic_type" => {
                let name = child("type").map(|name| self.text_of(name)).unwrap_or_default();
                let argument = child("type_arguments").and_then(|list| list.named_child(0)).map(|item| item.named_child(0).unwrap_or(item));
                match (name, argument) {
                    ("sql.Null" | "null.Value", Some(inner)) => optional(self.shape(inner)),
                    _ => Shape::None(format!("`{name}` has parameters")),
                }
            }
            "interface_type" if node.named_child_count() == 0 => less(DataType::String, "any value is read as text"),
            "interface_type" => Shape::None("it is an interface".to_owned()),
            "function_type" => Shape::None("it is a function".to_owned()),
            "channel_type" => Shape::None("it is a channel".to_owned()),
            _ => unreadable(),
        }
    }
}

fn unreadable() -> Shape {
    Shape::None("its type cannot be read".to_owned())
}
