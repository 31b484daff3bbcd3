//! The words of `runi:"…"` in Go and `#[runi(…)]` in Rust: those of the language, and a few for the source's own sake.

use super::said::Say;
use runi_lang::syntax::write;

/// What stands after a word.
#[derive(Debug, Clone)]
pub(in crate::import) enum Value {
    /// Nothing.
    None,
    /// `= text`.
    Text(String),
    /// `(arguments)`, in the language's words.
    Args(String),
}

impl Value {
    /// The words of a list: `a, b`.
    fn list(&self) -> Option<String> {
        let text = match self {
            Self::None => return None,
            Self::Args(args) => return Some(args.clone()),
            Self::Text(text) => text,
        };
        let words: Option<Vec<String>> = text.split(',').map(|word| write::argument(word.trim())).collect();
        words.map(|words| words.join(", "))
    }

    /// One argument, whatever it holds.
    fn one(&self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Args(args) => Some(args.clone()),
            Self::Text(text) => write::argument(text),
        }
    }
}

/// Words of a field that are a contract's tag about its column.
fn about_column(column: &str, word: &str, value: &Value) -> Option<Say> {
    let column = write::argument(column)?;
    let value = value.one()?;
    Some(Say::Contract(match word {
        "references" => format!("@references({column}, {value})"),
        "renamed_from" => match value.split_once(',') {
            Some((from, rest)) => format!("@renamed_from({from}, to={column},{rest})"),
            None => format!("@renamed_from({value}, to={column})"),
        },
        "freshness" => format!("@freshness({value}, on={column})"),
        _ => return None,
    }))
}

/// What a word says of a field.
pub(in crate::import) fn field_word(column: &str, word: &str, value: &Value) -> Say {
    let said = match (word, value) {
        ("key", Value::None) => Some(Say::Key),
        ("nullable" | "optional", Value::None) => Some(Say::Required(false)),
        ("type" | "ty", Value::Text(words)) => Some(Say::Type(words.clone())),
        ("desc" | "description", Value::Text(text)) => Some(Say::Description(text.clone())),
        ("default", Value::Text(text)) => Some(Say::Default(text.clone())),
        ("enum" | "values", Value::Text(values)) => Some(Say::Enum(values.split(',').map(|value| value.trim().to_owned()).collect())),
        ("id", Value::Text(_)) => Some(Say::Lost("its number is lost: in a contract a field is its name".to_owned())),
        ("matches", Value::Text(pattern)) => write::text(pattern).map(|pattern| Say::Tag(format!("@matches({pattern})"))),
        ("pii", Value::Text(text)) if text == "true" => Some(Say::Tag("@pii(personal)".to_owned())),
        ("pii", Value::None) => Some(Say::Tag("@pii(personal)".to_owned())),
        ("class", value) => value.one().map(|level| Say::Tag(format!("@classification({level})"))),
        ("references" | "renamed_from" | "freshness", value) => about_column(column, word, value),
        ("access", value) => value.list().map(|roles| Say::Tag(format!("@access({roles})"))),
        _ => None,
    };
    said.unwrap_or_else(|| Say::Tag(as_tag(word, value)))
}

/// What a word says of a contract.
pub(in crate::import) fn contract_word(word: &str, value: &Value) -> Say {
    let lists = matches!(word, "compliance" | "key" | "unique" | "reserved" | "references" | "compatibility");
    let word = if word == "class" { "classification" } else { word };
    match (word, value) {
        ("name", Value::Text(name)) => Say::Name(name.clone()),
        ("rule", Value::Text(sql)) => Say::Contract(format!("@rule {}", write::words(sql))),
        _ if lists => Say::Contract(value.list().map_or_else(|| as_tag(word, value), |list| format!("@{word}({list})"))),
        _ => Say::Contract(as_tag(word, value)),
    }
}

fn as_tag(word: &str, value: &Value) -> String {
    // A word or a value that is none makes a tag that is none: the language's reader says so.
    let word = write::words(word);
    match value {
        Value::None => format!("@{word}"),
        _ => format!("@{word}({})", write::words(&value.one().unwrap_or_default())),
    }
}

/// `a, b=c, d(e, f), g='h, i'` in its items; each with where it begins and ends.
pub(in crate::import) fn items(text: &str) -> Vec<(String, Value, std::ops::Range<usize>)> {
    let mut found = Vec::new();
    let (mut start, mut depth, mut quote) = (0, 0_usize, None);
    let ends = text.char_indices().chain([(text.len(), ',')]);
    for (at, c) in ends {
        match (quote, c) {
            _ if at == text.len() => {}
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => continue,
            (None, '\'' | '"') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if at < text.len() && (c != ',' || depth > 0 || quote.is_some()) {
            continue;
        }
        let raw = text.get(start..at).unwrap_or_default();
        let begin = start + raw.len() - raw.trim_start().len();
        let item = raw.trim();
        start = at + c.len_utf8();
        if item.is_empty() {
            continue;
        }
        let word = item.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(item.len());
        let (word, rest) = item.split_at(if word == 0 { item.len() } else { word });
        let rest = rest.trim_start();
        let value = match rest.chars().next() {
            None => Value::None,
            Some('=') => Value::Text(unquoted(rest.get(1..).unwrap_or_default().trim()).to_owned()),
            Some('(') => Value::Args(rest.strip_suffix(')').unwrap_or(rest).get(1..).unwrap_or_default().to_owned()),
            Some(_) => Value::Text(rest.to_owned()),
        };
        found.push((word.to_owned(), value, begin..begin + item.len()));
    }
    found
}

fn unquoted(text: &str) -> &str {
    let inner = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inner('\'').or_else(|| inner('"')).unwrap_or(text)
}
