//! Finding the repository of a workspace.

use super::error::GitError;
use super::odb::{LARGEST_OBJECT, Odb, reason, unreadable};
use super::revision::{Commit, commit};
use gix::discover::upwards;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The repository that holds a workspace.
#[derive(Debug, Clone)]
pub struct Repository {
    pub(super) odb: Arc<Odb>,
    /// The workspace's directory, without symbolic links; `None` in a bare repository.
    pub(super) root: Option<PathBuf>,
    /// Where the workspace is inside the repository, with `/`; empty when it is the repository's top.
    pub(super) prefix: String,
}

/// Where `HEAD` is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Head {
    /// On a branch.
    Branch {
        /// Its short name.
        name: String,
        /// Its commit.
        commit: Commit,
    },
    /// On a commit.
    Detached(Commit),
    /// On a branch that has no commit yet.
    Unborn {
        /// Its short name.
        branch: String,
    },
}

impl Head {
    /// The commit, when there is one.
    #[must_use]
    pub fn commit(&self) -> Option<&Commit> {
        match self {
            Self::Branch { commit, .. } | Self::Detached(commit) => Some(commit),
            Self::Unborn { .. } => None,
        }
    }
}

impl Repository {
    /// Finds the repository of a workspace: the nearest one at or above its directory. Linked worktrees, submodules and bare
    /// repositories are repositories too; of a bare one, commits can be read.
    ///
    /// `GIT_DIR` is not looked at, because it speaks of the current directory and not of the workspace; `GIT_INDEX_FILE` is, so that
    /// a pre-commit hook sees what will be committed.
    ///
    /// # Errors
    /// When there is none, it belongs to another user, the workspace is no part of its working copy, or it cannot be read.
    pub fn discover(workspace_root: &Path) -> Result<Self, GitError> {
        let not_found = || GitError::NotARepository { path: workspace_root.to_path_buf() };
        let root = workspace_root.canonicalize().map_err(|_| not_found())?;
        let options = upwards::Options { match_ceiling_dir_or_error: false, ..upwards::Options::default() }.apply_environment();
        let limited = |options: gix::open::Options| options.config_overrides([format!("gitoxide.objects.allocLimit={LARGEST_OBJECT}")]);
        let mut trust = gix::sec::trust::Mapping::<gix::open::Options>::default();
        (trust.full, trust.reduced) = (limited(trust.full), limited(trust.reduced));
        let shared = gix::ThreadSafeRepository::discover_opts(&root, options, trust)
            .map_err(|error| if error.downcast_any_ref::<upwards::Error>().is_some() { not_found() } else { unreadable(&error) })?;
        let repo = shared.to_thread_local();
        let path = repo.workdir().unwrap_or_else(|| repo.git_dir()).to_path_buf();
        if repo.git_dir_trust() != gix::sec::Trust::Full {
            return Err(GitError::NotOwned { path });
        }
        let git_dir = repo.git_dir().canonicalize().map_err(|error| GitError::Unreadable { reason: error.to_string() })?;
        let (root, prefix) = match repo.workdir() {
            // Below `.git` lie git's own files, although the working copy's directory is above them.
            Some(_) if root.starts_with(&git_dir) => return Err(GitError::NoWorkingCopy { path }),
            Some(work_dir) => {
                let top = work_dir.canonicalize().map_err(|error| GitError::Unreadable { reason: error.to_string() })?;
                let inside = root.strip_prefix(&top).map_err(|_| GitError::NoWorkingCopy { path })?;
                let prefix = prefix(inside)?;
                (Some(root), prefix)
            }
            // Inside a bare repository there is nothing but git's own files.
            None if root == git_dir => (None, String::new()),
            None => return Err(GitError::NoWorkingCopy { path }),
        };
        Ok(Self { odb: Arc::new(Odb::new(shared)), root, prefix })
    }

    /// Where the workspace is inside the repository, with `/`; empty when it is the repository's top.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Whether there is no working copy.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.root.is_none()
    }

    /// Whether older history is missing.
    #[must_use]
    pub fn is_shallow(&self) -> bool {
        self.odb.with(|repo| repo.is_shallow().unwrap_or_default())
    }

    /// The directory of the workspace.
    pub(super) fn working_copy(&self) -> Result<&Path, GitError> {
        let path = || self.odb.with(|repo| repo.git_dir().to_path_buf());
        self.root.as_deref().ok_or_else(|| GitError::NoWorkingCopy { path: path() })
    }

    /// Where `HEAD` is.
    ///
    /// # Errors
    /// When it cannot be read, or points to something else than a commit.
    pub fn head(&self) -> Result<Head, GitError> {
        self.odb.with(|repo| {
            let head = repo.head().map_err(|error| unreadable(&error))?;
            let name = head.referent_name().map(|name| name.shorten().to_string());
            if head.is_unborn() {
                return Ok(Head::Unborn { branch: name.unwrap_or_default() });
            }
            let id = head.id().ok_or_else(|| GitError::Unreadable { reason: "`HEAD` points to nothing".to_owned() })?;
            let commit = commit(repo, id.detach(), "HEAD")?;
            Ok(match name {
                Some(name) => Head::Branch { name, commit },
                None => Head::Detached(commit),
            })
        })
    }

    /// The commit of `HEAD`.
    ///
    /// # Errors
    /// As [`Self::head`], and when the branch has no commit yet.
    pub fn head_commit(&self) -> Result<Commit, GitError> {
        match self.head()? {
            Head::Branch { commit, .. } | Head::Detached(commit) => Ok(commit),
            Head::Unborn { branch } => Err(GitError::Unborn { branch }),
        }
    }

    /// The index as git left it; `None` when nothing was ever staged.
    pub(super) fn read_index(&self) -> Result<Option<gix::worktree::Index>, GitError> {
        self.working_copy()?;
        self.odb.with(|repo| repo.try_index()).map_err(|error| GitError::Unreadable { reason: format!("the index: {}", reason(&error)) })
    }
}

/// A path below the repository's top as git writes it.
fn prefix(inside: &Path) -> Result<String, GitError> {
    let parts: Option<Vec<&str>> = inside.components().map(|part| part.as_os_str().to_str()).collect();
    let odd = || GitError::Unreadable { reason: format!("the workspace's path `{}` is not UTF-8", inside.display()) };
    Ok(parts.ok_or_else(odd)?.join("/"))
}
