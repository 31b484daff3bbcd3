//! `E0211`: a window that cannot be computed.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A window that cannot be computed.
    pub BAD_WINDOW = "E0211", "bad-window", Error
);

/// `message` says what is wrong.
#[must_use]
pub fn bad_window(place: Place, message: impl Into<String>, help: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&BAD_WINDOW, place, message).with_label("here").with_help(help)
}
