//! `E1003`: said by an import.

use crate::declare_code;
use crate::diagnostic::{Applicability, Diagnostic, Place};

declare_code!(
    /// A tag or an attribute of a source says something that no contract can.
    pub FOREIGN_VALUE = "E1003", "foreign-value", Error
);

/// `what` names the kind of value, such as `classification`; `known` are the ones that there are, when they are few.
#[must_use]
pub fn foreign_value(place: Place, what: &str, value: &str, why: &str, known: &[&str]) -> Diagnostic {
    let near = crate::diagnostics::nearest(value, known.iter().copied());
    let range = place.text_range();
    let diagnostic = Diagnostic::new(&FOREIGN_VALUE, place, format!("`{value}` is no {what}")).with_label(why);
    match (near, range) {
        (Some(near), Some(range)) => {
            diagnostic.with_help(format!("did you mean `{near}`?")).with_fix(Applicability::Unsafe, format!("write `{near}`"), range, near)
        }
        _ if known.is_empty() => diagnostic,
        _ => diagnostic.with_help(format!("one of {}", known.join(", "))),
    }
}

/// What the contracts' own reader says of a tag, at the place in the source that says it.
#[must_use]
pub fn foreign_tag(place: Place, problem: &Diagnostic) -> Diagnostic {
    let mut diagnostic = Diagnostic::new(&FOREIGN_VALUE, place, problem.message.clone());
    diagnostic.help.clone_from(&problem.help);
    diagnostic.notes.clone_from(&problem.notes);
    diagnostic
}
