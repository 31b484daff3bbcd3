//! E0003: the file is too large.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// The file is larger than any source text.
    pub FILE_TOO_LARGE = "E0003", "file-too-large", Error
);

/// The file has `size` bytes.
#[must_use]
pub fn file_too_large(place: Place, size: usize) -> Diagnostic {
    Diagnostic::new(&FILE_TOO_LARGE, place, format!("the file has {size} bytes, more than 256 MiB"))
        .with_help("move data out of `contracts/` and `features/`")
}
