//! W0927: another workspace of the repository that could not be followed.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::workspace::manifest;

declare_code!(
    /// Another workspace of the repository cannot be read, or not as a whole, so some of those whom a change reaches may be missing.
    pub WORKSPACE_NOT_FOLLOWED = "W0927", "workspace-not-followed", Warning
);

/// `place` is the way to the workspace's `Runi.toml` or to the file that is to blame; `version` says which side.
#[must_use]
pub fn workspace_not_followed(place: &str, name: &str, version: &str, why: &str) -> Diagnostic {
    Diagnostic::new(
        &WORKSPACE_NOT_FOLLOWED,
        Place::file(place),
        format!("{version}, the workspace `{name}` of this repository could not be followed as a whole: {why}"),
    )
    .with_help("`runi check` in its directory shows every problem of the working copy")
}

/// Not every directory of the repository was looked into.
#[must_use]
pub fn search_ended(version: &str) -> Diagnostic {
    let message = format!("{version}, some directories of the repository could not be searched, so workspaces in them are not followed");
    Diagnostic::new(&WORKSPACE_NOT_FOLLOWED, Place::file(manifest::FILE), message)
        .with_help("directories that cannot be read, are nested too deeply or hold too many files are left out")
}

/// There are more workspaces than are looked at.
#[must_use]
pub fn too_many_workspaces(version: &str, most: usize) -> Diagnostic {
    let message = format!("{version}, more than {most} other workspaces can be reached, and only the first {most} are followed");
    Diagnostic::new(&WORKSPACE_NOT_FOLLOWED, Place::file(manifest::FILE), message)
        .with_help("compare in the directories of the others, too")
}
