//! Contracts become `.proto` files.
//!
//! A contract is a message of proto3. Fields are numbered from 1 in the order of the contract: a number stays as long as new fields
//! are added behind the others. What is written is compiled and read back, and every difference is a loss.

use crate::build::{self, Names};
use crate::compare;
use crate::export::Written;
use crate::import;
use crate::loss::Loss;
use runi_lang::model::{Contract, Field};
use runi_lang::types::DataType;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// One file with a message for each contract.
#[must_use]
pub fn export(contracts: &[Contract]) -> Written {
    let mut out =
        String::from("// Fields are numbered in the order of the contract: add new ones behind the others.\nsyntax = \"proto3\";\n");
    let mut body = String::new();
    let mut names = Names::default();
    let mut imports = false;
    for contract in contracts {
        let mut message = Message { scope: Names::default(), json: BTreeSet::new(), lines: Vec::new(), imports: false };
        message.contract(contract);
        imports |= message.imports;
        body.push('\n');
        comment(&mut body, "", &contract.doc);
        let _ = writeln!(body, "message {} {{", names.unique(build::ascii_name(&contract.name)));
        for line in &message.lines {
            let _ = writeln!(body, "{}{line}", if line.is_empty() { "" } else { "  " });
        }
        body.push_str("}\n");
    }
    if imports {
        out.push_str("\nimport \"google/protobuf/timestamp.proto\";\n");
    }
    out.push_str(&body);
    let losses = losses(contracts, &out);
    Written { text: out, losses }
}

fn losses(contracts: &[Contract], text: &str) -> Vec<Loss> {
    let mut losses = Vec::new();
    match import::protobuf::import(text, None, "exported.proto", &import::Options::default()) {
        Ok(read) => {
            let mut read = read.contracts.into_iter();
            for contract in contracts {
                // A message without fields makes no contract.
                let back = if contract.fields.is_empty() { None } else { read.next() };
                match back {
                    Some(mut back) => {
                        unsent(contract, &mut back, &mut losses);
                        losses.extend(compare::losses("Protobuf", contract, &back));
                    }
                    None => losses.extend(compare::losses("Protobuf", contract, &Contract::new(&contract.name))),
                }
            }
        }
        Err(_) if contracts.iter().all(|contract| contract.fields.is_empty()) => {}
        Err(error) => build::lose(&mut losses, "", format!("the text does not read back: {error}")),
    }
    losses
}

/// Names what becomes of values that must be there: Protobuf cannot tell one that was not sent from zero.
fn unsent(said: &Contract, back: &mut Contract, losses: &mut Vec<Loss>) {
    for (field, there) in said.fields.iter().zip(&mut back.fields) {
        if let Some(default) = there.default.take_if(|_| field.default.is_none() && field.is_required()) {
            let message = format!("Protobuf requires no value: one that was not sent is read as `{default}`");
            build::lose(losses, format!("{}.{}", said.name, field.name), message);
        }
    }
}

/// Lines of a comment.
fn comment(out: &mut String, indent: &str, text: &str) {
    for line in text.lines() {
        let _ = writeln!(out, "{}", format!("{indent}// {line}").trim_end());
    }
}

/// The inside of a message. Types and enum values share one scope in Protobuf, fields too.
struct Message {
    scope: Names,
    /// Names of fields in JSON, which must differ as well.
    json: BTreeSet<String>,
    lines: Vec<String>,
    imports: bool,
}

impl Message {
    fn contract(&mut self, contract: &Contract) {
        let reserved: BTreeSet<&str> = contract.reserved.iter().map(String::as_str).filter(|name| build::is_ascii_name(name)).collect();
        let kept: Vec<String> =
            contract.reserved.iter().filter(|name| reserved.contains(name.as_str())).map(|name| format!("\"{name}\"")).collect();
        if !kept.is_empty() {
            self.lines.push(format!("reserved {};", kept.join(", ")));
        }
        let columns: Vec<String> = contract.fields.iter().map(|field| self.column(&field.name, &reserved)).collect();
        for (number, (field, column)) in contract.fields.iter().zip(columns).enumerate() {
            self.field(field, &column, number + 1);
        }
    }

    /// A name for a field that is free in the message and in its JSON.
    fn column(&mut self, name: &str, reserved: &BTreeSet<&str>) -> String {
        let wanted = build::ascii_name(name);
        let mut n = 1_u32;
        loop {
            let tried = if n == 1 { wanted.clone() } else { format!("{wanted}_{n}") };
            let json: String = tried.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect();
            if !reserved.contains(tried.as_str()) && self.json.insert(json) {
                return self.scope.unique(tried);
            }
            n += 1;
        }
    }

    fn field(&mut self, field: &Field, column: &str, number: usize) {
        let (ty, label) = self.typed(&field.ty, column);
        let label = match label {
            Label::Optional if !field.is_required() => "optional ",
            Label::Repeated => "repeated ",
            _ => "",
        };
        let options = if field.deprecated.is_some() { " [deprecated = true]" } else { "" };
        let mut text = String::new();
        comment(&mut text, "", &field.description);
        self.lines.extend(text.lines().map(str::to_owned));
        self.lines.push(format!("{label}{ty} {column} = {number}{options};"));
    }

    /// The type of a field, and whether `optional` or `repeated` stands before it.
    fn typed(&mut self, ty: &DataType, column: &str) -> (String, Label) {
        match ty {
            DataType::List(item) => {
                let (item, label) = self.typed(item, column);
                match label {
                    Label::Repeated | Label::Map => (self.wrapper(column, &[("items", &item, label)]), Label::Repeated),
                    _ => (item, Label::Repeated),
                }
            }
            DataType::Map(key, value) => {
                let (value, label) = self.typed(value, column);
                let (value, label) = match label {
                    Label::Repeated | Label::Map => (self.wrapper(column, &[("items", &value, label)]), Label::Message),
                    _ => (value, label),
                };
                let keyed = key.is_integer() || matches!(**key, DataType::String | DataType::Boolean);
                let (key, key_label) = self.typed(key, column);
                if keyed {
                    (format!("map<{key}, {value}>"), Label::Map)
                } else {
                    (self.wrapper(&format!("{column}_entry"), &[("key", &key, key_label), ("value", &value, label)]), Label::Repeated)
                }
            }
            DataType::Struct(parts) => (self.structure(parts, column), Label::Message),
            DataType::Enum(values) => (self.enumeration(values, column), Label::Optional),
            DataType::Timestamp { zone: Some(_), .. } => {
                self.imports = true;
                ("google.protobuf.Timestamp".to_owned(), Label::Message)
            }
            scalar => (self::scalar(scalar).to_owned(), Label::Optional),
        }
    }

    fn nest(&mut self, kind: &str, name: &str, inside: Vec<String>) {
        self.lines.push(format!("{kind} {name} {{"));
        self.lines.extend(inside.into_iter().map(|line| format!("  {line}")));
        self.lines.push("}".to_owned());
    }

    /// A message around what cannot stand alone in a list or a map.
    fn wrapper(&mut self, column: &str, parts: &[(&str, &str, Label)]) -> String {
        let name = self.scope.unique(build::contract_name(column));
        let line = |(at, (part, ty, label)): (usize, &(&str, &str, Label))| {
            let label = match label {
                Label::Repeated => "repeated ",
                Label::Optional => "optional ",
                _ => "",
            };
            format!("{label}{ty} {part} = {};", at + 1)
        };
        self.nest("message", &name, parts.iter().enumerate().map(line).collect());
        name
    }

    fn structure(&mut self, parts: &[(String, DataType)], column: &str) -> String {
        let name = self.scope.unique(build::contract_name(column));
        let mut inner = Message { scope: Names::default(), json: BTreeSet::new(), lines: Vec::new(), imports: false };
        inner.scope.unique(name.clone());
        let columns: Vec<String> = parts.iter().map(|(part, _)| inner.column(part, &BTreeSet::new())).collect();
        for (number, ((_, ty), column)) in parts.iter().zip(columns).enumerate() {
            inner.field(&Field::new(column.clone(), ty.clone()), &column, number + 1);
        }
        self.imports |= inner.imports;
        self.nest("message", &name, inner.lines);
        name
    }

    fn enumeration(&mut self, values: &[String], column: &str) -> String {
        let name = self.scope.unique(build::contract_name(column));
        let unsaid = self.scope.unique(format!("{}_UNSPECIFIED", build::ascii_name(column).to_uppercase()));
        let mut lines = vec![format!("{unsaid} = 0;")];
        for (number, value) in values.iter().enumerate() {
            let value = self.scope.unique(build::ascii_name(value));
            lines.push(format!("{value} = {};", number + 1));
        }
        self.nest("enum", &name, lines);
        name
    }
}

/// What may stand before a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    /// `optional`: a value that may be left out.
    Optional,
    /// Nothing: a message may always be left out.
    Message,
    /// `repeated`.
    Repeated,
    /// Nothing: a map is a list by itself.
    Map,
}

fn scalar(ty: &DataType) -> &'static str {
    match ty {
        DataType::Boolean => "bool",
        DataType::Int8 | DataType::Int16 | DataType::Int32 => "int32",
        DataType::Int64 => "int64",
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => "uint32",
        DataType::UInt64 => "uint64",
        DataType::Float32 => "float",
        DataType::Float64 => "double",
        DataType::Binary => "bytes",
        // Decimals, days, times and wall clocks have no type of their own: their text loses nothing.
        _ => "string",
    }
}
