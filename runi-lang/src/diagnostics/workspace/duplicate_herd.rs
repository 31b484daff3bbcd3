//! Two herds with one name.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// Two herds with one name.
    pub DUPLICATE_HERD = "E0614", "duplicate-herd", Error
);

/// A herd of this name stands at `first` already.
#[must_use]
pub fn duplicate_herd(place: Place, name: &str, first: Place) -> Diagnostic {
    Diagnostic::new(&DUPLICATE_HERD, place, format!("the herd `{name}` is declared twice"))
        .with_label("declared again here")
        .with_secondary(first, "first declared here")
        .with_help("rename one of them")
}
