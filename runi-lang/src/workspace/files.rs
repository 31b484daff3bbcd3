//! The files of a workspace through one interface: the working copy, or a tree in memory.
//!
//! Paths are relative to the root, use `/` and never leave it. Listings are sorted, so that
//! everything that follows from them is the same on every machine.

use super::manifest::{Manifest, leaves_the_tree};
use crate::diagnostic::Diagnostic;
use crate::diagnostics::git::refused_entry;
use crate::syntax::FileKind;
use globset::{Glob, GlobSet, GlobSetBuilder};
use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::UNIX_EPOCH;

/// What a file is for, by its extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// `*.contract`.
    Contract,
    /// `*.dsl`.
    Feature,
    /// `*.herd`.
    Herd,
}

impl Role {
    /// The role of a path; `None` when the compiler does not read it.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        match path.rsplit_once('.')?.1 {
            "contract" => Some(Self::Contract),
            "dsl" => Some(Self::Feature),
            "herd" => Some(Self::Herd),
            _ => None,
        }
    }

    /// The grammar of such a file; `None` for herds, which are TOML.
    #[must_use]
    pub fn grammar(self) -> Option<FileKind> {
        match self {
            Self::Contract => Some(FileKind::Contract),
            Self::Feature => Some(FileKind::Feature),
            Self::Herd => None,
        }
    }
}

/// What tells an unchanged file without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stat {
    /// Bytes.
    pub size: u64,
    /// Nanoseconds since 1970; 0 when the tree does not know.
    pub modified_ns: u64,
    /// Whether it is a directory.
    pub is_dir: bool,
}

/// A file of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Relative to the root, with `/`.
    pub path: Arc<str>,
    /// What it is for.
    pub role: Role,
    /// Its stat.
    pub stat: Stat,
}

/// Which files of a tree belong to the workspace.
#[derive(Debug, Clone)]
pub struct Scope {
    roots: Vec<(String, Role)>,
    exclude: GlobSet,
    /// What `exclude` was made from.
    patterns: Vec<String>,
}

impl PartialEq for Scope {
    fn eq(&self, other: &Self) -> bool {
        self.roots == other.roots && self.patterns == other.patterns
    }
}

impl Scope {
    /// The scope that a manifest describes.
    #[must_use]
    pub fn of(manifest: &Manifest) -> Self {
        let roots = [(&manifest.contracts, Role::Contract), (&manifest.features, Role::Feature), (&manifest.herds, Role::Herd)]
            .into_iter()
            .flat_map(|(paths, role)| paths.iter().map(move |path| (normal(path), role)))
            .collect();
        let mut exclude = GlobSetBuilder::new();
        for glob in manifest.exclude.iter().filter_map(|glob| Glob::new(glob).ok()) {
            exclude.add(glob);
        }
        Self { roots, exclude: exclude.build().unwrap_or_else(|_| GlobSet::empty()), patterns: manifest.exclude.clone() }
    }

    /// The directories (or files) to look into, without those inside another one.
    pub(crate) fn roots(&self) -> Vec<&str> {
        let mut roots: Vec<&str> = self.roots.iter().map(|(root, _)| root.as_str()).collect();
        roots.sort_unstable();
        roots.dedup();
        let all = roots.clone();
        roots.retain(|root| !all.iter().any(|other| other != root && is_below(root, other)));
        roots
    }

    /// What the file at `path` is for, when it belongs to the workspace.
    #[must_use]
    pub fn role(&self, path: &str) -> Option<Role> {
        let role = Role::of(path)?;
        let inside = self.roots.iter().any(|(root, for_role)| *for_role == role && is_below(path, root));
        (inside && !self.excludes(path)).then_some(role)
    }

    /// Whether the manifest leaves this path out.
    pub(super) fn excludes(&self, path: &str) -> bool {
        self.exclude.is_match(path)
    }
}

fn normal(path: &str) -> String {
    path.split('/').filter(|part| !part.is_empty() && *part != ".").collect::<Vec<_>>().join("/")
}

fn is_below(path: &str, root: &str) -> bool {
    root.is_empty() || path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A tree of files. Implementations give equal answers until something outside changes them.
pub trait FileTree: Send + Sync + std::fmt::Debug {
    /// Every file of the workspace, sorted by path.
    ///
    /// # Errors
    /// When the tree itself cannot be listed.
    fn list(&self, scope: &Scope) -> io::Result<Vec<Entry>>;

    /// The bytes of a file.
    ///
    /// # Errors
    /// When there is no such file or it cannot be read.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;

    /// The stat of a file or directory; `None` when there is none.
    fn stat(&self, path: &str) -> Option<Stat>;

    /// The names in a directory, sorted; empty when there is no such directory. `""` is the root.
    fn names(&self, dir: &str) -> Vec<String>;

    /// Whether the tree may lack files that the machine which runs the workspace has, such as data that nobody commits. What such a
    /// tree lacks is unknown rather than missing.
    fn is_partial(&self) -> bool {
        false
    }

    /// Files of our kinds that are in none of the directories where such files are read, sorted: somebody wrote them to be read. A tree
    /// that holds more than it shows may know of none.
    fn strays(&self, _scope: &Scope) -> Vec<String> {
        Vec::new()
    }

    /// What the last listing came across and left out although it lies where the workspace's files are.
    fn problems(&self) -> Vec<Diagnostic> {
        Vec::new()
    }

    /// The directory on disk, for the check cache and generated keys; `None` when nothing may be written.
    fn disk_root(&self) -> Option<&Path> {
        None
    }
}

/// The files of a directory.
#[derive(Debug, Clone)]
pub struct WorkingCopy {
    root: PathBuf,
    /// What the last listing left out.
    refused: Arc<Mutex<Vec<Diagnostic>>>,
    /// Files of our kinds that it met where files of another kind are read.
    misplaced: Arc<Mutex<Vec<String>>>,
}

impl WorkingCopy {
    /// The tree below `root`.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), refused: Arc::default(), misplaced: Arc::default() }
    }

    /// The nearest directory at or above `start` that has a `Runi.toml`.
    #[must_use]
    pub fn find(start: &Path) -> Option<PathBuf> {
        let start = std::path::absolute(start).ok()?;
        start.ancestors().find(|dir| dir.join(super::manifest::FILE).is_file()).map(Path::to_path_buf)
    }
}

impl FileTree for WorkingCopy {
    fn list(&self, scope: &Scope) -> io::Result<Vec<Entry>> {
        lock(&self.refused).clear();
        lock(&self.misplaced).clear();
        for root in scope.roots() {
            self.refuse_links(root)?;
        }
        let mut roots = scope.roots().into_iter().map(|root| self.root.join(root)).filter(|root| root.exists());
        let Some(first) = roots.next() else { return Ok(Vec::new()) };
        let mut walk = ignore::WalkBuilder::new(first);
        for root in roots {
            walk.add(root);
        }
        // Symbolic links are never followed, so nothing outside the tree is ever read.
        walk.follow_links(false).require_git(false).git_global(false).parents(true);
        let found = Mutex::new(Vec::new());
        let problem = Mutex::new(None);
        walk.build_parallel().run(|| {
            let (found, problem) = (&found, &problem);
            Box::new(move |entry| {
                match entry.map_err(io::Error::other).and_then(|entry| self.entry(&entry, scope)) {
                    Ok(Some(entry)) => lock(found).push(entry),
                    Ok(None) => {}
                    Err(error) => {
                        lock(problem).get_or_insert(error);
                    }
                }
                ignore::WalkState::Continue
            })
        });
        if let Some(error) = problem.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.sort_unstable_by(|a: &Entry, b: &Entry| a.path.cmp(&b.path));
        Ok(found)
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        if leaves_the_tree(path) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path leaves the workspace"));
        }
        std::fs::read(self.root.join(path))
    }

    fn stat(&self, path: &str) -> Option<Stat> {
        std::fs::metadata(self.root.join(path)).ok().map(|metadata| stat_of(&metadata))
    }

    fn names(&self, dir: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.root.join(dir)) else { return Vec::new() };
        let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        names.sort_unstable();
        names
    }

    fn strays(&self, scope: &Scope) -> Vec<String> {
        let mut strays = super::strays::below(&self.root, scope);
        strays.extend(lock(&self.misplaced).iter().cloned());
        strays.sort_unstable();
        strays.dedup();
        strays
    }

    fn problems(&self) -> Vec<Diagnostic> {
        let mut refused = lock(&self.refused).clone();
        refused.sort_unstable_by(|a, b| a.place.path.cmp(&b.place.path));
        refused
    }

    fn disk_root(&self) -> Option<&Path> {
        Some(&self.root)
    }
}

impl WorkingCopy {
    /// A walk does not follow the links that it meets, but it does follow one that it starts from.
    fn refuse_links(&self, root: &str) -> io::Result<()> {
        let mut path = self.root.clone();
        for part in root.split('/') {
            path.push(part);
            if path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink()) {
                let message = format!("`{root}` leads through a symbolic link, and links are not followed");
                return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
            }
        }
        Ok(())
    }

    fn entry(&self, entry: &ignore::DirEntry, scope: &Scope) -> io::Result<Option<Entry>> {
        let is_link = entry.path_is_symlink();
        if !is_link && !entry.file_type().is_some_and(|kind| kind.is_file()) {
            return Ok(None);
        }
        let Ok(path) = entry.path().strip_prefix(&self.root) else { return Ok(None) };
        let lossy = path.to_string_lossy();
        let lossy = if cfg!(windows) { lossy.replace('\\', "/") } else { lossy.into_owned() };
        let Some(role) = scope.role(&lossy) else {
            if !is_link && super::strays::is_stray(scope, &lossy) {
                lock(&self.misplaced).push(lossy);
            }
            return Ok(None);
        };
        if path.to_str().is_none() || is_odd(&lossy) {
            let escape =
                |c: char| if c.is_control() || matches!(c, '\\' | '\u{fffd}') { c.escape_default().collect() } else { c.to_string() };
            let shown: String = lossy.chars().map(escape).collect();
            lock(&self.refused).push(refused_entry(&shown, "its name is not one that every system can read"));
            return Ok(None);
        }
        if is_link {
            lock(&self.refused).push(refused_entry(&lossy, "it is a symbolic link, and links are not followed"));
            return Ok(None);
        }
        let path = Arc::<str>::from(lossy);
        let metadata = entry.metadata().map_err(io::Error::other)?;
        Ok(Some(Entry { path, role, stat: stat_of(&metadata) }))
    }
}

/// Whether a path means something else on another system or in a terminal. Such a file is no part of a workspace, on the disk as in a
/// commit, so that both are compared alike.
pub(crate) fn is_odd(path: &str) -> bool {
    path.contains('\\') || path.chars().any(char::is_control)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn stat_of(metadata: &Metadata) -> Stat {
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let modified_ns = modified.and_then(|since| u64::try_from(since.as_nanos()).ok()).unwrap_or_default();
    Stat { size: metadata.len(), modified_ns, is_dir: metadata.is_dir() }
}

/// A tree in memory, for tests and examples in documents.
#[derive(Debug, Default)]
pub struct MemoryTree {
    state: Mutex<MemoryState>,
}

#[derive(Debug, Default)]
struct MemoryState {
    files: BTreeMap<String, Arc<[u8]>>,
    times: BTreeMap<String, u64>,
    clock: u64,
}

impl MemoryTree {
    /// A tree of these files.
    pub fn new<P: Into<String>, T: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, T)>) -> Self {
        let tree = Self::default();
        for (path, text) in files {
            tree.write(path, text);
        }
        tree
    }

    /// Writes a file.
    pub fn write(&self, path: impl Into<String>, text: impl Into<Vec<u8>>) {
        let state = &mut *lock(&self.state);
        let path = path.into();
        state.clock += 1;
        state.times.insert(path.clone(), state.clock);
        state.files.insert(path, text.into().into());
    }

    /// Removes a file.
    pub fn remove(&self, path: &str) {
        lock(&self.state).files.remove(path);
    }
}

impl FileTree for MemoryTree {
    fn list(&self, scope: &Scope) -> io::Result<Vec<Entry>> {
        let MemoryState { files, times, .. } = &*lock(&self.state);
        let entry = |(path, text): (&String, &Arc<[u8]>)| {
            let role = scope.role(path)?;
            let modified_ns = times.get(path).copied().unwrap_or_default();
            Some(Entry { path: path.as_str().into(), role, stat: Stat { size: text.len() as u64, modified_ns, is_dir: false } })
        };
        Ok(files.iter().filter_map(entry).collect())
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        lock(&self.state).files.get(path).map(|text| text.to_vec()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn stat(&self, path: &str) -> Option<Stat> {
        let MemoryState { files, times, .. } = &*lock(&self.state);
        if let Some(text) = files.get(path) {
            let modified_ns = times.get(path).copied().unwrap_or_default();
            return Some(Stat { size: text.len() as u64, modified_ns, is_dir: false });
        }
        let is_dir = files.keys().any(|file| is_below(file, path));
        is_dir.then_some(Stat { size: 0, modified_ns: 0, is_dir: true })
    }

    fn names(&self, dir: &str) -> Vec<String> {
        let prefix = if dir.is_empty() { String::new() } else { format!("{dir}/") };
        let state = lock(&self.state);
        let mut names: Vec<String> =
            state.files.keys().filter_map(|path| path.strip_prefix(&prefix)?.split('/').next().map(str::to_owned)).collect();
        names.dedup();
        names
    }

    fn strays(&self, scope: &Scope) -> Vec<String> {
        lock(&self.state).files.keys().filter(|path| super::strays::is_stray(scope, path)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn paths(tree: &dyn FileTree, manifest: &Manifest) -> Vec<String> {
        tree.list(&Scope::of(manifest)).unwrap().iter().map(|entry| entry.path.to_string()).collect()
    }

    #[test]
    fn a_working_copy_lists_its_own_files_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("x.dsl"), "").unwrap();
        for file in [
            "features/b.dsl",
            "features/a/z.dsl",
            "features/notes.md",
            "contracts/a.contract",
            "contracts/a.dsl",
            "features/drafts/d.dsl",
            "features/odd\n.dsl",
        ] {
            let path = dir.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        std::fs::write(dir.path().join(".gitignore"), "b.dsl\n").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(outside.path(), dir.path().join("features/link")).unwrap();
        let manifest = Manifest { exclude: vec!["features/drafts/**".to_owned()], ..Manifest::default() };
        assert_eq!(paths(&WorkingCopy::new(dir.path()), &manifest), ["contracts/a.contract", "features/a/z.dsl"]);
    }

    #[test]
    #[cfg(unix)]
    fn a_directory_of_the_workspace_that_is_a_link_is_refused() {
        let (dir, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(outside.path().join("x.contract"), "x").unwrap();
        std::os::unix::fs::symlink(outside.path(), dir.path().join("contracts")).unwrap();
        let error = WorkingCopy::new(dir.path()).list(&Scope::of(&Manifest::default())).unwrap_err();
        assert_eq!(error.to_string(), "`contracts` leads through a symbolic link, and links are not followed");
    }

    #[test]
    fn a_tree_in_memory_behaves_like_one_on_disk() {
        let tree = MemoryTree::new([("features/a.dsl", "x"), ("data/in/a.csv", "y"), ("features/a.txt", "z")]);
        assert_eq!(paths(&tree, &Manifest::default()), ["features/a.dsl"]);
        assert!(tree.stat("data/in").unwrap().is_dir);
        assert_eq!(tree.names("data"), ["in"]);
        assert_eq!(tree.stat("data/out"), None);
    }

    #[test]
    fn nothing_outside_is_read() {
        let dir = tempfile::tempdir().unwrap();
        assert!(WorkingCopy::new(dir.path()).read("../etc/passwd").is_err());
    }
}
