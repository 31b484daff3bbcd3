//! From a sink's columns to what is done to each batch.

use super::MaskKey;
use super::apply::{generalised, keyed, partial, redacted};
use super::generalise::Grid;
use super::keyed::Keyed;
use crate::error::EngineError;
use crate::sql::types::to_arrow;
use arrow::array::{ArrayRef, RecordBatch, new_null_array};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use runi_lang::ir::SinkColumn;
use runi_lang::model::Mask;
use std::sync::Arc;

/// The shortest key that a keyed mask accepts, in bytes.
const SHORTEST_KEY: usize = 16;

/// What a sink writes of each row.
pub struct MaskPlan {
    schema: SchemaRef,
    columns: Vec<Step>,
}

struct Step {
    input: usize,
    ty: DataType,
    action: Action,
}

enum Action {
    Keep,
    Null,
    Redact,
    Keyed(Keyed),
    Partial(usize),
    Generalise(Grid),
}

impl MaskPlan {
    /// Plans the selection, order, types and masks of a sink's columns over rows of `input`.
    ///
    /// # Errors
    /// [`EngineError::Secret`] for a keyed mask without a key, or with one of fewer than 16 bytes. A column that the
    /// rows lack, or a mask that its type cannot carry.
    pub fn compile(columns: &[SinkColumn], input: &SchemaRef, key: Option<&MaskKey>) -> Result<Self, EngineError> {
        let mut steps = Vec::with_capacity(columns.len());
        let mut fields = Vec::with_capacity(columns.len());
        for column in columns {
            let wrong = |message: String| EngineError::Engine { context: format!("masking column `{}`", column.name), message };
            let index = input.index_of(&column.name).map_err(|_| wrong("the rows have no such column".to_owned()))?;
            let ty = to_arrow(&column.ty);
            let action = action(column, &ty, key)?;
            let nullable = column.nullable || ty == DataType::Null;
            if matches!(action, Action::Null) && !nullable {
                return Err(wrong("the mask `null` needs a column that may be null".to_owned()));
            }
            if matches!(action, Action::Redact) && matches!(ty, DataType::Struct(_) | DataType::Map(_, _)) && !nullable {
                return Err(wrong(format!("the mask `redact` makes {} null, and the column may not be null", column.ty)));
            }
            fields.push(Field::new(&column.name, ty.clone(), nullable));
            steps.push(Step { input: index, ty, action });
        }
        Ok(Self { schema: Arc::new(Schema::new(fields)), columns: steps })
    }

    /// The schema of what [`MaskPlan::apply`] gives.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Selects, casts and masks.
    ///
    /// # Errors
    /// A value that the column's type cannot hold, or a null in a column that may have none.
    pub fn apply(&self, batch: &RecordBatch) -> Result<RecordBatch, EngineError> {
        let columns = self.columns.iter().map(|step| step.apply(batch)).collect::<Result<Vec<_>, _>>()?;
        let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(self.schema(), columns, &options).map_err(EngineError::engine("masking rows"))
    }
}

impl Step {
    fn apply(&self, batch: &RecordBatch) -> Result<ArrayRef, EngineError> {
        let input = batch.columns().get(self.input).ok_or_else(|| EngineError::Engine {
            context: "masking rows".to_owned(),
            message: format!("the batch has {} columns, column {} is needed", batch.num_columns(), self.input + 1),
        })?;
        match &self.action {
            Action::Keep => to(input, &self.ty),
            Action::Null => Ok(new_null_array(&self.ty, batch.num_rows())),
            Action::Redact => redacted(input, &self.ty),
            Action::Keyed(function) => to(&keyed(input, function)?, &self.ty),
            Action::Partial(keep) => to(&partial(input, *keep)?, &self.ty),
            Action::Generalise(grid) => generalised(&to(input, &self.ty)?, grid),
        }
    }
}

fn action(column: &SinkColumn, ty: &DataType, key: Option<&MaskKey>) -> Result<Action, EngineError> {
    let Some(mask) = &column.mask else { return Ok(Action::Keep) };
    let wrong = |message: String| EngineError::Engine { context: format!("masking column `{}`", column.name), message };
    if matches!(mask, Mask::Hash | Mask::Tokenise | Mask::Partial { .. }) && !column.ty.is_textual() {
        return Err(wrong(format!("`{}` gives text, the column is {}", mask.name(), column.ty)));
    }
    let keyed = |make: fn(&MaskKey) -> Option<Keyed>| {
        let secret = |message: String| EngineError::Secret { reference: "mask_key".to_owned(), message };
        let key =
            key.ok_or_else(|| secret(format!("`{}` is masked with `{}`, which needs a key; set `mask_key`", column.name, mask.name())))?;
        let length = key.bytes().len();
        if length < SHORTEST_KEY {
            return Err(secret(format!("the key has {length} bytes; it needs at least {SHORTEST_KEY}")));
        }
        make(key).map(Action::Keyed).ok_or_else(|| secret("the key cannot be used".to_owned()))
    };
    Ok(match mask {
        Mask::Null => Action::Null,
        Mask::Redact => Action::Redact,
        Mask::Hash => keyed(Keyed::hash)?,
        Mask::Tokenise => keyed(Keyed::token)?,
        Mask::Partial { keep } => Action::Partial(*keep as usize),
        Mask::Generalise { to } => {
            Action::Generalise(Grid::parse(to, ty).ok_or_else(|| wrong(format!("`{to}` is not a grid for {}", column.ty)))?)
        }
    })
}

/// A cast that fails on a value that does not fit: a sink never writes null in its place.
fn to(array: &ArrayRef, ty: &DataType) -> Result<ArrayRef, EngineError> {
    if array.data_type() == ty {
        return Ok(Arc::clone(array));
    }
    let options = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(array, ty, &options).map_err(EngineError::engine("casting a sink's column"))
}
