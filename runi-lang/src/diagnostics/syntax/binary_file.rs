//! E0002: the file is not text.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// The file is no text.
    pub BINARY_FILE = "E0002", "binary-file", Error
);

/// The file is no UTF-8 text at all; `why` says what gives it away.
#[must_use]
pub fn binary_file(place: Place, why: &str) -> Diagnostic {
    Diagnostic::new(&BINARY_FILE, place, format!("the file is not UTF-8 text: {why}"))
        .with_help("save the file as UTF-8, or take it out of the workspace")
}
