//! `E1001`: said by an import.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A file is not what its format demands.
    pub FOREIGN_UNREADABLE = "E1001", "foreign-unreadable", Error
);

/// One part of a document that is not what its format demands; `message` names the part.
#[must_use]
pub fn foreign_part(place: Place, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&FOREIGN_UNREADABLE, place, message)
}
