//! What somebody wrote down, read as a source would read it: texts as values, values as texts, JSON records as texts.
//!
//! Tests compare what a run gave with what people expect. They read with the source's own readers, so that nothing is rounded or
//! cut to fit on the way.

use super::cell::{Cell, Kind};
use super::column::{self, Cells};
use super::json::scan::Scanner;
use crate::error::EngineError;
use crate::mask::canonical;
use crate::sql::types::{from_arrow, to_arrow};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::buffer::{BooleanBuffer, Buffer};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Decimal128Type};

/// Bytes of one text, and of all of them, that a piece has room for.
const LONGEST: usize = (1 << 28) - 1;

/// Characters of a float from which it is written with an exponent.
const READABLE: usize = 25;

/// The layout in which the engine holds values of a type; `None` for a type that it does not read.
fn layout(ty: &DataType) -> Option<DataType> {
    from_arrow(ty).map(|ty| to_arrow(&ty)).filter(|ty| !matches!(ty, DataType::Interval(_)))
}

/// Texts as values of `ty`, as the cells of a delimited file are read, and the rows whose text is no such value (null in the array).
/// `None` when no text can be read as this type.
///
/// # Errors
/// More than 256 MiB of text.
pub fn values<'a>(
    ty: &DataType,
    texts: impl IntoIterator<Item = Option<&'a str>>,
) -> Result<Option<(ArrayRef, Option<BooleanBuffer>)>, EngineError> {
    let Some(ty) = layout(ty) else { return Ok(None) };
    let (mut data, mut cells) = (Vec::new(), Vec::new());
    for text in texts {
        cells.push(match text {
            Some(text) if data.len() + text.len() <= LONGEST => {
                let start = data.len();
                data.extend_from_slice(text.as_bytes());
                Cell::new(Kind::Bare, start, data.len())
            }
            Some(_) => return Err(too_long()),
            None => Cell::NULL,
        });
    }
    let data = Buffer::from_vec(data);
    let cells = Cells { data: &data, cells: &cells, width: 1, column: 0, rows: cells.len(), quote: b'"', any_text: false };
    let built = column::build(&ty, &cells)?;
    Ok(Some((built.array, built.failures)))
}

fn too_long() -> EngineError {
    EngineError::Engine { context: "reading text".to_owned(), message: "a column of more than 256 MiB".to_owned() }
}

/// Values as texts that [`values`] reads back as the same values. Decimals keep the digits of their scale, timestamps with a zone
/// are in UTC, bytes are hexadecimal, lists, structs and maps are JSON.
///
/// # Errors
/// A type that has no text.
pub fn texts(array: &ArrayRef) -> Result<Vec<Option<String>>, EngineError> {
    let array = match layout(array.data_type()) {
        Some(ty) if ty != *array.data_type() => cast(array, &ty).map_err(EngineError::engine("writing a value as text"))?,
        _ => ArrayRef::clone(array),
    };
    if let DataType::Decimal128(..) = array.data_type() {
        let decimals = array.as_primitive::<Decimal128Type>();
        return Ok((0..array.len()).map(|row| (!decimals.is_null(row)).then(|| decimals.value_as_string(row))).collect());
    }
    let float = array.data_type().is_floating();
    let text = |row| Ok(canonical::text(&array, row)?.map(|text| if float { brief(text) } else { text }));
    (0..array.len()).map(text).collect()
}

/// A float with an exponent where it would be a row of zeros.
fn brief(digits: String) -> String {
    match digits.parse::<f64>() {
        Ok(value) if digits.len() > READABLE => format!("{value:e}"),
        _ => digits,
    }
}

/// The entries of a JSON object: texts without their quotes, everything else as it is written, so that no digit is lost; null is `None`.
pub type JsonRecord = Vec<(String, Option<String>)>;

/// The objects of a JSON text: an array of them, or one a line.
///
/// # Errors
/// What is wrong, and with which object.
pub fn json_records(text: &str) -> Result<Vec<JsonRecord>, String> {
    if text.len() > LONGEST {
        return Err("has more than 256 MiB".to_owned());
    }
    let numbered = |number: usize, result: Result<JsonRecord, String>| result.map_err(|what| format!("object {}: {what}", number + 1));
    if text.trim_start().starts_with('[') {
        let whole = Scanner::new(text.as_bytes(), 0, text.len()).whole()?;
        let start = whole.start() as usize;
        let mut objects = Vec::new();
        let mut inner = Scanner::new(text.as_bytes(), start, start + whole.bytes(text.as_bytes()).len());
        inner.array(|item| objects.push(String::from_utf8_lossy(item.bytes(text.as_bytes())).into_owned()), 0)?;
        return objects.iter().enumerate().map(|(number, object)| numbered(number, json_record(object))).collect();
    }
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.enumerate().map(|(number, line)| numbered(number, json_record(line))).collect()
}

fn json_record(text: &str) -> Result<JsonRecord, String> {
    let bytes = text.as_bytes();
    let string = |cell: Cell| String::from_utf8_lossy(&cell.value(bytes, b'"')).into_owned();
    let mut entries: JsonRecord = Vec::new();
    let mut twice = None;
    let mut put = |key: Cell, value: Cell| {
        let key = string(key);
        if entries.iter().any(|(known, _)| *known == key) {
            twice = Some(key.clone());
        }
        entries.push((key, (value.kind() != Kind::Null).then(|| string(value))));
    };
    Scanner::new(bytes, 0, bytes.len()).record(&mut put)?;
    match twice {
        Some(key) => Err(format!("has `{key}` twice")),
        None => Ok(entries),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use arrow::datatypes::TimeUnit;

    fn read(ty: &DataType, text: &str) -> Option<String> {
        let (array, failures) = values(ty, [Some(text)]).unwrap().unwrap();
        assert_eq!(failures.is_some(), array.is_null(0), "{ty}: {text}");
        texts(&array).unwrap().remove(0)
    }

    #[test]
    fn what_does_not_fit_exactly_is_no_value() {
        let paris = DataType::Timestamp(TimeUnit::Millisecond, Some("Europe/Paris".into()));
        let cases = [
            (DataType::Decimal128(10, 2), "1.5", Some("1.50")),
            (DataType::Decimal128(10, 2), "1.999", None),
            (DataType::Decimal256(10, 2), "1.5", Some("1.50")),
            (DataType::Int64, "1.5", None),
            (DataType::Boolean, "2", None),
            (DataType::Date32, "2026-01-01T10:00:00", None),
            (DataType::Date64, "2026-01-01", Some("2026-01-01")),
            (paris.clone(), "2026-07-01T12:00:00", Some("2026-07-01T10:00:00Z")),
            (paris, "2026-07-01T10:00:00.0001Z", None),
            (DataType::LargeUtf8, "", Some("")),
            (DataType::Float64, "1e300", Some("1e300")),
            (DataType::Float32, "-1.5e-30", Some("-1.5e-30")),
            (DataType::Binary, "00ff", Some("00ff")),
        ];
        for (ty, text, expected) in cases {
            assert_eq!(read(&ty, text).as_deref(), expected, "{ty}: {text}");
        }
        assert!(values(&DataType::Decimal256(60, 2), [Some("1")]).unwrap().is_none());
    }

    #[test]
    fn records_keep_every_digit() {
        let lines = "{\"a\": 12345678901234567890.10, \"b\": \"x\\n\"}\n\n{\"a\": null, \"b\": [1]}\n";
        let array = format!("[{}]", lines.trim().replace("\n\n", ","));
        for text in [lines, &array] {
            let records = json_records(text).unwrap();
            let entry = |name: &str, value: Option<&str>| (name.to_owned(), value.map(str::to_owned));
            assert_eq!(records[0], [entry("a", Some("12345678901234567890.10")), entry("b", Some("x\n"))]);
            assert_eq!(records[1], [entry("a", None), entry("b", Some("[1]"))]);
        }
        for bad in ["[1]", "{\"a\": 1, \"a\": 2}", "{", "1"] {
            assert!(json_records(bad).is_err(), "{bad}");
        }
    }
}
