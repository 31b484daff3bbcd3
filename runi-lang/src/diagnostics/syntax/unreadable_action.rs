//! E0021: this is no action.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A `@do` that is no action.
    pub UNREADABLE_ACTION = "E0021", "unreadable-action", Error
);

/// The text of a `@do` is none of the actions; `help` says what was probably meant.
#[must_use]
pub fn unreadable_action(place: Place, message: &str, help: &str) -> Diagnostic {
    Diagnostic::new(&UNREADABLE_ACTION, place, message).with_help(help)
}

/// The text begins with a word that is nearly `verb`.
#[must_use]
pub fn misspelled_action(place: Place, verb: &str) -> Diagnostic {
    unreadable_action(place, "this is no action", &format!("did you mean `{verb}`?"))
}
