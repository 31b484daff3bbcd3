//! A YAML or JSON document as a tree that knows its lines.
//!
//! Both formats of this kind, ODCS and JSON Schema, are read key by key from this tree rather than into typed values, so that every mistake of a
//! document is reported, not the first one, and so that whatever no reader asked for can be named as lost.

mod json;
mod read;
mod yaml;

pub(crate) use read::{Object, Reader};

use crate::error::ImportError;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Bytes of the largest document that is read.
pub(crate) const MAX_BYTES: usize = 16 * 1024 * 1024;

/// How deep a document may nest.
const MAX_DEPTH: usize = 128;

/// Values of the largest document that is read: a short text can hold very many.
const MAX_NODES: usize = 1_000_000;

/// Keys from which on an object is looked up through an index.
const INDEXED: usize = 16;

/// A value and the line on which it begins, from 1; 0 when it comes from no text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) line: u32,
    pub(crate) kind: Kind,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    /// As it was written, so that `1.10` stays `1.10`.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Map(Entries),
}

/// The entries of an object, in the order of the text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entries {
    items: Vec<(String, Node)>,
    /// Empty for small objects, which are searched.
    index: HashMap<String, usize>,
}

impl PartialEq for Entries {
    fn eq(&self, other: &Self) -> bool {
        self.items == other.items
    }
}

impl Entries {
    pub(crate) fn new(items: Vec<(String, Node)>) -> Self {
        let indexed = items.iter().enumerate().filter(|_| items.len() >= INDEXED);
        let index = indexed.map(|(i, (key, _))| (key.clone(), i)).collect();
        Self { items, index }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        if self.items.len() >= INDEXED {
            return self.index.get(key).and_then(|i| self.items.get(*i)).map(|(_, node)| node);
        }
        self.items.iter().find(|(known, _)| known == key).map(|(_, node)| node)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.items.iter().map(|(key, node)| (key.as_str(), node))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }
}

impl Node {
    /// Reads YAML. `format` is what the document is for, as people call it.
    pub(crate) fn yaml(format: &'static str, text: &str) -> Result<Self, ImportError> {
        sized(format, text)?;
        yaml::read(format, text)
    }

    /// Reads JSON.
    pub(crate) fn json(format: &'static str, text: &str) -> Result<Self, ImportError> {
        sized(format, text)?;
        json::read(format, text)
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn entries(&self) -> Option<&Entries> {
        match &self.kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    pub(crate) fn list(&self) -> Option<&[Self]> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entries()?.get(key)
    }

    pub(crate) fn is_null(&self) -> bool {
        self.kind == Kind::Null
    }

    /// What the value is, in words.
    pub(crate) fn describe(&self) -> &'static str {
        match &self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a truth value",
            Kind::Number(_) => "a number",
            Kind::Text(_) => "a text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "an object",
        }
    }

    /// The characters of a scalar.
    pub(crate) fn scalar(&self) -> Option<String> {
        match &self.kind {
            Kind::Bool(value) => Some(value.to_string()),
            Kind::Number(text) | Kind::Text(text) => Some(text.clone()),
            Kind::Null | Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// The value without its lines.
    pub(crate) fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(text) => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone())),
            Kind::Text(text) => Value::String(text.clone()),
            Kind::List(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Kind::Map(entries) => Value::Object(entries.iter().map(|(key, node)| (key.to_owned(), node.to_value())).collect::<Map<_, _>>()),
        }
    }
}

impl From<&Value> for Node {
    fn from(value: &Value) -> Self {
        let kind = match value {
            Value::Null => Kind::Null,
            Value::Bool(value) => Kind::Bool(*value),
            Value::Number(number) => Kind::Number(number.to_string()),
            Value::String(text) => Kind::Text(text.clone()),
            Value::Array(items) => Kind::List(items.iter().map(Self::from).collect()),
            Value::Object(map) => Kind::Map(Entries::new(map.iter().map(|(key, value)| (key.clone(), Self::from(value))).collect())),
        };
        Self { line: 0, kind }
    }
}

fn sized(format: &'static str, text: &str) -> Result<(), ImportError> {
    if text.len() > MAX_BYTES {
        let message = format!("the document has {} bytes, and more than {MAX_BYTES} are not read", text.len());
        return Err(ImportError::TooLarge { format, message });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::from),
            (-1e12..1e12_f64).prop_map(Value::from),
            any::<String>().prop_map(Value::String),
            "[ -~]{0,12}".prop_map(Value::String),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
                prop::collection::btree_map("[ -~]{0,8}", inner, 0..5).prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn json_is_read_as_serde_reads_it(value in value(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            prop_assert_eq!(Node::json("JSON", &text).unwrap().to_value(), value);
        }

        #[test]
        fn what_serde_refuses_is_refused(text in r#"[\[\]{}",:0-9eE+\-. tfn\\u]{0,12}"#) {
            prop_assert_eq!(Node::json("JSON", &text).is_ok(), serde_json::from_str::<Value>(&text).is_ok(), "{}", text);
        }

        #[test]
        fn yaml_that_we_write_is_read_back(value in value()) {
            let text = serde_saphyr::to_string(&value).unwrap();
            let read = Node::yaml("YAML", &text).map(|node| node.to_value());
            prop_assert_eq!(read.ok(), Some(value), "{}", text);
        }

        #[test]
        fn no_text_is_fatal(text in any::<String>()) {
            let _ = Node::yaml("YAML", &text);
            let _ = Node::json("JSON", &text);
        }
    }

    #[test]
    fn values_know_their_lines_and_numbers_their_digits() {
        let yaml = Node::yaml("YAML", "a: 1.10\nb:\n  - x\n  - {c: 007}\n").unwrap();
        assert_eq!(yaml.get("a").unwrap().kind, Kind::Number("1.10".to_owned()));
        let items = yaml.get("b").unwrap().list().unwrap();
        assert_eq!((items[0].line, items[1].line), (3, 4));
        let json = Node::json("JSON", "{\n \"a\": 1.10,\n\t\"b\": [\n\"x\"]}").unwrap();
        assert_eq!(json.get("a").unwrap().kind, Kind::Number("1.10".to_owned()));
        assert_eq!(json.get("b").unwrap().list().unwrap()[0].line, 4);
    }

    #[test]
    fn hostile_documents_are_refused_with_a_line() {
        let bomb = format!(
            "a: &a [x,x,x,x,x,x,x,x,x]\n{}",
            (b'b'..=b'z')
                .map(|c| {
                    let (c, p) = (char::from(c), char::from(c - 1));
                    format!("{c}: &{c} [*{p},*{p},*{p},*{p},*{p},*{p},*{p},*{p},*{p}]\n")
                })
                .collect::<String>()
        );
        let deep = "[".repeat(100_000);
        let deep_yaml = (0..5_000).map(|i| format!("{}a:\n", " ".repeat(i))).collect::<String>();
        for text in [bomb.as_str(), "a: b: c", "a: [1, 2", deep.as_str(), deep_yaml.as_str()] {
            let error = Node::yaml("YAML", text).unwrap_err();
            assert!(matches!(error.code(), "E1001" | "E1002"), "{error}");
        }
        for text in ["", "{", "{\"a\" 1}", "[1,]", "{\"a\": 1, \"a\": 2}", "\"\u{1}\"", deep.as_str(), "01", "nul", "[1] 2"] {
            let error = Node::json("JSON", text).unwrap_err();
            assert!(matches!(error.code(), "E1001" | "E1002"), "{error}");
        }
        let many = format!("[{}1]", "1,".repeat(MAX_NODES));
        for text in [" ".repeat(MAX_BYTES + 1), many] {
            assert_eq!(Node::json("JSON", &text).unwrap_err().code(), "E1002");
        }
    }
}
