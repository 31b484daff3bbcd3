//! YAML with lines, through `serde-saphyr` and its budgets: anchors cannot blow up, nesting cannot overflow.

use super::{Entries, Kind, MAX_DEPTH, Node};
use crate::error::ImportError;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;
use std::fmt;

/// Bytes of stack for reading: the parser takes much of it for each level that a document nests.
const STACK: usize = 64 * 1024 * 1024;

pub(super) fn read(format: &'static str, text: &str) -> Result<Node, ImportError> {
    std::thread::scope(|scope| {
        let reader = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || parse(format, text));
        let done = reader.map_err(|error| ImportError::unreadable(format, format!("there is no thread to read it on: {error}"), None))?;
        done.join().unwrap_or_else(|_| Err(ImportError::unreadable(format, "the reader of YAML failed", None)))
    })
}

fn parse(format: &'static str, text: &str) -> Result<Node, ImportError> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_documents: 1,
            max_aliases: 10_000,
            max_inclusion_depth: 0,
        },
        // `y` and `no` are texts in YAML 1.2.
        strict_booleans: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options).map(|root| node(root, text)).map_err(|error| {
        let line = error.location().and_then(|location| u32::try_from(location.line()).ok()).filter(|line| *line > 0);
        let message = error.to_string();
        ImportError::unreadable(format, message.lines().next().unwrap_or_default().trim_end_matches('.'), line)
    })
}

/// A value as the parser gives it.
enum Raw {
    Scalar(Kind),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(String, Spanned<Raw>)>),
}

fn node(raw: Spanned<Raw>, text: &str) -> Node {
    let line = u32::try_from(raw.referenced.line()).unwrap_or(0);
    let span = raw.defined.span();
    let kind = match raw.value {
        Raw::Scalar(Kind::Number(number)) => Kind::Number(written(span, text).unwrap_or(number)),
        Raw::Scalar(kind) => kind,
        Raw::List(items) => Kind::List(items.into_iter().map(|item| node(item, text)).collect()),
        Raw::Map(items) => Kind::Map(Entries::new(items.into_iter().map(|(key, value)| (key, node(value, text))).collect())),
    };
    Node { line, kind }
}

/// The digits of a number as they stand in the text, when they are a number of JSON too.
fn written(span: serde_saphyr::Span, text: &str) -> Option<String> {
    let (start, len) = (usize::try_from(span.byte_offset()?).ok()?, usize::try_from(span.byte_len()?).ok()?);
    let digits = text.get(start..start.checked_add(len)?)?.trim();
    serde_json::from_str::<serde_json::Number>(digits).is_ok().then(|| digits.to_owned())
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Kind::Null))
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Kind::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Scalar(Kind::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Kind::Number(value.to_string())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Kind::Number(value.to_string())))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Raw, E> {
        Ok(Raw::Scalar(Kind::Number(value.to_string())))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Raw, E> {
        Ok(Raw::Scalar(Kind::Number(value.to_string())))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Scalar(serde_json::Number::from_f64(value).map_or_else(|| Kind::Text(value.to_string()), |n| Kind::Number(n.to_string()))))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Scalar(Kind::Text(value.to_owned())))
    }

    fn visit_string<E>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Scalar(Kind::Text(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(entry) = map.next_entry()? {
            items.push(entry);
        }
        Ok(Raw::Map(items))
    }
}
