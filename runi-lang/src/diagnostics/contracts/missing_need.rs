//! `E0314`: a column that a step needs and the rows lack.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::names::suggest::nearest;
use crate::types::DataType;

declare_code!(
    /// A column that a step needs and the rows lack.
    pub MISSING_NEED = "E0314", "missing-need", Error
);

/// `step` needs `column` of type `ty`; `known` are the columns at that point.
#[must_use]
pub fn missing_need(place: Place, step: &str, column: &str, ty: &DataType, known: &[String]) -> Diagnostic {
    let diagnostic = Diagnostic::new(&MISSING_NEED, place, format!("`{step}` needs the column `{column} {ty}`"))
        .with_label(format!("the rows have no `{column}`"));
    match nearest(column, known) {
        Some(near) => diagnostic.with_help(format!("rename it in a step above: `rename {near} to {column}`")),
        None => diagnostic.with_help(format!("add `{column}` in a step above")),
    }
}
