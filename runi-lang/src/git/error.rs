//! What can go wrong between a workspace and its history, and what to do about it.

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::diagnostics::git as codes;
use std::io;
use std::path::PathBuf;

/// Why history could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GitError {
    /// Neither the directory nor one above it is a repository.
    #[error("`{}` is not inside a git repository", .path.display())]
    NotARepository {
        /// The workspace.
        path: PathBuf,
    },
    /// The repository belongs to another user, so its configuration must not be trusted.
    #[error("the git repository `{}` belongs to another user", .path.display())]
    NotOwned {
        /// The repository's directory.
        path: PathBuf,
    },
    /// There is a repository, but the workspace is no part of its working copy.
    #[error("the git repository `{}` has no working copy here", .path.display())]
    NoWorkingCopy {
        /// The repository's directory.
        path: PathBuf,
    },
    /// The branch has no commit yet.
    #[error("the branch `{branch}` has no commit yet")]
    Unborn {
        /// The branch.
        branch: String,
    },
    /// No such revision.
    #[error("there is no revision `{revision}`")]
    UnknownRevision {
        /// As asked for.
        revision: String,
        /// Names that are near, the nearest first.
        near: Vec<String>,
        /// Whether the clone is shallow, so that the name may exist elsewhere.
        shallow: bool,
    },
    /// More than one object begins with these digits.
    #[error("`{revision}` is the beginning of more than one object")]
    AmbiguousRevision {
        /// As asked for.
        revision: String,
        /// The candidates.
        candidates: Vec<String>,
    },
    /// The revision is something else than a commit.
    #[error("`{revision}` is {found}, not a commit")]
    NotACommit {
        /// As asked for.
        revision: String,
        /// What it is, with an article.
        found: String,
    },
    /// A shallow clone ends before the commit that is asked for.
    #[error("this is a shallow clone, and {what} lies beyond its end")]
    MissingHistory {
        /// What is missing, a noun phrase.
        what: String,
    },
    /// Two commits without a common ancestor.
    #[error("{one} and {other} have no commit in common")]
    UnrelatedHistories {
        /// Short id of the one.
        one: String,
        /// Short id of the other.
        other: String,
    },
    /// Nothing says what to compare with.
    #[error("this repository has no default branch to compare with")]
    NoDefaultBranch {
        /// The names that were looked for.
        tried: Vec<String>,
        /// The remote that may have it.
        remote: Option<String>,
    },
    /// A merge (or rebase, or cherry-pick) left files with more than one version in the index.
    #[error("{} in the index {} unmerged: {}", count(.paths.len()), if .paths.len() == 1 { "is" } else { "are" }, shown(.paths))]
    Unmerged {
        /// The files.
        paths: Vec<String>,
    },
    /// An object is not in this clone.
    #[error("the object {id} is not in this clone")]
    MissingObject {
        /// The object.
        id: String,
        /// Whether the clone was made with `--filter`, so that objects are fetched when they are needed.
        partial: bool,
    },
    /// Something in the repository is not as git writes it, or larger than anybody needs.
    #[error("the git repository is damaged: {reason}")]
    Damaged {
        /// What is wrong.
        reason: String,
    },
    /// The repository's own files cannot be read, or are in a format of the future.
    #[error("the git repository cannot be read: {reason}")]
    Unreadable {
        /// What git said.
        reason: String,
    },
}

fn count(files: usize) -> String {
    if files == 1 { "one file".to_owned() } else { format!("{files} files") }
}

/// Names in backticks, at most five of them.
fn shown(names: &[String]) -> String {
    let mut shown: Vec<String> = names.iter().take(5).map(|name| format!("`{name}`")).collect();
    if names.len() > shown.len() {
        shown.push(format!("{} more", names.len() - shown.len()));
    }
    shown.join(", ")
}

/// How to get the rest of a shallow clone.
const DEEPEN: &str =
    "run `git fetch --unshallow` or `git fetch --deepen=200`; in GitHub Actions give `actions/checkout` a `fetch-depth: 0`";

impl GitError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static Code {
        match self {
            Self::NotARepository { .. } => &codes::NOT_A_REPOSITORY,
            Self::NotOwned { .. } => &codes::REPOSITORY_NOT_OWNED,
            Self::NoWorkingCopy { .. } => &codes::NO_WORKING_COPY,
            Self::Unborn { .. } => &codes::UNBORN_BRANCH,
            Self::UnknownRevision { .. } => &codes::UNKNOWN_REVISION,
            Self::AmbiguousRevision { .. } => &codes::AMBIGUOUS_REVISION,
            Self::NotACommit { .. } => &codes::NOT_A_COMMIT,
            Self::MissingHistory { .. } => &codes::MISSING_HISTORY,
            Self::UnrelatedHistories { .. } => &codes::UNRELATED_HISTORIES,
            Self::NoDefaultBranch { .. } => &codes::NO_DEFAULT_BRANCH,
            Self::Unmerged { .. } => &codes::UNMERGED_INDEX,
            Self::MissingObject { .. } => &codes::MISSING_OBJECT,
            Self::Damaged { .. } => &codes::DAMAGED_REPOSITORY,
            Self::Unreadable { .. } => &codes::UNREADABLE_REPOSITORY,
        }
    }

    /// The next step.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::NotARepository { .. } => "run `git init` and commit the workspace, or compare two directories".to_owned(),
            Self::NotOwned { path } => {
                format!("if you trust it, run `git config --global --add safe.directory {}`", path.display())
            }
            Self::NoWorkingCopy { .. } => "name two commits to compare, such as `v1.0.0..HEAD`".to_owned(),
            Self::Unborn { .. } => "commit something first".to_owned(),
            Self::UnknownRevision { near, shallow, revision } => match near.split_first() {
                Some((first, [])) => format!("did you mean `{first}`?"),
                Some(_) => format!("did you mean one of {}?", shown(near)),
                None if *shallow => {
                    format!("this clone is shallow: run `git fetch origin {revision}`, or {}", DEEPEN.trim_start_matches("run "))
                }
                None => "`git branch --all` and `git tag` list what there is; `git fetch` may bring more".to_owned(),
            },
            Self::AmbiguousRevision { candidates, .. } => format!("write more digits: {}", shown(candidates)),
            Self::NotACommit { .. } => "name a commit, a branch or a tag".to_owned(),
            Self::MissingHistory { .. } => DEEPEN.to_owned(),
            Self::UnrelatedHistories { .. } => "name the commit to compare with".to_owned(),
            Self::NoDefaultBranch { remote: Some(remote), .. } => format!(
                "fetch the branch to compare with, as `git fetch {remote} main:refs/remotes/{remote}/main` does, or name another one; \
                 `git remote set-head {remote} --auto` asks which one it is"
            ),
            Self::NoDefaultBranch { remote: None, .. } => "name the branch to compare with".to_owned(),
            Self::Unmerged { .. } => "finish the merge: resolve the files and `git add` them, or `git merge --abort`".to_owned(),
            Self::MissingObject { partial: true, .. } => {
                "this is a partial clone: run `git fetch --refetch --no-filter`, or clone without `--filter`".to_owned()
            }
            Self::MissingObject { partial: false, .. } => "run `git fsck`, and `git fetch` to bring back what is missing".to_owned(),
            Self::Damaged { .. } => "run `git fsck`, and clone the repository again when it finds something".to_owned(),
            Self::Unreadable { .. } => "run `git status` in the workspace; what it says first is what to mend".to_owned(),
        }
    }

    /// What git could not give to a reader of files; `None` when the error is another one.
    #[must_use]
    pub fn of_io(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }

    /// Whether another command line would have helped, rather than another repository.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::UnknownRevision { .. } | Self::AmbiguousRevision { .. } | Self::NotACommit { .. })
    }

    /// The same as a diagnostic that belongs to no file.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        Diagnostic::new(self.code(), Place::file(""), self.to_string()).with_help(self.help())
    }
}
