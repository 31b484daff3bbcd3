//! W0925: a feature whose plan could not be made.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A feature that may be reached by a change does not compile, so it is not known which columns it reads.
    pub NOT_FOLLOWED = "W0925", "not-followed", Warning
);

/// The place is the feature's file; `version` says which side does not compile.
#[must_use]
pub fn not_followed(path: &str, version: &str, why: &str) -> Diagnostic {
    Diagnostic::new(
        &NOT_FOLLOWED,
        Place::file(path),
        format!("{version}, this feature does not compile, so it is not known what it reads: {why}"),
    )
    .with_help("`runi check` shows every problem of the working copy")
}
