//! E0001: the file is not UTF-8.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// The file is not UTF-8.
    pub NOT_UTF8 = "E0001", "not-utf8", Error
);

/// The file holds bytes that are not UTF-8, the first of them at `offset`.
#[must_use]
pub fn not_utf8(place: Place, offset: u32) -> Diagnostic {
    Diagnostic::new(&NOT_UTF8, place, "the file is not UTF-8")
        .with_label("first bad byte")
        .with_note(format!("Byte {offset} (counted from 0) is not part of any UTF-8 character."))
        .with_help("save the file as UTF-8")
}
