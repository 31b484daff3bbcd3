//! The check cache: what was found last time, so that a new process need not find it again.
//!
//! One file, `.runi/cache/check-v1.bin` (`check-v1.<env>.bin` for environments other than `dev`).
//! What enters the keys:
//!
//! | key | holds | a difference means |
//! |---|---|---|
//! | place | the directory of the cache, as the system knows it | everything is new |
//! | tool | version of Runi, size and time of the running binary (and so the SQL engine in it) | everything is new |
//! | engine | the engine's own version, compared when it is first needed | every check is new |
//! | world | environment, herds, edition | every check is new; summaries stay |
//! | file | size and time, else the content's hash | the file is parsed and checked |
//! | dependency | the digest of each answer about another file | the file is checked |
//!
//! A cache says of files that nothing is wrong with them, so one that somebody else made must not be believed: it could come with a
//! clone. It is bound to the directory that it was written into, by what no one can lay into a repository: the directory's number and
//! the instant at which it was made. Copied elsewhere it is worth nothing, and where the system does not tell that instant, nothing
//! is kept.
//!
//! A file that was modified while it was being looked at is never trusted by its time alone. The
//! payload has a checksum: what does not match is ignored and written anew, and a directory that
//! cannot be written is checked without a cache.

use super::codec::{Reader, Writer};
use super::files::Role;
use super::index::{Digest, Export, LazySummary, Stored};
use crate::db::FileCheck;
use rayon::prelude::*;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::UNIX_EPOCH;

const MAGIC: &[u8; 8] = b"RUNICHK1";

/// One file as the cache knows it.
#[derive(Debug, Clone)]
pub(super) struct CachedFile {
    pub(super) path: Arc<str>,
    pub(super) role: Role,
    pub(super) size: u64,
    /// 0 when the time must not be trusted.
    pub(super) modified_ns: u64,
    pub(super) hash: [u8; 32],
    pub(super) exports: Arc<[Export]>,
    pub(super) summary: LazySummary,
    pub(super) check: Arc<FileCheck>,
    pub(super) answers: Arc<[Digest]>,
}

/// Everything in a cache.
#[derive(Debug, Default)]
pub(super) struct Cache {
    pub(super) world: Digest,
    pub(super) engine: String,
    pub(super) files: Vec<CachedFile>,
}

/// The name of the cache of an environment.
pub(super) fn name(environment: &str) -> String {
    match environment {
        super::manifest::DEFAULT_ENVIRONMENT => "check-v1.bin".to_owned(),
        other => format!("check-v1.{other}.bin"),
    }
}

/// What identifies this build of the tool. Read once in the life of a process.
pub(super) fn tool_key() -> Digest {
    static KEY: OnceLock<Digest> = OnceLock::new();
    *KEY.get_or_init(|| {
        let mut hasher = blake3::Hasher::new();
        hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
        if let Some(metadata) = std::env::current_exe().ok().and_then(|exe| exe.metadata().ok()) {
            hasher.update(&metadata.len().to_le_bytes());
            let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            hasher.update(&modified.map(|time| time.as_nanos()).unwrap_or_default().to_le_bytes());
        }
        digest(&hasher)
    })
}

/// What identifies this build together with the directory of a cache; `None` where the system does not tell when that was made.
fn key(path: &Path) -> Option<Digest> {
    let metadata = std::fs::symlink_metadata(path.parent()?).ok().filter(std::fs::Metadata::is_dir)?;
    let created = metadata.created().ok()?.duration_since(UNIX_EPOCH).ok().filter(|created| !created.is_zero())?;
    let mut hasher = blake3::Hasher::new();
    hasher.update(&tool_key());
    hasher.update(&created.as_nanos().to_le_bytes());
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        hasher.update(&metadata.dev().to_le_bytes());
        hasher.update(&metadata.ino().to_le_bytes());
    }
    Some(digest(&hasher))
}

/// The first half of a hash.
pub(super) fn digest(hasher: &blake3::Hasher) -> Digest {
    let mut digest = Digest::default();
    hasher.finalize_xof().fill(&mut digest);
    digest
}

/// Reads a cache; `None` when there is none that this tool wrote here.
pub(super) fn load(path: &Path) -> Option<Cache> {
    let bytes: Arc<[u8]> = std::fs::read(path).ok()?.into();
    let mut header = Reader::new(&bytes);
    if header.array::<8>()? != *MAGIC || header.array::<16>()? != key(path)? {
        return None;
    }
    let sum = header.array::<32>()?;
    let payload_at = 8 + 16 + 32;
    let payload = bytes.get(payload_at..)?;
    if blake3::hash(payload) != sum {
        return None;
    }
    let mut reader = Reader::new(payload);
    let world = reader.array()?;
    let engine = reader.text()?.to_owned();
    let blobs_at = payload_at.checked_add(usize::try_from(reader.number()?).ok()?)?;
    let rows = reader.list(row)?;
    let files = rows.into_par_iter().map(|row| row.open(&bytes, blobs_at)).collect::<Option<Vec<_>>>()?;
    Some(Cache { world, engine, files })
}

struct Row {
    file: CachedFile,
    summary: (u64, u64),
    check: (u64, u64),
}

fn row(reader: &mut Reader<'_>) -> Option<Row> {
    let path = reader.text()?.into();
    let role = match reader.byte()? {
        0 => Role::Contract,
        1 => Role::Feature,
        _ => return None,
    };
    let (size, modified_ns, hash) = (reader.number()?, reader.number()?, reader.array()?);
    let exports = reader.list(Reader::export)?.into();
    let summary = (reader.number()?, reader.number()?);
    let check = (reader.number()?, reader.number()?);
    let (empty, answers) = (LazySummary::Ready(Arc::default()), Arc::from([]));
    let file = CachedFile { path, role, size, modified_ns, hash, exports, summary: empty, check: Arc::default(), answers };
    Some(Row { file, summary, check })
}

impl Row {
    fn open(self, bytes: &Arc<[u8]>, blobs_at: usize) -> Option<CachedFile> {
        let range = |(start, len): (u64, u64)| {
            let start = blobs_at.checked_add(usize::try_from(start).ok()?)?;
            let end = start.checked_add(usize::try_from(len).ok()?)?;
            (end <= bytes.len()).then_some(start..end)
        };
        let summary =
            LazySummary::Stored(Arc::new(Stored { bytes: Arc::clone(bytes), range: range(self.summary)?, decoded: OnceLock::new() }));
        let (check, answers) = Reader::new(bytes.get(range(self.check)?)?).check()?;
        Some(CachedFile { summary, check: Arc::new(check), answers: answers.into(), ..self.file })
    }
}

/// Writes a cache beside its place and renames it, so that a reader sees the old one or the new one.
///
/// # Errors
/// When the directory cannot be written.
pub(super) fn store(path: &Path, cache: &Cache) -> io::Result<()> {
    let mut blobs = Writer::default();
    let mut rows = Writer::default();
    rows.count(cache.files.len());
    for file in &cache.files {
        rows.text(&file.path);
        rows.byte(u8::from(file.role == Role::Feature));
        rows.number(file.size);
        rows.number(file.modified_ns);
        rows.raw(&file.hash);
        rows.count(file.exports.len());
        for export in file.exports.iter() {
            rows.export(export);
        }
        let start = blobs.bytes.len();
        match &file.summary {
            LazySummary::Ready(summary) => blobs.raw(&serde_json::to_vec(summary.as_ref()).map_err(io::Error::other)?),
            LazySummary::Stored(stored) => blobs.raw(stored.bytes.get(stored.range.clone()).unwrap_or_default()),
        }
        let middle = blobs.bytes.len();
        blobs.check(&file.check, &file.answers)?;
        for (from, to) in [(start, middle), (middle, blobs.bytes.len())] {
            rows.number(from as u64);
            rows.number((to - from) as u64);
        }
    }
    let mut payload = Writer::default();
    payload.raw(&cache.world);
    payload.text(&cache.engine);
    let blobs_at = payload.bytes.len() + 8 + rows.bytes.len();
    payload.number(blobs_at as u64);
    payload.raw(&rows.bytes);
    payload.raw(&blobs.bytes);
    std::fs::create_dir_all(path.parent().ok_or(io::ErrorKind::InvalidInput)?)?;
    let key = key(path).ok_or(io::ErrorKind::Unsupported)?;
    write_atomically(path, &[MAGIC, &key, blake3::hash(&payload.bytes).as_bytes(), &payload.bytes])
}

fn write_atomically(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    let write = || {
        let mut file = std::fs::File::create(&temporary)?;
        for part in parts {
            file.write_all(part)?;
        }
        drop(file);
        std::fs::rename(&temporary, path)
    };
    let written = write();
    if written.is_err() {
        // The half-written file is of no use to anybody; that removing it fails too changes nothing.
        let _ = std::fs::remove_file(&temporary);
    }
    written
}
