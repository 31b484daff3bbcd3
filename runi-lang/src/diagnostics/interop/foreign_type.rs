//! `E1004`: said by an import.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A type was asked for that the source does not have, or that cannot be a contract.
    pub FOREIGN_TYPE = "E1004", "foreign-type", Error
);

/// `--type name`, among those that the source has.
#[must_use]
pub fn foreign_type(place: Place, name: &str, known: &[&str]) -> Diagnostic {
    let diagnostic = Diagnostic::new(&FOREIGN_TYPE, place, format!("the source has no type `{name}` that can be a contract"));
    match crate::diagnostics::nearest(name, known.iter().copied()) {
        Some(near) => diagnostic.with_help(format!("did you mean `{near}`?")),
        None if known.is_empty() => diagnostic.with_help("it has none at all"),
        None => diagnostic.with_help(format!("it has {}", known.join(", "))),
    }
}
