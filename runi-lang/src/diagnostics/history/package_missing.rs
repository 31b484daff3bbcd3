//! W0926: a package whose files are not here.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::workspace::manifest;

declare_code!(
    /// A package of `Runi.toml` is no workspace of this repository, so it is not known whom a change reaches there.
    pub PACKAGE_MISSING = "W0926", "package-missing", Warning
);

/// The place is `Runi.toml`, which names these packages.
#[must_use]
pub fn package_missing(names: &[String]) -> Diagnostic {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let (what, here) = if names.len() == 1 { ("the package", "is") } else { ("the packages", "are") };
    let message = format!("{what} {} {here} not in this repository, so it is not known whom the change reaches there", quoted.join(", "));
    Diagnostic::new(&PACKAGE_MISSING, Place::file(manifest::FILE), message)
        .with_help("compare in the package's own repository, or tell its owners")
}
