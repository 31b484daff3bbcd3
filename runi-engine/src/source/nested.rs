//! Lists, structs and maps, from JSON text.

use super::column::{Built, Cells, unsupported};
use crate::error::EngineError;
use arrow::datatypes::DataType;

/// Builds a nested column.
///
/// # Errors
/// A type that text cannot hold.
pub(super) fn build(ty: &DataType, _cells: &Cells<'_>) -> Result<Built, EngineError> {
    Err(unsupported(ty))
}
