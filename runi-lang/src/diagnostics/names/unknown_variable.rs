//! `E0113`: a `${variable}` that the environment does not set.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::names::suggest::nearest;

declare_code!(
    /// A `${variable}` that the environment does not set.
    pub UNKNOWN_VARIABLE = "E0113", "unknown-variable", Error
);

/// `name` is not set in `environment`.
#[must_use]
pub fn unknown_variable(place: Place, name: &str, environment: &str, known: &[String]) -> Diagnostic {
    let diagnostic = Diagnostic::new(&UNKNOWN_VARIABLE, place, format!("the environment `{environment}` has no variable `{name}`"))
        .with_label(format!("`${{{name}}}` stands for nothing"));
    match nearest(name, known) {
        Some(near) => diagnostic.with_help(format!("did you mean `${{{near}}}`?")),
        None => diagnostic.with_help(format!("set it in `Runi.toml`: `[env.{environment}.vars]` with `{name} = \"…\"`")),
    }
}
