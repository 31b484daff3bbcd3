//! `E0122`: a scenario that reads nothing.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A scenario that reads nothing.
    pub NO_SOURCE = "E0122", "no-source", Error
);

/// The scenario has steps or sinks, and no `@source`.
#[must_use]
pub fn no_source(place: Place, scenario: &str) -> Diagnostic {
    Diagnostic::new(&NO_SOURCE, place, format!("the scenario `{scenario}` has no source"))
        .with_label("nothing to read")
        .with_help("add `@source(type=csv, path=\"…\", contract=…) as name`")
}
