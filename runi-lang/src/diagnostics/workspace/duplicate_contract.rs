//! Two contracts with one name.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// Two contracts with one name.
    pub DUPLICATE_CONTRACT = "E0605", "duplicate-contract", Error
);

/// A contract of this name stands at `first` already.
#[must_use]
pub fn duplicate_contract(place: Place, name: &str, first: Place) -> Diagnostic {
    Diagnostic::new(&DUPLICATE_CONTRACT, place, format!("the contract `{name}` is declared twice"))
        .with_label("declared again here")
        .with_secondary(first, "first declared here")
        .with_help("rename one of them; older versions of a contract live in git, not beside it")
}
