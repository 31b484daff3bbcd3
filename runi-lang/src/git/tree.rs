//! A commit or the index behind the compiler's own interface to files.

use super::dir::{DirRef, Dirs, Node};
use super::error::GitError;
use super::odb::Oid;
use super::repository::Repository;
use super::revision::Commit;
use super::walk::{Refused, Snapshot, Walk};
use crate::diagnostic::Diagnostic;
use crate::syntax::MAX_BYTES;
use crate::workspace::files::{Entry, FileTree, Scope, Stat};
use gix::objs::Kind;
use rayon::prelude::*;
use std::io;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

/// How a Git LFS pointer begins.
const LFS: &[u8] = b"version https://git-lfs.github.com/spec/";

/// The workspace as a commit or the index has it. Nothing is checked out, and nothing that is not in the commit is looked at.
///
/// Files that the compiler would leave out of the working copy (hidden ones, and those that the commit's own `.gitignore` files cover)
/// are left out here, too. Symbolic links and submodules are never followed.
#[derive(Debug)]
pub struct GitTree {
    dirs: Arc<Dirs>,
    snapshot: Snapshot,
    refused: Mutex<Vec<Refused>>,
}

impl Repository {
    /// The workspace as a commit has it.
    ///
    /// # Errors
    /// When the commit's tree cannot be read.
    pub fn tree(&self, commit: &Commit) -> Result<GitTree, GitError> {
        let dirs = Dirs::new(Arc::clone(&self.odb));
        let snapshot = self.commit_snapshot(commit);
        snapshot.find(&dirs, "")?;
        Ok(GitTree { dirs: Arc::new(dirs), snapshot, refused: Mutex::default() })
    }

    /// The workspace as it would be committed now.
    ///
    /// # Errors
    /// When there is no working copy, the index cannot be read, or a merge left files of the workspace without one version.
    pub fn index_tree(&self) -> Result<GitTree, GitError> {
        let dirs = Dirs::new(Arc::clone(&self.odb));
        let snapshot = self.index_snapshot(&dirs)?;
        Ok(GitTree { dirs: Arc::new(dirs), snapshot, refused: Mutex::default() })
    }

    pub(super) fn commit_snapshot(&self, commit: &Commit) -> Snapshot {
        Snapshot { top: Some(DirRef::Object(commit.tree)), prefix: self.prefix.clone() }
    }
}

impl GitTree {
    /// Whether the workspace's directory has a `Runi.toml` here.
    ///
    /// # Errors
    /// When the tree cannot be read.
    pub fn has_workspace(&self) -> Result<bool, GitError> {
        Ok(self.blob(crate::workspace::manifest::FILE)?.is_some())
    }

    /// The id of a file's content.
    ///
    /// # Errors
    /// When the tree cannot be read.
    pub fn blob(&self, path: &str) -> Result<Option<Oid>, GitError> {
        Ok(self.snapshot.file(&self.dirs, path)?.map(Oid))
    }

    /// What the last listing came across and did not read, by path.
    #[must_use]
    pub fn refused(&self) -> Vec<Refused> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What stands at a path of the repository, wherever the workspace is.
    pub(super) fn at_top(&self, path: &str) -> Result<Option<Node>, GitError> {
        self.snapshot.top.as_ref().map_or(Ok(None), |top| self.dirs.find(top, path))
    }

    /// A blob of at most `limit` bytes; `None` when it is larger.
    pub(super) fn small_blob(&self, id: gix::ObjectId, limit: u64) -> Result<Option<Vec<u8>>, GitError> {
        if self.dirs.odb.blob_size(id)?.is_some_and(|size| size > limit) {
            return Ok(None);
        }
        self.dirs.odb.bytes(id, Kind::Blob).map(Some)
    }

    pub(super) fn prefix(&self) -> &str {
        &self.snapshot.prefix
    }

    /// Another directory of the same commit or index as a workspace of its own; `directory` is from the repository's top.
    #[must_use]
    pub fn elsewhere(&self, directory: &str) -> Self {
        let snapshot = Snapshot { top: self.snapshot.top.clone(), prefix: directory.to_owned() };
        Self { dirs: Arc::clone(&self.dirs), snapshot, refused: Mutex::default() }
    }

    pub(super) fn top(&self) -> Option<&DirRef> {
        self.snapshot.top.as_ref()
    }

    pub(super) fn dirs(&self) -> &Dirs {
        &self.dirs
    }

    fn file_stat(&self, id: gix::ObjectId) -> Stat {
        // A blob that is not here has no size; reading it says why.
        Stat { size: self.dirs.odb.blob_size(id).ok().flatten().unwrap_or_default(), modified_ns: 0, is_dir: false }
    }

    /// A file's content, when it may be read.
    fn content(&self, path: &str) -> io::Result<Vec<u8>> {
        let found = self.snapshot.find(&self.dirs, path).map_err(io::Error::other)?;
        let id = match found {
            Some(Node::File(id)) => id,
            Some(Node::Link) => {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a symbolic link, and links are not followed"));
            }
            Some(Node::Submodule) => return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a submodule")),
            Some(Node::Dir(_)) => return Err(io::ErrorKind::IsADirectory.into()),
            None => return Err(io::ErrorKind::NotFound.into()),
        };
        let size = self.dirs.odb.blob_size(id).map_err(io::Error::other)?;
        if size.is_some_and(|size| usize::try_from(size).map_or(true, |size| size > MAX_BYTES)) {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {MAX_BYTES} bytes")));
        }
        let bytes = self.dirs.odb.bytes(id, Kind::Blob).map_err(io::Error::other)?;
        if bytes.starts_with(LFS) {
            return Err(io::Error::other("it is a Git LFS pointer, and its content is not in the repository"));
        }
        Ok(bytes)
    }
}

impl FileTree for GitTree {
    fn list(&self, scope: &Scope) -> io::Result<Vec<Entry>> {
        let nothing = Snapshot { top: None, prefix: String::new() };
        let mut found = Vec::new();
        let visit = |path: &str, role, [_, id]: [Option<gix::ObjectId>; 2]| {
            found.extend(id.map(|id| (Arc::<str>::from(path), role, id)));
            ControlFlow::Continue(())
        };
        let refused = Walk::run(&self.dirs, [&nothing, &self.snapshot], [scope, scope], visit).map_err(io::Error::other)?;
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = refused;
        let mut entries: Vec<Entry> =
            found.into_par_iter().map(|(path, role, id)| Entry { path, role, stat: self.file_stat(id) }).collect();
        entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(entries)
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.content(path)
    }

    fn stat(&self, path: &str) -> Option<Stat> {
        match self.snapshot.find(&self.dirs, path).ok()?? {
            Node::File(id) => Some(self.file_stat(id)),
            Node::Dir(_) | Node::Submodule => Some(Stat { size: 0, modified_ns: 0, is_dir: true }),
            Node::Link => None,
        }
    }

    fn names(&self, dir: &str) -> Vec<String> {
        let Ok(Some(Node::Dir(dir))) = self.snapshot.find(&self.dirs, dir) else { return Vec::new() };
        let Ok(dir) = self.dirs.get(&dir) else { return Vec::new() };
        dir.entries.iter().map(|(name, _)| name.to_string()).collect()
    }

    fn is_partial(&self) -> bool {
        true
    }

    fn problems(&self) -> Vec<Diagnostic> {
        self.refused().iter().map(Refused::diagnostic).collect()
    }
}
