//! `E0301`: a source of which nothing is promised.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A source of which nothing is promised.
    pub SOURCE_WITHOUT_CONTRACT = "E0301", "source-without-contract", Error
);

/// The source `name` has no `contract=`.
#[must_use]
pub fn source_without_contract(place: Place, name: &str) -> Diagnostic {
    Diagnostic::new(&SOURCE_WITHOUT_CONTRACT, place, format!("the source `{name}` has no contract"))
        .with_label("its columns are not known")
        .with_help("add `contract=…`: a scenario is proved against what its sources promise")
}
