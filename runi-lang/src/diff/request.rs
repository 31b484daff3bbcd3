//! What is compared with what: from the words of a command line to two sides and the files that may differ.

use super::report::SideInfo;
use super::side::Side;
use crate::diagnostic::Diagnostic;
use crate::git::{self, GitError, GitTree, Repository, Workspaces};
use crate::workspace::files::Scope;
use crate::workspace::manifest;
use crate::workspace::{FileTree, MemoryTree, OpenError, WorkingCopy};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What somebody wants to compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// The merge base with the default branch, and the working copy: what a pull request would bring.
    Branch,
    /// `BASE` (and the working copy), `BASE..HEAD` or `BASE...HEAD`.
    Range(String),
    /// The merge base of a revision with `HEAD`, and the working copy: as `Branch`, of a branch that is named.
    Since(String),
    /// `HEAD`, and what is staged.
    Staged,
    /// Two directories, or two contract files; git is not asked.
    Paths(PathBuf, PathBuf),
}

/// Why there is nothing to compare.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// Git.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A side is no workspace.
    #[error(transparent)]
    Open(OpenError),
    /// A path that is neither a workspace nor a contract.
    #[error("`{}` is neither a directory with a `Runi.toml` nor a `.contract` file", .0.display())]
    NotComparable(PathBuf),
    /// The disk.
    #[error("`{}` cannot be read", path.display())]
    Io {
        /// What was read.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

impl From<OpenError> for RequestError {
    /// What git has not got is git's to explain.
    fn from(error: OpenError) -> Self {
        let git = match &error {
            OpenError::Io { source, .. } => GitError::of_io(source).cloned(),
            _ => None,
        };
        git.map_or(Self::Open(error), Self::Git)
    }
}

/// Two sides, and the workspace files whose bytes differ.
#[derive(Debug)]
pub struct Pair {
    /// The old side.
    pub base: Side,
    /// The new side.
    pub head: Side,
    /// Paths, sorted; every other file is the same on both sides.
    pub changed: Vec<String>,
    /// The repository, when git was asked.
    pub repository: Option<Repository>,
    /// The commit of the old side.
    pub base_commit: Option<git::Commit>,
    /// What lies in the new side where its files are, and is not read.
    pub(super) refused: Vec<Diagnostic>,
    /// Where the other workspaces of both sides are.
    pub(super) around: [Around; 2],
}

/// The repository around one side.
#[derive(Debug, Clone, Default)]
pub(super) enum Around {
    /// Nobody knows of any.
    #[default]
    Nothing,
    /// A commit, or the index.
    Tree(Arc<GitTree>),
    /// The working copy.
    Disk(Repository),
}

/// One side before it is read.
struct Named {
    side: git::Side,
    info: SideInfo,
}

impl Around {
    /// The workspaces of the repository.
    pub(super) fn workspaces(&self) -> Workspaces {
        match self {
            Self::Nothing => Workspaces::default(),
            Self::Tree(tree) => tree.workspaces(),
            Self::Disk(repository) => repository.workspaces(),
        }
    }

    /// The files of one of them, by its directory.
    pub(super) fn directory(&self, directory: &str) -> Option<Arc<dyn FileTree>> {
        match self {
            Self::Nothing => None,
            Self::Tree(tree) => Some(Arc::new(tree.elsewhere(directory))),
            Self::Disk(repository) => Some(Arc::new(WorkingCopy::new(repository.top()?.join(directory)))),
        }
    }
}

impl Request {
    /// Opens both sides of a workspace.
    ///
    /// # Errors
    /// No repository, no such revision, a side that cannot be read.
    pub fn open(&self, root: &Path) -> Result<Pair, RequestError> {
        if let Self::Paths(before, after) = self {
            return paths(before, after);
        }
        let repository = Repository::discover(root)?;
        let working = || Named { side: git::Side::WorkingCopy, info: SideInfo { name: "working copy".to_owned(), commit: None } };
        let (base, head) = match self {
            Self::Branch => (branch_base(&repository)?, if repository.is_bare() { Some(head(&repository)?) } else { Some(working()) }),
            Self::Since(revision) => {
                let common = repository.merge_base(&repository.resolve(revision)?, &repository.head_commit()?)?;
                let base = at(&format!("merge-base with {revision}"), common);
                (Some(base), Some(if repository.is_bare() { head(&repository)? } else { working() }))
            }
            Self::Staged => {
                let base = repository.head()?.commit().map(|commit| at("HEAD", commit.clone()));
                (base, Some(Named { side: git::Side::Index, info: SideInfo { name: "index".to_owned(), commit: None } }))
            }
            Self::Range(text) => {
                let range = repository.range(text)?;
                let head = match (range.head, range.head_name) {
                    (Some(commit), name) => at(name.as_deref().unwrap_or("HEAD"), commit),
                    (None, _) if repository.is_bare() => head(&repository)?,
                    (None, _) => working(),
                };
                (Some(at(&range.base_name, range.base)), Some(head))
            }
            Self::Paths(..) => (None, None),
        };
        pair(repository, base, head)
    }
}

/// The commit that a branch left the default branch at; `None` before the first commit.
fn branch_base(repository: &Repository) -> Result<Option<Named>, RequestError> {
    let head = repository.head()?;
    let Some(head) = head.commit() else { return Ok(None) };
    let default = repository.default_branch()?;
    let base = repository.merge_base(&default.commit, head)?;
    Ok(Some(at(&format!("merge-base with {}", default.name), base)))
}

fn head(repository: &Repository) -> Result<Named, RequestError> {
    Ok(at("HEAD", repository.head_commit()?))
}

fn at(name: &str, commit: git::Commit) -> Named {
    let info = SideInfo { name: name.to_owned(), commit: Some(commit.id.to_string()) };
    Named { side: git::Side::Commit(commit), info }
}

fn pair(repository: Repository, base: Option<Named>, head: Option<Named>) -> Result<Pair, RequestError> {
    let base_commit = match base.as_ref().map(|named| &named.side) {
        Some(git::Side::Commit(commit)) => Some(commit.clone()),
        _ => None,
    };
    let sides = (base.as_ref().map(|named| named.side.clone()), head.as_ref().map(|named| named.side.clone()));
    let ((base, base_around), (head, head_around)) = (side(&repository, base)?, side(&repository, head)?);
    if let Some((base, tree)) = moved(&repository, [&base, &head], [&base_around, &head_around])? {
        let (changed, refused) = (differing(&base, &head)?, head.tree.problems());
        return Ok(Pair {
            base,
            head,
            changed,
            refused,
            repository: Some(repository),
            base_commit,
            around: [Around::Tree(tree), head_around],
        });
    }
    let (old, new) = (Scope::of(&base.manifest), Scope::of(&head.manifest));
    let (changed, refused) = match sides {
        (Some(before), Some(after)) => {
            let (changed, refused) = repository.differences(&before, &after, [&old, &new])?;
            (changed.into_iter().map(|file| file.path.to_string()).collect(), refused)
        }
        // Before the first commit everything is new.
        _ => (differing(&base, &head)?, head.tree.problems()),
    };
    Ok(Pair { refused, base, head, changed, repository: Some(repository), base_commit, around: [base_around, head_around] })
}

fn side(repository: &Repository, named: Option<Named>) -> Result<(Side, Around), RequestError> {
    let Some(Named { side, info }) = named else {
        let info = SideInfo { name: "nothing (there is no commit yet)".to_owned(), commit: None };
        return Ok((Side::new(Arc::new(MemoryTree::default()), info)?, Around::Nothing));
    };
    let tree = match &side {
        git::Side::Commit(commit) => Arc::new(repository.tree(commit)?),
        git::Side::Index => Arc::new(repository.index_tree()?),
        git::Side::WorkingCopy => {
            return Ok((Side::new(repository.working_tree()?, info)?, Around::Disk(repository.clone())));
        }
    };
    let files: Arc<dyn FileTree> = Arc::<GitTree>::clone(&tree);
    Ok((Side::new(files, info)?, Around::Tree(tree)))
}

/// The old side of a workspace that lies in another directory now: the one that had a `Runi.toml` and has none any more, by its name
/// when there are several.
fn moved(repository: &Repository, sides: [&Side; 2], around: [&Around; 2]) -> Result<Option<(Side, Arc<GitTree>)>, RequestError> {
    let [base, head] = sides;
    let [Around::Tree(tree), now] = around else { return Ok(None) };
    if base.has_manifest || !head.has_manifest {
        return Ok(None);
    }
    let mut left = tree.workspaces().directories;
    if left.is_empty() {
        return Ok(None);
    }
    let still_there = now.workspaces().directories;
    left.retain(|directory| directory != repository.prefix() && !still_there.contains(directory));
    let mut found = Vec::new();
    for directory in left {
        let tree = Arc::new(tree.elsewhere(&directory));
        let shown = if directory.is_empty() { "the top".to_owned() } else { format!("{directory}/") };
        let info = SideInfo { name: format!("{} (in {shown})", base.info.name), commit: base.info.commit.clone() };
        let files: Arc<dyn FileTree> = Arc::<GitTree>::clone(&tree);
        found.push((Side::new(files, info)?, tree));
    }
    if found.len() > 1 {
        found.retain(|(side, _)| side.manifest.name == head.manifest.name);
    }
    Ok(found.pop().filter(|_| found.is_empty()))
}

/// Two places on the disk.
fn paths(before: &Path, after: &Path) -> Result<Pair, RequestError> {
    let is_contract = |path: &Path| path.is_file() && path.extension().is_some_and(|extension| extension == "contract");
    let (base, head) =
        if is_contract(before) && is_contract(after) { (single(before)?, single(after)?) } else { (directory(before)?, directory(after)?) };
    let changed = differing(&base, &head)?;
    let refused = head.tree.problems();
    Ok(Pair { base, head, changed, refused, repository: None, base_commit: None, around: [Around::Nothing, Around::Nothing] })
}

fn named(path: &Path) -> SideInfo {
    SideInfo { name: path.display().to_string(), commit: None }
}

fn directory(path: &Path) -> Result<Side, RequestError> {
    if !path.join(manifest::FILE).is_file() {
        return Err(RequestError::NotComparable(path.to_path_buf()));
    }
    Ok(Side::new(Arc::new(WorkingCopy::new(path)), named(path))?)
}

/// A workspace of one contract, under one path on both sides.
fn single(path: &Path) -> Result<Side, RequestError> {
    let io = |source| RequestError::Io { path: path.to_path_buf(), source };
    let size = std::fs::metadata(path).map_err(io)?.len();
    let bytes = if usize::try_from(size).is_ok_and(|size| size <= crate::syntax::MAX_BYTES) {
        std::fs::read(path).map_err(io)?
    } else {
        return Err(io(std::io::Error::new(std::io::ErrorKind::FileTooLarge, "the file is too large for a contract")));
    };
    let name = path.file_name().map_or_else(|| "it.contract".to_owned(), |name| name.to_string_lossy().into_owned());
    Ok(Side::new(Arc::new(MemoryTree::new([(format!("contracts/{name}"), bytes)])), named(path))?)
}

/// The files that differ between two trees that git does not know.
fn differing(base: &Side, head: &Side) -> Result<Vec<String>, RequestError> {
    let list = |side: &Side| -> Result<BTreeSet<String>, OpenError> {
        let entries = side.tree.list(&Scope::of(&side.manifest));
        let entries = entries.map_err(|source| OpenError::Io { path: side.info.name.clone(), source })?;
        Ok(entries.into_iter().map(|entry| entry.path.to_string()).collect())
    };
    let all: BTreeSet<String> = list(base)?.union(&list(head)?).cloned().collect();
    Ok(all.into_iter().filter(|path| base.tree.read(path).ok() != head.tree.read(path).ok()).collect())
}
