//! `E0312`: a reusable step that may turn a value into null.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A reusable step that may turn a value into null.
    pub STEP_NULLS = "E0312", "step-nulls", Error
);

/// The column parameter `name` may become null though it was not.
#[must_use]
pub fn step_nulls(place: Place, name: &str) -> Diagnostic {
    Diagnostic::new(&STEP_NULLS, place, format!("this may make `${name}` null where it was not"))
        .with_label("can be null")
        .with_note(
            "whoever uses the step relies on the signature: a column that is handed over keeps its type and its values' presence"
                .to_owned(),
        )
        .with_help(format!("use `coalesce(…, ${name})`, or promise it: `@then: ${name} is not null`"))
}
