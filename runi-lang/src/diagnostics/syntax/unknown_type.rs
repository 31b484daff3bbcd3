//! E0019: unknown type.

use crate::declare_code;
use crate::diagnostic::{Applicability, Diagnostic, Place, TextRange};

declare_code!(
    /// No type has this name.
    pub UNKNOWN_TYPE = "E0019", "unknown-type", Error
);

/// The place is the type's name; `fix` is the type that is meant, and what it replaces.
#[must_use]
pub fn unknown_type(place: Place, name: &str, fix: Option<(TextRange, String)>) -> Diagnostic {
    let diagnostic = Diagnostic::new(&UNKNOWN_TYPE, place, format!("unknown type `{name}`"));
    match fix {
        Some((range, text)) => diagnostic.with_help(format!("did you mean `{text}`?")).with_fix(
            Applicability::Safe,
            format!("write `{text}`"),
            range,
            text,
        ),
        None => diagnostic.with_help("types: boolean, int8 … int64, uint8 … uint64, float32, float64, decimal(p, s), string, binary, date, time, timestamp, enum(…), list<…>, struct<…>, map<…>"),
    }
}
