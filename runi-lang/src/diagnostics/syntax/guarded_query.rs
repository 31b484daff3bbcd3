//! E0025: `@when` on a query.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A `@when`, or a second action, on a step that is a query.
    pub GUARDED_QUERY = "E0025", "guarded-query", Error
);

/// The `@when` here stands on a query.
#[must_use]
pub fn guarded_query(place: Place, query: Place) -> Diagnostic {
    Diagnostic::new(&GUARDED_QUERY, place, "a step that is a query has no `@when`")
        .with_secondary(query, "the query")
        .with_help("say it in the query's `where`")
}

/// A query shares its step with another `@do`.
#[must_use]
pub fn query_not_alone(place: Place) -> Diagnostic {
    Diagnostic::new(&GUARDED_QUERY, place, "a query is the only `@do` of its step").with_help("put the other `@do` into a step of its own")
}
