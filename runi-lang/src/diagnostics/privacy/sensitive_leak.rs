//! `E0501`: a sensitive value that leaves unmasked.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A sensitive value that leaves unmasked.
    pub SENSITIVE_LEAK = "E0501", "sensitive-leak", Error
);

/// A column of a sink that still carries a label, and how it came to.
#[derive(Debug)]
pub struct Leak<'a> {
    /// The column at the sink.
    pub column: &'a str,
    /// What the label says, such as `@pii(email)`.
    pub label: &'a str,
    /// The sink's contract and the field's place, if it has one.
    pub contract: Option<(&'a str, Place)>,
    /// The stations: where, and what happened, from the field to the sink.
    pub path: Vec<(Place, String)>,
    /// The words of the path, such as `TradeRaw.email → trades → Mask`.
    pub words: String,
    /// What is missing at the field.
    pub why: String,
}

/// The sink at `place` would write it.
#[must_use]
pub fn sensitive_leak(place: Place, leak: Leak<'_>) -> Diagnostic {
    let mut diagnostic = Diagnostic::new(&SENSITIVE_LEAK, place, format!("`{}` leaves with `{}` unmasked", leak.column, leak.label))
        .with_label(leak.why)
        .with_note(format!("the value came this way: {}", leak.words));
    for (place, what) in leak.path {
        diagnostic = diagnostic.with_secondary(place, what);
    }
    match leak.contract {
        Some((contract, field)) => diagnostic.with_secondary(field, "the field that lets it out").with_help(format!(
            "declare a mask on `{contract}.{}`, such as `@mask(redact)`, or drop the column before the sink",
            leak.column
        )),
        None => diagnostic.with_help("give the sink a `contract=` whose field declares a `@mask`, or drop the column before the sink"),
    }
}
