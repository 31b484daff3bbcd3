//! E0022: two kinds of action in one `@do`.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// Two kinds of action in one `@do`.
    pub MIXED_ACTIONS = "E0022", "mixed-actions", Error
);

/// An action of another kind begins here.
#[must_use]
pub fn mixed_actions(place: Place, found: &str) -> Diagnostic {
    Diagnostic::new(&MIXED_ACTIONS, place, format!("`{found}` cannot stand in the same `@do` as another kind of action"))
        .with_help("give it a `@do` of its own: several `@do` run in order")
}
