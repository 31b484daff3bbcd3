//! E0026: wrong number of cells.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A table row has another number of cells than its header.
    pub TABLE_WIDTH = "E0026", "table-width", Error
);

/// The row has `found` cells and the header `wanted`.
#[must_use]
pub fn table_width(place: Place, found: usize, wanted: usize, header: Place) -> Diagnostic {
    Diagnostic::new(&TABLE_WIDTH, place, format!("the row has {found} cells, its header {wanted}"))
        .with_secondary(header, "the header")
        .with_help("write one cell for each column; an empty cell is null")
}
