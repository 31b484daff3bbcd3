//! `E0104`: a reusable step that cannot be found.

use crate::declare_code;
use crate::diagnostic::Applicability;
use crate::diagnostic::TextRange;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::names::suggest::suggest;

declare_code!(
    /// A reusable step that cannot be found.
    pub UNKNOWN_STEP = "E0104", "unknown-step", Error
);

/// `name` has no body and no definition; `elsewhere` are domains that have a step of this name.
#[must_use]
pub fn unknown_step(place: Place, name: &str, known: &[String], elsewhere: &[String]) -> Diagnostic {
    let diagnostic = Diagnostic::new(&UNKNOWN_STEP, place, format!("unknown step `{name}`"));
    match elsewhere {
        [] => suggest(
            diagnostic.with_label("it has no body here and no `Step:` defines it"),
            name,
            known,
            "give it an `@do`, an `@then`, or a `Step:` of this name",
        ),
        [domain] => {
            let range = diagnostic.place.text_range();
            let found =
                diagnostic.with_label("not in this file and not in this domain").with_help(format!("say where it is: `domain={domain}`"));
            match range {
                Some(range) => found.with_fix(
                    // Whether that step is the one that was meant is a guess.
                    Applicability::Unsafe,
                    format!("add `domain={domain}`"),
                    TextRange::empty(range.end()),
                    format!(", domain={domain}"),
                ),
                None => found,
            }
        }
        several => diagnostic
            .with_label("not in this file and not in this domain")
            .with_help(format!("say which domain: {}", several.iter().map(|d| format!("`domain={d}`")).collect::<Vec<_>>().join(" or "))),
    }
}

/// As [`unknown_step`], where the file at `path` defines the step outside of every domain.
#[must_use]
pub fn step_without_domain(place: Place, name: &str, path: &str) -> Diagnostic {
    Diagnostic::new(&UNKNOWN_STEP, place, format!("unknown step `{name}`"))
        .with_label("not in this file and not in this domain")
        .with_help(format!("`{path}` defines it in no domain: write `@module(domain=…)` above it there, and the same `domain=` here"))
}
