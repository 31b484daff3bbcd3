//! E0009: something is missing.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// Something is missing.
    pub EXPECTED = "E0009", "expected", Error
);

/// `what` should stand here; `help` says what to write.
#[must_use]
pub fn expected(place: Place, what: &str, help: &str) -> Diagnostic {
    Diagnostic::new(&EXPECTED, place, format!("{what} is missing")).with_label("expected here").with_help(help)
}

const CONTRACT_NAME: &str = "the contract's name is missing";

/// `Contract:` without a name.
#[must_use]
pub fn contract_name_missing(place: Place) -> Diagnostic {
    Diagnostic::new(&EXPECTED, place, CONTRACT_NAME).with_label("expected here").with_help("write `Contract: Name`")
}

/// Whether a problem is that of a contract without a name.
#[must_use]
pub fn is_contract_name_missing(diagnostic: &Diagnostic) -> bool {
    diagnostic.code == EXPECTED.id && diagnostic.message == CONTRACT_NAME
}

const FIELD_NAME: &str = "the field's name is missing";

/// A field's line that begins with its type.
#[must_use]
pub fn field_name_missing(place: Place) -> Diagnostic {
    Diagnostic::new(&EXPECTED, place, FIELD_NAME).with_label("expected here").with_help("a field is `name type`, such as `id string`")
}

/// Whether a problem is that of a field without a name.
#[must_use]
pub fn is_field_name_missing(diagnostic: &Diagnostic) -> bool {
    diagnostic.code == EXPECTED.id && diagnostic.message == FIELD_NAME
}
