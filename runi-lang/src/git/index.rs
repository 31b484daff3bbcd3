//! The index as a directory: what would be committed.

use super::dir::{Dir, DirRef, Dirs, Node, plain_name};
use super::error::GitError;
use super::odb::damaged;
use super::repository::Repository;
use super::walk::{Snapshot, join};
use crate::workspace::files::Role;
use crate::workspace::manifest;
use gix::index::entry::{Flags, Mode, Stage};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A directory while it is built.
#[derive(Default)]
struct Growing {
    nodes: BTreeMap<Box<str>, Node>,
    dirs: BTreeMap<Box<str>, Growing>,
    odd: Vec<(String, Node)>,
}

impl Growing {
    fn add(&mut self, path: &[u8], node: Node) {
        let mut dir = self;
        let mut parts = path.split(|byte| *byte == b'/').peekable();
        while let Some(part) = parts.next() {
            let is_last = parts.peek().is_none();
            match plain_name(part) {
                Ok(name) if is_last => {
                    dir.nodes.insert(name.into(), node);
                    return;
                }
                Ok(name) => dir = dir.dirs.entry(name.into()).or_default(),
                Err(shown) => {
                    dir.odd.push((shown, if is_last { node } else { Node::Dir(DirRef::Memory(Arc::default())) }));
                    return;
                }
            }
        }
    }

    fn done(self) -> Result<Dir, GitError> {
        let mut entries: Vec<(Box<str>, Node)> = self.nodes.into_iter().collect();
        for (name, dir) in self.dirs {
            entries.push((name, Node::Dir(DirRef::Memory(Arc::new(dir.done()?)))));
        }
        Dir::sorted(entries, self.odd)
    }
}

impl Repository {
    /// What would be committed. Files in the middle of a merge have no one version; where one of them belongs to the workspace, that is
    /// an error, and elsewhere our own version stands for it.
    pub(super) fn index_snapshot(&self, dirs: &Dirs) -> Result<Snapshot, GitError> {
        let Some(index) = self.read_index()? else { return Ok(Snapshot { top: None, prefix: self.prefix.clone() }) };
        let mut top = Growing::default();
        let mut unmerged = Vec::new();
        for entry in index.entries().iter().filter(|entry| !entry.flags.contains(Flags::INTENT_TO_ADD)) {
            let path = entry.path(&index);
            let stage = entry.stage();
            if stage != Stage::Unconflicted
                && let Some(path) = self.in_workspace(path)
                && (Role::of(path).is_some() || path == manifest::FILE)
            {
                unmerged.push(path.to_owned());
            }
            if !matches!(stage, Stage::Unconflicted | Stage::Ours) {
                continue;
            }
            let path: &[u8] = path;
            match entry.mode {
                Mode::FILE | Mode::FILE_EXECUTABLE => top.add(path, Node::File(entry.id)),
                Mode::SYMLINK => top.add(path, Node::Link),
                Mode::COMMIT => top.add(path, Node::Submodule),
                // A sparse index has one entry for a directory that is not checked out.
                Mode::DIR => top.add(path.strip_suffix(b"/").unwrap_or(path), Node::Dir(DirRef::Object(entry.id))),
                mode => return Err(GitError::Damaged { reason: format!("an entry of the index has the mode {:o}", mode.bits()) }),
            }
        }
        unmerged.dedup();
        if !unmerged.is_empty() {
            return Err(GitError::Unmerged { paths: unmerged });
        }
        let snapshot = Snapshot { top: Some(DirRef::Memory(Arc::new(top.done()?))), prefix: self.prefix.clone() };
        // A sparse directory that cannot be opened is found out now rather than in the middle of something.
        snapshot.find(dirs, manifest::FILE)?;
        Ok(snapshot)
    }

    /// The directories for which a sparse index has one entry, and nothing else; `None` when there is none.
    pub(super) fn sparse_snapshot(&self, index: &gix::index::File) -> Result<Option<Snapshot>, GitError> {
        let mut top = Growing::default();
        let mut found = false;
        for entry in index.entries().iter().filter(|entry| entry.mode == Mode::DIR) {
            let path: &[u8] = entry.path(index);
            top.add(path.strip_suffix(b"/").unwrap_or(path), Node::Dir(DirRef::Object(entry.id)));
            found = true;
        }
        let top = if found { Some(DirRef::Memory(Arc::new(top.done()?))) } else { None };
        Ok(top.map(|top| Snapshot { top: Some(top), prefix: self.prefix.clone() }))
    }

    /// A path of the repository as the workspace has it; `None` for files outside of it and odd names.
    pub(super) fn in_workspace<'p>(&self, path: &'p [u8]) -> Option<&'p str> {
        let path = std::str::from_utf8(path).ok()?;
        if self.prefix.is_empty() {
            return Some(path);
        }
        path.strip_prefix(self.prefix.as_str())?.strip_prefix('/')
    }

    /// A path of the workspace as the repository has it.
    pub(super) fn full(&self, path: &str) -> String {
        join(&self.prefix, path)
    }

    /// How git compares files with its index here. Nanoseconds count: at worst a file is read that need not be.
    pub(super) fn stat_options(&self) -> Result<gix::index::entry::stat::Options, GitError> {
        let options = self.odb.with(|repo| repo.stat_options()).map_err(|error| damaged(&error))?;
        Ok(gix::index::entry::stat::Options { use_nsec: options.check_stat, ..options })
    }
}
