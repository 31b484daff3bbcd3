//! What Runi keeps: `.runi` in a workspace, and one key of the user's outside of every workspace.
//!
//! A workspace may come from anybody, and `.runi` with it: git commits files whose names an ignore list
//! holds when it is told to. So two things hold:
//!
//! - Nothing under `.runi` is written or read through a symbolic link ([`file()`], [`folder`]): a link
//!   that was committed would lead out of the workspace. Who wants `.runi` on another disk mounts it.
//! - What is believed without being looked at again (the check cache, the note of a cut publish, a
//!   generated key) carries a seal of the user's own key ([`UserKey`]), which no workspace holds.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The folder of a workspace in which Runi keeps its own files.
pub const FOLDER: &str = ".runi";

/// A place that is not taken, and why.
#[derive(Debug, thiserror::Error)]
#[error("`{}`: {source}", path.display())]
pub struct Unusable {
    /// What stands in the way.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

/// The folder `.runi/RELATIVE` of the workspace, made when it is missing.
///
/// # Errors
/// A part of it is a link or no folder, or cannot be made.
pub fn folder(root: &Path, relative: &str) -> Result<PathBuf, Unusable> {
    let mut path = root.to_path_buf();
    for part in std::iter::once(FOLDER).chain(parts(relative)) {
        path.push(part);
        if !is_folder(&path)? {
            match std::fs::create_dir(&path) {
                // Somebody was faster.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => drop(is_folder(&path)?),
                Err(source) => return Err(Unusable { path, source }),
                Ok(()) => {}
            }
        }
    }
    Ok(path)
}

/// The file `.runi/RELATIVE` of the workspace, to be written: its folder is made, itself it need not be there.
///
/// # Errors
/// As [`folder`]; a link or something else that is no regular file has its name.
pub fn file(root: &Path, relative: &str) -> Result<PathBuf, Unusable> {
    let (above, name) = relative.rsplit_once('/').unwrap_or(("", relative));
    let path = folder(root, above)?.join(name);
    is_file(&path)?;
    Ok(path)
}

/// The file or folder `.runi/RELATIVE` of the workspace, to be read; nothing is made, and nothing need be there.
///
/// # Errors
/// A link has its name, or that of a folder above it.
pub fn existing(root: &Path, relative: &str) -> Result<PathBuf, Unusable> {
    let mut path = root.to_path_buf();
    for part in std::iter::once(FOLDER).chain(parts(relative)) {
        path.push(part);
        if std::fs::symlink_metadata(&path).is_ok_and(|found| found.is_symlink()) {
            return Err(linked(path));
        }
    }
    Ok(path)
}

fn parts(relative: &str) -> impl Iterator<Item = &str> {
    relative.split('/').filter(|part| !part.is_empty())
}

/// Whether a folder is there; nothing else may be.
fn is_folder(path: &Path) -> Result<bool, Unusable> {
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => Err(linked(path.to_owned())),
        Ok(found) if found.is_dir() => Ok(true),
        Ok(_) => Err(Unusable { path: path.to_owned(), source: io::ErrorKind::NotADirectory.into() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(Unusable { path: path.to_owned(), source }),
    }
}

/// Refuses whatever stands at `path` and is no regular file.
///
/// # Errors
/// A link, a directory, a pipe.
pub fn is_file(path: &Path) -> Result<(), Unusable> {
    let unusable = |source| Err(Unusable { path: path.to_owned(), source });
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => Err(linked(path.to_owned())),
        Ok(found) if found.is_file() => Ok(()),
        Ok(found) if found.is_dir() => unusable(io::ErrorKind::IsADirectory.into()),
        Ok(_) => unusable(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => unusable(source),
    }
}

fn linked(path: PathBuf) -> Unusable {
    let why =
        "it is a symbolic link, and what Runi keeps is never written through one; remove it (another disk can be mounted in its place)";
    Unusable { path, source: io::Error::new(io::ErrorKind::PermissionDenied, why) }
}

/// The user's own key: random, made on first use, in no workspace.
///
/// It lies in `$XDG_STATE_HOME/runi/key`, else in `~/.local/state/runi/key` (`%LOCALAPPDATA%\runi\key` on Windows),
/// readable by its owner alone.
#[derive(Clone)]
pub struct UserKey([u8; 32]);

impl UserKey {
    /// The key, if this user can have one that does not lie in the workspace at `root`.
    ///
    /// `None`: there is no home directory, it cannot be written, others may read the key, or the workspace holds it.
    #[must_use]
    pub fn of(root: &Path) -> Option<Self> {
        let found = Self::find(root);
        if let Err(error) = &found {
            tracing::debug!(%error, "this user has no key");
        }
        found.ok()
    }

    fn find(root: &Path) -> io::Result<Self> {
        let folder = home().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "there is no home directory"))?;
        private_folder(&folder)?;
        if folder.canonicalize()?.starts_with(root.canonicalize()?) {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the workspace holds the home directory"));
        }
        let path = folder.join("key");
        match read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make(&path)?;
                read(&path)
            }
            found => found,
        }
    }

    /// A seal over `bytes`. Seals for one `purpose` are none for another.
    #[must_use]
    pub fn seal(&self, purpose: &str, bytes: &[u8]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(&(purpose.len() as u64).to_le_bytes()).update(purpose.as_bytes()).update(bytes);
        hasher.finalize()
    }
}

impl std::fmt::Debug for UserKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UserKey(…)")
    }
}

/// Where this user's state of Runi lies.
fn home() -> Option<PathBuf> {
    let absolute = |path: PathBuf| path.is_absolute().then_some(path);
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).and_then(absolute);
    let local = || if cfg!(windows) { std::env::var_os("LOCALAPPDATA").map(PathBuf::from).and_then(absolute) } else { None };
    let fallback = || Some(std::env::home_dir().and_then(absolute)?.join(".local").join("state"));
    Some(state.or_else(local).or_else(fallback)?.join("runi"))
}

fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn read(path: &Path) -> io::Result<UserKey> {
    let mut file = std::fs::File::open(path)?;
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&file.metadata()?.permissions()) & 0o077 != 0 {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "others may read the key"));
    }
    let mut key = [0; 32];
    file.read_exact(&mut key)?;
    Ok(UserKey(key))
}

/// Makes a key, unless another process does so first.
fn make(path: &Path) -> io::Result<()> {
    let key = random()?;
    let temp = path.with_file_name(format!("key-{}-{}", std::process::id(), blake3::hash(&key).to_hex().get(..16).unwrap_or_default()));
    let mut options = std::fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&temp).and_then(|mut file| file.write_all(&key).and_then(|()| file.sync_all()));
    let placed = written.and_then(|()| match std::fs::hard_link(&temp, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        // Not every file system has links.
        Err(_) => std::fs::rename(&temp, path),
        Ok(()) => Ok(()),
    });
    // After a rename it is gone already.
    let _ = std::fs::remove_file(&temp);
    placed
}

/// 32 bytes of the system's randomness.
#[cfg(unix)]
fn random() -> io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// 32 bytes of the system's randomness: the standard library asks for 16 of them for the hash maps of each new thread.
#[cfg(not(unix))]
fn random() -> io::Result<[u8; 32]> {
    use std::hash::{BuildHasher, RandomState};
    let mut hasher = blake3::Hasher::new();
    for _ in 0..4 {
        let drawn = std::thread::spawn(|| [RandomState::new().hash_one(0_u8), RandomState::new().hash_one(1_u8)]).join();
        for number in drawn.map_err(|_| io::Error::other("no thread could be started"))? {
            hasher.update(&number.to_le_bytes());
        }
    }
    Ok(*hasher.finalize().as_bytes())
}
