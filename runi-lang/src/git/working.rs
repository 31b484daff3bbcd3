//! What the working copy holds, as blob ids. A file whose stat is that of its index entry is not read.

use super::changed::{Contents, all};
use super::dir::Dirs;
use super::error::GitError;
use super::repository::Repository;
use crate::diagnostic::Diagnostic;
use crate::workspace::files::{FileTree, Scope, WorkingCopy};
use crate::workspace::manifest;
use gix::index::entry::{Flags, Mode, Stage, Stat};
use gix::objs::Kind;
use rayon::prelude::*;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

/// What is known of the index while the working copy is looked at.
struct Known<'i> {
    index: Option<gix::worktree::Index>,
    options: gix::index::entry::stat::Options,
    hash: gix::hash::Kind,
    repository: &'i Repository,
    root: &'i Path,
}

impl Repository {
    /// Every workspace file and `Runi.toml`, with the id that its content has as a blob.
    ///
    /// A file is taken for unchanged when size, times and inode are those that git saw when it last looked, and it was not modified
    /// at the very moment when the index was written. All others are read. Carriage returns at line ends mean nothing in any of these
    /// files, so a file that differs from its entry only by them counts as unchanged, as it does for git where `core.autocrlf` or an
    /// attribute says so. A file outside of a sparse checkout is what the index says, as for git, and the files of a submodule belong to
    /// another repository's history.
    pub(super) fn working_contents(&self, dirs: &Dirs, scope: &Scope) -> Result<(Contents, Vec<Diagnostic>), GitError> {
        let root = self.working_copy()?;
        let known = Known { index: self.read_index()?, options: self.stat_options()?, hash: self.odb.hash(), repository: self, root };
        let tree = WorkingCopy::new(root);
        let files = tree.list(scope).map_err(|error| unreadable(".", &error))?;
        let submodules = known.submodules();
        let mut paths: Vec<Arc<str>> = files.into_iter().map(|entry| entry.path).collect();
        paths.retain(|path| !submodules.iter().any(|below| path.starts_with(below)));
        paths.push(manifest::FILE.into());
        let ids: Result<Vec<_>, GitError> = paths.into_par_iter().map(|path| Ok((known.id(&path)?, path))).collect();
        let mut contents: Contents = ids?.into_iter().filter_map(|(id, path)| Some((path, id?))).collect();
        for (path, id) in self.left_out(dirs, scope)? {
            contents.entry(path).or_insert(id);
        }
        Ok((contents, tree.problems()))
    }
}

impl Known<'_> {
    /// The id of a file's content; `None` when there is no such file (any more).
    fn id(&self, path: &str) -> Result<Option<gix::ObjectId>, GitError> {
        let on_disk = self.root.join(path);
        let metadata = match gix::index::fs::Metadata::from_path_no_follow(&on_disk) {
            Ok(metadata) if metadata.is_file() => metadata,
            Ok(_) => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(path, &error)),
        };
        let Some(entry) = self.entry(path) else { return self.hashed(path, &on_disk, metadata.len()).map(Some) };
        let unchanged = Stat::from_fs(&metadata).is_ok_and(|stat| entry.1.matches(&stat, self.options));
        let racy = self.index.as_ref().is_none_or(|index| entry.1.is_racy(index.timestamp(), self.options));
        if unchanged && !racy {
            return Ok(Some(entry.0));
        }
        let id = self.hashed(path, &on_disk, metadata.len())?;
        if id == entry.0 || !self.is_same_but_for_line_ends(path, &on_disk, metadata.len(), entry.0)? {
            Ok(Some(id))
        } else {
            Ok(Some(entry.0))
        }
    }

    /// The id and stat of a file's entry in the index.
    fn entry(&self, path: &str) -> Option<(gix::ObjectId, Stat)> {
        let index = self.index.as_ref()?;
        let full = self.repository.full(path);
        let entry = index.entry_by_path_and_stage(full.as_str().into(), Stage::Unconflicted)?;
        let usable = matches!(entry.mode, Mode::FILE | Mode::FILE_EXECUTABLE) && !entry.flags.contains(Flags::INTENT_TO_ADD);
        usable.then_some((entry.id, entry.stat))
    }

    /// Reads a file in pieces, however large it is.
    fn hashed(&self, path: &str, on_disk: &Path, size: u64) -> Result<gix::ObjectId, GitError> {
        let read = || -> io::Result<gix::ObjectId> {
            let mut file = File::open(on_disk)?.take(size);
            let mut hasher = gix::hash::hasher(self.hash);
            hasher.update(&gix::objs::encode::loose_header(Kind::Blob, size));
            let mut buffer = vec![0; usize::try_from(size.clamp(1, 64 * 1024)).unwrap_or(1)];
            loop {
                let read = file.read(&mut buffer)?;
                let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else { break };
                hasher.update(piece);
            }
            hasher.try_finalize().map_err(|error| io::Error::other(error.to_string()))
        };
        read().map_err(|error| unreadable(path, &error))
    }

    fn is_same_but_for_line_ends(&self, path: &str, on_disk: &Path, size: u64, id: gix::ObjectId) -> Result<bool, GitError> {
        if usize::try_from(size).is_ok_and(|size| size > crate::syntax::MAX_BYTES) {
            return Ok(false);
        }
        let bytes = std::fs::read(on_disk).map_err(|error| unreadable(path, &error))?;
        if !bytes.windows(2).any(|pair| pair == b"\r\n") {
            return Ok(false);
        }
        let mut text = Vec::with_capacity(bytes.len());
        for (at, byte) in bytes.iter().enumerate() {
            if *byte != b'\r' || bytes.get(at + 1) != Some(&b'\n') {
                text.push(*byte);
            }
        }
        let normal = gix::objs::compute_hash(self.hash, Kind::Blob, &text);
        Ok(normal.is_ok_and(|normal| normal == id))
    }

    /// The directories of submodules, each with a slash after it.
    fn submodules(&self) -> Vec<String> {
        let Some(index) = &self.index else { return Vec::new() };
        let submodules = index.entries().iter().filter(|entry| entry.mode == Mode::COMMIT);
        submodules.filter_map(|entry| Some(format!("{}/", self.repository.in_workspace(entry.path(index))?))).collect()
    }
}

impl Repository {
    /// Workspace files of the index that a sparse checkout leaves out.
    pub(super) fn left_out(&self, dirs: &Dirs, scope: &Scope) -> Result<Vec<(Arc<str>, gix::ObjectId)>, GitError> {
        let Some(index) = self.read_index()? else { return Ok(Vec::new()) };
        let left_out = index.entries().iter().filter(|entry| entry.flags.contains(Flags::SKIP_WORKTREE));
        let files = left_out.filter_map(|entry| {
            let path = self.in_workspace(entry.path(&index))?;
            scope.role(path).map(|_| (Arc::from(path), entry.id))
        });
        let mut files: Vec<(Arc<str>, gix::ObjectId)> = files.collect();
        // A sparse index has one entry for a whole directory.
        if let Some(below) = self.sparse_snapshot(&index)? {
            files.extend(all(dirs, &below, scope)?.0);
        }
        Ok(files)
    }
}

fn unreadable(path: &str, error: &io::Error) -> GitError {
    GitError::Unreadable { reason: format!("`{path}` of the working copy: {}", error.to_string().to_lowercase()) }
}
