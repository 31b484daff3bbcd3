//! `E0111`: a connector that is known but cannot run here.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A connector that is known but cannot run here.
    pub CONNECTOR_NOT_AVAILABLE = "E0111", "connector-not-available", Error
);

/// `kind` (`sources` or `sinks`) `name` uses `connector`, which this build cannot reach in `environment`.
#[must_use]
pub fn connector_not_available(place: Place, connector: &str, kind: &str, name: &str, environment: &str) -> Diagnostic {
    Diagnostic::new(
        &CONNECTOR_NOT_AVAILABLE,
        place,
        format!("the connector `{connector}` is not available in the environment `{environment}`"),
    )
    .with_label("known, but this build cannot reach it")
    .with_help(format!(
        "rebind it in `Runi.toml`: `[env.{environment}.{kind}.{name}]` with `type = \"csv\"` and `path = \"…\"`, or choose another `--env`"
    ))
}
