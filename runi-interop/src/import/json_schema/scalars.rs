//! Types without parts: texts, numbers, and the values of `enum` and `const`.

use super::files::At;
use super::shape::{Shape, join};
use super::types::{Import, Spot};
use crate::document::{Kind, Node};
use runi_lang::types::{DataType, TimeUnit};
use std::collections::BTreeSet;

impl<'f> Import<'_, 'f> {
    /// The values that `enum` and `const` allow.
    pub(super) fn values(&mut self, shape: &mut Shape<'f>, path: &str) -> Option<Vec<&'f Node>> {
        let mut allowed: Option<Vec<&Node>> = None;
        let mut narrow = |here: Vec<&'f Node>| {
            allowed = Some(match allowed.take() {
                None => here,
                Some(known) => known.into_iter().filter(|node| here.iter().any(|other| other.kind == node.kind)).collect(),
            });
        };
        for at in shape.all("const") {
            narrow(vec![at.node]);
        }
        for at in shape.all("enum") {
            match at.node.list() {
                Some(items) => narrow(items.iter().collect()),
                None => self.reader.wrong(&join(path, "enum"), at.node, "a list"),
            }
        }
        allowed
    }

    pub(super) fn enumeration(&mut self, shape: &mut Shape<'f>, values: &[&'f Node], at: At<'f>, spot: Spot<'_, 'f>) -> DataType {
        let values: Vec<&Node> = values.iter().copied().filter(|node| !node.is_null()).collect();
        let texts: Vec<&str> = values.iter().filter_map(|node| node.text()).collect();
        if !texts.is_empty() && texts.len() == values.len() {
            if texts.iter().any(|text| text.contains(['\n', '\r', '\0'])) {
                self.lose(at, spot.path, "a value of the enumeration has a line end; read as `string`, without a check");
                return DataType::String;
            }
            let mut seen = BTreeSet::new();
            return DataType::Enum(texts.into_iter().filter(|text| seen.insert(*text)).map(str::to_owned).collect());
        }
        let numbers: Vec<String> =
            values.iter().filter_map(|node| if let Kind::Number(text) = &node.kind { Some(text.clone()) } else { None }).collect();
        if !numbers.is_empty() && numbers.len() == values.len() {
            shape.one_of = Some(numbers.clone());
            let whole = numbers.iter().all(|text| text.parse::<i64>().is_ok());
            return if whole { integer(shape) } else { number(shape) };
        }
        if !values.is_empty() && values.iter().all(|node| matches!(node.kind, Kind::Bool(_))) {
            shape.one_of = (values.len() == 1).then(|| values.iter().filter_map(|node| node.scalar()).collect());
            return DataType::Boolean;
        }
        self.lose(at, spot.path, "the values of the enumeration are of several kinds; read as `string`, without a check");
        DataType::String
    }

    pub(super) fn string(&mut self, shape: &mut Shape<'f>) -> DataType {
        let encoding = shape.peek("contentEncoding").and_then(|at| at.node.text());
        if encoding.is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64")) {
            shape.first("contentEncoding");
            return DataType::Binary;
        }
        let ty = match shape.peek("format").and_then(|at| at.node.text()) {
            Some("date") => DataType::Date,
            Some("date-time") => DataType::Timestamp { unit: TimeUnit::Microsecond, zone: Some("UTC".to_owned()) },
            Some("time") => DataType::Time,
            Some("binary" | "byte") => DataType::Binary,
            _ => return DataType::String,
        };
        shape.first("format");
        ty
    }
}

/// A whole number by its `format`; bounds that say no more than the type are part of it.
pub(super) fn integer(shape: &mut Shape<'_>) -> DataType {
    let bound = |shape: &Shape<'_>, key: &str| match shape.peek(key).map(|at| &at.node.kind) {
        Some(Kind::Number(text)) => text.parse::<i128>().ok(),
        _ => None,
    };
    let named = match shape.peek("format").and_then(|at| at.node.text()) {
        Some("int8") => Some(DataType::Int8),
        Some("int16") => Some(DataType::Int16),
        Some("int32") => Some(DataType::Int32),
        Some("int64") => Some(DataType::Int64),
        Some("uint8") => Some(DataType::UInt8),
        Some("uint16") => Some(DataType::UInt16),
        Some("uint32") => Some(DataType::UInt32),
        Some("uint64") => Some(DataType::UInt64),
        _ => None,
    };
    if named.is_some() {
        shape.first("format");
    }
    let wide = bound(shape, "maximum").is_some_and(|max| max > i128::from(i64::MAX)) && bound(shape, "minimum").is_some_and(|min| min >= 0);
    let ty = named.unwrap_or(if wide { DataType::UInt64 } else { DataType::Int64 });
    if let Some((min, max)) = ty.integer_bounds() {
        for (key, limit) in [("minimum", min), ("maximum", max)] {
            if bound(shape, key) == Some(limit) {
                shape.first(key);
            }
        }
    }
    ty
}

/// A number by its `format`; a step of a tenth, a hundredth, … makes it exact.
pub(super) fn number(shape: &mut Shape<'_>) -> DataType {
    let ty = match shape.peek("format").and_then(|at| at.node.text()) {
        Some("float") => Some(DataType::Float32),
        Some("double") => Some(DataType::Float64),
        Some("decimal") => Some(DataType::Decimal { precision: 38, scale: 10 }),
        _ => None,
    };
    if let Some(ty) = ty {
        shape.first("format");
        return ty;
    }
    let step = match shape.peek("multipleOf").map(|at| &at.node.kind) {
        Some(Kind::Number(text)) => text.clone(),
        _ => return DataType::Float64,
    };
    let digits = step.strip_prefix("0.").filter(|rest| rest.ends_with('1') && rest.trim_start_matches('0') == "1").map(str::len);
    match digits.and_then(|digits| i8::try_from(digits).ok()).filter(|digits| *digits <= 18) {
        Some(scale) => {
            shape.first("multipleOf");
            DataType::Decimal { precision: 38, scale }
        }
        None => DataType::Float64,
    }
}
