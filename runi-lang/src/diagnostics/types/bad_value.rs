//! `E0206`: a written value that is not of its type.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::types::DataType;

declare_code!(
    /// A written value that is not of its type.
    pub BAD_VALUE = "E0206", "bad-value", Error
);

/// `text` stands where a `ty` is wanted; `why` says what is wrong with it.
#[must_use]
pub fn bad_value(place: Place, text: &str, ty: &DataType, why: &str) -> Diagnostic {
    Diagnostic::new(&BAD_VALUE, place, format!("`{text}` is not of type `{ty}`"))
        .with_label(why.to_owned())
        .with_help(format!("write a `{ty}` value"))
}
