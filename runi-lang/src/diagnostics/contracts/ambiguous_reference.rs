//! `E0316`: a reference to a contract that several sources have.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::names::suggest::list;

declare_code!(
    /// A reference to a contract that several sources have.
    pub AMBIGUOUS_REFERENCE = "E0316", "ambiguous-reference", Error
);

/// `contract` is the contract of each of `sources`.
#[must_use]
pub fn ambiguous_reference(place: Place, contract: &str, sources: &[String], rule: Place) -> Diagnostic {
    Diagnostic::new(&AMBIGUOUS_REFERENCE, place, format!("a reference to `{contract}` could mean more than one source"))
        .with_label(format!("{} have this contract", list(sources)))
        .with_secondary(rule, "refers to it here")
        .with_help("read the contract's data once")
}
