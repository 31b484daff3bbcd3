//! A source file beyond the limit.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A source file beyond the limit.
    pub FILE_TOO_LARGE = "E0611", "file-too-large", Error
);

/// The file at `path` has `bytes` bytes, more than `limit`.
#[must_use]
pub fn file_too_large(path: &str, bytes: u64, limit: u64) -> Diagnostic {
    Diagnostic::new(&FILE_TOO_LARGE, Place::file(path), format!("the file has {bytes} bytes; at most {limit} are read"))
        .with_help("split it, or leave it out with `exclude` in `Runi.toml`")
}
