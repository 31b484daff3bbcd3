//! Where an output really lies: symbolic links are followed, parents are made, and a relative path
//! never leads out of the workspace.

use crate::error::EngineError;
use std::ffi::OsStr;
use std::io;
use std::path::{Component, Path, PathBuf};

/// Links that are followed before a path is called a loop.
const MAX_LINKS: usize = 40;

/// The file that `path` names, with an existing parent directory.
///
/// # Errors
/// A relative path that leads out of the workspace or, through a link, to something hidden in it; something else than a
/// file that may be written has the name.
pub(crate) fn file(root: &Path, path: &str) -> Result<PathBuf, EngineError> {
    let target = resolve(root, path)?;
    match std::fs::metadata(&target) {
        Ok(found) if found.is_dir() => Err(refuse(&target, io::ErrorKind::IsADirectory, "a directory has this name")),
        Ok(found) if !found.is_file() => Err(refuse(&target, io::ErrorKind::InvalidInput, "it is not a regular file")),
        Ok(found) if found.permissions().readonly() => Err(refuse(&target, io::ErrorKind::PermissionDenied, "the file is read-only")),
        Ok(_) => Ok(target),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(target),
        Err(error) => Err(EngineError::io("write", target)(error)),
    }
}

/// The directory of a table that `path` names, made when it is missing.
pub(super) fn directory(root: &Path, path: &str) -> Result<PathBuf, EngineError> {
    let target = resolve(root, path)?;
    let log = target.join("_delta_log");
    if log.is_symlink() {
        return Err(refuse(&log, io::ErrorKind::PermissionDenied, "the log of a table may not be a link"));
    }
    match std::fs::metadata(&target) {
        Ok(found) if !found.is_dir() => Err(refuse(&target, io::ErrorKind::NotADirectory, "a file has this name")),
        Ok(_) => Ok(target),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            std::fs::create_dir(&target).map_err(EngineError::io("create", &target))?;
            Ok(target)
        }
        Err(error) => Err(EngineError::io("write", target)(error)),
    }
}

fn resolve(root: &Path, path: &str) -> Result<PathBuf, EngineError> {
    let root = root.canonicalize().map_err(EngineError::io("read", root))?;
    let confined = Path::new(path).is_relative();
    let mut target = root.join(path);
    for _ in 0..MAX_LINKS {
        let name = match target.components().next_back() {
            Some(Component::Normal(name)) => name.to_owned(),
            _ => return Err(refuse(&target, io::ErrorKind::InvalidInput, "it names no file")),
        };
        let parent = parent(&root, &target, confined)?;
        let real = parent.join(OsStr::new(&name));
        match std::fs::read_link(&real) {
            Ok(link) => target = parent.join(link),
            // Not a link, or nothing there: this is the place.
            Err(_) if confined && !given_away(path) && real.strip_prefix(&root).is_ok_and(is_hidden) => {
                return Err(refuse(&target, io::ErrorKind::PermissionDenied, "a link leads to it, and it is hidden in the workspace"));
            }
            Err(_) => return Ok(real),
        }
    }
    Err(refuse(&target, io::ErrorKind::InvalidInput, "too many symbolic links"))
}

/// Whether the path says by itself that it is hidden: the checks have judged it.
fn given_away(path: &str) -> bool {
    is_hidden(Path::new(path.trim_start_matches("./")))
}

/// Whether a path from the root of a workspace lies in what its tools keep (`.git`, `.runi`).
pub(super) fn is_hidden(relative: &Path) -> bool {
    relative.components().next().is_some_and(|first| first.as_os_str().as_encoded_bytes().starts_with(b"."))
}

/// The real directory above `target`. Missing ones are made when they lie in the workspace.
fn parent(root: &Path, target: &Path, confined: bool) -> Result<PathBuf, EngineError> {
    let wanted = target.parent().unwrap_or(root);
    let standing = wanted.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(root);
    let real = standing.canonicalize().map_err(EngineError::io("read", standing))?;
    let inside = real.starts_with(root);
    if confined && !inside {
        return Err(refuse(target, io::ErrorKind::PermissionDenied, "it lies outside of the workspace; only an absolute path may"));
    }
    if standing == wanted {
        return Ok(real);
    }
    let rest = wanted.strip_prefix(standing).unwrap_or(Path::new(""));
    if !rest.components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(refuse(target, io::ErrorKind::NotFound, "the directory above it does not exist"));
    }
    let made = real.join(rest);
    if !inside {
        return Err(EngineError::io("write", target)(io::Error::new(
            io::ErrorKind::NotFound,
            "the directory does not exist, and lies outside of the workspace",
        )));
    }
    std::fs::create_dir_all(&made).map_err(EngineError::io("create", &made))?;
    Ok(made)
}

fn refuse(path: &Path, kind: io::ErrorKind, why: &'static str) -> EngineError {
    EngineError::io("write", path)(io::Error::new(kind, why))
}

/// Makes the names in the directory of `path` durable.
pub(super) fn sync_parent(path: &Path) -> io::Result<()> {
    // Windows has no handle for this and needs none.
    #[cfg(unix)]
    if let Some(parent) = path.parent() {
        std::fs::File::open(parent)?.sync_all()?;
    }
    Ok(())
}
