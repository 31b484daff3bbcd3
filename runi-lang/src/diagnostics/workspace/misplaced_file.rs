//! A file that would be read if it lay elsewhere.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A file that would be read if it lay elsewhere.
    pub MISPLACED_FILE = "W0618", "misplaced-file", Warning
);

/// The file at `path` has an extension of ours and is in none of `folders`, where such files are read; `meant` is the extension that its
/// kind has, when it is another one.
#[must_use]
pub fn misplaced_file(path: &str, folders: &[String], meant: Option<&str>) -> Diagnostic {
    let folders = folders.iter().map(|folder| format!("`{folder}/`")).collect::<Vec<_>>().join(" or ");
    let problem = Diagnostic::new(&MISPLACED_FILE, Place::file(path), format!("`{path}` is not read"));
    match meant {
        Some(extension) => problem.with_help(format!("call it `*.{extension}` and put it below {folders}")),
        None => problem.with_help(format!(
            "put it below {folders}; or name its directory in `[paths]` of `Runi.toml`, or `{path}` in `exclude` there"
        )),
    }
}
