//! `E0106`: two things of one kind with one name.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// Two things of one kind with one name.
    pub DUPLICATE_NAME = "E0106", "duplicate-name", Error
);

/// A `kind` called `name` exists already at `first`.
#[must_use]
pub fn duplicate_name(place: Place, kind: &str, name: &str, first: Option<Place>) -> Diagnostic {
    let help = if kind == "view" { "rename one of them with `as`".to_owned() } else { format!("give one {kind} another name") };
    let diagnostic =
        Diagnostic::new(&DUPLICATE_NAME, place, format!("there are two of the {kind} `{name}`")).with_label("the second").with_help(help);
    match first {
        Some(first) => diagnostic.with_secondary(first, "the first"),
        None => diagnostic,
    }
}
