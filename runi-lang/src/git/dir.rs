//! Directories of a commit or of the index: decoded once, checked for what git would never write.

use super::error::GitError;
use super::ignored;
use super::odb::Odb;
use super::raw::{self, Pair, node};
use gix::objs::{Kind, TreeRefIter};
use ignore::gitignore::Gitignore;
use rustc_hash::FxHashMap;
use std::cmp::Ordering;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

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

impl Node {
    /// Whether both are the same without a look inside.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File(a), Self::File(b)) => a == b,
            (Self::Dir(a), Self::Dir(b)) => a.is_same(b),
            _ => false,
        }
    }
}

/// A decoded directory, sorted by name as bytes.
#[derive(Debug, Default)]
pub(super) struct Dir {
    pub(super) entries: Vec<(Box<str>, Node)>,
    /// What was left out for its name, which is readable here.
    pub(super) odd: Vec<(String, Node)>,
}

impl Dir {
    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        let at = self.entries.binary_search_by(|(other, _)| other.as_ref().cmp(name)).ok()?;
        self.entries.get(at).map(|(_, node)| node)
    }

    /// Sorts what was collected; two entries of one name are a trick that would show different people different files.
    pub(super) fn sorted(mut entries: Vec<(Box<str>, Node)>, odd: Vec<(String, Node)>) -> Result<Self, GitError> {
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

/// What a search for a file sees of a directory.
pub(super) struct Look {
    /// Whether a file of that name is here.
    pub(super) has_file: bool,
    /// The directories in it; those with odd names are left out.
    pub(super) dirs: Vec<(Box<str>, DirRef)>,
    /// How many entries it has.
    pub(super) entries: usize,
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

/// Bytes of tree objects that are kept.
const KEPT_BYTES: usize = 64 * 1024 * 1024;

/// What is kept of the objects that were read; forgotten all at once when it is too much.
struct Kept<K, V> {
    known: FxHashMap<K, V>,
    weight: usize,
    limit: usize,
}

impl<K: Eq + Hash, V: Clone> Kept<K, V> {
    fn new(limit: usize) -> Mutex<Self> {
        Mutex::new(Self { known: FxHashMap::default(), weight: 0, limit })
    }

    fn get(kept: &Mutex<Self>, key: &K) -> Option<V> {
        kept.lock().unwrap_or_else(PoisonError::into_inner).known.get(key).cloned()
    }

    fn put(kept: &Mutex<Self>, key: K, value: V, weight: usize) {
        let kept = &mut *kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.weight > kept.limit {
            kept.known.clear();
            kept.weight = 0;
        }
        kept.weight += weight;
        kept.known.insert(key, value);
    }
}

/// Tree objects by id, as bytes and decoded.
pub(super) struct Dirs {
    pub(super) odb: Arc<Odb>,
    hash: gix::hash::Kind,
    bytes: Mutex<Kept<gix::ObjectId, Arc<Vec<u8>>>>,
    decoded: Mutex<Kept<gix::ObjectId, Arc<Dir>>>,
    rules: Mutex<Kept<(String, gix::ObjectId), Arc<Gitignore>>>,
    local: OnceLock<Option<Arc<Gitignore>>>,
}

impl fmt::Debug for Dirs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.odb.fmt(f)
    }
}

impl Dirs {
    pub(super) fn new(odb: Arc<Odb>) -> Self {
        let hash = odb.hash();
        Self { odb, hash, bytes: Kept::new(KEPT_BYTES), decoded: Kept::new(KEPT_ENTRIES), rules: Kept::new(10_000), local: OnceLock::new() }
    }

    /// The bytes of a tree object.
    fn bytes(&self, id: gix::ObjectId) -> Result<Arc<Vec<u8>>, GitError> {
        if id.is_empty_tree() {
            return Ok(Arc::default());
        }
        if let Some(known) = Kept::get(&self.bytes, &id) {
            return Ok(known);
        }
        let bytes = Arc::new(self.odb.bytes(id, Kind::Tree)?);
        Kept::put(&self.bytes, id, Arc::clone(&bytes), bytes.len());
        Ok(bytes)
    }

    /// The directory, decoded.
    pub(super) fn get(&self, dir: &DirRef) -> Result<Arc<Dir>, GitError> {
        let id = match dir {
            DirRef::Memory(dir) => return Ok(Arc::clone(dir)),
            DirRef::Object(id) => *id,
        };
        if let Some(known) = Kept::get(&self.decoded, &id) {
            return Ok(known);
        }
        let decoded = Arc::new(decode(&self.bytes(id)?, id)?);
        Kept::put(&self.decoded, id, Arc::clone(&decoded), decoded.entries.len());
        Ok(decoded)
    }

    /// Reads a directory before it is asked for.
    pub(super) fn load(&self, dir: &DirRef) -> Result<(), GitError> {
        match dir {
            DirRef::Memory(_) => Ok(()),
            DirRef::Object(id) => self.bytes(*id).map(|_| ()),
        }
    }

    /// What stands under a name, without decoding the whole directory.
    pub(super) fn entry(&self, dir: &DirRef, name: &str) -> Result<Option<Node>, GitError> {
        match dir {
            DirRef::Memory(dir) => Ok(dir.get(name).cloned()),
            DirRef::Object(id) => raw::find(&self.bytes(*id)?, self.hash, name),
        }
    }

    /// The ids of files with these names, which must be in order.
    pub(super) fn files<const N: usize>(&self, dir: &DirRef, names: [&str; N]) -> Result<[Option<gix::ObjectId>; N], GitError> {
        let file = |node: Option<&Node>| match node {
            Some(Node::File(id)) => Some(*id),
            _ => None,
        };
        match dir {
            DirRef::Memory(dir) => Ok(names.map(|name| file(dir.get(name)))),
            DirRef::Object(id) => raw::files(&self.bytes(*id)?, self.hash, names),
        }
    }

    /// The names in a directory, as far as a search for a file of this name needs them.
    pub(super) fn look(&self, dir: &DirRef, file: &str) -> Result<Look, GitError> {
        match dir {
            DirRef::Object(id) => raw::look(&self.bytes(*id)?, self.hash, file),
            DirRef::Memory(dir) => {
                let dirs = dir.entries.iter().filter_map(|(name, node)| match node {
                    Node::Dir(dir) => Some((name.clone(), dir.clone())),
                    Node::File(_) | Node::Link | Node::Submodule => None,
                });
                let has_file = matches!(dir.get(file), Some(Node::File(_)));
                Ok(Look { has_file, dirs: dirs.collect(), entries: dir.entries.len() })
            }
        }
    }

    /// The entries that differ between two directories; one that is not there is empty.
    pub(super) fn differing(&self, sides: [Option<&DirRef>; 2]) -> Result<Vec<Pair>, GitError> {
        let bytes = |side: Option<&DirRef>| match side {
            None => Ok(Some(Arc::default())),
            Some(DirRef::Object(id)) => self.bytes(*id).map(Some),
            Some(DirRef::Memory(_)) => Ok(None),
        };
        let [a, b] = sides;
        if let (Some(a), Some(b)) = (bytes(a)?, bytes(b)?) {
            return raw::differing(&a, &b, self.hash);
        }
        let open = |side: Option<&DirRef>| side.map_or_else(|| Ok(Arc::default()), |side| self.get(side));
        Ok(pairs(&*open(a)?, &*open(b)?))
    }

    /// The patterns of an ignore file in the directory `path`; read once.
    pub(super) fn patterns(
        &self,
        path: &str,
        id: gix::ObjectId,
        parse: impl FnOnce(&[u8]) -> Gitignore,
    ) -> Result<Arc<Gitignore>, GitError> {
        let key = (path.to_owned(), id);
        if let Some(known) = Kept::get(&self.rules, &key) {
            return Ok(known);
        }
        let patterns = Arc::new(parse(&self.odb.bytes(id, Kind::Blob)?));
        Kept::put(&self.rules, key, Arc::clone(&patterns), 1);
        Ok(patterns)
    }

    /// The rules of this clone alone.
    pub(super) fn local_rules(&self) -> Option<Arc<Gitignore>> {
        let read = || {
            let path = self.odb.with(|repo| repo.common_dir().join("info/exclude"));
            let metadata = path.metadata().ok().filter(|metadata| metadata.is_file() && metadata.len() <= ignored::LARGEST);
            metadata.and_then(|_| std::fs::read(&path).ok()).map(|bytes| Arc::new(ignored::parse(&bytes, "")))
        };
        self.local.get_or_init(read).clone()
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

/// The entries of two decoded directories that differ, name by name.
fn pairs(a: &Dir, b: &Dir) -> Vec<Pair> {
    let (mut old, mut new) = (a.entries.iter().peekable(), b.entries.iter().peekable());
    let mut pairs = Vec::new();
    loop {
        let order = match (old.peek(), new.peek()) {
            (Some((a, _)), Some((b, _))) => a.cmp(b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => break,
        };
        let before = if order.is_le() { old.next() } else { None };
        let after = if order.is_ge() { new.next() } else { None };
        let nodes = [before.map(|(_, node)| node.clone()), after.map(|(_, node)| node.clone())];
        let is_same = matches!(&nodes, [Some(before), Some(after)] if before.is_same(after));
        if let (false, Some((name, _))) = (is_same, before.or(after)) {
            pairs.push(Pair { name: Ok(name.clone()), nodes });
        }
    }
    pairs.extend(b.odd.iter().map(|(shown, node)| Pair { name: Err(shown.clone()), nodes: [None, Some(node.clone())] }));
    pairs
}

fn decode(bytes: &[u8], id: gix::ObjectId) -> Result<Dir, GitError> {
    let mut entries = Vec::new();
    let mut odd = Vec::new();
    for entry in TreeRefIter::from_bytes(bytes, id.kind()) {
        let entry = entry.map_err(|_| GitError::Damaged { reason: format!("the tree {id} cannot be decoded") })?;
        let node = node(&entry);
        match plain_name(entry.filename) {
            Ok(name) => entries.push((Box::from(name), node)),
            Err(shown) => odd.push((shown, node)),
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
