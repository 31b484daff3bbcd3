//! Samples of JSON, one object a line.

use super::{Column, Sample};
use crate::build;
use crate::error::ImportError;
use runi_engine::error::EngineError;
use runi_engine::source::unpacked;
use runi_lang::types::DataType;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

const FORMAT: &str = "json";
/// The longest line that is read, in bytes.
const LONGEST: u64 = 64 << 20;
/// The most keys that the objects of a sample have.
const MOST_KEYS: usize = 5_000;

/// Values by kind.
#[derive(Debug, Default)]
pub(super) struct Kinds {
    texts: u64,
    numbers: u64,
    booleans: u64,
    nested: u64,
    shape: Option<DataType>,
}

/// Reads a file line by line.
pub(super) fn read(path: &Path, limit: u64) -> Result<Sample, ImportError> {
    let mut lines = BufReader::with_capacity(1 << 20, unpacked(path)?);
    let mut sample = Sample { json: true, ..Sample::default() };
    let mut line = Vec::new();
    let mut number = 0_u32;
    loop {
        line.clear();
        let read = lines.by_ref().take(LONGEST + 1).read_until(b'\n', &mut line).map_err(|error| broken(path, error))?;
        number = number.saturating_add(1);
        if read == 0 {
            break;
        }
        if read as u64 > LONGEST {
            return Err(ImportError::TooLarge { format: FORMAT, message: format!("line {number} is longer than 64 MiB") });
        }
        if number == 1 {
            head(&line)?;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        if sample.rows >= limit {
            sample.partial = true;
            break;
        }
        match serde_json::from_slice::<Value>(&line) {
            Ok(Value::Object(object)) => {
                sample.rows += 1;
                for (key, value) in object {
                    let at = match sample.columns.iter().position(|column| column.name == key) {
                        Some(at) => at,
                        None if sample.columns.len() >= MOST_KEYS => {
                            let message = format!("the objects have more than {MOST_KEYS} different keys: this is no table");
                            return Err(ImportError::TooLarge { format: FORMAT, message });
                        }
                        None => {
                            sample.columns.push(Column { name: key, ..Column::default() });
                            sample.columns.len() - 1
                        }
                    };
                    if let Some(column) = sample.columns.get_mut(at) {
                        see(column, value);
                    }
                }
            }
            Ok(_) | Err(_) => sample.malformed += 1,
        }
    }
    if sample.rows == 0 {
        return Err(ImportError::unreadable(FORMAT, "no line is a JSON object", Some(1)));
    }
    Ok(sample)
}

/// What reading says of packed bytes is about the file, the rest is about the system.
fn broken(path: &Path, error: std::io::Error) -> ImportError {
    match error.kind() {
        std::io::ErrorKind::InvalidData => ImportError::unreadable(FORMAT, format!("the file {error}"), None),
        _ => EngineError::io("read", path)(error).into(),
    }
}

/// Says what a file is that is none of lines of JSON.
fn head(line: &[u8]) -> Result<(), ImportError> {
    let bad = |message: &str| Err(ImportError::unreadable(FORMAT, message, Some(1)));
    match line.trim_ascii() {
        [0x1f, 0x8b, ..] => bad("the file is compressed and its name does not say so: call it `….gz`"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => bad("the file is compressed and its name does not say so: call it `….zst`"),
        [b'[', ..] => bad("the file is one JSON array where one object a line is expected"),
        _ => Ok(()),
    }
}

fn see(column: &mut Column, value: Value) {
    match value {
        Value::Null => return,
        Value::Bool(value) => {
            column.kinds.booleans += 1;
            column.profile.see(if value { "true" } else { "false" });
        }
        Value::Number(number) => {
            column.kinds.numbers += 1;
            column.profile.see(&number.to_string());
        }
        Value::String(text) => {
            column.kinds.texts += 1;
            column.profile.see(&text);
        }
        value => {
            column.kinds.nested += 1;
            if let Some(ty) = infer(&value, 0) {
                column.kinds.shape = Some(match column.kinds.shape.take() {
                    Some(known) => merge(known, ty),
                    None => ty,
                });
            }
        }
    }
    column.present += 1;
}

/// The type of a column of JSON.
pub(super) fn verdict(column: &Column) -> (DataType, Vec<String>) {
    let kinds = &column.kinds;
    let counts =
        [(kinds.texts, "texts"), (kinds.numbers, "numbers"), (kinds.booleans, "`true` or `false`"), (kinds.nested, "objects or arrays")];
    let there: Vec<String> = counts.iter().filter(|(count, _)| *count > 0).map(|(count, kind)| format!("{count} {kind}")).collect();
    if there.len() > 1 {
        return (DataType::String, vec![format!("values of several kinds ({}): only texts are read as `string`", there.join(", "))]);
    }
    if kinds.nested > 0 {
        return (settle(kinds.shape.clone().unwrap_or(DataType::String)), Vec::new());
    }
    let verdict = column.profile.verdict();
    let temporal = matches!(verdict.ty, DataType::Date | DataType::Time | DataType::Timestamp { .. });
    // A text stays one in JSON, whatever it looks like; a word for null in it is a text, too.
    if kinds.texts > 0 && !(temporal && column.profile.nulls().is_empty()) {
        return (DataType::String, Vec::new());
    }
    (verdict.ty, verdict.notes)
}

/// The type of a value; `None` for null.
fn infer(value: &Value, depth: usize) -> Option<DataType> {
    if depth > build::MAX_DEPTH {
        return Some(DataType::String);
    }
    Some(match value {
        Value::Null => return None,
        Value::Bool(_) => DataType::Boolean,
        Value::Number(number) if number.is_i64() => DataType::Int64,
        Value::Number(number) if number.is_u64() => DataType::UInt64,
        Value::Number(_) => DataType::Float64,
        Value::String(_) => DataType::String,
        Value::Array(items) => {
            let item = items.iter().filter_map(|item| infer(item, depth + 1)).reduce(merge);
            DataType::List(Box::new(item.unwrap_or(DataType::Null)))
        }
        Value::Object(parts) => {
            let parts = parts.iter().map(|(name, value)| (name.clone(), infer(value, depth + 1).unwrap_or(DataType::Null)));
            DataType::Struct(parts.collect())
        }
    })
}

/// The type that holds both.
fn merge(a: DataType, b: DataType) -> DataType {
    use DataType::{Float64, Int64, List, Null, Struct, UInt64};
    match (a, b) {
        (a, b) if a == b => a,
        (Null, other) | (other, Null) => other,
        (Int64 | UInt64 | Float64, Float64) | (Float64, Int64 | UInt64) => Float64,
        (Int64, UInt64) | (UInt64, Int64) => DataType::Decimal { precision: 20, scale: 0 },
        (List(a), List(b)) => List(Box::new(merge(*a, *b))),
        (Struct(mut a), Struct(b)) => {
            for (name, ty) in b {
                let full = a.len() >= MOST_KEYS;
                match a.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, known)) => *known = merge(std::mem::replace(known, Null), ty),
                    None if full => {}
                    None => a.push((name, ty)),
                }
            }
            Struct(a)
        }
        _ => DataType::String,
    }
}

/// What no value said is text: parts that were always null, lists and objects that were always empty hold such.
fn settle(ty: DataType) -> DataType {
    match ty {
        DataType::Null => DataType::String,
        // An object without a part has no parts to name; a map reads it, whatever it comes to hold.
        DataType::Struct(parts) if parts.is_empty() => DataType::Map(Box::new(DataType::String), Box::new(DataType::String)),
        DataType::Struct(parts) => DataType::Struct(parts.into_iter().map(|(name, ty)| (name, settle(ty))).collect()),
        DataType::List(item) => DataType::List(Box::new(settle(*item))),
        other => other,
    }
}
