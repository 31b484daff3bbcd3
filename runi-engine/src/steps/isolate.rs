//! Evaluation that survives bad rows: a batch that fails is halved until the rows that fail stand alone.

use crate::error::EngineError;
use crate::sql::{CompiledExpr, TooLarge, bytes};
use arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch, UInt32Array, new_null_array};
use arrow::buffer::BooleanBuffer;
use arrow::compute::{concat, filter_record_batch, take};
use arrow::error::ArrowError;

/// The values of an expression for chosen rows.
#[derive(Debug)]
pub(super) struct Evaluated {
    /// One per row of the batch; anything where the row was not chosen, null where it failed.
    pub(super) values: ArrayRef,
    /// The rows that failed, ascending, and what went wrong.
    pub(super) failures: Vec<(usize, String)>,
}

/// Evaluates `expr` for the rows that are chosen (`None`: all).
pub(super) fn evaluate(expr: &CompiledExpr, batch: &RecordBatch, chosen: Option<&BooleanBuffer>) -> Result<Evaluated, EngineError> {
    // The whole batch first: rows that are not chosen cost less than copying those that are.
    if let Ok(values) = expr.evaluate(batch) {
        return Ok(Evaluated { values, failures: Vec::new() });
    }
    let failed = EngineError::engine::<ArrowError>(format!("cannot evaluate `{}`", expr.sql()));
    let Some(chosen) = chosen else {
        let mut pieces = Pieces::default();
        pieces.add(expr, batch, 0);
        return pieces.finish(expr).map_err(failed);
    };
    let mut pieces = Pieces::default();
    let subset = filter_record_batch(batch, &BooleanArray::new(chosen.clone(), None));
    let subset = match subset {
        Ok(subset) => subset,
        Err(error) => return Err(failed(error)),
    };
    pieces.add(expr, &subset, 0);
    pieces.finish(expr).and_then(|evaluated| spread(&evaluated, chosen)).map_err(failed)
}

/// Moves the values of chosen rows back to where the rows are.
fn spread(subset: &Evaluated, chosen: &BooleanBuffer) -> Result<Evaluated, ArrowError> {
    let mut next = 0;
    let indices: UInt32Array = chosen
        .iter()
        .map(|is_chosen| {
            is_chosen.then(|| {
                next += 1;
                next - 1
            })
        })
        .collect();
    let places: Vec<usize> = chosen.set_indices().collect();
    let place = |(row, message): &(usize, String)| Some((*places.get(*row)?, message.clone()));
    Ok(Evaluated { values: take(&subset.values, &indices, None)?, failures: subset.failures.iter().filter_map(place).collect() })
}

#[derive(Default)]
struct Pieces {
    values: Vec<ArrayRef>,
    failures: Vec<(usize, String)>,
    bytes: u64,
}

impl Pieces {
    fn add(&mut self, expr: &CompiledExpr, batch: &RecordBatch, offset: usize) {
        let rows = batch.num_rows();
        if rows == 0 || self.bytes > expr.bounds().batch {
            return;
        }
        match expr.evaluate(batch) {
            Ok(values) => {
                self.bytes = self.bytes.saturating_add(bytes(&values));
                self.values.push(values);
            }
            Err(error) if rows == 1 => {
                let message = match error {
                    EngineError::Engine { message, .. } => message,
                    other => other.to_string(),
                };
                self.failures.push((offset, message));
                self.values.push(new_null_array(expr.data_type(), 1));
            }
            Err(_) => {
                let half = rows / 2;
                self.add(expr, &batch.slice(0, half), offset);
                self.add(expr, &batch.slice(half, rows - half), offset + half);
            }
        }
    }

    fn finish(self, expr: &CompiledExpr) -> Result<Evaluated, ArrowError> {
        // What is too large for a batch is no smaller in pieces.
        if self.bytes > expr.bounds().batch {
            return Err(ArrowError::MemoryError(TooLarge::Batch(expr.bounds()).to_string()));
        }
        let arrays: Vec<&dyn Array> = self.values.iter().map(|values| values.as_ref()).collect();
        let values = if arrays.is_empty() { new_null_array(expr.data_type(), 0) } else { concat(&arrays)? };
        Ok(Evaluated { values, failures: self.failures })
    }
}
