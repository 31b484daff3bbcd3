//! `E0502`: a golden that would keep sensitive values.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::names::suggest::list;

declare_code!(
    /// A golden that would keep sensitive values.
    pub GOLDEN_LEAK = "E0502", "golden-leak", Error
);

/// The golden records `sink`, whose `columns` are still sensitive, from real data.
#[must_use]
pub fn golden_leak(place: Place, sink: &str, columns: &[String]) -> Diagnostic {
    Diagnostic::new(&GOLDEN_LEAK, place, format!("a golden of `{sink}` would keep {} as it is", list(columns)))
        .with_label("records real rows of a restricted sink")
        .with_help("give the golden an `input=` with made-up rows, or mask the column at the sink")
}
