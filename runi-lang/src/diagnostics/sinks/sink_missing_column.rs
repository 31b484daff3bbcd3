//! `E0401`: a sink contract's field that the rows lack.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::names::suggest::nearest;

declare_code!(
    /// A sink contract's field that the rows lack.
    pub SINK_MISSING_COLUMN = "E0401", "sink-missing-column", Error
);

/// `field` of `contract` is not among `known`.
#[must_use]
pub fn sink_missing_column(place: Place, contract: &str, field: &str, known: &[String], declared: Place) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(&SINK_MISSING_COLUMN, place, format!("`{contract}` wants `{field}`, and the rows that reach the sink lack it"))
            .with_label(format!("no column `{field}`"))
            .with_secondary(declared, "declared here");
    match nearest(field, known) {
        Some(near) => diagnostic.with_help(format!("rename it in a step above: `rename {near} to {field}`")),
        None => diagnostic.with_help(format!("add it in a step above: `{field} = …`")),
    }
}
