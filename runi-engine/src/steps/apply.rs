//! A step on a batch.

use super::isolate::{Evaluated, evaluate};
use super::{Action, EVAL, FailedRows, RowStep, StepOutput, Target};
use crate::error::EngineError;
use crate::quarantine::Reason;
use crate::rows::Rows;
use crate::sql::CompiledExpr;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions, Scalar, UInt32Array, new_null_array};
use arrow::buffer::BooleanBuffer;
use arrow::compute::filter;
use arrow::compute::kernels::zip::zip;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use runi_lang::model::OnFail;
use std::collections::BTreeMap;
use std::sync::Arc;

impl RowStep {
    /// Takes a batch through the step.
    ///
    /// # Errors
    /// Only what is wrong with the batch as a whole, such as another schema; rows that fail are in the output.
    pub fn apply(&self, rows: Rows) -> Result<StepOutput, EngineError> {
        let mut passage = Passage {
            input: rows.clone(),
            rows,
            alive: None,
            chosen: None,
            filtered: vec![0; self.clauses.len()],
            failed: Vec::new(),
            broken: vec![0; self.promises.len() + usize::from(self.fallible)],
            eval: self.fallible.then_some(self.promises.len()),
            // A row without a value cannot be kept, so here `warn` quarantines.
            policy: if self.on_fail == OnFail::Fail { OnFail::Fail } else { OnFail::Quarantine },
        };
        for guard in &self.when {
            passage.choose(guard)?;
        }
        for action in &self.actions {
            passage.act(action)?;
        }
        passage.check(self)?;
        let filtered = passage.filtered.into_iter().enumerate().filter(|(_, count)| *count > 0).collect();
        Ok(StepOutput { rows: passage.rows, filtered, failed: passage.failed, broken: passage.broken })
    }
}

/// A batch on its way through a step.
struct Passage {
    /// As it came.
    input: Rows,
    /// As it is now.
    rows: Rows,
    /// Which rows of `input` the rows are; `None` means all of them.
    alive: Option<UInt32Array>,
    /// Which rows the step is about; `None` means all of them.
    chosen: Option<BooleanBuffer>,
    filtered: Vec<u64>,
    failed: Vec<FailedRows>,
    broken: Vec<u64>,
    /// The place of `eval` in `broken`.
    eval: Option<usize>,
    /// What becomes of rows whose evaluation fails.
    policy: OnFail,
}

/// Reasons by row.
type Reasons = BTreeMap<usize, Vec<Reason>>;

impl Passage {
    /// Keeps those chosen rows for which the guard is true.
    fn choose(&mut self, guard: &CompiledExpr) -> Result<(), EngineError> {
        let Evaluated { values, failures } = self.evaluate(guard)?;
        let truth = is_true(&condition(&values)?);
        self.chosen = Some(match &self.chosen {
            Some(chosen) => chosen & &truth,
            None => truth,
        });
        self.set_aside(reasons(guard, failures))
    }

    fn act(&mut self, action: &Action) -> Result<(), EngineError> {
        match action {
            Action::Assign { targets, after } => self.assign(targets, after),
            Action::Columns { indices, after } => {
                let columns = indices.iter().filter_map(|index| self.rows.batch.columns().get(*index)).cloned().collect();
                self.replace(columns, after)
            }
            Action::Where { clause, keep, condition: sql } => {
                let Evaluated { values, failures } = self.evaluate(sql)?;
                let truth = is_true(&condition(&values)?);
                let goes = if *keep { !&truth } else { truth };
                let goes = match &self.chosen {
                    Some(chosen) => chosen & &goes,
                    None => goes,
                };
                // Rows that failed are not filtered: they leave through their own door.
                let mut stays = !&goes;
                if !failures.is_empty() {
                    let failed = bits(self.rows.len(), failures.iter().map(|(row, _)| *row));
                    stays = &stays | &failed;
                }
                let went = self.rows.len() - stays.count_set_bits();
                let reasons = reasons(sql, failures).into_iter().map(|(row, why)| (rank(&stays, row), why)).collect();
                if let Some(count) = self.filtered.get_mut(*clause) {
                    *count += went as u64;
                }
                self.keep(&stays)?;
                self.set_aside(reasons)
            }
        }
    }

    fn assign(&mut self, targets: &[(Target, CompiledExpr)], after: &SchemaRef) -> Result<(), EngineError> {
        let mut columns = self.rows.batch.columns().to_vec();
        let mut failed = Reasons::new();
        for (target, value) in targets {
            let Evaluated { values, failures } = self.evaluate(value)?;
            for (row, why) in reasons(value, failures) {
                failed.entry(row).or_default().extend(why);
            }
            let old = match target {
                Target::Replace(index) => columns.get(*index).cloned(),
                Target::Append => None,
            };
            let merged = match &self.chosen {
                Some(chosen) => merge(chosen, values, old)?,
                None => values,
            };
            match target {
                Target::Replace(index) => {
                    if let Some(column) = columns.get_mut(*index) {
                        *column = merged;
                    }
                }
                Target::Append => columns.push(merged),
            }
        }
        if failed.is_empty() {
            return self.replace(columns, after);
        }
        // The rows that failed go before the columns are put together: they hold nulls that the schema may not allow.
        let stays = !&bits(self.rows.len(), failed.keys().copied());
        let mask = BooleanArray::new(stays, None);
        let columns = columns.iter().map(|column| filter(column, &mask)).collect::<Result<Vec<_>, _>>().map_err(broken_batch)?;
        self.set_aside(failed)?;
        self.replace(columns, after)
    }

    /// Checks the promises on chosen rows.
    fn check(&mut self, step: &RowStep) -> Result<(), EngineError> {
        let mut failed = Reasons::new();
        for (index, promise) in step.promises.iter().enumerate() {
            let Evaluated { values, failures } = self.evaluate(&promise.condition)?;
            let mut broken = is_false(&condition(&values)?);
            if let Some(chosen) = &self.chosen {
                broken = &broken & chosen;
            }
            let count = broken.count_set_bits();
            if let Some(total) = self.broken.get_mut(index) {
                *total += count as u64;
            }
            if step.on_fail != OnFail::Warn && count > 0 {
                for row in broken.set_indices() {
                    let reason = Reason { rule: promise.rule(), title: promise.title.clone(), error: "is false".to_owned() };
                    failed.entry(row).or_default().push(reason);
                }
            }
            self.count_failures(failures.len());
            if step.on_fail != OnFail::Warn {
                for (row, why) in reasons(&promise.condition, failures) {
                    failed.entry(row).or_default().extend(why);
                }
            }
        }
        if failed.is_empty() {
            return Ok(());
        }
        let bad = bits(self.rows.len(), failed.keys().copied());
        let rows = self.rows.filter(&bad).map_err(broken_batch)?;
        self.failed.push(FailedRows { rows, reasons: failed.into_values().collect(), policy: self.policy });
        self.keep(&!&bad)
    }

    fn evaluate(&self, expr: &CompiledExpr) -> Result<Evaluated, EngineError> {
        evaluate(expr, &self.rows.batch, self.chosen.as_ref())
    }

    /// Takes rows whose evaluation failed out, as they came in.
    fn set_aside(&mut self, failed: Reasons) -> Result<(), EngineError> {
        if failed.is_empty() {
            return Ok(());
        }
        self.count_failures(failed.len());
        let places: UInt32Array = failed.keys().map(|row| self.alive.as_ref().map_or(*row as u32, |alive| alive.value(*row))).collect();
        let rows = self.input.take(&places).map_err(broken_batch)?;
        let bad = bits(self.rows.len(), failed.keys().copied());
        self.failed.push(FailedRows { rows, reasons: failed.into_values().collect(), policy: self.policy });
        self.keep(&!&bad)
    }

    fn count_failures(&mut self, rows: usize) {
        if let Some(total) = self.eval.and_then(|eval| self.broken.get_mut(eval)) {
            *total += rows as u64;
        }
    }

    fn keep(&mut self, stays: &BooleanBuffer) -> Result<(), EngineError> {
        if stays.count_set_bits() == stays.len() {
            return Ok(());
        }
        self.rows = self.rows.filter(stays).map_err(broken_batch)?;
        let mask = BooleanArray::new(stays.clone(), None);
        if let Some(chosen) = &self.chosen {
            let chosen = filter(&BooleanArray::new(chosen.clone(), None), &mask).map_err(broken_batch)?;
            self.chosen = Some(chosen.as_boolean().values().clone());
        }
        self.alive = Some(match &self.alive {
            Some(alive) => stays.set_indices().map(|row| alive.value(row)).collect(),
            None => stays.set_indices().map(|row| row as u32).collect(),
        });
        Ok(())
    }

    fn replace(&mut self, columns: Vec<ArrayRef>, schema: &SchemaRef) -> Result<(), EngineError> {
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows.len()));
        let batch = RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options).map_err(broken_batch)?;
        self.rows = self.rows.with_batch(batch);
        Ok(())
    }
}

/// New values where rows are chosen; the old ones, or null, elsewhere.
fn merge(chosen: &BooleanBuffer, new: ArrayRef, old: Option<ArrayRef>) -> Result<ArrayRef, EngineError> {
    let count = chosen.count_set_bits();
    if count == chosen.len() {
        return Ok(new);
    }
    let mask = BooleanArray::new(chosen.clone(), None);
    // A column that was only ever assigned `null` takes the type of its first value.
    let old = old.filter(|old| old.data_type() == new.data_type());
    match old {
        Some(old) if count == 0 => Ok(old),
        Some(old) => zip(&mask, &new, &old).map_err(broken_batch),
        None if count == 0 || new.data_type().is_null() => Ok(new_null_array(new.data_type(), chosen.len())),
        None => zip(&mask, &new, &Scalar::new(new_null_array(new.data_type(), 1))).map_err(broken_batch),
    }
}

fn reasons(expr: &CompiledExpr, failures: Vec<(usize, String)>) -> Reasons {
    let reason = |error| Reason { rule: EVAL.to_owned(), title: format!("`{}` can be evaluated", expr.sql()), error };
    failures.into_iter().map(|(row, error)| (row, vec![reason(error)])).collect()
}

fn condition(values: &ArrayRef) -> Result<BooleanArray, EngineError> {
    if values.data_type().is_null() {
        return Ok(BooleanArray::new_null(values.len()));
    }
    values.as_boolean_opt().cloned().ok_or_else(|| EngineError::Engine {
        context: "cannot evaluate a condition".to_owned(),
        message: format!("it is {}, not true or false", values.data_type()),
    })
}

fn is_true(values: &BooleanArray) -> BooleanBuffer {
    match values.nulls() {
        Some(nulls) => values.values() & nulls.inner(),
        None => values.values().clone(),
    }
}

fn is_false(values: &BooleanArray) -> BooleanBuffer {
    match values.nulls() {
        Some(nulls) => &!values.values() & nulls.inner(),
        None => !values.values(),
    }
}

/// Bits of `len` rows, set at `rows`, which ascend.
fn bits(len: usize, rows: impl Iterator<Item = usize>) -> BooleanBuffer {
    let mut rows = rows.peekable();
    BooleanBuffer::collect_bool(len, |row| rows.next_if_eq(&row).is_some())
}

/// The place of `row` among the rows that stay.
fn rank(stays: &BooleanBuffer, row: usize) -> usize {
    stays.slice(0, row).count_set_bits()
}

fn broken_batch(error: ArrowError) -> EngineError {
    EngineError::Engine { context: "a step could not put its rows together".to_owned(), message: error.to_string() }
}
