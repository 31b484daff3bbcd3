//! `@references`: every value must be among the valid rows of another source.
//!
//! A set holds one 128-bit identity per different value (see [`super::keys`] for how sure those are), in memory: sets are
//! made for reference data, which is small beside what refers to it.

use super::Verdicts;
use super::hashing::Identities;
use crate::error::EngineError;
use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::DataType;
use rustc_hash::FxHashSet;

/// The values of a referenced column.
pub struct ReferenceSet {
    identities: Identities,
    values: FxHashSet<u128>,
}

impl ReferenceSet {
    /// Empty, for a column of type `ty`.
    ///
    /// # Errors
    /// A type without equality.
    pub fn new(ty: &DataType) -> Result<Self, EngineError> {
        Ok(Self { identities: Identities::new(vec![ty.clone()])?, values: FxHashSet::default() })
    }

    /// Adds the values of valid rows; nulls are left out.
    ///
    /// # Errors
    /// A column of a type that cannot become the set's.
    pub fn add(&mut self, column: &ArrayRef) -> Result<(), EngineError> {
        self.values.extend(self.identities.of(std::slice::from_ref(column))?.into_iter().flatten());
        Ok(())
    }

    /// Takes over the values of another worker's set for the same column.
    pub fn merge(&mut self, other: Self) {
        self.values.extend(other.values);
    }

    /// How many different values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Sets `bit` for the rows whose value in `column` is not in the set. Null passes; a value that the referenced
    /// column's type cannot hold does not.
    ///
    /// # Errors
    /// A batch without that column, or one of a type that cannot be compared.
    pub fn mark(&self, batch: &RecordBatch, column: usize, verdicts: &mut Verdicts, bit: usize) -> Result<(), EngineError> {
        let values = batch.columns().get(column).ok_or_else(|| EngineError::Engine {
            context: "checking a reference".to_owned(),
            message: format!("the batch has {} columns, column {} is needed", batch.num_columns(), column + 1),
        })?;
        let nulls = values.logical_nulls();
        for (row, identity) in self.identities.of(std::slice::from_ref(values))?.into_iter().enumerate() {
            let null = nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
            if !null && identity.is_none_or(|identity| !self.values.contains(&identity)) {
                verdicts.set(row, bit);
            }
        }
        Ok(())
    }
}
