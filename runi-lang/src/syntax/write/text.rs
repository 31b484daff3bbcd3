//! Words, quoted text, docstrings and types, as a contract writes them.

use super::Unwritable;
use crate::syntax::text::quote;
use crate::types::DataType;

/// The most that types may nest; the parser refuses more.
const DEEPEST: usize = 100;

/// What a docstring can say of a text: line ends are `\n`, lines have no blanks at their end, no blank line stands first
/// or last, and `"""` is `'''`. For texts of others, which would be refused otherwise.
#[must_use]
pub fn prose(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace(['\r', '\0'], "\n").replace("\"\"\"", "'''");
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let start = lines.iter().position(|line| !line.is_empty()).unwrap_or(lines.len());
    let end = lines.iter().rposition(|line| !line.is_empty()).map_or(start, |at| at + 1);
    let lines = lines.get(start..end).unwrap_or_default();
    let blanks = |line: &&str| line.len() - line.trim_start().len();
    let common = lines.iter().filter(|line| !line.is_empty()).map(blanks).min().unwrap_or(0);
    lines.iter().map(|line| line.get(common..).unwrap_or_else(|| line.trim_start())).collect::<Vec<_>>().join("\n")
}

/// A text on one line, for a description: runs of blanks and line ends are one blank.
#[must_use]
pub fn words(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A text in quotes; `None` when it has a line end or a zero byte, which nothing can quote.
#[must_use]
pub fn text(text: &str) -> Option<String> {
    (!text.contains(['\n', '\r', '\0'])).then(|| quote(text))
}

/// A value of a tag: bare where nothing in it means anything to the parser, quoted otherwise; `None` as for [`text`].
#[must_use]
pub fn argument(argument: &str) -> Option<String> {
    argument_with(argument, &[])
}

/// The same, with some more characters that may stand bare.
fn argument_with(argument: &str, more: &[char]) -> Option<String> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.') || more.contains(&c);
    let bare = !argument.is_empty() && argument.chars().all(plain) && !argument.contains("--");
    if bare { Some(argument.to_owned()) } else { text(argument) }
}

/// A name at the start of a line or of a part: bare where it is one word, quoted otherwise.
pub(super) fn name(at: &str, text: &str) -> Result<String, Unwritable> {
    let narrates = matches!(text, "Given" | "When" | "Then" | "And" | "But");
    if is_ident(text) && !narrates { Ok(text.to_owned()) } else { quoted(at, text) }
}

/// Letters, digits and `_`, no digit first.
pub(super) fn is_ident(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_') && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// A value of a tag: bare where nothing in it means anything to the parser.
pub(super) fn value(at: &str, text: &str) -> Result<String, Unwritable> {
    value_with(at, text, &[])
}

/// A value in which some more characters may stand bare.
pub(super) fn value_with(at: &str, value: &str, more: &[char]) -> Result<String, Unwritable> {
    argument_with(value, more).ok_or_else(|| unquotable(at, value))
}

/// A value in quotes.
pub(super) fn quoted(at: &str, value: &str) -> Result<String, Unwritable> {
    text(value).ok_or_else(|| unquotable(at, value))
}

fn unquotable(at: &str, value: &str) -> Unwritable {
    Unwritable::new(at, format!("{value:?} has a line end or a zero byte"))
}

/// A docstring that stands at the indentation of two.
pub(super) fn docstring(at: &str, doc: &str) -> Result<String, Unwritable> {
    if doc.contains("\"\"\"") {
        return Err(Unwritable::new(at, "its docstring holds `\"\"\"`"));
    }
    if doc.contains(['\r', '\0']) {
        return Err(Unwritable::new(at, "its docstring holds a carriage return or a zero byte"));
    }
    let mut lines = doc.lines();
    let first = lines.next().unwrap_or_default();
    let blank_first = |line: &str| line.starts_with(char::is_whitespace);
    // The reader takes off what all lines but the first have in common: such a docstring gets a first line of its own.
    let rest_is_indented = lines.clone().any(|line| !line.is_empty()) && lines.clone().all(|line| line.is_empty() || blank_first(line));
    let own_line = blank_first(first) || rest_is_indented;
    let mut out = String::from("\"\"\"");
    for (n, line) in doc.split('\n').enumerate() {
        if n > 0 || own_line {
            out.push('\n');
            out.push_str(if line.is_empty() { "" } else { "  " });
        }
        out.push_str(line);
    }
    // A quote right before the closing three would close too early.
    let close = if own_line || doc.ends_with('"') { "\n  \"\"\"" } else { "\"\"\"" };
    Ok(out + close)
}

/// A type, with quotes where its values and names need them.
pub(super) fn data_type(at: &str, ty: &DataType) -> Result<String, Unwritable> {
    nested(at, ty, 0)
}

fn nested(at: &str, ty: &DataType, depth: usize) -> Result<String, Unwritable> {
    if depth > DEEPEST {
        return Err(Unwritable::new(at, "its type nests too deeply"));
    }
    Ok(match ty {
        DataType::Decimal { precision, scale } if !(1..=38).contains(precision) || *scale < 0 || *scale > *precision as i8 => {
            return Err(Unwritable::new(at, format!("`{ty}` has not 1 to 38 digits, or more of them after the point")));
        }
        DataType::Timestamp { unit, zone: Some(zone) } => {
            let zone = value_with(at, zone, &['/', '+', ':'])?;
            DataType::Timestamp { unit: *unit, zone: Some(zone) }.to_string()
        }
        DataType::Enum(values) if values.is_empty() => return Err(Unwritable::new(at, "an enum has at least one value")),
        DataType::Enum(values) => {
            let values: Result<Vec<String>, Unwritable> = values.iter().map(|text| value(at, text)).collect();
            format!("enum({})", values?.join(", "))
        }
        DataType::List(item) => format!("list<{}>", nested(at, item, depth + 1)?),
        DataType::Map(key, item) => format!("map<{}, {}>", nested(at, key, depth + 1)?, nested(at, item, depth + 1)?),
        DataType::Struct(parts) if parts.is_empty() => return Err(Unwritable::new(at, "a struct has at least one part")),
        DataType::Struct(parts) => {
            let part = |(part, ty): &(String, DataType)| {
                // A part's name is at no line's start, so every word may stand bare.
                let part = if is_ident(part) { part.clone() } else { quoted(at, part)? };
                Ok(format!("{part}: {}", nested(at, ty, depth + 1)?))
            };
            let parts: Result<Vec<String>, Unwritable> = parts.iter().map(part).collect();
            format!("struct<{}>", parts?.join(", "))
        }
        DataType::Interval | DataType::Null | DataType::Unknown => {
            return Err(Unwritable::new(at, format!("a field cannot have the type `{ty}`")));
        }
        DataType::Boolean
        | DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64
        | DataType::Float32
        | DataType::Float64
        | DataType::Decimal { .. }
        | DataType::String
        | DataType::Binary
        | DataType::Date
        | DataType::Time
        | DataType::Timestamp { .. } => ty.to_string(),
    })
}
