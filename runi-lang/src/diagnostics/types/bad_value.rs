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

/// `text` is written where it is converted to a `ty`, which cannot succeed.
#[must_use]
pub fn unreadable_literal(place: Place, text: &str, ty: &DataType) -> Diagnostic {
    let example = match ty {
        DataType::Date => "a date is written `'2024-01-31'`",
        DataType::Time => "a time is written `'23:59:00'`",
        DataType::Timestamp { .. } => "a timestamp is written `'2024-01-31T23:59:00'`",
        DataType::Interval => "an interval is written `'1 day 2 hours'`",
        DataType::Boolean => "a boolean is `true` or `false`",
        _ => return bad_value(place, text, ty, "this can never be converted"),
    };
    bad_value(place, text, ty, "this can never be converted").with_help(example)
}
