//! Lists, structs and maps, from JSON text: the value of a JSON record, or a CSV cell that holds JSON.
//!
//! The parts of all rows are gathered first, then built as one column each. A part that is not a value of its type
//! makes the whole cell a failure.

use super::cell::{Cell, Kind};
use super::column::{self, Built, Cells, Marks};
use super::json::scan::Scanner;
use crate::error::EngineError;
use arrow::array::{Array, ArrayRef, BooleanArray, ListArray, MapArray, StructArray};
use arrow::buffer::{BooleanBuffer, Buffer, OffsetBuffer, ScalarBuffer};
use arrow::compute::{filter, is_not_null, nullif};
use arrow::datatypes::{DataType, FieldRef, Fields};
use std::sync::Arc;

/// Builds a nested column.
///
/// # Errors
/// A type that text cannot hold, or more than two thousand million parts.
pub(super) fn build(ty: &DataType, cells: &Cells<'_>) -> Result<Built, EngineError> {
    let mut parts: Vec<Cell> = cells.iter().collect();
    let mut failures = Marks::new(cells.rows);
    let unpacked;
    let mut cells = *cells;
    if parts.iter().any(|cell| cell.kind().is_csv()) {
        let mut text = Vec::new();
        for (row, cell) in parts.iter_mut().enumerate().filter(|(_, cell)| cell.kind().is_csv()) {
            let start = text.len();
            text.extend_from_slice(&cell.value(cells.data, cells.quote));
            match Scanner::new(&text, start, text.len()).whole() {
                Ok(value) => *cell = value,
                Err(_) => {
                    failures.set(row);
                    *cell = Cell::NULL;
                }
            }
        }
        unpacked = Buffer::from_vec(text);
        cells.data = &unpacked;
    }
    let owners: Vec<u32> = (0..parts.len() as u32).collect();
    let array = part(ty, &parts, &owners, &cells, &mut failures)?;
    let failures = failures.finish();
    let array = match &failures {
        Some(failed) => {
            nullif(&array, &BooleanArray::new(failed.clone(), None)).map_err(EngineError::engine("building a nested column"))?
        }
        None => array,
    };
    Ok(Built { array, failures })
}

/// The array of the parts of one type; `owners` says to which row each belongs.
fn part(ty: &DataType, parts: &[Cell], owners: &[u32], cells: &Cells<'_>, failures: &mut Marks) -> Result<ArrayRef, EngineError> {
    match ty {
        DataType::List(item) => list(item, parts, owners, cells, failures),
        DataType::Struct(fields) => structure(fields, parts, owners, cells, failures),
        DataType::Map(entries, sorted) => map(entries, *sorted, parts, owners, cells, failures),
        _ => {
            let leaf = column::build(ty, &Cells { cells: parts, width: 1, column: 0, rows: parts.len(), ..*cells })?;
            for row in leaf.failures.iter().flat_map(BooleanBuffer::set_indices) {
                failures.set(owners.get(row).copied().unwrap_or_default() as usize);
            }
            Ok(leaf.array)
        }
    }
}

/// A scanner at the array or object that a part is; otherwise the part is null, and a failure unless it was null before.
fn opened<'a>(cell: Cell, bracket: u8, owner: u32, cells: &Cells<'a>, failures: &mut Marks) -> Option<Scanner<'a>> {
    let bytes = cell.bytes(cells.data);
    if cell.kind() == Kind::Nested && bytes.first() == Some(&bracket) {
        let start = cell.start() as usize;
        return Some(Scanner::new(cells.data, start, start + bytes.len()));
    }
    if cell.kind() != Kind::Null {
        failures.set(owner as usize);
    }
    None
}

/// The scanner went over these bytes before, so it finds nothing wrong with them now.
fn scanned(result: Result<(), String>) -> Result<(), EngineError> {
    result.map_err(EngineError::engine("building a nested column"))
}

fn list(item: &FieldRef, parts: &[Cell], owners: &[u32], cells: &Cells<'_>, failures: &mut Marks) -> Result<ArrayRef, EngineError> {
    let (mut items, mut of, mut offsets) = (Vec::new(), Vec::new(), vec![0_i32]);
    let mut nulls = Marks::new(parts.len());
    for (row, (cell, owner)) in parts.iter().zip(owners).enumerate() {
        match opened(*cell, b'[', *owner, cells, failures) {
            Some(mut scanner) => scanned(scanner.array(
                |item| {
                    items.push(item);
                    of.push(*owner);
                },
                0,
            ))?,
            None => nulls.set(row),
        }
        // A piece has fewer bytes than this has room for items.
        offsets.push(items.len() as i32);
    }
    let values = part(item.data_type(), &items, &of, cells, failures)?;
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    let list = ListArray::try_new(Arc::clone(item), offsets, values, nulls.nulls());
    Ok(Arc::new(list.map_err(EngineError::engine("building a list column"))?))
}

fn structure(fields: &Fields, parts: &[Cell], owners: &[u32], cells: &Cells<'_>, failures: &mut Marks) -> Result<ArrayRef, EngineError> {
    let mut children: Vec<Vec<Cell>> = vec![vec![Cell::NULL; parts.len()]; fields.len()];
    let mut nulls = Marks::new(parts.len());
    for (row, (cell, owner)) in parts.iter().zip(owners).enumerate() {
        let Some(mut scanner) = opened(*cell, b'{', *owner, cells, failures) else {
            nulls.set(row);
            continue;
        };
        let mut put = |key: Cell, value: Cell| {
            let name = key.value(cells.data, cells.quote);
            let child = fields.iter().position(|field| field.name().as_bytes() == name.as_ref());
            if let Some(slot) = child.and_then(|child| children.get_mut(child)?.get_mut(row)) {
                *slot = value;
            }
        };
        scanned(scanner.object(&mut put, 0))?;
    }
    let mut arrays = Vec::with_capacity(fields.len());
    for (field, child) in fields.iter().zip(&children) {
        arrays.push(part(field.data_type(), child, owners, cells, failures)?);
    }
    let built = StructArray::try_new_with_length(fields.clone(), arrays, nulls.nulls(), parts.len());
    Ok(Arc::new(built.map_err(EngineError::engine("building a struct column"))?))
}

fn map(
    entries: &FieldRef,
    sorted: bool,
    parts: &[Cell],
    owners: &[u32],
    cells: &Cells<'_>,
    failures: &mut Marks,
) -> Result<ArrayRef, EngineError> {
    let DataType::Struct(fields) = entries.data_type() else { return Err(column::unsupported(entries.data_type())) };
    let [key, value] = fields.as_ref() else { return Err(column::unsupported(entries.data_type())) };
    let (mut keys, mut values, mut of, mut offsets) = (Vec::new(), Vec::new(), Vec::new(), vec![0_i32]);
    let mut nulls = Marks::new(parts.len());
    for (row, (cell, owner)) in parts.iter().zip(owners).enumerate() {
        let Some(mut scanner) = opened(*cell, b'{', *owner, cells, failures) else {
            nulls.set(row);
            offsets.push(keys.len() as i32);
            continue;
        };
        let mut put = |key: Cell, value: Cell| {
            // JSON keys are text whatever the key type is: any type may be read from it, as from a CSV cell.
            let start = key.start() as usize;
            let plain = Cell::new(Kind::Bare, start, start + key.bytes(cells.data).len());
            keys.push(if key.kind() == Kind::Text { plain } else { key });
            values.push(value);
            of.push(*owner);
        };
        scanned(scanner.object(&mut put, 0))?;
        offsets.push(keys.len() as i32);
    }
    let keys = part(key.data_type(), &keys, &of, cells, failures)?;
    let values = part(value.data_type(), &values, &of, cells, failures)?;
    // A key that is no value of its type is null, which a map cannot hold: its row has failed and the map is emptied.
    let (keys, values, offsets) =
        if keys.null_count() == 0 { (keys, values, offsets) } else { without_null_keys(&keys, &values, &offsets)? };
    let wrong = || EngineError::engine("building a map column");
    let inner = StructArray::try_new(fields.clone(), vec![keys, values], None).map_err(wrong())?;
    let built = MapArray::try_new(Arc::clone(entries), OffsetBuffer::new(ScalarBuffer::from(offsets)), inner, nulls.nulls(), sorted);
    Ok(Arc::new(built.map_err(wrong())?))
}

fn without_null_keys(keys: &ArrayRef, values: &ArrayRef, offsets: &[i32]) -> Result<(ArrayRef, ArrayRef, Vec<i32>), EngineError> {
    let keep = is_not_null(keys).map_err(EngineError::engine("building a map column"))?;
    let kept = |array: &ArrayRef| filter(array, &keep).map_err(EngineError::engine("building a map column"));
    let mut sum = 0;
    let mut before = vec![0_i32];
    for one in keep.iter() {
        sum += i32::from(one == Some(true));
        before.push(sum);
    }
    let offsets = offsets.iter().map(|offset| before.get(*offset as usize).copied().unwrap_or(sum)).collect();
    Ok((kept(keys)?, kept(values)?, offsets))
}
