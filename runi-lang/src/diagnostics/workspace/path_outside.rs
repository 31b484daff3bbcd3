//! A path that leaves the workspace.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A path that leaves the workspace.
    pub PATH_OUTSIDE = "E0615", "path-outside-workspace", Error
);

/// `path` names something outside the workspace.
#[must_use]
pub fn path_outside(place: Place, path: &str) -> Diagnostic {
    Diagnostic::new(&PATH_OUTSIDE, place, format!("the path `{path}` leaves the workspace"))
        .with_label("not below the directory of `Runi.toml`")
        .with_help("write a path relative to the workspace, without `..`")
}

/// A sink or an alert that would write over what the workspace itself is made of.
#[must_use]
pub fn path_reserved(place: Place, path: &str) -> Diagnostic {
    Diagnostic::new(&PATH_OUTSIDE, place, format!("the path `{path}` is the workspace's own"))
        .with_label("not a place for data")
        .with_help("write below a directory for data, such as `out/`")
}
