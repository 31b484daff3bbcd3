//! Expected against actual: which rows and columns differ.

use crate::table::{Table, texts};
use arrow::array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, SchemaRef};
use std::collections::HashMap;
use std::sync::Arc;

/// Pairs of rows that are alike are looked for among at most this many unmatched rows.
const PAIRED: usize = 200;

/// How two tables differ.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Diff {
    /// Expected columns that did not come out.
    pub missing_columns: Vec<String>,
    /// The columns that were compared.
    pub columns: Vec<String>,
    /// Rows that were expected and did not come out (the row number among the expected, from 1).
    pub missing: Vec<(usize, Vec<Option<String>>)>,
    /// Rows that came out and were not expected.
    pub extra: Vec<Vec<Option<String>>>,
    /// Rows that came out with other values.
    pub changed: Vec<Changed>,
}

/// A row that is almost as expected.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Changed {
    /// The row number among the expected, from 1.
    pub row: usize,
    /// The expected row.
    pub expected: Vec<Option<String>>,
    /// What came out instead.
    pub actual: Vec<Option<String>>,
}

impl Diff {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.missing_columns.is_empty() && self.missing.is_empty() && self.extra.is_empty() && self.changed.is_empty()
    }
}

/// Compares what came out with what was expected: the expected table's columns only, as multisets of rows.
///
/// Expected text is read as the actual column's type, so that `1`, `1.0` and `1.00` are the same decimal.
///
/// # Errors
/// A value cannot be shown.
pub fn compare(expected: &Table, schema: &SchemaRef, actual: &[RecordBatch]) -> Result<Diff, String> {
    let mut diff = Diff::default();
    let mut wanted = Vec::new();
    let mut got: Vec<Vec<Option<String>>> = vec![Vec::new(); actual.iter().map(RecordBatch::num_rows).sum()];
    let mut expected_rows: Vec<Vec<Option<String>>> = vec![Vec::new(); expected.rows.len()];
    for (index, name) in expected.columns.iter().enumerate() {
        let Ok(at) = schema.index_of(name) else {
            diff.missing_columns.push(name.clone());
            continue;
        };
        wanted.push(name.clone());
        let ty = schema.field(at).data_type().clone();
        let column: Vec<Option<String>> = expected.rows.iter().map(|row| row.get(index).cloned().flatten()).collect();
        for (row, cell) in expected_rows.iter_mut().zip(as_type(column, &ty)?) {
            row.push(cell);
        }
        let mut row = 0;
        for batch in actual {
            for cell in canonical(batch.column(at))? {
                if let Some(cells) = got.get_mut(row) {
                    cells.push(cell);
                }
                row += 1;
            }
        }
    }
    diff.columns = wanted;
    let mut open: HashMap<&Vec<Option<String>>, usize> = HashMap::new();
    for row in &got {
        *open.entry(row).or_default() += 1;
    }
    let mut missing = Vec::new();
    for (number, row) in expected_rows.iter().enumerate() {
        match open.get_mut(row) {
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
fn pair(diff: &mut Diff, missing: Vec<(usize, Vec<Option<String>>)>, mut extra: Vec<Vec<Option<String>>>) {
    let alike = |a: &[Option<String>], b: &[Option<String>]| a.iter().zip(b).filter(|(a, b)| a == b).count();
    let few = missing.len() <= PAIRED && extra.len() <= PAIRED;
    for (row, expected) in missing {
        let best = if few { extra.iter().enumerate().map(|(at, actual)| (alike(&expected, actual), at)).max() } else { None };
        match best.filter(|(same, _)| *same * 2 >= expected.len().max(1) && *same > 0) {
            Some((_, at)) => diff.changed.push(Changed { row, expected, actual: extra.remove(at) }),
            None => diff.missing.push((row, expected)),
        }
    }
    diff.extra = extra;
}

/// Expected text in the canonical form of `ty`; text that is no such value stays as it is and so differs.
fn as_type(column: Vec<Option<String>>, ty: &DataType) -> Result<Vec<Option<String>>, String> {
    if is_nested(ty) {
        return Ok(column.into_iter().map(|cell| cell.map(|text| canonical_json(&text))).collect());
    }
    let text: ArrayRef = Arc::new(StringArray::from(column.clone()));
    let Ok(cast) = cast_with_options(&text, ty, &CastOptions { safe: true, ..CastOptions::default() }) else { return Ok(column) };
    let shown = canonical(&cast)?;
    Ok(column.into_iter().zip(shown).map(|(raw, shown)| if shown.is_none() { raw } else { shown }).collect())
}

fn is_nested(ty: &DataType) -> bool {
    matches!(ty, DataType::List(_) | DataType::LargeList(_) | DataType::Struct(_) | DataType::Map(_, _))
}

fn canonical(column: &ArrayRef) -> Result<Vec<Option<String>>, String> {
    let shown = texts(column)?;
    Ok(match column.data_type() {
        // Twelve digits: the last bits of a sum depend on the order of its terms.
        DataType::Float32 | DataType::Float64 => {
            shown.into_iter().map(|cell| cell.map(|text| text.parse::<f64>().map_or(text, round))).collect()
        }
        ty if is_nested(ty) => shown.into_iter().map(|cell| cell.map(|text| canonical_json(&text))).collect(),
        _ => shown,
    })
}

fn round(value: f64) -> String {
    let text = format!("{value:.11e}");
    text.parse::<f64>().map_or(text, |rounded| if rounded == 0.0 { "0".to_owned() } else { rounded.to_string() })
}

fn canonical_json(text: &str) -> String {
    serde_json::from_str::<serde_json::Value>(text).map_or_else(|_| text.to_owned(), |value| value.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use arrow::array::{Decimal128Array, Int64Array};
    use arrow::datatypes::{Field, Schema};

    fn table(columns: &[&str], rows: &[&[&str]]) -> Table {
        let cell = |text: &&str| if *text == "null" { None } else { Some((*text).to_owned()) };
        Table {
            columns: columns.iter().map(|c| (*c).to_owned()).collect(),
            rows: rows.iter().map(|row| row.iter().map(cell).collect()).collect(),
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
        assert!(compare(&expected, &schema, &batches).unwrap().is_empty());
    }

    #[test]
    fn a_changed_cell_a_missing_row_and_an_extra_row_are_told_apart() {
        let (schema, batches) = actual();
        let expected = table(&["id", "price"], &[&["1", "1.00"], &["3", "9.99"], &["7", "7"]]);
        let diff = compare(&expected, &schema, &batches).unwrap();
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
        assert_eq!(compare(&expected, &schema, &twice).unwrap().extra.len(), 1);
    }

    #[test]
    fn a_column_that_is_not_there_is_named() {
        let (schema, batches) = actual();
        assert_eq!(compare(&table(&["cost"], &[&["1"]]), &schema, &batches).unwrap().missing_columns, ["cost"]);
    }
}
