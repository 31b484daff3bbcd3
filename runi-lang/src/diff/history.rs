//! Earlier versions of one contract, found in git: by name, through moved files.

use super::change::Change;
use super::contract;
use super::judge::demanded;
use super::report::Status;
use super::rule::Bump;
use super::side::Side;
use crate::db::{Items, read_model};
use crate::git::{Commit, GitError, GitTree, Repository, Subject, Tag};
use crate::model::{Contract, History, Spans};
use crate::syntax::{FileKind, decode};
use crate::workspace::FileTree;
use crate::workspace::files::{Role, Scope};
use crate::workspace::manifest::{self, Manifest};
use rayon::prelude::*;
use std::collections::HashSet;
use std::io;
use std::sync::Arc;

/// A contract as one commit has it.
#[derive(Debug, Clone)]
pub struct Found {
    /// The contract.
    pub contract: Arc<Contract>,
    /// Its file.
    pub path: String,
    /// Where its parts stand.
    pub spans: Arc<Spans>,
    /// The file's text.
    pub text: Arc<str>,
}

/// One version of a contract.
#[derive(Debug, Clone)]
pub struct ContractVersion {
    /// The commit that brought it.
    pub commit: Commit,
    /// What it did to the contract.
    pub status: Status,
    /// The file.
    pub path: String,
    /// The contract; `None` when the commit removed it or its file cannot be read.
    pub found: Option<Found>,
    /// What changed since the version before.
    pub changes: Vec<Change>,
    /// The bump that the changes demand.
    pub bump: Bump,
    /// Whether a shallow clone ends here: what came before is not known.
    pub is_cut: bool,
}

/// A file's contract of this name, if it can be read. What git has not got is no file that says nothing.
fn read(tree: &dyn FileTree, path: &str, name: &str) -> Result<Option<Found>, GitError> {
    let bytes = match tree.read(path) {
        Ok(bytes) => bytes,
        Err(error) => return GitError::of_io(&error).cloned().map_or(Ok(None), Err),
    };
    let (text, None) = decode(&bytes) else { return Ok(None) };
    let text: Arc<str> = text.into();
    let Items::Contracts(file) = read_model(path, FileKind::Contract, &text).items else { return Ok(None) };
    let contract = file.contracts.into_iter().find(|contract| contract.name == name);
    let spans = Arc::new(file.spans);
    Ok(contract.map(|contract| Found { contract: Arc::new(contract), path: path.to_owned(), spans, text }))
}

/// The contract of this name in a tree: at the path where it is expected, else wherever it is.
///
/// # Errors
/// When git has not got a file that has to be looked into.
pub fn find(tree: &dyn FileTree, name: &str, expected: Option<&str>) -> Result<Option<Found>, GitError> {
    if let Some(path) = expected
        && let Some(found) = read(tree, path, name)?
    {
        return Ok(Some(found));
    }
    let git = |error: io::Error| GitError::of_io(&error).cloned();
    let manifest = match tree.read(manifest::FILE).map_err(git) {
        Ok(bytes) => manifest::read(manifest::FILE, &String::from_utf8_lossy(&bytes)).manifest,
        Err(None) => Manifest::default(),
        Err(Some(error)) => return Err(error),
    };
    let entries = match tree.list(&Scope::of(&manifest)).map_err(git) {
        Ok(entries) => entries,
        Err(None) => return Ok(None),
        Err(Some(error)) => return Err(error),
    };
    let files: Vec<_> = entries.into_iter().filter(|entry| entry.role == Role::Contract).collect();
    // The first by path counts, as everywhere.
    files.par_iter().find_map_first(|entry| read(tree, &entry.path, name).transpose()).transpose()
}

/// Every version of a contract up to a commit, the newest first.
///
/// A merge that took the contract as it was on one side is no version. A file that moved is followed by the contract's name.
///
/// # Errors
/// When the repository cannot be read.
pub fn versions(
    repository: &Repository,
    name: &str,
    from: &Commit,
    engine: contract::MakeEngine<'_>,
) -> Result<Vec<ContractVersion>, GitError> {
    let mut out: Vec<ContractVersion> = Vec::new();
    let mut start = from.clone();
    let mut expected = None;
    // A contract can move no more often than there are commits.
    loop {
        let tree = repository.tree(&start)?;
        let Some(here) = find(&tree, name, expected.as_deref())? else { break };
        let mut last: Option<ContractVersion> = None;
        for entry in repository.log(&start, Subject::Paths(vec![here.path.clone()]))? {
            let entry = entry?;
            let tree = repository.tree(&entry.commit)?;
            let found = read(&tree, &here.path, name)?;
            let version = ContractVersion {
                status: if found.is_some() { Status::Changed } else { Status::Removed },
                path: here.path.clone(),
                found,
                changes: Vec::new(),
                bump: Bump::None,
                is_cut: entry.is_cut,
                commit: entry.commit,
            };
            out.extend(last.replace(version));
        }
        let Some(mut first) = last else { break };
        let before = earlier_place(repository, &first, name)?;
        first.status = if before.is_some() { Status::Moved } else { Status::Added };
        out.push(first);
        match before {
            Some((commit, path)) => (start, expected) = (commit, Some(path)),
            None => break,
        }
    }
    grade(&mut out, engine);
    Ok(out)
}

/// Where the contract was before the commit that made its file; `None` when it was nowhere.
fn earlier_place(repository: &Repository, first: &ContractVersion, name: &str) -> Result<Option<(Commit, String)>, GitError> {
    if first.is_cut {
        return Ok(None);
    }
    for parent in &first.commit.parents {
        let parent = repository.resolve(&parent.to_string())?;
        let tree: GitTree = repository.tree(&parent)?;
        if let Some(found) = find(&tree, name, None)? {
            return Ok(Some((parent, found.path)));
        }
    }
    Ok(None)
}

/// Compares each version with the one before it; what means the same under the same number is no version.
fn grade(versions: &mut Vec<ContractVersion>, engine: contract::MakeEngine<'_>) {
    let earlier: Vec<Option<Found>> = versions.iter().skip(1).map(|version| version.found.clone()).chain([None]).collect();
    let mut renumbered = HashSet::new();
    for (version, earlier) in versions.iter_mut().zip(earlier) {
        let (Some(new), Some(old)) = (&version.found, &earlier) else { continue };
        let (was, is) =
            (contract::Side::new(&old.contract, &old.path, &old.spans), contract::Side::new(&new.contract, &new.path, &new.spans));
        version.changes = contract::compare_sides(&was, &is, engine);
        version.bump = version.changes.iter().map(demanded).max().unwrap_or_default();
        if new.contract.version != old.contract.version {
            renumbered.insert(version.commit.id);
        }
    }
    versions.retain(|version| {
        version.status != Status::Changed || !version.changes.is_empty() || version.is_cut || renumbered.contains(&version.commit.id)
    });
}

/// The tagged versions that a contract's history speaks of, the newest first; those that belong to another package are left out.
///
/// # Errors
/// When the tag of `since:TAG` is not there, or tags cannot be read.
pub(super) fn tags(repository: &Repository, history: &History) -> Result<Vec<Tag>, GitError> {
    let mut tags = match history {
        History::Last => return Ok(Vec::new()),
        History::Transitive => repository.tags()?,
        History::Since(name) => {
            let first = repository.resolve(name)?;
            let mut tags = repository.tags()?;
            let position = tags.iter().position(|tag| tag.name == *name || tag.commit == first.id).unwrap_or(tags.len());
            tags.drain(..position);
            tags
        }
    };
    tags.retain(|tag| tag.version.is_some());
    tags.reverse();
    Ok(tags)
}

/// What a contract was in a tagged version.
#[derive(Debug)]
pub(super) struct Tagged {
    /// The tag.
    pub(super) tag: String,
    /// The contract then.
    pub(super) found: Found,
}

/// The different contracts of this name in the tagged versions. Equal ones are named once, by the newest tag.
///
/// # Errors
/// When a tagged commit cannot be read.
pub(super) fn tagged(repository: &Repository, tags: &[Tag], head: &Side, name: &str, path: &str) -> Result<Vec<Tagged>, GitError> {
    let mut out: Vec<Tagged> = Vec::new();
    for tag in tags {
        let commit = repository.resolve(&tag.commit.to_string())?;
        let tree = repository.tree(&commit)?;
        let Some(found) = find(&tree, name, Some(path))? else { continue };
        if !out.iter().any(|known| known.found.contract == found.contract) {
            out.push(Tagged { tag: tag.name.clone(), found });
        }
    }
    tracing::debug!(contract = name, versions = out.len(), head = %head.info.name, "earlier versions");
    Ok(out)
}
