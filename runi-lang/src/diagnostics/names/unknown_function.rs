//! `E0107`: a function that the engine does not have.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::names::suggest::suggest;

declare_code!(
    /// A function that the engine does not have.
    pub UNKNOWN_FUNCTION = "E0107", "unknown-function", Error
);

/// Functions of other systems, and how the same is said here.
const ELSEWHERE: &[(&str, &str)] = &[
    ("if", "write `case when … then … else … end`"),
    ("iff", "write `case when … then … else … end`"),
    ("iif", "write `case when … then … else … end`"),
    ("isnull", "write `… is null`, or `coalesce(…, …)` for a value in its place"),
    ("zeroifnull", "write `coalesce(…, 0)`"),
    ("len", "write `length(…)`"),
    ("sign", "write `signum(…)`"),
    ("year", "write `date_part('year', …)`"),
    ("month", "write `date_part('month', …)`"),
    ("day", "write `date_part('day', …)`"),
    ("getdate", "write `now()`"),
    ("ref", "name the source or step itself; there are no templates"),
];

/// `name` is no function; `known` are near misses.
#[must_use]
pub fn unknown_function(place: Place, name: &str, known: &[String]) -> Diagnostic {
    let diagnostic = Diagnostic::new(&UNKNOWN_FUNCTION, place, format!("unknown function `{name}`")).with_label("no such function");
    let lower = name.to_lowercase();
    if let Some((_, help)) = ELSEWHERE.iter().find(|(other, _)| *other == lower) {
        return diagnostic.with_help(*help);
    }
    suggest(diagnostic, &lower, known, "the functions are DataFusion's scalar and aggregate functions")
}
