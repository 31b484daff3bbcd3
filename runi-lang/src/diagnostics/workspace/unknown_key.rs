//! A key that nothing reads.

use crate::declare_code;
use crate::diagnostic::{Applicability, Diagnostic, Place};
use crate::diagnostics::nearest;

declare_code!(
    /// A key that nothing reads.
    pub UNKNOWN_KEY = "E0602", "unknown-key", Error
);

/// `of` has no key `name`; `known` are those that it has.
#[must_use]
pub fn unknown_key(place: Place, name: &str, of: &str, known: &[&str]) -> Diagnostic {
    let range = place.text_range();
    let problem = Diagnostic::new(&UNKNOWN_KEY, place, format!("{of} has no key `{name}`"));
    match (nearest(name, known.iter().copied()), range) {
        (Some(near), Some(range)) => problem.with_label(format!("did you mean `{near}`?")).with_help(format!("write `{near}`")).with_fix(
            Applicability::Safe,
            format!("write `{near}`"),
            range,
            near,
        ),
        _ if known.len() <= 12 => problem
            .with_label("nothing reads this key")
            .with_help(format!("keys here are {}", known.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", "))),
        _ => problem.with_label("nothing reads this key").with_help("remove it"),
    }
}
