//! E0019: unknown type.

use crate::declare_code;
use crate::diagnostic::{Applicability, Diagnostic, Place};

declare_code!(
    /// No type has this name.
    pub UNKNOWN_TYPE = "E0019", "unknown-type", Error
);

/// The place is the type's name; `near` is the type that is meant.
#[must_use]
pub fn unknown_type(place: Place, name: &str, near: Option<&str>) -> Diagnostic {
    let range = place.text_range();
    let diagnostic = Diagnostic::new(&UNKNOWN_TYPE, place, format!("unknown type `{name}`"));
    match (near, range) {
        (Some(near), Some(range)) => diagnostic
            .with_help(format!("did you mean `{near}`?"))
            .with_fix(Applicability::Safe, format!("write `{near}`"), range, near),
        _ => diagnostic.with_help("types: boolean, int8 … int64, uint8 … uint64, float32, float64, decimal(p, s), string, binary, date, time, timestamp, enum(…), list<…>, struct<…>, map<…>"),
    }
}
