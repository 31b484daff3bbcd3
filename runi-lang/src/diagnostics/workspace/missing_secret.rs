//! A secret that the environment does not configure.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A secret that the environment does not configure.
    pub MISSING_SECRET = "E0609", "missing-secret", Error
);

/// `environment` does not say where `reference` comes from.
#[must_use]
pub fn missing_secret(place: Place, reference: &str, environment: &str) -> Diagnostic {
    Diagnostic::new(&MISSING_SECRET, place, format!("the environment `{environment}` does not say where `{reference}` comes from"))
        .with_label("needs this secret")
        .with_help(format!("add `\"{reference}\" = {{ env = \"VARIABLE\" }}` under `[env.{environment}.secrets]`"))
}
