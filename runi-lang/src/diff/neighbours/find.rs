//! What other workspaces are called, and which of the packages that `Runi.toml` names are among them.

use super::unit::Unit;
use crate::git::Repository;
use crate::workspace::Manifest;
use crate::workspace::manifest;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// The packages of a manifest.
#[derive(Debug, Default)]
pub(super) struct Packages {
    /// The name of each that is a workspace of this repository, by its directory.
    pub(super) names: BTreeMap<String, String>,
    /// The names of the others.
    pub(super) missing: Vec<String>,
}

/// Looks where the packages of a manifest are. Nothing is fetched; of an address only the path is looked at.
pub(super) fn packages(manifest: &Manifest, repository: &Repository, workspaces: &BTreeSet<String>) -> Packages {
    let mut packages = Packages::default();
    for (name, package) in &manifest.packages {
        let directory = local(&package.git).and_then(|path| directory(&path, repository));
        match directory {
            Some(directory) if workspaces.contains(&directory) || directory == repository.prefix() => {
                packages.names.entry(directory).or_insert_with(|| name.clone());
            }
            // It came or went with the change: nothing is missing.
            Some(directory) if repository.top().is_some_and(|top| top.join(&directory).join(manifest::FILE).is_file()) => {}
            _ => packages.missing.push(name.clone()),
        }
    }
    packages
}

/// The path of a git address that needs no network.
fn local(address: &str) -> Option<PathBuf> {
    if let Some(path) = address.strip_prefix("file://") {
        let path = path.strip_prefix("localhost").unwrap_or(path);
        return path.starts_with('/').then(|| PathBuf::from(path));
    }
    // As git has it: a colon before the first slash makes it `host:path`.
    let is_remote = address.split('/').next().is_some_and(|first| first.contains(':'));
    (!is_remote && !address.is_empty()).then(|| PathBuf::from(address))
}

/// The directory of the repository that a path means, seen from the workspace; `None` when it lies elsewhere.
fn directory(path: &Path, repository: &Repository) -> Option<String> {
    let top = repository.top()?;
    let lexical = tidy(&top.join(repository.prefix()).join(path));
    // A directory that only another version has cannot be asked for its real path.
    let mut real = lexical.canonicalize().unwrap_or(lexical);
    if real.file_name().is_some_and(|name| name == ".git") {
        real.pop();
    }
    let inside = real.strip_prefix(&top).ok()?;
    let parts: Option<Vec<&str>> = inside.components().map(|part| part.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}

/// Takes `..` and `.` out of an absolute path.
fn tidy(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}

/// Gives each workspace its package's name, and takes care that no two go by the same one.
pub(super) fn name(units: &mut [Unit], packages: &Packages) {
    for unit in units.iter_mut() {
        if let Some(name) = packages.names.get(&unit.directory) {
            unit.name.clone_from(name);
        }
    }
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for unit in units.iter() {
        *count.entry(unit.name.clone()).or_default() += 1;
    }
    for unit in units.iter_mut().filter(|unit| count.get(&unit.name).is_some_and(|count| *count > 1)) {
        let place = if unit.directory.is_empty() { "the top" } else { &unit.directory };
        unit.name = format!("{} in {place}", unit.name);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn only_addresses_without_a_host_are_paths() {
        for (address, path) in [
            ("file:///srv/repo.git", Some("/srv/repo.git")),
            ("file://localhost/srv/repo", Some("/srv/repo")),
            ("file://host/srv/repo", None),
            ("../markets", Some("../markets")),
            ("/srv/a:b", Some("/srv/a:b")),
            ("https://example.com/x.git", None),
            ("git@example.com:x/y.git", None),
            ("", None),
        ] {
            assert_eq!(local(address), path.map(PathBuf::from), "{address}");
        }
        assert_eq!(tidy(Path::new("/a/./b/../../c")), PathBuf::from("/c"));
    }
}
