//! Names, types and prose in the form in which a contract can say them.

use runi_lang::lower;
use runi_lang::model::Field;
pub(crate) use runi_lang::syntax::write::{prose, words as one_line};
use runi_lang::syntax::{FileKind, parse};
use runi_lang::types::DataType;

/// A type as a contract writes it, with quotes where they are needed.
pub(crate) fn data_type(ty: &DataType) -> String {
    match ty {
        DataType::Enum(values) => {
            let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
            format!("enum({})", values.join(", "))
        }
        DataType::List(item) => format!("list<{}>", data_type(item)),
        DataType::Map(key, value) => format!("map<{}, {}>", data_type(key), data_type(value)),
        DataType::Struct(parts) => {
            let parts: Vec<String> = parts.iter().map(|(name, ty)| format!("{}: {}", quoted(name), data_type(ty))).collect();
            format!("struct<{}>", parts.join(", "))
        }
        other => other.to_string(),
    }
}

/// The word itself, or the word in double quotes.
fn quoted(word: &str) -> String {
    if is_name(word) { word.to_owned() } else { format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"")) }
}

/// Whether a word needs no quotes where a name stands.
pub(crate) fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_') && word.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// The type that a contract writes so; `None` when it is not one.
pub(crate) fn parse_type(text: &str) -> Option<DataType> {
    if text.contains(['\n', '\r']) || text.len() > 100_000 {
        return None;
    }
    let source = format!("Contract: C\n  f {text}\n");
    let parsed = parse(&source, FileKind::Contract);
    let (mut file, problems) = lower::contracts("", &parsed);
    let field = file.contracts.pop()?.fields.pop()?;
    // Tags and a description may follow a type in a contract; here they may not.
    (problems.is_empty() && field == Field::new("f", field.ty.clone())).then_some(field.ty)
}

/// A comment as a docstring. Where its first line stands says nothing of how far the others are indented.
pub(crate) fn comment(text: &str) -> String {
    let text = text.trim();
    let blanks = |line: &str| line.len() - line.trim_start().len();
    let indent = text.lines().skip(1).filter(|line| !line.trim().is_empty()).map(blanks).min().unwrap_or(0);
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default().to_owned();
    prose(&lines.fold(first, |all, line| all + "\n" + line.get(indent..).unwrap_or_else(|| line.trim_start())))
}

/// A column's name: any text on one line.
pub(crate) fn field_name(text: &str) -> String {
    if text.contains(['\n', '\r', '\0']) { one_line(text) } else { text.to_owned() }
}

/// A contract's name from whatever another format calls the dataset: `order-lines` is `OrderLines` when `camel`, else `order_lines`.
pub(crate) fn contract_name(text: &str, camel: bool) -> String {
    if is_name(text) && (!camel || text.starts_with(|c: char| c.is_uppercase())) {
        return text.to_owned();
    }
    let words: Vec<&str> =
        text.split(|c: char| !c.is_ascii_alphanumeric() && (camel || c != '_')).filter(|word| !word.is_empty()).collect();
    let name = if camel {
        words
            .iter()
            .map(|word| {
                let (head, tail) = word.split_at(1);
                head.to_ascii_uppercase() + tail
            })
            .collect::<String>()
    } else {
        words.join("_")
    };
    match name.chars().next() {
        None => "Imported".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("_{name}"),
        Some(_) => name,
    }
}
