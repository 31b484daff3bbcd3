//! Files that would be read if they lay elsewhere: a feature that nothing runs is green in every pipeline.

use super::files::{Role, Scope};
use super::manifest::{self, Manifest};
use crate::diagnostic::Diagnostic;
use crate::diagnostics::workspace::misplaced_file;
use std::path::Path;

/// How deep below the root is looked.
const DEPTH: usize = 6;
/// How many names are looked at: a tree of data must not make every check slow.
const LOOKED_AT: usize = 10_000;

/// Whether a path has an extension of ours, or nearly, and is no file of the workspace.
pub(super) fn is_stray(scope: &Scope, path: &str) -> bool {
    let ours = Role::of(path).is_some() || path.ends_with(".feature");
    ours && scope.role(path).is_none() && !scope.excludes(path) && !super::files::is_odd(path)
}

/// The stray files below a directory, but for those in the folders of the workspace, which its listing meets. Other workspaces, hidden and
/// ignored files are passed over; links are not followed.
pub(super) fn below(root: &Path, scope: &Scope) -> Vec<String> {
    let mut walk = ignore::WalkBuilder::new(root);
    walk.follow_links(false).require_git(false).git_global(false).parents(true).max_depth(Some(DEPTH));
    walk.sort_by_file_name(Ord::cmp);
    // Only a directory can be another workspace; asking every file costs more than the walk.
    let folders: Vec<_> = scope.roots().into_iter().map(|folder| root.join(folder)).collect();
    walk.filter_entry(move |entry| {
        let inside = entry.depth() > 0 && entry.file_type().is_some_and(|kind| kind.is_dir());
        !inside || !folders.iter().any(|folder| folder == entry.path()) && !entry.path().join(manifest::FILE).is_file()
    });
    let found = walk.build().take(LOOKED_AT).flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    let paths = found.filter_map(|entry| {
        let path = entry.path().strip_prefix(root).ok()?.to_str()?;
        Some(if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() })
    });
    paths.filter(|path| is_stray(scope, path)).collect()
}

/// The diagnostic of a stray file.
pub(super) fn told(path: &str, manifest: &Manifest) -> Diagnostic {
    let (folders, meant) = match Role::of(path) {
        Some(Role::Contract) => (&manifest.contracts, None),
        Some(Role::Feature) => (&manifest.features, None),
        Some(Role::Herd) => (&manifest.herds, None),
        None => (&manifest.features, Some("dsl")),
    };
    misplaced_file(path, folders, meant)
}
