//! Where links on the disk lead, so that two paths of one file are seen to be one.

use super::files::FileTree;
use crate::check::Links;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// Links that lead to links are followed this often, as systems do.
const MOST: usize = 40;

/// The links of a working copy. A tree in memory or in a commit has none.
pub(super) struct DiskLinks {
    root: Option<PathBuf>,
    /// What each path links to, asked once.
    targets: RefCell<FxHashMap<PathBuf, Option<PathBuf>>>,
    /// The linked files below each directory that was asked for.
    below: RefCell<FxHashMap<String, Vec<(String, String)>>>,
}

impl DiskLinks {
    pub(super) fn new(tree: &dyn FileTree) -> Self {
        let root = tree.disk_root().map(|root| root.canonicalize().unwrap_or_else(|_| root.to_path_buf()));
        Self { root, targets: RefCell::default(), below: RefCell::default() }
    }

    fn target(&self, path: &Path) -> Option<PathBuf> {
        let mut targets = self.targets.borrow_mut();
        targets.entry(path.to_path_buf()).or_insert_with(|| std::fs::read_link(path).ok()).clone()
    }

    /// Follows the links of a path part by part: what a link leads to need not exist yet.
    fn follow(&self, path: &Path) -> PathBuf {
        let mut real = PathBuf::new();
        let mut open: VecDeque<OsString> = parts(path);
        let mut links = 0;
        while let Some(part) = open.pop_front() {
            if part == ".." {
                real.pop();
                continue;
            }
            real.push(&part);
            let target = if links < MOST { self.target(&real) } else { None };
            if let Some(target) = target {
                links += 1;
                // An absolute target replaces all of it: its first part is the root.
                real.pop();
                for part in parts(&target).into_iter().rev() {
                    open.push_front(part);
                }
            }
        }
        real
    }

    /// As the workspace's files write it.
    fn shown(root: &Path, real: &Path) -> String {
        let text = real.strip_prefix(root).unwrap_or(real).to_string_lossy().into_owned();
        let text = if std::path::MAIN_SEPARATOR == '/' { text } else { text.replace(std::path::MAIN_SEPARATOR, "/") };
        if text.is_empty() { ".".to_owned() } else { text }
    }

    fn walk(&self, root: &Path, dir: &Path, found: &mut Vec<(String, String)>) {
        let Ok(entries) = std::fs::read_dir(dir) else { return };
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(['.', '_']) {
                continue;
            }
            let Ok(kind) = entry.file_type() else { continue };
            let path = entry.path();
            if kind.is_dir() {
                self.walk(root, &path, found);
            } else if kind.is_symlink() {
                found.push((Self::shown(root, &path), Self::shown(root, &self.follow(&path))));
            }
        }
    }
}

fn parts(path: &Path) -> VecDeque<OsString> {
    path.components().filter(|part| *part != Component::CurDir).map(|part| part.as_os_str().to_owned()).collect()
}

impl Links for DiskLinks {
    fn real(&self, path: &str) -> String {
        match &self.root {
            Some(root) => Self::shown(root, &self.follow(&root.join(path))),
            None => path.to_owned(),
        }
    }

    fn below(&self, dir: &str) -> Vec<(String, String)> {
        let Some(root) = &self.root else { return Vec::new() };
        if let Some(known) = self.below.borrow().get(dir) {
            return known.clone();
        }
        let mut found = Vec::new();
        let path = root.join(dir);
        if path.is_dir() {
            self.walk(root, &path, &mut found);
        }
        self.below.borrow_mut().insert(dir.to_owned(), found.clone());
        found
    }
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::super::files::WorkingCopy;
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_are_followed_whether_or_not_their_end_exists() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        std::fs::create_dir_all(root.join("out/deep")).unwrap();
        symlink("out", root.join("alias")).unwrap();
        symlink("../../alias/new.csv", root.join("out/deep/link.csv")).unwrap();
        symlink(root.join("out"), root.join("absolute")).unwrap();
        symlink("circle", root.join("circle")).unwrap();
        symlink("nowhere", root.join("dangling")).unwrap();
        let links = DiskLinks::new(&WorkingCopy::new(root));
        for (path, real) in [
            ("out/a.csv", "out/a.csv"),
            ("alias/a.csv", "out/a.csv"),
            ("alias/deep/link.csv", "out/new.csv"),
            ("absolute/a.csv", "out/a.csv"),
            ("dangling/a.csv", "nowhere/a.csv"),
            ("circle", "circle"),
            (".", "."),
            ("missing/a.csv", "missing/a.csv"),
        ] {
            assert_eq!(links.real(path), real, "{path}");
        }
        assert_eq!(links.real(root.join("out/a.csv").to_str().unwrap()), "out/a.csv");
        assert_eq!(links.real("/etc/a.csv"), "/etc/a.csv");
        assert_eq!(links.below("out"), [("out/deep/link.csv".to_owned(), "out/new.csv".to_owned())]);
        assert_eq!(links.below("missing"), []);
    }
}
