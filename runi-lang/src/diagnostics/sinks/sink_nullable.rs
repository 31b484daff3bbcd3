//! `E0403`: a column that may be null where the sink's contract requires a value.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A column that may be null where the sink's contract requires a value.
    pub SINK_NULLABLE = "E0403", "sink-nullable", Error
);

/// `column` may be null, the contract says `@required`.
#[must_use]
pub fn sink_nullable(place: Place, contract: &str, column: &str, declared: Place) -> Diagnostic {
    Diagnostic::new(&SINK_NULLABLE, place, format!("`{column}` may be null, but `{contract}` requires it"))
        .with_label(format!("`{column}` may be null here"))
        .with_secondary(declared, "required here")
        .with_help(format!("promise it in a step above, without `@when`: `@then: {column} is not null`, or end a `Then` line with the check `` `{column} is not null` ``"))
}
