//! Types out of the tree.

use super::args::arguments;
use super::context::{Context, Seen, child, near, tokens};
use crate::diagnostics::syntax as codes;
use crate::model::{ArgValue, Args, ParamType, Spanned};
use crate::syntax::{SyntaxKind, SyntaxNode};
use crate::types::{DataType, NAMES, TimeUnit};
use rowan::TextRange;

/// What other systems call our types.
const FOREIGN: &[(&str, &str)] = &[
    ("bool", "boolean"),
    ("byte", "int8"),
    ("tinyint", "int8"),
    ("short", "int16"),
    ("smallint", "int16"),
    ("int", "int64"),
    ("integer", "int64"),
    ("long", "int64"),
    ("bigint", "int64"),
    ("real", "float32"),
    ("float", "float64"),
    ("double", "float64"),
    ("numeric", "decimal"),
    ("number", "decimal"),
    ("text", "string"),
    ("varchar", "string"),
    ("char", "string"),
    ("str", "string"),
    ("utf8", "string"),
    ("uuid", "string"),
    ("bytes", "binary"),
    ("blob", "binary"),
    ("bytea", "binary"),
    ("datetime", "timestamp"),
    ("timestamptz", "timestamp"),
    ("array", "list"),
    ("record", "struct"),
    ("object", "struct"),
];

/// Where a type stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In a contract: every parameter of a type is said.
    Contract,
    /// In a signature, where a bare `decimal` is `decimal(38, 10)`.
    Signature,
}

impl Context<'_> {
    /// The type below a node; a missing one was reported by the parser.
    pub(super) fn type_below(&mut self, node: &SyntaxNode, place: Place) -> Spanned<DataType> {
        match child(node, SyntaxKind::Type) {
            Some(ty) => Spanned::new(self.data_type(&ty, place), ty.text_range()),
            None => Spanned::new(DataType::Unknown, TextRange::empty(node.text_range().end())),
        }
    }

    /// The type of a parameter.
    pub(super) fn param_type(&mut self, node: &SyntaxNode) -> Spanned<ParamType> {
        let Some(ty) = child(node, SyntaxKind::Type) else {
            return Spanned::new(ParamType::Value(DataType::Unknown), TextRange::empty(node.text_range().end()));
        };
        let range = ty.text_range();
        let inner = child(&ty, SyntaxKind::Type);
        let param = match (type_name(&ty).as_str(), inner) {
            ("column", Some(inner)) => ParamType::Column(self.data_type(&inner, Place::Signature)),
            ("table", Some(inner)) => ParamType::Table(type_name(&inner)),
            (word @ ("column" | "table"), None) => {
                let wanted = if word == "column" { "write `column<type>`" } else { "write `table<Contract>`" };
                self.bad_type(range, format!("`{word}` does not say of what"), wanted);
                if word == "column" { ParamType::Column(DataType::Unknown) } else { ParamType::Value(DataType::Unknown) }
            }
            _ => ParamType::Value(self.data_type(&ty, Place::Signature)),
        };
        Spanned::new(param, range)
    }

    fn bad_type(&mut self, range: TextRange, message: String, help: &str) -> DataType {
        if self.damaged(range) {
            return DataType::Unknown;
        }
        let diagnostic = codes::invalid_type(self.place(range), message, help);
        self.report(diagnostic);
        DataType::Unknown
    }

    fn data_type(&mut self, node: &SyntaxNode, place: Place) -> DataType {
        if child(node, SyntaxKind::Error).is_some() {
            return DataType::Unknown;
        }
        let name = type_name(node);
        let range = node.text_range();
        let list = child(node, SyntaxKind::ArgList);
        let args = list.as_ref().map(arguments);
        let inner: Vec<SyntaxNode> = node.children().filter(|child| child.kind() == SyntaxKind::Type).collect();
        let nests = matches!(name.as_str(), "list" | "struct" | "map");
        let takes_values = matches!(name.as_str(), "decimal" | "timestamp" | "enum");
        if NAMES.contains(&name.as_str()) && (!nests && !inner.is_empty() || !takes_values && args.is_some()) {
            return self.bad_type(range, format!("`{name}` has no such parameters"), "remove what follows the type's name");
        }
        match name.as_str() {
            "boolean" => DataType::Boolean,
            "int8" => DataType::Int8,
            "int16" => DataType::Int16,
            "int32" => DataType::Int32,
            "int64" => DataType::Int64,
            "uint8" => DataType::UInt8,
            "uint16" => DataType::UInt16,
            "uint32" => DataType::UInt32,
            "uint64" => DataType::UInt64,
            "float32" => DataType::Float32,
            "float64" => DataType::Float64,
            "string" => DataType::String,
            "binary" => DataType::Binary,
            "date" => DataType::Date,
            "time" => DataType::Time,
            "decimal" => self.decimal(args, range, place),
            "timestamp" => self.timestamp(args.unwrap_or_default(), range),
            "enum" => self.enumeration(args.unwrap_or_default(), range),
            "list" => match inner.as_slice() {
                [item] => DataType::List(Box::new(self.data_type(item, place))),
                _ => self.bad_type(range, "a list has one type of item".to_owned(), "write `list<type>`"),
            },
            "map" => match inner.as_slice() {
                [key, value] => DataType::Map(Box::new(self.data_type(key, place)), Box::new(self.data_type(value, place))),
                _ => self.bad_type(range, "a map has a type of key and a type of value".to_owned(), "write `map<key type, value type>`"),
            },
            "struct" => self.structure(node, range, place),
            _ => {
                self.unknown_type(node, &name);
                DataType::Unknown
            }
        }
    }

    fn unknown_type(&mut self, node: &SyntaxNode, name: &str) {
        let lower = name.to_lowercase();
        let foreign = FOREIGN.iter().find(|(other, _)| *other == lower).map(|(_, ours)| *ours);
        // The width of a foreign decimal or date would be a guess: those are named, not rewritten.
        let near = foreign.or_else(|| near(name, NAMES.iter().copied()));
        let range = tokens(node).next().map_or(node.text_range(), |token| token.text_range());
        let keeps = near.is_some_and(|near| matches!(near, "decimal" | "timestamp" | "enum" | "list" | "struct" | "map"));
        let fix = near.map(|near| match child(node, SyntaxKind::ArgList).filter(|_| !keeps) {
            // `varchar(20)`: our type takes no arguments, and a length of a field is a rule of its own.
            Some(list) => (node.text_range(), near.to_owned() + &length(node, near, &arguments(&list)).unwrap_or_default()),
            None => (range, near.to_owned()),
        });
        let diagnostic = codes::unknown_type(self.place(range), name, fix);
        self.report(diagnostic);
    }

    fn decimal(&mut self, args: Option<Args>, range: TextRange, place: Place) -> DataType {
        const WANTED: &str = "write `decimal(precision, scale)`, such as `decimal(18, 2)`";
        let Some(args) = args else {
            return match place {
                Place::Signature => DataType::Decimal { precision: 38, scale: 10 },
                Place::Contract => self.bad_type(range, "`decimal` does not say its precision and scale".to_owned(), WANTED),
            };
        };
        let numbers: Vec<Option<u8>> = args.items.iter().map(|arg| arg.value.value.as_str().parse().ok()).collect();
        let named = args.items.iter().any(|arg| arg.name.is_some());
        match numbers.as_slice() {
            [Some(precision @ 1..=38), Some(scale)] if scale <= precision && !named => {
                DataType::Decimal { precision: *precision, scale: i8::try_from(*scale).unwrap_or(0) }
            }
            [Some(precision @ 1..=38)] if !named => DataType::Decimal { precision: *precision, scale: 0 },
            _ => self.bad_type(range, "a decimal has 1 to 38 digits, and no more of them after the point".to_owned(), WANTED),
        }
    }

    fn timestamp(&mut self, args: Args, range: TextRange) -> DataType {
        let mut unit = None;
        let mut zone = None;
        for arg in &args.items {
            let text = arg.value.value.as_str();
            let found = match text {
                "s" => Some(TimeUnit::Second),
                "ms" => Some(TimeUnit::Millisecond),
                "us" => Some(TimeUnit::Microsecond),
                "ns" => Some(TimeUnit::Nanosecond),
                _ => None,
            };
            let again = arg.name.is_some() || if found.is_some() { unit.is_some() } else { zone.is_some() || unit.is_some() };
            if again {
                let wanted = "write `timestamp`, `timestamp(UTC)`, `timestamp(ms)` or `timestamp(UTC, ns)`";
                return self.bad_type(range, "a timestamp has a zone, then a unit: `s`, `ms`, `us` or `ns`".to_owned(), wanted);
            }
            match found {
                Some(found) => unit = Some(found),
                None => zone = Some(text.to_owned()),
            }
        }
        if let Some(zone) = zone.as_deref().filter(|zone| !is_zone(zone)) {
            let near = crate::diagnostics::nearest(zone, chrono_tz::TZ_VARIANTS.iter().map(|known| known.name()));
            let help = near.map_or_else(
                || "write a name such as `UTC` or `Europe/Paris`, or an offset such as `+02:00`".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            return self.bad_type(range, format!("`{zone}` is no time zone"), &help);
        }
        DataType::Timestamp { unit: unit.unwrap_or(TimeUnit::Microsecond), zone }
    }

    fn enumeration(&mut self, args: Args, range: TextRange) -> DataType {
        let mut values: Vec<String> = Vec::new();
        if self.damaged(range) {
            return DataType::Unknown;
        }
        let mut seen = Seen::default();
        for arg in &args.items {
            let text = arg.value.value.as_str();
            if let Some(first) = seen.again(text, arg.value.range) {
                self.duplicate(arg.value.range, &format!("the value `{text}`"), first);
                continue;
            }
            let bare = matches!(&arg.value.value, ArgValue::Word(word) if word.contains(char::is_whitespace));
            if bare || arg.name.is_some() {
                self.bad_type(arg.value.range, format!("`{text}` is not one word"), "put a value of several words in double quotes");
                continue;
            }
            values.push(text.to_owned());
        }
        if args.items.is_empty() {
            return self.bad_type(range, "an enum has at least one value".to_owned(), "write `enum(a, b)`");
        }
        DataType::Enum(values)
    }

    fn structure(&mut self, node: &SyntaxNode, range: TextRange, place: Place) -> DataType {
        const WANTED: &str = "write `struct<name: type, …>`";
        let mut parts: Vec<(String, DataType)> = Vec::new();
        let mut seen = Seen::default();
        let mut name = None;
        for part in node.children() {
            match part.kind() {
                SyntaxKind::Name => {
                    name = part.first_token().map(|token| Spanned::new(crate::syntax::text::unquote(token.text()), token.text_range()));
                }
                SyntaxKind::Type => {
                    let Some(name) = name.take() else {
                        return self.bad_type(part.text_range(), "a part of a struct has a name".to_owned(), WANTED);
                    };
                    if let Some(first) = seen.again(&name.value, name.range) {
                        self.duplicate(name.range, &format!("the part `{}`", name.value), first);
                    }
                    let ty = self.data_type(&part, place);
                    parts.push((name.value, ty));
                }
                _ => {}
            }
        }
        if parts.is_empty() {
            return self.bad_type(range, "a struct has at least one part".to_owned(), WANTED);
        }
        DataType::Struct(parts)
    }
}

/// The rule that says what the number in `varchar(20)` says.
fn length(node: &SyntaxNode, ours: &str, args: &Args) -> Option<String> {
    let field = node.parent().is_some_and(|parent| parent.kind() == SyntaxKind::Field);
    match args.items.as_slice() {
        [one] if field && ours == "string" => one.value.value.as_str().parse::<u32>().ok().map(|most| format!(" @length(max={most})")),
        _ => None,
    }
}

fn type_name(node: &SyntaxNode) -> String {
    tokens(node).next().map_or(String::new(), |token| token.text().to_owned())
}

/// `UTC`, a name of the time zone database, or an offset such as `+02:00`.
fn is_zone(text: &str) -> bool {
    let two = |part: &str, below: u8| part.len() == 2 && part.parse::<u8>().is_ok_and(|n| n < below) && !part.starts_with('+');
    let offset = text.strip_prefix(['+', '-']).and_then(|rest| rest.split_once(':'));
    offset.is_some_and(|(hours, minutes)| two(hours, 24) && two(minutes, 60)) || text.parse::<chrono_tz::Tz>().is_ok()
}
