//! One pass per rule over a batch.

use super::compile::{Check, ContractRules};
use super::text::failing;
use super::{RowPredicate, Verdicts};
use crate::error::EngineError;
use crate::rows::CellFailures;
use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::buffer::BooleanBuffer;

impl ContractRules {
    /// Which rules each row breaks. `failures` are the cells that could not be read as their field's type: they
    /// break `type`, and not `required` as well.
    ///
    /// The bits of keys and references stay unset. A row on which a `@rule` cannot be computed breaks it.
    ///
    /// # Errors
    /// A batch of another schema, or a `@rule` that fails on no rows at all.
    pub fn evaluate(&self, batch: &RecordBatch, failures: &[CellFailures]) -> Result<Verdicts, EngineError> {
        let mut verdicts = Verdicts::new(self.rules.len(), batch.num_rows());
        for (bit, check) in self.checks.iter().enumerate() {
            if let Some(rows) = broken(check, batch, failures)? {
                verdicts.set_rows(&rows, bit);
            }
        }
        Ok(verdicts)
    }
}

/// The rows that break one check; `None` means none.
fn broken(check: &Check, batch: &RecordBatch, failures: &[CellFailures]) -> Result<Option<BooleanBuffer>, EngineError> {
    let rows = match check {
        Check::Type { column } => return Ok(unread(*column, failures)),
        Check::Required { column } => {
            let Some(nulls) = values(batch, *column)?.logical_nulls().filter(|nulls| nulls.null_count() > 0) else { return Ok(None) };
            let null = !nulls.inner();
            match unread(*column, failures) {
                Some(unread) => &null & &!&unread,
                None => null,
            }
        }
        Check::Range { column, bounds } => bounds.outside(values(batch, *column)?)?,
        Check::Length { column, min, max } => failing(values(batch, *column)?, |text| {
            // No more characters than bytes: most values are settled without counting.
            text.len() >= *min && {
                let count = if text.is_ascii() { text.len() } else { text.chars().count() };
                *min <= count && count <= *max
            }
        })?,
        Check::Matches { column, pattern } => failing(values(batch, *column)?, |text| pattern.matches(text))?,
        Check::Format { column, format } => failing(values(batch, *column)?, format)?,
        Check::Enum { column, values: set } => failing(values(batch, *column)?, |text| set.contains(text))?,
        Check::Predicate(predicate) => untrue(predicate.as_ref(), batch)?,
        Check::Set => return Ok(None),
    };
    Ok(Some(rows))
}

fn values(batch: &RecordBatch, column: usize) -> Result<&ArrayRef, EngineError> {
    batch.columns().get(column).ok_or_else(|| EngineError::Engine {
        context: "checking a contract".to_owned(),
        message: format!("the batch has {} columns, the rules need column {}", batch.num_columns(), column + 1),
    })
}

fn unread(column: usize, failures: &[CellFailures]) -> Option<BooleanBuffer> {
    let mut found = failures.iter().filter(|failure| failure.column == column).map(|failure| failure.rows.clone());
    let first = found.next()?;
    Some(found.fold(first, |all, rows| &all | &rows))
}

/// The rows for which a predicate is false, or cannot be computed: a batch that fails is halved until the rows that
/// fail stand alone.
fn untrue(predicate: &dyn RowPredicate, batch: &RecordBatch) -> Result<BooleanBuffer, EngineError> {
    match predicate.evaluate(batch) {
        Ok(result) => {
            if result.len() != batch.num_rows() {
                return Err(EngineError::Engine {
                    context: "checking a rule".to_owned(),
                    message: format!("{} results for {} rows", result.len(), batch.num_rows()),
                });
            }
            let is_false = !result.values();
            Ok(match result.nulls() {
                Some(nulls) => &is_false & nulls.inner(),
                None => is_false,
            })
        }
        Err(error) => match batch.num_rows() {
            0 => Err(error),
            1 => Ok(BooleanBuffer::new_set(1)),
            rows => {
                let half = rows / 2;
                let first = untrue(predicate, &batch.slice(0, half))?;
                let second = untrue(predicate, &batch.slice(half, rows - half))?;
                Ok(first.iter().chain(second.iter()).collect())
            }
        },
    }
}
