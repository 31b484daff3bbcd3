//! Two scenarios with one slug.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// Two scenarios with one slug.
    pub DUPLICATE_SCENARIO = "E0606", "duplicate-scenario", Error
);

/// A scenario with the same slug stands at `first` already.
#[must_use]
pub fn duplicate_scenario(place: Place, name: &str, slug: &str, first: Place) -> Diagnostic {
    Diagnostic::new(&DUPLICATE_SCENARIO, place, format!("the scenario `{name}` has the same short name as another one"))
        .with_label(format!("both are called `{slug}` on the command line"))
        .with_secondary(first, "first declared here")
        .with_help("give one of them another title")
}
