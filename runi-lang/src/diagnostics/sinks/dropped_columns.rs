//! `W0401`: columns that reach a sink and are not written.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::names::suggest::list;

declare_code!(
    /// Columns that reach a sink and are not written.
    pub DROPPED_COLUMNS = "W0401", "dropped-columns", Warning
);

/// `columns` are not in `contract`.
#[must_use]
pub fn dropped_columns(place: Place, contract: &str, columns: &[String]) -> Diagnostic {
    let (are, them) = if columns.len() == 1 { ("is", "it") } else { ("are", "them") };
    Diagnostic::new(&DROPPED_COLUMNS, place, format!("{} {are} not in `{contract}` and will not be written", list(columns)))
        .with_label("left out")
        .with_help(format!("add {them} to the contract, or say so in a step above: `drop {}`", columns.join(", ")))
}
