//! A package that nothing is read from.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A package that nothing is read from.
    pub PACKAGE_NOT_READ = "W0619", "package-not-read", Warning
);

/// The package `name` lies at another address; nothing fetches it.
#[must_use]
pub fn package_not_read(place: Place, name: &str) -> Diagnostic {
    Diagnostic::new(&PACKAGE_NOT_READ, place, format!("nothing of the package `{name}` is read"))
        .with_label("no command fetches it")
        .with_help("copy the contracts and steps that are needed into this workspace")
}
