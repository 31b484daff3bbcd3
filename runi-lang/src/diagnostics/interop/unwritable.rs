//! `E1006`: said by an import.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// Something that a contract file cannot say.
    pub UNWRITABLE = "E1006", "unwritable", Error
);

/// `at` is the part of the contract.
#[must_use]
pub fn unwritable(place: Place, at: &str, why: &str) -> Diagnostic {
    Diagnostic::new(&UNWRITABLE, place, format!("`{at}` cannot be written in a contract")).with_note(format!("{why}."))
}
