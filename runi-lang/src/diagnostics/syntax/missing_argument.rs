//! E0016: missing argument.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A tag lacks an argument that it needs.
    pub MISSING_ARGUMENT = "E0016", "missing-argument", Error
);

/// The `tag` (without `@`) lacks `what`; `example` shows it whole.
#[must_use]
pub fn missing_argument(place: Place, tag: &str, what: &str, example: &str) -> Diagnostic {
    Diagnostic::new(&MISSING_ARGUMENT, place, format!("`@{tag}` needs {what}")).with_help(format!("write `{example}`"))
}
