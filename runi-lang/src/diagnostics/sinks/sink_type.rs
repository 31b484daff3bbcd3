//! `E0402`: a column of another type than the sink's contract says.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::types::DataType;

declare_code!(
    /// A column of another type than the sink's contract says.
    pub SINK_TYPE = "E0402", "sink-type", Error
);

/// `column` is `found`, the contract says `wanted`.
#[must_use]
pub fn sink_type(place: Place, contract: &str, column: &str, found: &DataType, wanted: &DataType, declared: Place) -> Diagnostic {
    Diagnostic::new(&SINK_TYPE, place, format!("`{column}` is `{found}`, but `{contract}` wants `{wanted}`"))
        .with_label(format!("`{column}` is `{found}` here"))
        .with_secondary(declared, "declared here")
        .with_help(format!("convert it in a step above: `{column} = cast({column} as …)`"))
}
