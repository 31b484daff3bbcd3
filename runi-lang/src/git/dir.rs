//! Directories of a commit or of the index: decoded once, checked for what git would never write.

use super::error::GitError;
use super::odb::Odb;
use gix::objs::tree::EntryKind;
use gix::objs::{Kind, TreeRefIter};
use rustc_hash::FxHashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Directories below the workspace are no deeper. Deeper ones are made to use up somebody's stack.
pub(super) const DEEPEST: usize = 64;

/// Entries that one walk looks at. A few small objects can describe a tree of billions of files.
pub(super) const MOST_ENTRIES: usize = 1_000_000;

/// A directory.
#[derive(Debug, Clone)]
pub(super) enum DirRef {
    /// A tree object.
    Object(gix::ObjectId),
    /// A directory of the index, which has no object.
    Memory(Arc<Dir>),
}

impl DirRef {
    /// Whether both are the same without a look inside.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Object(a), Self::Object(b)) => a == b,
            (Self::Memory(a), Self::Memory(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

/// What stands under a name.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// A file.
    File(gix::ObjectId),
    /// A symbolic link, which is never followed.
    Link,
    /// A commit of another repository.
    Submodule,
    /// A directory.
    Dir(DirRef),
}

/// A decoded directory, sorted by name as bytes.
#[derive(Debug, Default)]
pub(super) struct Dir {
    pub(super) entries: Vec<(Box<str>, Node)>,
    /// Names that were left out, readable, each with whether it is a directory's.
    pub(super) odd: Vec<(String, bool)>,
}

impl Dir {
    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        let at = self.entries.binary_search_by(|(other, _)| other.as_ref().cmp(name)).ok()?;
        self.entries.get(at).map(|(_, node)| node)
    }

    /// Sorts what was collected; two entries of one name are a trick that would show different people different files.
    pub(super) fn sorted(mut entries: Vec<(Box<str>, Node)>, odd: Vec<(String, bool)>) -> Result<Self, GitError> {
        entries.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        for pair in entries.windows(2) {
            if let [(a, _), (b, _)] = pair
                && a == b
            {
                return Err(GitError::Damaged { reason: format!("a directory has two entries `{a}`") });
            }
        }
        Ok(Self { entries, odd })
    }
}

/// The name as it may be used; an error holds it as it may be shown.
///
/// Refused are names that mean something else on another system or in a terminal: `.`, `..` and `.git`, slashes, backslashes, control
/// characters, and what is not UTF-8.
pub(super) fn plain_name(name: &[u8]) -> Result<&str, String> {
    let shown = || String::from_utf8_lossy(name).chars().flat_map(char::escape_default).collect::<String>();
    let text = std::str::from_utf8(name).map_err(|_| shown())?;
    let reserved = text.is_empty() || text == "." || text == ".." || text.eq_ignore_ascii_case(".git");
    if reserved || text.contains(['/', '\\']) || text.chars().any(char::is_control) { Err(shown()) } else { Ok(text) }
}

/// Entries of decoded directories that are kept. A long history has more than fit into the memory.
const KEPT_ENTRIES: usize = 400_000;

/// Decoded directories by id.
pub(super) struct Dirs {
    pub(super) odb: Arc<Odb>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    dirs: FxHashMap<gix::ObjectId, Arc<Dir>>,
    entries: usize,
}

impl fmt::Debug for Dirs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.odb.fmt(f)
    }
}

impl Dirs {
    pub(super) fn new(odb: Arc<Odb>) -> Self {
        Self { odb, known: Mutex::default() }
    }

    /// The directory, decoded.
    pub(super) fn get(&self, dir: &DirRef) -> Result<Arc<Dir>, GitError> {
        let id = match dir {
            DirRef::Memory(dir) => return Ok(Arc::clone(dir)),
            DirRef::Object(id) => *id,
        };
        if let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).dirs.get(&id) {
            return Ok(Arc::clone(known));
        }
        let decoded = Arc::new(if id.is_empty_tree() { Dir::default() } else { decode(&self.odb.bytes(id, Kind::Tree)?, id)? });
        let known = &mut *self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.entries > KEPT_ENTRIES {
            *known = Known::default();
        }
        known.entries += decoded.entries.len();
        known.dirs.insert(id, Arc::clone(&decoded));
        Ok(decoded)
    }

    /// What stands at a path below `from`; `None` when nothing does, or something that is no directory stands in the way.
    pub(super) fn find(&self, from: &DirRef, path: &str) -> Result<Option<Node>, GitError> {
        let mut node = Node::Dir(from.clone());
        for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
            let Node::Dir(dir) = &node else { return Ok(None) };
            match self.get(dir)?.get(part) {
                Some(next) => node = next.clone(),
                None => return Ok(None),
            }
        }
        Ok(Some(node))
    }
}

fn decode(bytes: &[u8], id: gix::ObjectId) -> Result<Dir, GitError> {
    let mut entries = Vec::new();
    let mut odd = Vec::new();
    for entry in TreeRefIter::from_bytes(bytes, id.kind()) {
        let entry = entry.map_err(|_| GitError::Damaged { reason: format!("the tree {id} cannot be decoded") })?;
        let node = match entry.mode.kind() {
            EntryKind::Tree => Node::Dir(DirRef::Object(entry.oid.to_owned())),
            EntryKind::Blob | EntryKind::BlobExecutable => Node::File(entry.oid.to_owned()),
            EntryKind::Link => Node::Link,
            EntryKind::Commit => Node::Submodule,
        };
        match plain_name(entry.filename) {
            Ok(name) => entries.push((Box::from(name), node)),
            Err(shown) => odd.push((shown, matches!(node, Node::Dir(_)))),
        }
    }
    Dir::sorted(entries, odd)
}

/// Counts what a walk looks at, so that none goes on forever.
#[derive(Debug, Default)]
pub(super) struct Budget(usize);

impl Budget {
    pub(super) fn spend(&mut self, entries: usize, depth: usize) -> Result<(), GitError> {
        self.0 = self.0.saturating_add(entries);
        if self.0 > MOST_ENTRIES {
            return Err(GitError::Damaged { reason: format!("more than {MOST_ENTRIES} entries lie in the workspace's directories") });
        }
        if depth > DEEPEST {
            return Err(GitError::Damaged { reason: format!("directories are nested more than {DEEPEST} deep") });
        }
        Ok(())
    }
}
