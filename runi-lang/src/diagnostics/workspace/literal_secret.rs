//! Something that should be a reference to a secret.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// Something that should be a reference to a secret.
    pub LITERAL_SECRET = "E0617", "literal-secret", Error
);

/// `key` holds a text where a reference to a secret belongs. The text itself is never repeated.
#[must_use]
pub fn literal_secret(place: Place, key: &str) -> Diagnostic {
    Diagnostic::new(&LITERAL_SECRET, place, format!("`{key}` holds a text where only the source of a secret may stand"))
        .with_label("this file is in git; a secret here is no secret")
        .with_help("write `{ env = \"VARIABLE\" }` for the value, or a reference such as `secret://finance/key`")
}
