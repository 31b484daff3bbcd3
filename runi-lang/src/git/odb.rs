//! Objects by id. A handle of the object database belongs to one thread, so there is a pool of them; what a hostile repository can make us load is bounded.

use super::error::GitError;
use gix::objs::Kind;
use gix::odb::pack::cache::DecodeEntry;
use rustc_hash::FxHashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of one tree or commit object, or of the index. The tree of a directory of a million files is smaller.
pub(super) const LARGEST_OBJECT: &str = "268435456";

/// Bytes of decoded pack entries that each handle keeps. Versions of a directory are stored as differences from each other, so that
/// without what was decoded last, each of them would be put together from the start.
const PACK_CACHE: usize = 48 * 1024 * 1024;

/// Entries of packs by pack and offset; forgotten all at once when they are too many.
struct PackCache {
    known: FxHashMap<(u32, u64), Decoded>,
    bytes: usize,
    missed: Arc<AtomicU64>,
}

struct Decoded {
    kind: Kind,
    /// Its size in the pack.
    compressed: usize,
    data: Box<[u8]>,
}

impl DecodeEntry for PackCache {
    fn put(&mut self, pack: u32, offset: u64, data: &[u8], kind: Kind, compressed: usize) {
        // Contents of files are read once.
        if kind == Kind::Blob || data.len() > PACK_CACHE / 4 {
            return;
        }
        if self.bytes + data.len() > PACK_CACHE {
            self.known.clear();
            self.bytes = 0;
        }
        self.bytes += data.len();
        self.known.insert((pack, offset), Decoded { kind, compressed, data: data.into() });
    }

    fn get(&mut self, pack: u32, offset: u64, out: &mut Vec<u8>) -> Option<(Kind, usize)> {
        let Some(known) = self.known.get(&(pack, offset)) else {
            self.missed.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        out.clear();
        out.extend_from_slice(&known.data);
        Some((known.kind, known.compressed))
    }
}

/// The id of a commit or of a file's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid(pub(super) gix::ObjectId);

impl Oid {
    /// The first ten digits, for people.
    #[must_use]
    pub fn short(&self) -> String {
        self.0.to_hex_with_len(10).to_string()
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Oid {
    type Err = GitError;

    /// Reads a full id, of either hash.
    fn from_str(text: &str) -> Result<Self, GitError> {
        let unknown = || GitError::UnknownRevision { revision: text.to_owned(), near: Vec::new(), shallow: false };
        gix::ObjectId::from_hex(text.as_bytes()).map(Self).map_err(|_| unknown())
    }
}

/// The object database of one repository.
pub(super) struct Odb {
    shared: gix::ThreadSafeRepository,
    idle: Mutex<Vec<gix::Repository>>,
    missed: Arc<AtomicU64>,
}

impl fmt::Debug for Odb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt(f)
    }
}

impl Odb {
    pub(super) fn new(shared: gix::ThreadSafeRepository) -> Self {
        Self { shared, idle: Mutex::default(), missed: Arc::default() }
    }

    /// Lends a handle. Handles keep their caches, and there are never more of them than threads that ask at once.
    pub(super) fn with<T>(&self, ask: impl FnOnce(&gix::Repository) -> T) -> T {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let handle = idle.unwrap_or_else(|| {
            let mut handle = self.shared.to_thread_local();
            let missed = Arc::clone(&self.missed);
            handle
                .objects
                .set_pack_cache(move || Box::new(PackCache { known: FxHashMap::default(), bytes: 0, missed: Arc::clone(&missed) }));
            handle
        });
        let answer = ask(&handle);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(handle);
        answer
    }

    /// How many differences had to be applied so far because what they build on was not known any more.
    pub(super) fn missed(&self) -> u64 {
        self.missed.load(Ordering::Relaxed)
    }

    /// The bytes of an object that must be of this kind.
    pub(super) fn bytes(&self, id: gix::ObjectId, kind: Kind) -> Result<Vec<u8>, GitError> {
        self.with(|repo| {
            let mut object = repo.try_find_object(id).map_err(|error| damaged(&error))?.ok_or_else(|| missing(repo, id))?;
            if object.kind != kind {
                return Err(GitError::Damaged { reason: format!("{id} is a {}, not a {kind}", object.kind) });
            }
            Ok(std::mem::take(&mut object.data))
        })
    }

    /// The size of a blob without its content; `None` when it is not in this clone.
    pub(super) fn blob_size(&self, id: gix::ObjectId) -> Result<Option<u64>, GitError> {
        self.with(|repo| {
            let header = repo.try_find_header(id).map_err(|error| damaged(&error))?;
            Ok(header.filter(|header| header.kind() == Kind::Blob).map(|header| header.size()))
        })
    }

    /// Which hash the repository uses.
    pub(super) fn hash(&self) -> gix::hash::Kind {
        self.with(gix::Repository::object_hash)
    }
}

/// An error of git's files, in one line.
pub(super) fn reason(error: &gix::Error) -> String {
    let mut text = error.to_string();
    let cause = error.probable_cause().to_string();
    if cause != text {
        text = format!("{text}: {cause}");
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn damaged(error: &gix::Error) -> GitError {
    GitError::Damaged { reason: reason(error) }
}

pub(super) fn unreadable(error: &gix::Error) -> GitError {
    GitError::Unreadable { reason: reason(error) }
}

/// That an object is not here, and whether it could be elsewhere.
pub(super) fn missing(repo: &gix::Repository, id: gix::ObjectId) -> GitError {
    let config = repo.config_snapshot();
    let partial = config.string("extensions.partialClone").is_some()
        || repo.remote_names().iter().any(|name| config.boolean(format!("remote.{name}.promisor").as_str()) == Some(true));
    GitError::MissingObject { id: id.to_string(), partial }
}
