//! Earlier versions of one contract, found in git: by name, through moved files.

use super::change::Change;
use super::contract;
use super::judge::demanded;
use super::report::Status;
use super::rule::Bump;
use super::side::Side;
use crate::db::{Items, read_model};
use crate::diagnostic::Diagnostic;
use crate::git::{Commit, GitError, GitTree, Repository, Subject, Tag, TagVersion};
use crate::model::{Contract, History, Spans};
use crate::syntax::{FileKind, decode};
use crate::workspace::FileTree;
use crate::workspace::files::{Role, Scope};
use crate::workspace::manifest::{self, Manifest};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashSet};
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

/// What a file says of a contract.
enum Read {
    /// This.
    Found(Found),
    /// Nothing: it is not there, or has other contracts only.
    Nothing,
    /// Nobody knows: the file has errors.
    Broken,
}

fn look(tree: &dyn FileTree, path: &str, name: &str) -> Read {
    let Ok(bytes) = tree.read(path) else { return Read::Nothing };
    let (text, None) = decode(&bytes) else { return Read::Broken };
    let text: Arc<str> = text.into();
    let model = read_model(path, FileKind::Contract, &text);
    let Items::Contracts(file) = model.items else { return Read::Nothing };
    if model.diagnostics.iter().any(Diagnostic::is_error) {
        return Read::Broken;
    }
    let Some(contract) = file.contracts.into_iter().find(|contract| contract.name == name) else { return Read::Nothing };
    Read::Found(Found { contract: Arc::new(contract), path: path.to_owned(), spans: Arc::new(file.spans), text })
}

/// A file's contract of this name, if it can be read.
fn read(tree: &dyn FileTree, path: &str, name: &str) -> Option<Found> {
    match look(tree, path, name) {
        Read::Found(found) => Some(found),
        Read::Nothing | Read::Broken => None,
    }
}

/// The contract of this name in a tree: at the path where it is expected, else wherever it is.
#[must_use]
pub fn find(tree: &dyn FileTree, name: &str, expected: Option<&str>) -> Option<Found> {
    search(tree, expected, |path| read(tree, path, name))
}

/// The file of a contract, although it may have errors.
fn place(tree: &dyn FileTree, name: &str, expected: Option<&str>) -> Option<String> {
    search(tree, expected, |path| {
        let bytes = tree.read(path).ok()?;
        let (text, None) = decode(&bytes) else { return None };
        let Items::Contracts(file) = read_model(path, FileKind::Contract, &text).items else { return None };
        file.contracts.iter().any(|contract| contract.name == name).then(|| path.to_owned())
    })
}

/// Looks at the path where something is expected, else at every contract file.
fn search<T: Send>(tree: &dyn FileTree, expected: Option<&str>, look: impl Fn(&str) -> Option<T> + Sync) -> Option<T> {
    if let Some(found) = expected.and_then(&look) {
        return Some(found);
    }
    let manifest = tree.read(manifest::FILE).map(|bytes| manifest::read(manifest::FILE, &String::from_utf8_lossy(&bytes)).manifest);
    let entries = tree.list(&Scope::of(&manifest.unwrap_or_else(|_| Manifest::default()))).ok()?;
    let files: Vec<_> = entries.into_iter().filter(|entry| entry.role == Role::Contract).collect();
    // The first by path counts, as everywhere.
    files.par_iter().find_map_first(|entry| look(&entry.path))
}

/// Every version of a contract up to a commit, the newest first.
///
/// A merge that took the contract as it was on one side is no version, and neither is a commit in which the file has errors. A file that
/// moved is followed by the contract's name.
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
        let Some(here) = place(&tree, name, expected.as_deref()) else { break };
        let mut last: Option<ContractVersion> = None;
        for entry in repository.log(&start, Subject::Paths(vec![here.clone()]))? {
            let entry = entry?;
            let tree = repository.tree(&entry.commit)?;
            let found = match look(&tree, &here, name) {
                Read::Found(found) => Some(found),
                Read::Nothing => None,
                // A commit that broke the file is no version: nothing can be compared with it, and nobody can go back to it.
                Read::Broken => continue,
            };
            let version = ContractVersion {
                status: if found.is_some() { Status::Changed } else { Status::Removed },
                path: here.clone(),
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
        if let Some(found) = find(&tree, name, None) {
            return Ok(Some((parent, found.path)));
        }
    }
    Ok(None)
}

/// Compares each version with the one before it; what means the same under the same number is no version.
fn grade(versions: &mut Vec<ContractVersion>, engine: contract::MakeEngine<'_>) {
    let earlier: Vec<Option<Found>> = versions.iter().skip(1).map(|version| version.found.clone()).chain([None]).collect();
    let mut renumbered = HashSet::new();
    let last = versions.len().saturating_sub(1);
    for (at, (version, earlier)) in versions.iter_mut().zip(earlier).enumerate() {
        // After a commit that removed it, the contract is there again.
        if at < last && version.found.is_some() && earlier.is_none() {
            version.status = Status::Added;
        }
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
/// What is earlier, the old version decides: the tags that it grew from, and those of smaller versions on other branches. On a branch
/// that mends 1.0 while 2.0 is out, 2.0 is none of them.
///
/// # Errors
/// When the tag of `since:TAG` is not there, or tags cannot be read.
pub(super) fn tags(repository: &Repository, history: &History, base: Option<&Commit>) -> Result<Vec<Tag>, GitError> {
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
    if let Some(base) = base {
        let grown = repository.ancestors(base, tags.iter().map(|tag| tag.commit).collect())?;
        let mut latest: BTreeMap<String, TagVersion> = BTreeMap::new();
        for version in tags.iter().filter(|tag| grown.contains(&tag.commit)).filter_map(|tag| tag.version.clone()) {
            let known = latest.entry(version.package.clone()).or_insert_with(|| version.clone());
            *known = known.clone().max(version);
        }
        tags.retain(|tag| {
            let later = |version: &TagVersion| latest.get(&version.package).is_some_and(|latest| version > latest);
            grown.contains(&tag.commit) || !tag.version.as_ref().is_some_and(later)
        });
    }
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
        let Some(found) = find(&tree, name, Some(path)) else { continue };
        if !out.iter().any(|known| known.found.contract == found.contract) {
            out.push(Tagged { tag: tag.name.clone(), found });
        }
    }
    tracing::debug!(contract = name, versions = out.len(), head = %head.info.name, "earlier versions");
    Ok(out)
}
