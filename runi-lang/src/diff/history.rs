//! Earlier versions of one contract, found in git: by name, through moved files.

use super::change::Change;
use super::contract;
use super::judge::demanded;
use super::report::Status;
use super::rule::Bump;
use crate::db::{Items, read_model};
use crate::diagnostic::Diagnostic;
use crate::diagnostics::history::old_version_broken;
use crate::git::{self, Commit, GitError, Repository, Subject, Tag};
use crate::model::{Contract, History, Spans};
use crate::syntax::{FileKind, decode};
use crate::workspace::FileTree;
use crate::workspace::files::{Role, Scope};
use crate::workspace::manifest::{self, Manifest};
use rayon::prelude::*;
use std::cmp::Reverse;
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
    /// Why the contract cannot be read in this commit.
    pub problem: Option<String>,
    /// What changed since the version before: that of the commit's parent, whatever other commits came between by their dates. A merge
    /// changed what differs from each of its parents.
    pub changes: Vec<Change>,
    /// The bump that the changes demand.
    pub bump: Bump,
    /// Whether a shallow clone ends here: what came before is not known.
    pub is_cut: bool,
}

/// What a file of a commit says of a contract.
#[derive(Debug, Clone)]
enum State {
    /// The contract is not there.
    Absent,
    /// The file has errors, so nothing is known for sure.
    Broken(Diagnostic),
    /// The contract.
    Found(Found),
}

impl State {
    fn found(self) -> Option<Found> {
        match self {
            Self::Found(found) => Some(found),
            Self::Absent | Self::Broken(_) => None,
        }
    }
}

/// What a file says of the contract of this name. What git has not got is no file that says nothing.
fn state(tree: &dyn FileTree, path: &str, name: &str) -> Result<State, GitError> {
    let bytes = match tree.read(path) {
        Ok(bytes) => bytes,
        Err(error) => return GitError::of_io(&error).cloned().map_or(Ok(State::Absent), Err),
    };
    let text: Arc<str> = match decode(&bytes) {
        (text, None) => text.into(),
        (_, Some(problem)) => return Ok(State::Broken(problem.into_diagnostic(path))),
    };
    // Most files that are looked through speak of other contracts.
    if !text.contains(name) {
        return Ok(State::Absent);
    }
    let model = read_model(path, FileKind::Contract, &text);
    let Items::Contracts(file) = model.items else { return Ok(State::Absent) };
    let Some(contract) = file.contracts.into_iter().find(|contract| contract.name == name) else { return Ok(State::Absent) };
    Ok(match model.diagnostics.into_iter().find(Diagnostic::is_error) {
        Some(problem) => State::Broken(problem),
        None => State::Found(Found { contract: Arc::new(contract), path: path.to_owned(), spans: Arc::new(file.spans), text }),
    })
}

/// A file's contract of this name, if it can be read.
fn read(tree: &dyn FileTree, path: &str, name: &str) -> Result<Option<Found>, GitError> {
    Ok(state(tree, path, name)?.found())
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
    let entries = match tree.list(&scope(tree)?).map_err(git) {
        Ok(entries) => entries,
        Err(None) => return Ok(None),
        Err(Some(error)) => return Err(error),
    };
    let files: Vec<_> = entries.into_iter().filter(|entry| entry.role == Role::Contract).collect();
    // The first by path counts, as everywhere.
    files.par_iter().find_map_first(|entry| read(tree, &entry.path, name).transpose()).transpose()
}

/// Every version of a contract up to a commit, the newest first; those of a contract that the commit has no more, too.
///
/// A merge that took the contract as it was on one side is no version. A file that moved is followed by the contract's name, and so is
/// a contract that went away and came back.
///
/// # Errors
/// When the repository cannot be read.
pub fn versions(
    repository: &Repository,
    name: &str,
    from: &Commit,
    engine: contract::MakeEngine<'_>,
) -> Result<Vec<ContractVersion>, GitError> {
    let lineage = Lineage { repository, name, engine };
    let mut out: Vec<ContractVersion> = Vec::new();
    // Where the contract's file is to be followed from.
    let here = find(&repository.tree(from)?, name, None)?.map(|found| (from.clone(), found.path));
    let mut open: Vec<(Commit, String)> = match here {
        Some(here) => vec![here],
        None => lineage.vanished(from)?.into_iter().collect(),
    };
    let mut followed = HashSet::new();
    let mut seen = HashSet::new();
    while let Some((start, path)) = open.pop() {
        if !followed.insert((start.id, path.clone())) {
            continue;
        }
        for entry in repository.log(&start, Subject::Paths(vec![path.clone()]))? {
            let entry = entry?;
            if !seen.insert(entry.commit.id) {
                continue;
            }
            let (version, before) = lineage.version(entry.commit, &path, entry.is_cut)?;
            out.extend(version);
            open.extend(before);
        }
    }
    // Each file's history is in order; those of several files are put together by day.
    out.sort_by_key(|version| Reverse(version.commit.seconds));
    Ok(out)
}

/// One contract, through its commits.
struct Lineage<'a> {
    repository: &'a Repository,
    name: &'a str,
    engine: contract::MakeEngine<'a>,
}

/// A version, if a commit made one, and where its file has to be followed from.
type Step = (Option<ContractVersion>, Option<(Commit, String)>);

impl Lineage<'_> {
    /// What a commit that touched the file did to the contract.
    fn version(&self, commit: Commit, path: &str, is_cut: bool) -> Result<Step, GitError> {
        let tree = self.repository.tree(&commit)?;
        let now = match state(&tree, path, self.name)? {
            // It may only have moved away from here.
            State::Absent => find(&tree, self.name, None)?.map_or(State::Absent, State::Found),
            state => state,
        };
        let mut parents = Vec::new();
        if !is_cut {
            for parent in &commit.parents {
                let parent = self.repository.resolve(&parent.to_string())?;
                let before = self.before(&parent, path)?;
                parents.push((parent, before));
            }
        }
        let mut version = ContractVersion {
            status: Status::Changed,
            path: path.to_owned(),
            found: None,
            problem: None,
            changes: Vec::new(),
            bump: Bump::None,
            is_cut,
            commit,
        };
        match now {
            State::Absent => {
                let was_everywhere = !parents.is_empty() && parents.iter().all(|(_, before)| !matches!(before, State::Absent));
                version.status = Status::Removed;
                Ok((was_everywhere.then_some(version), None))
            }
            State::Broken(problem) => {
                let was_broken = parents.iter().any(|(_, before)| matches!(before, State::Broken(_)));
                version.problem = Some(format!("{} ({})", problem.message, problem.code));
                Ok(((!was_broken).then_some(version), None))
            }
            State::Found(new) => self.graded(version, new, parents),
        }
    }

    /// A version that can be read, compared with what its parents had.
    fn graded(&self, mut version: ContractVersion, new: Found, parents: Vec<(Commit, State)>) -> Result<Step, GitError> {
        version.path.clone_from(&new.path);
        let mut old = Vec::new();
        for (parent, state) in parents {
            let found = match state {
                State::Found(found) => Some(found),
                State::Broken(problem) => self.last_sound(&parent, &problem.place.path)?,
                State::Absent => None,
            };
            old.extend(found.map(|found| (parent, found)));
        }
        let Some((parent, first)) = old.first() else {
            version.status = Status::Added;
            let earlier = match version.commit.parents.first().filter(|_| !version.is_cut) {
                Some(parent) => self.vanished(&self.repository.resolve(&parent.to_string())?)?,
                None => None,
            };
            version.found = Some(new);
            return Ok((Some(version), earlier));
        };
        let moved = (first.path != new.path).then(|| (parent.clone(), first.path.clone()));
        let is = contract::Side::new(&new.contract, &new.path, &new.spans);
        let mut common: Option<Vec<Change>> = None;
        for (_, old) in &old {
            let was = contract::Side::new(&old.contract, &old.path, &old.spans);
            let changes = contract::compare_sides(&was, &is, self.engine);
            let same = |change: &Change, other: &Change| (change.rule.id, &change.part) == (other.rule.id, &other.part);
            common = Some(match common {
                None => changes,
                Some(common) => common.into_iter().filter(|change| changes.iter().any(|other| same(change, other))).collect(),
            });
        }
        let renumbered = old.iter().all(|(_, old)| old.contract.version != new.contract.version);
        version.changes = common.unwrap_or_default();
        version.bump = version.changes.iter().map(demanded).max().unwrap_or_default();
        if moved.is_some() {
            version.status = Status::Moved;
        }
        version.found = Some(new);
        // What means the same under the same number is no version.
        let is_version = moved.is_some() || renumbered || !version.changes.is_empty();
        Ok((is_version.then_some(version), moved))
    }

    /// What a commit says of the contract: in the file where it is expected, else wherever it is.
    fn before(&self, commit: &Commit, path: &str) -> Result<State, GitError> {
        let tree = self.repository.tree(commit)?;
        Ok(match state(&tree, path, self.name)? {
            State::Absent => find(&tree, self.name, None)?.map_or(State::Absent, State::Found),
            state => state,
        })
    }

    /// The contract as its file had it when it could last be read.
    fn last_sound(&self, from: &Commit, path: &str) -> Result<Option<Found>, GitError> {
        for entry in self.repository.log(from, Subject::Paths(vec![path.to_owned()]))? {
            if let State::Found(found) = state(&self.repository.tree(&entry?.commit)?, path, self.name)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The last commit that took the contract away, and the file that it took it from; `None` when there never was one.
    fn vanished(&self, from: &Commit) -> Result<Option<(Commit, String)>, GitError> {
        let scope = scope(&self.repository.tree(from)?)?;
        for entry in self.repository.log(from, Subject::Workspace(scope.clone()))? {
            let entry = entry?;
            if entry.is_cut {
                continue;
            }
            let tree = self.repository.tree(&entry.commit)?;
            for parent in &entry.commit.parents {
                let parent = self.repository.resolve(&parent.to_string())?;
                let (old, new) = (git::Side::Commit(parent.clone()), git::Side::Commit(entry.commit.clone()));
                let old_tree = self.repository.tree(&parent)?;
                for file in self.repository.changed(&old, &new, [&scope, &scope])? {
                    let is_contract = file.before.is_some() && scope.role(&file.path) == Some(Role::Contract);
                    let had = |tree: &dyn FileTree| Ok::<_, GitError>(!matches!(state(tree, &file.path, self.name)?, State::Absent));
                    if is_contract && had(&old_tree)? && !had(&tree)? {
                        return Ok(Some((entry.commit, file.path.to_string())));
                    }
                }
            }
        }
        Ok(None)
    }
}

/// What belongs to the workspace, as a tree has it.
fn scope(tree: &dyn FileTree) -> Result<Scope, GitError> {
    let manifest = match tree.read(manifest::FILE) {
        Ok(bytes) => manifest::read(manifest::FILE, &String::from_utf8_lossy(&bytes)).manifest,
        Err(error) => match GitError::of_io(&error) {
            Some(error) => return Err(error.clone()),
            None => Manifest::default(),
        },
    };
    Ok(Scope::of(&manifest))
}

/// The tags that a contract's history speaks of, the newest first: versions that the base comes after or is, from that of
/// `since:TAG` on. A tag on another branch was never promised to those who read this one. The tag of `since:` counts even if it names
/// no version.
///
/// # Errors
/// When the tag of `since:TAG` is not there, or tags cannot be read.
pub(super) fn tags(repository: &Repository, history: &History, base: &Commit) -> Result<Vec<Tag>, GitError> {
    let first = match history {
        History::Last => return Ok(Vec::new()),
        History::Transitive => None,
        History::Since(name) => Some((name, repository.resolve(name)?)),
    };
    // Where a shallow clone ends before it can be told, a version counts rather than not.
    let is_before = |one: &Commit, other: &Commit| match repository.merge_base(one, other) {
        Ok(common) => common.id == one.id,
        Err(error) => matches!(error, GitError::MissingHistory { .. }),
    };
    let mut tags = Vec::new();
    for tag in repository.tags()? {
        let is_first = first.as_ref().is_some_and(|(name, _)| **name == tag.name);
        if tag.version.is_none() && !is_first {
            continue;
        }
        let commit = repository.resolve(&tag.commit.to_string())?;
        if is_before(&commit, base) && first.as_ref().is_none_or(|(_, first)| is_before(first, &commit)) {
            tags.push(tag);
        }
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

/// The different contracts of this name in the tagged versions. Equal ones are named once, by the newest tag. Where the file had
/// errors nothing is compared, and a problem says so.
///
/// # Errors
/// When a tagged commit cannot be read.
pub(super) fn tagged(
    repository: &Repository,
    tags: &[Tag],
    name: &str,
    path: &str,
    problems: &mut Vec<Diagnostic>,
) -> Result<Vec<Tagged>, GitError> {
    let mut out: Vec<Tagged> = Vec::new();
    for tag in tags {
        let commit = repository.resolve(&tag.commit.to_string())?;
        let tree = repository.tree(&commit)?;
        let found = match state(&tree, path, name)? {
            State::Broken(problem) => {
                problems.push(old_version_broken(&format!("{path} at {}", tag.name), None, &problem.code, &problem.message));
                continue;
            }
            State::Found(found) => Some(found),
            State::Absent => find(&tree, name, None)?,
        };
        let Some(found) = found else { continue };
        if !out.iter().any(|known| known.found.contract == found.contract) {
            out.push(Tagged { tag: tag.name.clone(), found });
        }
    }
    tracing::debug!(contract = name, versions = out.len(), "earlier versions");
    Ok(out)
}
