//! `E0119`: an alert target that the environment does not name.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::names::suggest::nearest;

declare_code!(
    /// An alert target that the environment does not name.
    pub UNKNOWN_ALERT_TARGET = "E0119", "unknown-alert-target", Error
);

/// `name` is no alert of the environment, no file and no address.
#[must_use]
pub fn unknown_alert_target(place: Place, name: &str, environment: &str, known: &[String]) -> Diagnostic {
    let diagnostic = Diagnostic::new(&UNKNOWN_ALERT_TARGET, place, format!("the environment `{environment}` has no alert target `{name}`"))
        .with_label("no target, no file, no address");
    match nearest(name, known) {
        Some(near) => diagnostic.with_help(format!("did you mean `{near}`?")),
        None => diagnostic.with_help(format!(
            "set it in `Runi.toml`: `[env.{environment}.alerts]` with `{name} = \"alerts/{name}.jsonl\"`, or write a path or an `https://` address"
        )),
    }
}
