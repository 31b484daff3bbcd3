//! `E1005`: said by an import.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A type that holds itself.
    pub ENDLESS_TYPE = "E1005", "endless-type", Error
);

/// `path` are the fields that lead from the type back to it.
#[must_use]
pub fn endless_type(place: Place, name: &str, path: &[String]) -> Diagnostic {
    Diagnostic::new(&ENDLESS_TYPE, place, format!("`{name}` holds itself"))
        .with_label(format!("by way of `{}`", path.join(".")))
        .with_help("leave this field out (`json:\"-\"`, `#[runi(skip)]`), or give it a type of its own: columns have an end")
}
