//! Which workspace files differ between two sides.

use super::dir::Dirs;
use super::error::GitError;
use super::odb::Oid;
use super::repository::Repository;
use super::revision::Commit;
use super::walk::{Refused, Snapshot, Walk};
use crate::diagnostic::Diagnostic;
use crate::workspace::files::Scope;
use crate::workspace::manifest;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// A commit.
    Commit(Commit),
    /// What would be committed.
    Index,
    /// The files on the disk, whether git knows them or not; ignored ones are no part of the workspace.
    WorkingCopy,
}

/// A workspace file, or `Runi.toml`, that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Relative to the workspace, with `/`.
    pub path: Arc<str>,
    /// The id of its content on the old side; `None` when it is not there.
    pub before: Option<Oid>,
    /// The id of its content on the new side; `None` when it is not there. For the working copy this is the id that the content would
    /// get: the repository may not hold it.
    pub after: Option<Oid>,
}

impl Repository {
    /// The workspace files that differ between two sides, and `Runi.toml`, by path. Each side has its own scope, since what belongs to
    /// the workspace is for its `Runi.toml` to say; give the same one twice when that did not change.
    ///
    /// Two commits are compared by the ids of their trees, and only sub-trees that differ are opened. Of the working copy, only those
    /// files are read that git's index cannot vouch for.
    ///
    /// # Errors
    /// When a side cannot be read; see [`Self::index_tree`] for the index, and [`GitError::NoWorkingCopy`].
    pub fn changed(&self, base: &Side, head: &Side, scopes: [&Scope; 2]) -> Result<Vec<Changed>, GitError> {
        self.differences(base, head, scopes).map(|(changed, _)| changed)
    }

    /// As [`Self::changed`], and what the new side has among such files that is not read, such as links.
    pub(crate) fn differences(&self, base: &Side, head: &Side, scopes: [&Scope; 2]) -> Result<(Vec<Changed>, Vec<Diagnostic>), GitError> {
        let dirs = Dirs::new(Arc::clone(&self.odb));
        let [old, new] = scopes;
        let (before, after) = match (self.snapshot(&dirs, base)?, self.snapshot(&dirs, head)?) {
            (Some(before), Some(after)) => return differing(&dirs, [&before, &after], scopes),
            (None, None) if old == new => return Ok((Vec::new(), Vec::new())),
            (before, after) => (self.contents(&dirs, before, old)?.0, self.contents(&dirs, after, new)?),
        };
        let (after, refused) = after;
        let mut changed = Vec::new();
        for (path, id) in &before {
            let now = after.get(path);
            if now != Some(id) {
                changed.push(Changed { path: Arc::clone(path), before: Some(Oid(*id)), after: now.copied().map(Oid) });
            }
        }
        let added = after.iter().filter(|(path, _)| !before.contains_key(*path));
        changed.extend(added.map(|(path, id)| Changed { path: Arc::clone(path), before: None, after: Some(Oid(*id)) }));
        changed.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok((changed, refused))
    }

    /// The side as a tree; `None` for the working copy.
    fn snapshot(&self, dirs: &Dirs, side: &Side) -> Result<Option<Snapshot>, GitError> {
        Ok(match side {
            Side::Commit(commit) => Some(self.commit_snapshot(commit)),
            Side::Index => Some(self.index_snapshot(dirs)?),
            Side::WorkingCopy => None,
        })
    }

    /// Every workspace file of a side and `Runi.toml`, and what is not read.
    fn contents(&self, dirs: &Dirs, side: Option<Snapshot>, scope: &Scope) -> Result<(Contents, Vec<Diagnostic>), GitError> {
        side.map_or_else(|| self.working_contents(dirs, scope), |side| all(dirs, &side, scope))
    }
}

/// The ids of files, by their paths.
pub(super) type Contents = BTreeMap<Arc<str>, gix::ObjectId>;

/// Every workspace file of a tree and `Runi.toml`, and what is not read.
pub(super) fn all(dirs: &Dirs, side: &Snapshot, scope: &Scope) -> Result<(Contents, Vec<Diagnostic>), GitError> {
    let nothing = Snapshot { top: None, prefix: String::new() };
    let (all, refused) = differing(dirs, [&nothing, side], [scope, scope])?;
    Ok((all.into_iter().filter_map(|file| Some((file.path, file.after?.0))).collect(), refused))
}

/// The files of two trees that differ, by path.
fn differing(dirs: &Dirs, sides: [&Snapshot; 2], scopes: [&Scope; 2]) -> Result<(Vec<Changed>, Vec<Diagnostic>), GitError> {
    let mut changed = Vec::new();
    let [old, new] = sides;
    let manifests = (old.file(dirs, manifest::FILE)?, new.file(dirs, manifest::FILE)?);
    if manifests.0 != manifests.1 {
        changed.push(Changed { path: manifest::FILE.into(), before: manifests.0.map(Oid), after: manifests.1.map(Oid) });
    }
    let visit = |path: &str, _, [before, after]: [Option<gix::ObjectId>; 2]| {
        changed.push(Changed { path: path.into(), before: before.map(Oid), after: after.map(Oid) });
        ControlFlow::Continue(())
    };
    let refused = Walk::run(dirs, sides, scopes, visit)?;
    changed.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok((changed, refused.iter().map(Refused::diagnostic).collect()))
}
