//! `E0101`: a name that no contract of the workspace has.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::names::suggest::suggest;

declare_code!(
    /// A name that no contract of the workspace has.
    pub UNKNOWN_CONTRACT = "E0101", "unknown-contract", Error
);

/// `name` was written where a contract is wanted; `known` are the workspace's.
#[must_use]
pub fn unknown_contract(place: Place, name: &str, known: &[String]) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(&UNKNOWN_CONTRACT, place, format!("unknown contract `{name}`")).with_label("no contract has this name");
    suggest(diagnostic, name, known, "write a `Contract:` of this name in a file under `contracts/`")
}
