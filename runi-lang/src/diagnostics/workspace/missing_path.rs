//! A file that a scenario names and nobody has.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A file that a scenario names and nobody has.
    pub MISSING_PATH = "E0608", "missing-path", Error
);

/// Nothing is at `path`; `near` is the closest file that exists.
#[must_use]
pub fn missing_path(place: Place, path: &str, near: Option<&str>) -> Diagnostic {
    let problem = Diagnostic::new(&MISSING_PATH, place, format!("there is no file `{path}`"));
    match near {
        Some(near) => problem.with_label(format!("did you mean `{near}`?")).with_help(format!("write `{near}`")),
        None => problem
            .with_label("nothing in the workspace is here, and no scenario writes it")
            .with_help("create it, correct the path, or bind it in the environment's `sources`"),
    }
}

/// No file matches the glob `path`.
#[must_use]
pub fn empty_glob(place: Place, path: &str) -> Diagnostic {
    Diagnostic::new(&MISSING_PATH, place, format!("no file matches `{path}`"))
        .with_label("this pattern finds nothing")
        .with_help("add a file, correct the pattern, or bind it in the environment's `sources`")
}
