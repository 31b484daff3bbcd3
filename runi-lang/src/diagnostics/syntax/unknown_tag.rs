//! E0013: unknown tag.

use crate::declare_code;
use crate::diagnostic::{Applicability, Diagnostic, Place};

declare_code!(
    /// A tag that the language does not have here.
    pub UNKNOWN_TAG = "E0013", "unknown-tag", Error
);

/// What other tools call our tags.
const ELSEWHERE: &[(&str, &str)] = &[
    ("not_null", "write `@required`"),
    ("notnull", "write `@required`"),
    ("nullable", "a field may be null unless it is `@required`"),
    ("optional", "a field may be null unless it is `@required`"),
    ("primary_key", "write `@key(column, …)` on a line of its own"),
    ("pk", "write `@key(column, …)` on a line of its own"),
    ("foreign_key", "write `@references(column, Contract.column)` on a line of its own"),
    ("fk", "write `@references(column, Contract.column)` on a line of its own"),
    ("enum", "an enum is a type: write `name enum(a, b)`"),
    ("values", "an enum is a type: write `name enum(a, b)`"),
    ("check", "write `@rule \"title\": condition` on a line of its own"),
    ("pattern", "write `@matches(\"…\")`"),
    ("regex", "write `@matches(\"…\")`"),
    ("min", "write `@range(min=…)`"),
    ("max", "write `@range(max=…)`"),
];

/// The place is the tag's name with its `@`; `near` is a tag that may have been meant.
#[must_use]
pub fn unknown_tag(place: Place, name: &str, near: Option<&str>, known: &[&str]) -> Diagnostic {
    let range = place.text_range();
    let diagnostic = Diagnostic::new(&UNKNOWN_TAG, place, format!("unknown tag `@{name}`"));
    if let Some((_, help)) = ELSEWHERE.iter().find(|(other, _)| *other == name.to_lowercase()) {
        return diagnostic.with_help(*help);
    }
    match (near, range) {
        (Some(near), Some(range)) => diagnostic.with_help(format!("did you mean `@{near}`?")).with_fix(
            Applicability::Safe,
            format!("write `@{near}`"),
            range,
            format!("@{near}"),
        ),
        _ => diagnostic.with_help(format!("tags here: {}", known.join(", "))),
    }
}
