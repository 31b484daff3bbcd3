//! Protocol Buffers become contracts.
//!
//! The text is compiled by `protox`, without `protoc`, together with what it imports from beside it. A message that is no part of
//! another is a contract. A field of proto3 without `optional` always has a value, so it is required; a reader of data without it sees
//! zero, an empty text or the first of the enum, so that is its default.

mod files;

use crate::build::{self, lose};
use crate::error::ImportError;
use crate::import::{Input, Options};
use crate::loss::{Imported, Loss};
use crate::text;
use files::{Files, GIVEN};
use prost_reflect::{Cardinality, EnumDescriptor, FieldDescriptor, FileDescriptor, Kind, MessageDescriptor, Syntax, Value};
use protox::Compiler;
use runi_lang::model::{Contract, Field, Rule};
use runi_lang::types::{DataType, TimeUnit};
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

const FORMAT: &str = "Protobuf";

/// Reads one source.
pub(super) fn from(input: &Input<'_>) -> Result<Imported, ImportError> {
    let imported = import(&super::text(FORMAT, input.bytes)?, input.path, input.name, input.options)?;
    // The types were chosen among all messages already, nested ones too.
    let options = Options { types: Vec::new(), ..input.options.clone() };
    build::choose(FORMAT, imported, &options)
}

/// Reads the messages of a text; `options` may name some of them, by their short or full names.
///
/// # Errors
/// Text that does not compile, an import that is not there, a message that is not there, more than an import reads.
pub fn import(text: &str, path: Option<&Path>, name: &str, options: &Options) -> Result<Imported, ImportError> {
    build::within_limit(FORMAT, text.len())?;
    files::guard(text)?;
    let mut compiler = Compiler::with_file_resolver(Files::new(text, path, name));
    compiler.include_source_info(true);
    if let Err(error) = compiler.open_file(GIVEN) {
        let line = line(&error, text);
        let message = format!("{error:?}").lines().next().unwrap_or_default().replace(GIVEN, name);
        return Err(ImportError::unreadable(FORMAT, if message.is_empty() { error.to_string() } else { message }, line));
    }
    let pool = compiler.descriptor_pool();
    let Some(file) = pool.get_file_by_name(GIVEN) else {
        return Err(ImportError::unreadable(FORMAT, "the text makes no file", None));
    };
    let mut reader = Reader { comments: comments(&file), ..Reader::default() };
    let messages = chosen(&file, options)?;
    let mut contracts = Vec::new();
    let mut names = build::Names::default();
    for message in messages {
        let mut contract = reader.contract(&message)?;
        contract.name = names.unique(contract.name);
        contracts.push(contract);
    }
    if contracts.is_empty() {
        return Err(ImportError::nothing(FORMAT, "there is no message with fields in the text; a contract is made of one"));
    }
    if !file.package_name().is_empty() {
        reader.lose(file.package_name(), "the package is not kept");
    }
    for service in file.services() {
        reader.lose(service.full_name(), "a service is no data, and is left out");
    }
    Ok(Imported { contracts, losses: reader.losses, notes: Vec::new() })
}

/// Where the compiler points, when it points into the text.
fn line(error: &protox::Error, text: &str) -> Option<u32> {
    let shown = format!("{error:?}");
    // The long form begins with `file:line:column: message`.
    let rest = shown.strip_prefix(GIVEN)?.strip_prefix(':')?;
    let line: u32 = rest.split(':').next()?.parse().ok()?;
    (line as usize <= text.lines().count().max(1)).then_some(line)
}

/// The messages that become contracts.
fn chosen(file: &FileDescriptor, Options { types: wanted, known, .. }: &Options) -> Result<Vec<MessageDescriptor>, ImportError> {
    let mut all = Vec::new();
    file.messages().for_each(|message| nested(message, &mut all));
    if !wanted.is_empty() {
        let find = |name: &String| {
            let found = all.iter().find(|message| message.full_name() == name || message.name() == name);
            found.cloned().ok_or_else(|| {
                let near = runi_lang::diagnostics::nearest(name, all.iter().map(MessageDescriptor::name));
                let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                ImportError::unreadable(FORMAT, format!("there is no message `{name}`{near}"), None)
            })
        };
        return wanted.iter().map(find).collect();
    }
    let mut used: BTreeSet<String> = BTreeSet::new();
    for message in &all {
        for field in message.fields() {
            if let Kind::Message(part) = field.kind()
                && part != *message
            {
                used.insert(part.full_name().to_owned());
            }
        }
    }
    let full = |message: &MessageDescriptor| message.fields().len() > 0;
    let top: Vec<MessageDescriptor> = file.messages().filter(full).collect();
    let stays = |message: &MessageDescriptor| known.contains(&build::contract_name(message.name()));
    let free: Vec<MessageDescriptor> =
        top.iter().filter(|message| stays(message) || !used.contains(message.full_name())).cloned().collect();
    // Messages that all hold each other: none is only a part.
    Ok(if free.is_empty() { top } else { free })
}

fn nested(message: MessageDescriptor, all: &mut Vec<MessageDescriptor>) {
    if message.is_map_entry() {
        return;
    }
    message.child_messages().for_each(|child| nested(child, all));
    all.push(message);
}

/// What stands in comments, by the path of what they stand at.
fn comments(file: &FileDescriptor) -> HashMap<Vec<i32>, String> {
    let info = file.file_descriptor_proto().source_code_info.as_ref();
    let mut comments = HashMap::new();
    for location in info.into_iter().flat_map(|info| &info.location) {
        let text = location.leading_comments.as_deref().or(location.trailing_comments.as_deref()).unwrap_or_default();
        if !text.trim().is_empty() {
            comments.entry(location.path.clone()).or_insert_with(|| text.to_owned());
        }
    }
    comments
}

/// What a field says of its values.
struct Shape {
    ty: DataType,
    /// Whether the type itself says that there may be none.
    nullable: bool,
    format: Option<&'static str>,
}

impl Shape {
    fn of(ty: DataType) -> Self {
        Self { ty, nullable: false, format: None }
    }

    fn null(ty: DataType) -> Self {
        Self { nullable: true, ..Self::of(ty) }
    }
}

#[derive(Default)]
struct Reader {
    comments: HashMap<Vec<i32>, String>,
    losses: Vec<Loss>,
    /// Messages around the current place.
    open: Vec<String>,
    parts: usize,
}

impl Reader {
    fn lose(&mut self, at: &str, message: impl Into<String>) {
        lose(&mut self.losses, at, message);
    }

    fn comment(&self, path: &[i32]) -> &str {
        self.comments.get(path).map_or("", String::as_str)
    }

    fn contract(&mut self, message: &MessageDescriptor) -> Result<Contract, ImportError> {
        let full = message.full_name().to_owned();
        let mut contract = Contract::new(build::contract_name(message.name()));
        contract.doc = text::comment(self.comment(message.path()));
        contract.reserved = message.reserved_names().map(str::to_owned).collect();
        contract.reserved.dedup();
        if message.reserved_ranges().len() > 0 {
            self.lose(&full, "reserved numbers are not kept: a contract reserves names");
        }
        let descriptor = message.descriptor_proto();
        if !descriptor.extension_range.is_empty() || message.extensions().len() > 0 {
            self.lose(&full, "extensions are not kept");
        }
        self.open.push(full.clone());
        // In the order of the text: that of the descriptors is by number.
        let mut fields: Vec<FieldDescriptor> = message.fields().collect();
        fields.sort_by_key(|field| field.path().last().copied());
        for field in &fields {
            contract.fields.push(self.field(field)?);
        }
        self.open.pop();
        if fields.iter().zip(1_u32..).any(|(field, n)| field.number() != n) {
            self.lose(&full, "the numbers of the fields are not kept: an export counts from 1, in the order of the fields");
        }
        for choice in message.oneofs().filter(|choice| !choice.is_synthetic()) {
            let mut names: Vec<String> = choice.fields().map(|field| field.name().to_owned()).collect();
            names.sort_by_key(|name| contract.fields.iter().position(|field| field.name == *name));
            if names.len() > 1 {
                let sum: Vec<String> = names.iter().map(|name| format!("cast(\"{name}\" is not null as int)")).collect();
                let title = format!("{}: only one of {}", choice.name(), names.join(", "));
                contract.rules.push(Rule { title, sql: format!("{} <= 1", sum.join(" + ")), on_fail: None });
            }
        }
        Ok(contract)
    }

    fn field(&mut self, descriptor: &FieldDescriptor) -> Result<Field, ImportError> {
        let at = descriptor.full_name().to_owned();
        let shape = self.shape(descriptor, &at)?;
        let mut field = Field::new(descriptor.name(), shape.ty);
        field.description = text::one_line(self.comment(descriptor.path()));
        field.rules.format = shape.format.map(|format| (format.to_owned(), None));
        let many = descriptor.is_list() || descriptor.is_map();
        let implied = !descriptor.supports_presence() && !many && !shape.nullable;
        if implied || descriptor.cardinality() == Cardinality::Required && !shape.nullable {
            field.rules.required = Some(None);
        }
        let proto = descriptor.field_descriptor_proto();
        if let Some(options) = &proto.options {
            if options.deprecated() {
                field.deprecated = Some(None);
            }
            if !options.uninterpreted_option.is_empty() {
                self.lose(&at, "an option of the field is not kept");
            }
        }
        let extras = descriptor.options().extensions().count();
        if extras > 0 {
            self.lose(&at, format!("{extras} options of the field are not kept"));
        }
        if proto.default_value.is_some() || implied {
            match (descriptor.default_value(), &field.ty) {
                (Value::String(text), DataType::String) if !text.contains(['\n', '\r', '\0']) => {
                    field.default = Some(build::sql_text(&text))
                }
                (Value::Bytes(bytes), DataType::Binary) => {
                    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                    field.default = Some(build::sql_text(&digits));
                }
                (Value::EnumNumber(number), DataType::Enum(_)) => {
                    if let Kind::Enum(kind) = descriptor.kind() {
                        field.default = kind.get_value(number).map(|value| build::sql_text(value.name()));
                    }
                }
                (Value::Bool(value), _) => field.default = Some(value.to_string()),
                (Value::I32(value), _) => field.default = Some(value.to_string()),
                (Value::I64(value), _) => field.default = Some(value.to_string()),
                (Value::U32(value), _) => field.default = Some(value.to_string()),
                (Value::U64(value), _) => field.default = Some(value.to_string()),
                (Value::F32(value), _) if value.is_finite() => field.default = Some(value.to_string()),
                (Value::F64(value), _) if value.is_finite() => field.default = Some(value.to_string()),
                _ => self.lose(&at, format!("the default `{}` is not kept", proto.default_value())),
            }
        }
        let usual = camel(descriptor.name());
        if descriptor.json_name() != usual {
            self.lose(&at, format!("the name `{}` in JSON is not kept", descriptor.json_name()));
        }
        Ok(field)
    }

    fn shape(&mut self, field: &FieldDescriptor, at: &str) -> Result<Shape, ImportError> {
        self.parts += 1;
        if self.parts > crate::import::MAX_PARTS {
            let message = "more than 20,000 parts once every message was put where it is used".to_owned();
            return Err(ImportError::TooLarge { format: FORMAT, message });
        }
        if self.open.len() > build::MAX_DEPTH {
            return Err(ImportError::TooLarge { format: FORMAT, message: "messages are nested more than 100 levels deep".to_owned() });
        }
        if field.is_map()
            && let Kind::Message(entry) = field.kind()
        {
            let key = self.kind(&entry.map_entry_key_field(), at)?;
            let value = self.kind(&entry.map_entry_value_field(), at)?;
            return Ok(Shape::of(DataType::Map(Box::new(key.ty), Box::new(value.ty))));
        }
        let shape = self.kind(field, at)?;
        if field.is_list() {
            if let Some(format) = shape.format {
                self.lose(at, format!("the format `{format}` of a part is not kept"));
            }
            return Ok(Shape::of(DataType::List(Box::new(shape.ty))));
        }
        Ok(shape)
    }

    fn kind(&mut self, field: &FieldDescriptor, at: &str) -> Result<Shape, ImportError> {
        Ok(Shape::of(match field.kind() {
            Kind::Double => DataType::Float64,
            Kind::Float => DataType::Float32,
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => DataType::Int32,
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => DataType::Int64,
            Kind::Uint32 | Kind::Fixed32 => DataType::UInt32,
            Kind::Uint64 | Kind::Fixed64 => DataType::UInt64,
            Kind::Bool => DataType::Boolean,
            Kind::String => DataType::String,
            Kind::Bytes => DataType::Binary,
            Kind::Enum(kind) => return Ok(self.enumeration(&kind, field, at)),
            Kind::Message(message) => return self.message(&message, at),
        }))
    }

    fn enumeration(&mut self, kind: &EnumDescriptor, field: &FieldDescriptor, at: &str) -> Shape {
        let mut values: Vec<(i32, String)> = kind.values().map(|value| (value.number(), value.name().to_owned())).collect();
        values.sort_by_key(|(number, _)| *number);
        let unsaid = values.iter().position(|(number, name)| *number == 0 && name.ends_with("_UNSPECIFIED"));
        let unsaid = unsaid.filter(|_| values.len() > 1);
        if let Some(place) = unsaid {
            let (_, name) = values.remove(place);
            self.lose(at, format!("`{name}` says that there is no value: it is none here, and the field may be null"));
        }
        if field.parent_file().syntax() == Syntax::Proto3 {
            self.lose(at, "the enum is open: values that a reader does not know stay numbers there, and are none here");
        }
        let ty = DataType::Enum(values.into_iter().map(|(_, name)| name).collect());
        // A value that says that nothing was said is no value.
        if unsaid.is_some() { Shape::null(ty) } else { Shape::of(ty) }
    }

    fn message(&mut self, message: &MessageDescriptor, at: &str) -> Result<Shape, ImportError> {
        let instant = DataType::Timestamp { unit: TimeUnit::Nanosecond, zone: Some("UTC".to_owned()) };
        let json = |reader: &mut Self, what: &str| {
            reader.lose(at, format!("{what} is read as its JSON in a `string`"));
            Shape { ty: DataType::String, nullable: true, format: Some("json") }
        };
        let full = message.full_name();
        Ok(match full {
            "google.protobuf.Timestamp" => Shape::null(instant),
            "google.protobuf.DoubleValue" => Shape::null(DataType::Float64),
            "google.protobuf.FloatValue" => Shape::null(DataType::Float32),
            "google.protobuf.Int64Value" => Shape::null(DataType::Int64),
            "google.protobuf.UInt64Value" => Shape::null(DataType::UInt64),
            "google.protobuf.Int32Value" => Shape::null(DataType::Int32),
            "google.protobuf.UInt32Value" => Shape::null(DataType::UInt32),
            "google.protobuf.BoolValue" => Shape::null(DataType::Boolean),
            "google.protobuf.StringValue" => Shape::null(DataType::String),
            "google.protobuf.BytesValue" => Shape::null(DataType::Binary),
            "google.protobuf.Duration" => {
                self.lose(at, "a duration is read as its text, such as `3.5s`");
                Shape::null(DataType::String)
            }
            "google.protobuf.FieldMask" => {
                self.lose(at, "a field mask is read as its text");
                Shape::null(DataType::String)
            }
            "google.protobuf.Any" | "google.protobuf.Struct" | "google.protobuf.Value" | "google.protobuf.ListValue" => {
                json(self, &format!("`{full}`"))
            }
            "google.type.Date" => Shape::null(DataType::Date),
            "google.type.TimeOfDay" => Shape::null(DataType::Time),
            _ if self.open.iter().any(|open| open == full) => {
                let mut shape = json(self, &format!("`{full}`, which holds itself,"));
                shape.format = None;
                shape
            }
            _ if message.fields().len() == 0 => json(self, &format!("`{full}`, which has no fields,")),
            _ => {
                self.open.push(full.to_owned());
                let mut fields: Vec<FieldDescriptor> = message.fields().collect();
                fields.sort_by_key(|field| field.path().last().copied());
                let mut parts = Vec::new();
                let mut always = false;
                for field in &fields {
                    let shape = self.shape(field, &format!("{at}.{}", field.name()))?;
                    always |= !field.supports_presence() && !field.is_list() && !field.is_map();
                    parts.push((field.name().to_owned(), shape.ty));
                }
                self.open.pop();
                if always {
                    self.lose(at, "parts of the message that always have a value are read as ones that may have none");
                }
                if message.oneofs().any(|choice| !choice.is_synthetic()) {
                    self.lose(at, "that only one of some parts is set is not kept inside of a struct");
                }
                Shape::null(DataType::Struct(parts))
            }
        })
    }
}

/// The name that a field has in JSON, unless it says otherwise.
fn camel(name: &str) -> String {
    let mut out = String::new();
    let mut upper = false;
    for c in name.chars() {
        match c {
            '_' => upper = true,
            c if upper => {
                out.extend(c.to_uppercase());
                upper = false;
            }
            c => out.push(c),
        }
    }
    out
}
