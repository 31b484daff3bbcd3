//! E0018: said twice.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// Something is said twice.
    pub DUPLICATE = "E0018", "duplicate", Error
);

/// `what` stands here for the second time; `first` is where it stood before.
#[must_use]
pub fn duplicate(place: Place, what: &str, first: Place) -> Diagnostic {
    Diagnostic::new(&DUPLICATE, place, format!("{what} is given twice"))
        .with_label("again here")
        .with_secondary(first, "first here")
        .with_help("remove one of them")
}
