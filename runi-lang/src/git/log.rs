//! The commits that touched something, newest first.

use super::dir::{DirRef, Dirs, Node};
use super::error::GitError;
use super::odb::Oid;
use super::repository::Repository;
use super::revision::{Commit, commit};
use super::walk::{Snapshot, Walk};
use crate::workspace::files::Scope;
use crate::workspace::manifest;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::ops::ControlFlow;
use std::sync::Arc;

/// What a history is about.
#[derive(Debug, Clone)]
pub enum Subject {
    /// Every file of the workspace, and `Runi.toml`.
    Workspace(Scope),
    /// Files or directories, relative to the workspace.
    Paths(Vec<String>),
}

/// A commit that touched the subject of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// The commit.
    pub commit: Commit,
    /// Whether a shallow clone ends here: what this commit seems to add may be older.
    pub is_cut: bool,
}

/// A history, read while it is iterated.
///
/// It is the history of `git log -- PATH`: where a merge took the subject as it is from one side, only that side is followed, since
/// nothing that happened on the others explains what there is. A merge is listed when it agrees with none of its sides. Commits come
/// by time, the newest first. Trees are compared by id, so that a commit that touched nothing of the subject costs one look.
#[derive(Debug)]
pub struct Log {
    repository: Repository,
    dirs: Dirs,
    subject: Subject,
    first_parent: bool,
    queue: BinaryHeap<Queued>,
    /// Commits that were queued, with their trees.
    trees: FxHashMap<Oid, gix::ObjectId>,
    /// What stands at the paths, by tree.
    states: FxHashMap<gix::ObjectId, Arc<[Option<State>]>>,
    /// Where a shallow clone ends.
    ends: FxHashSet<Oid>,
    /// The directories that are looked at, relative to the repository.
    trail: Vec<String>,
    /// Whether older trees are worth reading ahead of time.
    looks_ahead: bool,
}

/// Commits that are read ahead of time.
const AHEAD: usize = 64;

/// A tree that is put together from more differences than this was not stored for reading backwards.
const LONG_CHAIN: u64 = 6;

/// What stands at a path; two of them are equal when nothing differs below.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    File(gix::ObjectId),
    Dir(gix::ObjectId),
    /// A link or a submodule. Nothing in them is ours.
    Other,
}

#[derive(Debug)]
struct Queued {
    commit: Commit,
    /// Earlier ones come first among commits of one second.
    order: usize,
}

impl Ord for Queued {
    fn cmp(&self, other: &Self) -> Ordering {
        self.commit.seconds.cmp(&other.commit.seconds).then_with(|| other.order.cmp(&self.order))
    }
}

impl PartialOrd for Queued {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Queued {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Queued {}

impl Repository {
    /// The commits up to `from` that touched a subject.
    ///
    /// # Errors
    /// When the repository's list of shallow commits cannot be read.
    pub fn log(&self, from: &Commit, subject: Subject) -> Result<Log, GitError> {
        let ends = self.odb.with(|repo| repo.shallow_commits()).map_err(|error| super::odb::unreadable(&error))?;
        let ends = ends.iter().flat_map(|ends| ends.iter().copied().map(Oid)).collect();
        let trail: Vec<String> = match &subject {
            Subject::Workspace(scope) => scope.roots().into_iter().map(|root| self.full(root)).collect(),
            Subject::Paths(paths) => {
                paths.iter().map(|path| self.full(path).rsplit_once('/').map_or_else(String::new, |(dir, _)| dir.to_owned())).collect()
            }
        };
        let mut log = Log {
            repository: self.clone(),
            dirs: Dirs::new(Arc::clone(&self.odb)),
            subject,
            first_parent: false,
            queue: BinaryHeap::new(),
            trees: FxHashMap::default(),
            states: FxHashMap::default(),
            ends,
            trail,
            looks_ahead: true,
        };
        log.push(from.clone());
        Ok(log)
    }
}

impl Log {
    /// Follows the first parent of each merge only: what happened on a branch, with everything that was merged into it as one step.
    #[must_use]
    pub fn first_parent(mut self) -> Self {
        self.first_parent = true;
        self
    }

    fn push(&mut self, commit: Commit) {
        if self.trees.insert(commit.id, commit.tree).is_none() {
            self.queue.push(Queued { order: self.trees.len(), commit });
        }
    }

    /// Looks at one commit; the entry when it touched the subject.
    fn step(&mut self, commit: Commit) -> Result<Option<LogEntry>, GitError> {
        let is_cut = self.ends.contains(&commit.id);
        let limit = match (is_cut, self.first_parent) {
            (true, _) => 0,
            (false, true) => 1,
            (false, false) => usize::MAX,
        };
        let mut parents = Vec::new();
        for id in commit.parents.iter().take(limit) {
            let parent = self.commit(*id)?;
            if self.is_same(Some(parent.tree), commit.tree)? {
                self.push(parent);
                return Ok(None);
            }
            parents.push(parent);
        }
        if parents.is_empty() && self.is_same(None, commit.tree)? {
            return Ok(None);
        }
        for parent in parents {
            self.push(parent);
        }
        Ok(Some(LogEntry { commit, is_cut }))
    }

    /// Looks at one commit, and ahead when that turns out to be slow.
    ///
    /// Packs store the versions of a directory as differences from each other. Where the newest builds on the one before, and that on the
    /// next, going back from the newest puts every version together from its beginning. Read in the other direction, each is one step.
    fn paced_step(&mut self, commit: Commit) -> Result<Option<LogEntry>, GitError> {
        let (before, parent) = (self.dirs.odb.missed(), commit.parents.first().copied().filter(|_| !self.ends.contains(&commit.id)));
        let entry = self.step(commit)?;
        if let Some(parent) = parent
            && self.looks_ahead
            && self.dirs.odb.missed() - before > LONG_CHAIN
        {
            self.look_ahead(parent);
        }
        Ok(entry)
    }

    /// Reads the directories of older commits, the oldest first. What cannot be read is said when it is really needed.
    fn look_ahead(&mut self, from: Oid) {
        let mut tops = Vec::with_capacity(AHEAD);
        let mut next = Some(from);
        while let Some(Ok(commit)) = next.map(|id| self.commit(id)) {
            tops.push(commit.tree);
            next = commit.parents.first().copied().filter(|_| tops.len() < AHEAD && !self.ends.contains(&commit.id));
        }
        let before = self.dirs.odb.missed();
        for top in tops.iter().rev() {
            for path in &self.trail {
                let _ = self.load(DirRef::Object(*top), path);
            }
        }
        // Where this direction is the slow one, too, nothing is gained by it.
        self.looks_ahead = self.dirs.odb.missed() - before < LONG_CHAIN * AHEAD as u64;
    }

    fn load(&self, mut dir: DirRef, path: &str) -> Result<(), GitError> {
        for part in path.split('/').filter(|part| !part.is_empty()) {
            match self.dirs.entry(&dir, part)? {
                Some(Node::Dir(below)) => dir = below,
                _ => return Ok(()),
            }
        }
        self.dirs.load(&dir)
    }

    fn commit(&self, id: Oid) -> Result<Commit, GitError> {
        self.repository.odb.with(|repo| commit(repo, id.0, &id.to_string()))
    }

    /// Whether the subject is the same in two trees; no tree at all has nothing.
    fn is_same(&mut self, before: Option<gix::ObjectId>, after: gix::ObjectId) -> Result<bool, GitError> {
        if before == Some(after) {
            return Ok(true);
        }
        let Subject::Workspace(scope) = &self.subject else {
            let now = self.state(after)?;
            return match before {
                Some(before) => Ok(*self.state(before)? == *now),
                None => Ok(now.iter().all(Option::is_none)),
            };
        };
        let snapshot = |tree: Option<gix::ObjectId>| Snapshot { top: tree.map(DirRef::Object), prefix: self.repository.prefix.clone() };
        let (before, after) = (snapshot(before), snapshot(Some(after)));
        if self.manifest(&before)? != self.manifest(&after)? {
            return Ok(false);
        }
        let mut same = true;
        let visit = |_: &str, _, _: [Option<gix::ObjectId>; 2]| {
            same = false;
            ControlFlow::Break(())
        };
        Walk::run(&self.dirs, [&before, &after], [scope, scope], visit)?;
        Ok(same)
    }

    fn manifest(&self, snapshot: &Snapshot) -> Result<Option<State>, GitError> {
        snapshot.top.as_ref().map_or(Ok(None), |top| self.at(top, manifest::FILE))
    }

    /// What stands at the paths of the subject.
    fn state(&mut self, tree: gix::ObjectId) -> Result<Arc<[Option<State>]>, GitError> {
        if let Some(known) = self.states.get(&tree) {
            return Ok(Arc::clone(known));
        }
        let Subject::Paths(paths) = &self.subject else { return Ok(Arc::from([])) };
        let top = DirRef::Object(tree);
        let state: Arc<[Option<State>]> = paths.iter().map(|path| self.at(&top, path)).collect::<Result<_, _>>()?;
        self.states.insert(tree, Arc::clone(&state));
        Ok(state)
    }

    /// What stands at one path of the workspace.
    fn at(&self, top: &DirRef, path: &str) -> Result<Option<State>, GitError> {
        let full = self.repository.full(path);
        let mut dir = top.clone();
        let mut parts = full.split('/').filter(|part| !part.is_empty() && *part != ".").peekable();
        while let Some(part) = parts.next() {
            match self.dirs.entry(&dir, part)? {
                Some(Node::Dir(below)) => dir = below,
                Some(_) | None if parts.peek().is_some() => return Ok(None),
                Some(Node::File(id)) => return Ok(Some(State::File(id))),
                Some(Node::Link | Node::Submodule) => return Ok(Some(State::Other)),
                None => return Ok(None),
            }
        }
        Ok(match dir {
            DirRef::Object(id) => Some(State::Dir(id)),
            DirRef::Memory(_) => None,
        })
    }
}

impl Iterator for Log {
    type Item = Result<LogEntry, GitError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Queued { commit, .. } = self.queue.pop()?;
            match self.paced_step(commit) {
                Ok(None) => {}
                Ok(Some(entry)) => return Some(Ok(entry)),
                Err(error) => {
                    // What comes after a hole would look like the whole history.
                    self.queue.clear();
                    return Some(Err(error));
                }
            }
        }
    }
}
