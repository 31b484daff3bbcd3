//! From the columns of a file to the fields of the contract.

use super::{Fields, parts};
use crate::error::EngineError;
use crate::rows::CellFailures;
use crate::source::cell::{Cell, Kind};
use crate::source::column::{self, Cells};
use arrow::array::{Array, ArrayRef, RecordBatch, UInt32Array, new_null_array};
use arrow::buffer::{BooleanBuffer, Buffer};
use arrow::compute::kernels::cmp::distinct;
use arrow::compute::{CastOptions, can_cast_types, cast_with_options, nullif, take};
use arrow::datatypes::{DataType, Schema, SchemaRef};
use arrow::record_batch::RecordBatchOptions;
use std::collections::HashMap;
use std::sync::Arc;

/// What serves a field.
#[derive(Debug)]
enum Serve {
    /// A column of the batches that are read.
    Column(usize),
    /// One value for all rows (a partition column), and whether it could not be read.
    Constant(ArrayRef, bool),
    /// Nothing: all null.
    Nothing,
}

/// How batches of one file become batches of the source.
#[derive(Debug)]
pub(super) struct Layout {
    schema: SchemaRef,
    serves: Vec<Serve>,
    /// The file's columns that are read, ascending.
    pub(super) roots: Vec<usize>,
}

impl Layout {
    /// For a file of this schema. `constants` holds the values of columns that are not in the file, as text.
    ///
    /// # Errors
    /// A constant of a type that text cannot hold.
    pub(super) fn new(fields: &Fields, file: &Schema, constants: &HashMap<String, Option<String>>) -> Result<Self, EngineError> {
        let find = |name: &str| file.fields().iter().position(|field| field.name() == name);
        let mut roots: Vec<usize> = fields.columns.iter().flatten().filter_map(|name| find(name)).collect();
        roots.sort_unstable();
        let serve = |(name, field): (&Option<String>, &Arc<arrow::datatypes::Field>)| {
            let Some(name) = name else { return Ok(Serve::Nothing) };
            if let Some(place) = find(name).and_then(|root| roots.binary_search(&root).ok()) {
                return Ok(Serve::Column(place));
            }
            constants.get(name).map_or(Ok(Serve::Nothing), |text| constant(field.data_type(), text.as_deref()))
        };
        let serves = fields.columns.iter().zip(fields.schema.fields()).map(serve).collect::<Result<_, _>>()?;
        Ok(Self { schema: Arc::clone(&fields.schema), serves, roots })
    }

    /// The fields of a batch that holds just the columns of [`Self::roots`].
    ///
    /// # Errors
    /// What Arrow says about a cast.
    pub(super) fn apply(&self, read: &RecordBatch) -> Result<(RecordBatch, Vec<CellFailures>), EngineError> {
        let rows = read.num_rows();
        let mut failures = Vec::new();
        let mut arrays = Vec::with_capacity(self.serves.len());
        for (column, (serve, field)) in self.serves.iter().zip(self.schema.fields()).enumerate() {
            let (array, failed) = match serve {
                Serve::Column(place) => fit(read.column(*place), field.data_type())?,
                Serve::Constant(value, failed) => {
                    let array = take(value, &UInt32Array::from(vec![0; rows]), None).map_err(wrong())?;
                    (array, failed.then(|| BooleanBuffer::new_set(rows)))
                }
                Serve::Nothing => (new_null_array(field.data_type(), rows), None),
            };
            arrays.push(array);
            failures.extend(failed.map(|rows| CellFailures { column, rows }));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options).map_err(wrong())?;
        Ok((batch, failures))
    }
}

fn wrong<E: std::fmt::Display>() -> impl FnOnce(E) -> EngineError {
    EngineError::engine("casting columns to the contract's types")
}

fn constant(ty: &DataType, text: Option<&str>) -> Result<Serve, EngineError> {
    let data = Buffer::from(text.unwrap_or_default().as_bytes());
    let cell = text.map_or(Cell::NULL, |text| Cell::new(Kind::Bare, 0, text.len()));
    let built = column::build(ty, &Cells { data: &data, cells: &[cell], width: 1, column: 0, rows: 1, quote: b'"', any_text: false })?;
    Ok(Serve::Constant(built.array, built.failures.is_some()))
}

/// Casts a column. A value that the type cannot hold exactly is null, and marked.
fn fit(column: &ArrayRef, ty: &DataType) -> Result<(ArrayRef, Option<BooleanBuffer>), EngineError> {
    if column.data_type() == ty {
        return Ok((Arc::clone(column), None));
    }
    let options = CastOptions { safe: true, ..CastOptions::default() };
    let column = &parts::aligned(column, ty).map_err(wrong())?;
    let out = cast_with_options(column, ty, &options).map_err(wrong())?;
    let (before, after) = (column.logical_nulls(), out.logical_nulls());
    let mut lost = match (before, after) {
        (_, None) => None,
        (None, Some(after)) => Some(!after.inner()),
        (Some(before), Some(after)) => Some(&!after.inner() & before.inner()),
    };
    // Arrow cuts digits and fractions of seconds; the way back shows where, if there is one: intervals have none.
    if column.data_type().is_primitive() && ty.is_primitive() && can_cast_types(ty, column.data_type()) {
        let back = cast_with_options(&out, column.data_type(), &options).map_err(wrong())?;
        let cut = distinct(&back, column).map_err(wrong())?;
        lost = Some(lost.map_or_else(|| cut.values().clone(), |lost| &lost | cut.values()));
    }
    match lost.filter(|lost| lost.count_set_bits() > 0) {
        None => Ok((out, None)),
        Some(lost) => {
            let out = nullif(&out, &arrow::array::BooleanArray::new(lost.clone(), None)).map_err(wrong())?;
            Ok((out, Some(lost)))
        }
    }
}
