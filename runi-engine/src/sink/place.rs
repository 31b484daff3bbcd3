//! Where an output really lies: symbolic links are followed, parents are made, and a relative path
//! never leads out of the workspace.

use crate::error::EngineError;
use std::ffi::OsStr;
use std::io;
use std::path::{Component, Path, PathBuf};

/// Links that are followed before a path is called a loop.
const MAX_LINKS: usize = 40;

/// The file that `path` names, with an existing parent directory.
pub(super) fn file(root: &Path, path: &str) -> Result<PathBuf, EngineError> {
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

/// The directory that `path` names, made when it is missing.
pub(super) fn directory(root: &Path, path: &str) -> Result<PathBuf, EngineError> {
    let target = resolve(root, path)?;
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
            Err(_) => return Ok(real),
        }
    }
    Err(refuse(&target, io::ErrorKind::InvalidInput, "too many symbolic links"))
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
