//! The working copy of a sparse checkout: what is on the disk, and what the index says of the files that are not.

use super::dir::Dirs;
use super::error::GitError;
use super::odb::Odb;
use super::repository::Repository;
use crate::diagnostic::Diagnostic;
use crate::workspace::files::{Entry, FileTree, Scope, Stat, WorkingCopy};
use crate::workspace::manifest;
use gix::objs::Kind;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// A working copy with the files that a sparse checkout leaves out.
#[derive(Debug)]
struct SparseCopy {
    disk: WorkingCopy,
    left_out: BTreeMap<Arc<str>, gix::ObjectId>,
    odb: Arc<Odb>,
}

impl Repository {
    /// The files of the workspace on the disk; those that a sparse checkout leaves out are as the index has them.
    ///
    /// # Errors
    /// When there is no working copy, or the index cannot be read.
    pub fn working_tree(&self) -> Result<Arc<dyn FileTree>, GitError> {
        let disk = WorkingCopy::new(self.working_copy()?);
        let text = disk.read(manifest::FILE).unwrap_or_default();
        let scope = Scope::of(&manifest::read(manifest::FILE, &String::from_utf8_lossy(&text)).manifest);
        let left_out = self.left_out(&Dirs::new(Arc::clone(&self.odb)), &scope)?;
        let left_out: BTreeMap<Arc<str>, gix::ObjectId> = left_out.into_iter().filter(|(path, _)| disk.stat(path).is_none()).collect();
        if left_out.is_empty() {
            return Ok(Arc::new(disk));
        }
        Ok(Arc::new(SparseCopy { disk, left_out, odb: Arc::clone(&self.odb) }))
    }
}

impl SparseCopy {
    fn stat_of(&self, id: gix::ObjectId) -> Stat {
        // A blob that is not here has no size; reading it says why.
        Stat { size: self.odb.blob_size(id).ok().flatten().unwrap_or_default(), modified_ns: 0, is_dir: false }
    }
}

impl FileTree for SparseCopy {
    fn list(&self, scope: &Scope) -> io::Result<Vec<Entry>> {
        let mut entries = self.disk.list(scope)?;
        let left_out = self
            .left_out
            .iter()
            .filter_map(|(path, id)| Some(Entry { path: Arc::clone(path), role: scope.role(path)?, stat: self.stat_of(*id) }));
        entries.extend(left_out);
        entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(entries)
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        match self.left_out.get(path) {
            Some(id) => self.odb.bytes(*id, Kind::Blob).map_err(io::Error::other),
            None => self.disk.read(path),
        }
    }

    fn stat(&self, path: &str) -> Option<Stat> {
        self.left_out.get(path).map_or_else(|| self.disk.stat(path), |id| Some(self.stat_of(*id)))
    }

    fn names(&self, dir: &str) -> Vec<String> {
        self.disk.names(dir)
    }

    /// What else is not on the disk, such as data, is not missing.
    fn is_partial(&self) -> bool {
        true
    }

    fn problems(&self) -> Vec<Diagnostic> {
        self.disk.problems()
    }

    fn disk_root(&self) -> Option<&Path> {
        self.disk.disk_root()
    }
}
