//! Expected against actual: which rows and columns differ.

use crate::table::{Row, Table, texts};
use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, SchemaRef};
use runi_engine::source::plain;
use runi_engine::sql::types::from_arrow;
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::HashMap;

/// Pairs of rows that are alike are looked for among at most this many unmatched rows.
const PAIRED: usize = 200;

/// Which columns have to be as expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Those that the expected table shows.
    Shown,
    /// All: a column that the expected table lacks is a difference.
    All,
}

/// How two tables differ.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Diff {
    /// Expected columns that did not come out.
    pub missing_columns: Vec<String>,
    /// Columns that came out and were not expected; only where all columns count.
    pub extra_columns: Vec<String>,
    /// The columns that were compared.
    pub columns: Vec<String>,
    /// Expected cells that are no value of their column's type, so that no row can be as expected.
    pub unreadable: Vec<Unreadable>,
    /// Rows that were expected and did not come out (the row number among the expected, from 1).
    pub missing: Vec<(usize, Row)>,
    /// Rows that came out and were not expected.
    pub extra: Vec<Row>,
    /// Rows that came out with other values.
    pub changed: Vec<Changed>,
}

/// An expected cell that is no value of the type of the column that came out.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Unreadable {
    /// The row number among the expected, from 1.
    pub row: usize,
    /// The column.
    pub column: String,
    /// What is expected.
    pub text: String,
    /// The column's type.
    #[serde(rename = "type")]
    pub ty: String,
}

/// A row that is almost as expected.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Changed {
    /// The row number among the expected, from 1.
    pub row: usize,
    /// The expected row.
    pub expected: Row,
    /// What came out instead.
    pub actual: Row,
}

impl Diff {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.missing_columns.is_empty()
            && self.extra_columns.is_empty()
            && self.unreadable.is_empty()
            && self.missing.is_empty()
            && self.extra.is_empty()
            && self.changed.is_empty()
    }

    /// Whether an expected row is not there as it should be.
    #[must_use]
    pub fn lacks_rows(&self) -> bool {
        !self.missing.is_empty() || !self.changed.is_empty()
    }
}

/// Compares what came out with what was expected, as multisets of rows; neither rows nor columns have an order.
///
/// Expected text is read as the actual column's type, exactly, as a source reads its cells: `1`, `1.0` and `1.00` are the same
/// `decimal(9, 2)`, `1.999` is none. Floats are the same when their first twelve digits are.
///
/// # Errors
/// A value cannot be shown.
pub fn compare(expected: &Table, schema: &SchemaRef, actual: &[RecordBatch], scope: Scope) -> Result<Diff, String> {
    let mut diff = Diff::default();
    let mut got: Vec<Row> = vec![Row::new(); actual.iter().map(RecordBatch::num_rows).sum()];
    let mut wanted: Vec<Row> = vec![Row::new(); expected.rows.len()];
    let mut readable = vec![true; wanted.len()];
    for (index, name) in expected.columns.iter().enumerate() {
        let Ok(at) = schema.index_of(name) else {
            diff.missing_columns.push(name.clone());
            continue;
        };
        diff.columns.push(name.clone());
        let ty = schema.field(at).data_type();
        let column: Vec<Option<&str>> = expected.rows.iter().map(|row| row.get(index).and_then(Option::as_deref)).collect();
        for (row, cell) in as_type(&column, ty)?.into_iter().enumerate() {
            let (cell, fits) = match cell {
                Ok(cell) => (cell, true),
                Err(text) => {
                    let ty = from_arrow(ty).map_or_else(|| ty.to_string(), |ty| ty.to_string());
                    diff.unreadable.push(Unreadable { row: row + 1, column: name.clone(), text: text.clone(), ty });
                    (Some(text), false)
                }
            };
            wanted.iter_mut().skip(row).take(1).for_each(|cells| cells.push(cell.clone()));
            readable.iter_mut().skip(row).take(1).for_each(|all| *all &= fits);
        }
        let mut rows = got.iter_mut();
        for batch in actual {
            canonical(batch.column(at))?.into_iter().zip(rows.by_ref()).for_each(|(cell, row)| row.push(cell));
        }
    }
    if scope == Scope::All {
        let names = schema.fields().iter().map(|field| field.name());
        diff.extra_columns = names.filter(|name| !expected.columns.contains(name)).cloned().collect();
    }
    diff.unreadable.sort_by_key(|cell| cell.row);
    let mut open: HashMap<&Row, usize> = HashMap::new();
    for row in &got {
        *open.entry(row).or_default() += 1;
    }
    let mut missing = Vec::new();
    for (number, (row, readable)) in wanted.iter().zip(readable).enumerate() {
        match open.get_mut(row).filter(|_| readable) {
            Some(left) if *left > 0 => *left -= 1,
            _ => missing.push((number + 1, row.clone())),
        }
    }
    let mut extra = Vec::new();
    for row in &got {
        if let Some(left) = open.get_mut(row).filter(|left| **left > 0) {
            *left -= 1;
            extra.push(row.clone());
        }
    }
    pair(&mut diff, missing, extra);
    Ok(diff)
}

/// Puts rows together that share most of their cells; the rest is missing or extra.
fn pair(diff: &mut Diff, missing: Vec<(usize, Row)>, mut extra: Vec<Row>) {
    let alike = |a: &[Option<String>], b: &[Option<String>]| a.iter().zip(b).filter(|(a, b)| a == b).count();
    let few = missing.len() <= PAIRED && extra.len() <= PAIRED;
    for (row, expected) in missing {
        let scored = || extra.iter().enumerate().map(|(at, actual)| (alike(&expected, actual), Reverse(at))).max();
        let best = if few { scored() } else { None };
        match best.filter(|(same, _)| *same * 2 >= expected.len().max(1) && *same > 0) {
            Some((_, Reverse(at))) => diff.changed.push(Changed { row, expected, actual: extra.remove(at) }),
            None => diff.missing.push((row, expected)),
        }
    }
    diff.extra = extra;
}

/// Expected texts in the canonical form of `ty`; `Err` is a text that is no value of it.
fn as_type(column: &[Option<&str>], ty: &DataType) -> Result<Vec<Result<Option<String>, String>>, String> {
    let raw = |text: &Option<&str>| text.map(str::to_owned);
    let Some((values, failures)) = plain::values(ty, column.iter().copied()).map_err(|error| error.to_string())? else {
        return Ok(column.iter().map(|text| Ok(raw(text))).collect());
    };
    let float = matches!(ty, DataType::Float16 | DataType::Float32 | DataType::Float64);
    let shown = canonical(&values)?;
    let cells = column.iter().zip(shown).enumerate().map(|(row, (text, shown))| {
        let failed = failures.as_ref().is_some_and(|failures| failures.value(row));
        // Digits that no float has room for are not infinity.
        let overflows = float && shown.as_deref().is_some_and(|shown| shown.ends_with("inf")) && text.is_some_and(has_digit);
        match text {
            Some(text) if failed || overflows => Err((*text).to_owned()),
            _ => Ok(shown),
        }
    });
    Ok(cells.collect())
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

/// One text per value: values that are compared as equal have the same one.
fn canonical(column: &ArrayRef) -> Result<Vec<Option<String>>, String> {
    let shown = texts(column)?;
    Ok(match column.data_type() {
        // Twelve digits: the last bits of a sum depend on the order of its terms.
        DataType::Float16 | DataType::Float32 | DataType::Float64 => {
            shown.into_iter().map(|cell| cell.map(|text| text.parse::<f64>().map_or(text, round))).collect()
        }
        ty if ty.is_nested() => shown.into_iter().map(|cell| cell.map(|text| canonical_json(&text))).collect(),
        _ => shown,
    })
}

fn round(value: f64) -> String {
    let text = format!("{value:.11e}");
    let rounded = text.parse::<f64>().unwrap_or(value);
    let plain = (rounded + 0.0).to_string();
    if plain.len() > 25 { format!("{rounded:e}") } else { plain }
}

/// Entries of maps have no order, floats are rounded.
fn canonical_json(text: &str) -> String {
    serde_json::from_str(text).map_or_else(|_| text.to_owned(), |value| ordered(value).to_string())
}

fn ordered(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(ordered).collect()),
        Value::Object(entries) => {
            let mut entries: Vec<(String, Value)> = entries.into_iter().map(|(key, value)| (key, ordered(value))).collect();
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            Value::Object(entries.into_iter().collect())
        }
        Value::Number(number) if number.is_f64() => number.as_f64().map_or(Value::Null, |float| Value::String(round(float))),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use arrow::array::{Array, Decimal128Array, Float64Array, Int64Array, StringArray};
    use arrow::datatypes::{Field, Schema};
    use std::sync::Arc;

    fn table(columns: &[&str], rows: &[&[&str]]) -> Table {
        let cell = |text: &&str| if *text == "null" { None } else { Some((*text).to_owned()) };
        Table {
            columns: columns.iter().map(|c| (*c).to_owned()).collect(),
            rows: rows.iter().map(|row| row.iter().map(cell).collect()).collect(),
            ..Table::default()
        }
    }

    fn actual() -> (SchemaRef, Vec<RecordBatch>) {
        let schema =
            Arc::new(Schema::new(vec![Field::new("id", DataType::Int64, true), Field::new("price", DataType::Decimal128(9, 2), true)]));
        let price = Decimal128Array::from(vec![Some(100), None, Some(250)]).with_precision_and_scale(9, 2).unwrap();
        let batch = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(Int64Array::from(vec![1, 2, 3])), Arc::new(price)]).unwrap();
        (schema, vec![batch])
    }

    #[test]
    fn order_and_spelling_of_numbers_do_not_matter() {
        let (schema, batches) = actual();
        let expected = table(&["price", "id"], &[&["2.5", "3"], &["1", "1"], &["null", "2"]]);
        assert!(compare(&expected, &schema, &batches, Scope::Shown).unwrap().is_empty());
    }

    #[test]
    fn a_changed_cell_a_missing_row_and_an_extra_row_are_told_apart() {
        let (schema, batches) = actual();
        let expected = table(&["id", "price"], &[&["1", "1.00"], &["3", "9.99"], &["7", "7"]]);
        let diff = compare(&expected, &schema, &batches, Scope::Shown).unwrap();
        assert_eq!(diff.changed.len(), 1);
        assert_eq!((diff.changed[0].row, diff.changed[0].actual[1].as_deref()), (2, Some("2.50")));
        assert_eq!(diff.missing.len(), 1);
        assert_eq!(diff.extra, [vec![Some("2".to_owned()), None]]);
    }

    #[test]
    fn a_row_that_comes_twice_is_extra_once() {
        let (schema, batches) = actual();
        let twice = vec![batches[0].clone(), batches[0].slice(0, 1)];
        let expected = table(&["id"], &[&["1"], &["2"], &["3"]]);
        assert_eq!(compare(&expected, &schema, &twice, Scope::Shown).unwrap().extra.len(), 1);
    }

    #[test]
    fn a_column_that_is_not_there_is_named() {
        let (schema, batches) = actual();
        assert_eq!(compare(&table(&["cost"], &[&["1"]]), &schema, &batches, Scope::Shown).unwrap().missing_columns, ["cost"]);
    }

    /// Whether a column of `values` is as `expected`.
    fn same(values: &ArrayRef, expected: &[&str]) -> bool {
        let schema = Arc::new(Schema::new(vec![Field::new("x", values.data_type().clone(), true)]));
        let batch = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::clone(values)]).unwrap();
        let rows: Vec<&[&str]> = expected.iter().map(std::slice::from_ref).collect();
        let diff = compare(&table(&["x"], &rows), &schema, &[batch], Scope::Shown).unwrap();
        diff.is_empty()
    }

    /// A column of `ty` with the values of these texts.
    fn column(ty: &DataType, texts: &[&str]) -> ArrayRef {
        let cells = texts.iter().map(|text| (*text != "null").then_some(*text));
        let (values, failures) = plain::values(ty, cells).unwrap().unwrap();
        assert!(failures.is_none(), "{ty}: {texts:?}");
        values
    }

    #[test]
    fn what_a_type_cannot_hold_is_never_as_expected() {
        use arrow::datatypes::TimeUnit;
        let at = |unit, zone: Option<&str>| DataType::Timestamp(unit, zone.map(Into::into));
        let list = DataType::List(Arc::new(Field::new_list_field(DataType::Decimal128(30, 20), true)));
        for (ty, value, right, wrong) in [
            (DataType::Decimal128(10, 2), "2.00", &["2", "2.0", "2e0"][..], &["1.999", "2.001", "two"][..]),
            (DataType::Int64, "2", &["+2"], &["1.5", "2.4", "2.0", ""]),
            (DataType::UInt8, "255", &["255"], &["256", "-1"]),
            (DataType::Boolean, "true", &["TRUE", "yes"], &["2", "tru"]),
            (DataType::Date32, "2026-01-05", &["2026-01-05"], &["2026-01-05T10:00:00", "2026-1-5"]),
            (DataType::Time64(TimeUnit::Microsecond), "10:00:00", &["10:00"], &["10:00:00.0000001"]),
            (at(TimeUnit::Second, Some("UTC")), "2026-01-05T10:00:00Z", &["2026-01-05T11:00:00+01:00"], &["2026-01-05T10:00:00.4Z"]),
            (at(TimeUnit::Second, None), "2026-01-05T10:00:00", &["2026-01-05 10:00"], &["2026-01-05T10:00:00+01:00"]),
            // What a place's clocks show, and the same moment in UTC.
            (
                at(TimeUnit::Millisecond, Some("Europe/Paris")),
                "2026-07-01T10:00:00Z",
                &["2026-07-01T12:00:00", "2026-07-01T10:00:00Z"],
                &["2026-07-01T12:00:00Z"],
            ),
            (DataType::Float64, "inf", &["inf"], &["1e400", "-inf"]),
            (DataType::Float64, "NaN", &["NaN"], &["0", "null"]),
            (DataType::Float64, "0", &["-0.0", "0"], &["1e-300"]),
            (DataType::Float64, "0.1", &["0.1", "0.10000000000000001"], &["0.1000001"]),
            (DataType::Utf8View, "", &[""], &["null", " "]),
            (DataType::BinaryView, "00ff", &["00FF"], &["0f", "x"]),
            (list, "[1.00000000000000000001]", &["[\"1.00000000000000000001\"]"], &["[1.00000000000000000002]", "[1]", "[]"]),
        ] {
            let values = column(&ty, &[value]);
            right.iter().for_each(|text| assert!(same(&values, &[text]), "{ty}: {text} is {value}"));
            wrong.iter().for_each(|text| assert!(!same(&values, &[text]), "{ty}: {text} is not {value}"));
        }
    }

    #[test]
    fn a_text_that_is_no_value_is_named_with_its_row_column_and_type() {
        let (schema, batches) = actual();
        let expected = table(&["id", "price"], &[&["1", "0.999"], &["2", "null"], &["3", "2.5"]]);
        let diff = compare(&expected, &schema, &batches, Scope::Shown).unwrap();
        let (text, ty) = ("0.999".to_owned(), "decimal(9, 2)".to_owned());
        assert_eq!(diff.unreadable, [Unreadable { row: 1, column: "price".to_owned(), text, ty }]);
        assert_eq!((diff.changed.len(), diff.changed[0].actual[1].as_deref()), (1, Some("1.00")));
    }

    #[test]
    fn columns_that_nobody_expected_count_where_all_do() {
        let (schema, batches) = actual();
        let expected = table(&["id"], &[&["1"], &["2"], &["3"]]);
        assert!(compare(&expected, &schema, &batches, Scope::Shown).unwrap().is_empty());
        let diff = compare(&expected, &schema, &batches, Scope::All).unwrap();
        assert_eq!(diff.extra_columns, ["price"]);
        assert!(!diff.is_empty());
    }

    #[test]
    fn rows_are_counted_in_any_order_and_over_several_batches() {
        let text = |texts: &[&str]| -> ArrayRef { Arc::new(StringArray::from(texts.to_vec())) };
        assert!(same(&text(&["b", "a", "b"]), &["a", "b", "b"]));
        assert!(!same(&text(&["b", "a", "b"]), &["a", "a", "b"]));
        assert!(!same(&text(&["b", "b"]), &["b"]));
        assert!(same(&text(&[]), &[]));
        let floats: ArrayRef = Arc::new(Float64Array::from(vec![0.1 + 0.2, f64::NAN]));
        assert!(same(&floats, &["NaN", "0.3"]));
    }

    #[test]
    fn entries_of_a_map_have_no_order_and_those_of_a_list_do() {
        let entries = vec![Field::new("key", DataType::Utf8View, false), Field::new("value", DataType::Float64, true)];
        let map = DataType::Map(Arc::new(Field::new("entries", DataType::Struct(entries.into()), false)), false);
        let values = column(&map, &["{\"b\": 0.30000000000000004, \"a\": null}"]);
        assert!(same(&values, &["{\"a\": null, \"b\": 0.3}"]));
        assert!(!same(&values, &["{\"a\": null, \"b\": 0.4}"]));
        let list = DataType::List(Arc::new(Field::new_list_field(DataType::Int64, true)));
        let values = column(&list, &["[1, 2]", "[]", "null"]);
        assert!(same(&values, &["null", "[]", "[1,2]"]));
        assert!(!same(&values, &["null", "[]", "[2,1]"]));
    }
}
