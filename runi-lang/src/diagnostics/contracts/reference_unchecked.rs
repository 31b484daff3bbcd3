//! `W0301`: a reference that this scenario cannot check.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A reference that this scenario cannot check.
    pub REFERENCE_UNCHECKED = "W0301", "reference-unchecked", Warning
);

/// The source `source` refers to `contract`, which no source of the scenario has.
#[must_use]
pub fn reference_unchecked(place: Place, source: &str, column: &str, contract: &str, rule: Place) -> Diagnostic {
    Diagnostic::new(&REFERENCE_UNCHECKED, place, format!("`{source}.{column}` refers to `{contract}`, which this scenario does not read"))
        .with_label("the reference is not checked")
        .with_secondary(rule, "promised here")
        .with_help(format!("add a `@source` with `contract={contract}`"))
}
