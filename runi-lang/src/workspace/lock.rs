//! `Runi.lock`: which revision of each package was taken, and what its content hashes to.

use super::manifest::Manifest;
use super::tables::Reader;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::workspace as problems;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use toml::de::DeValue;

/// The file's name.
pub const FILE: &str = "Runi.lock";
/// The version of its form.
pub const VERSION: &str = "1";

/// One pinned package.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Package {
    /// Its name in the manifest.
    pub name: String,
    /// The git address.
    pub git: String,
    /// What the manifest asked for: a tag, a branch or a revision.
    pub reference: String,
    /// The full revision: 40 hex digits, or 64.
    pub revision: String,
    /// `blake3:` and 64 hex digits over its files.
    pub content: String,
}

/// Everything that a lock says, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lock {
    /// The packages, sorted by name.
    pub packages: Vec<Package>,
}

impl Lock {
    /// The text of the file: sorted, so that equal locks are equal bytes.
    #[must_use]
    pub fn write(&self) -> String {
        let mut packages = self.packages.clone();
        packages.sort();
        let mut out = format!("# Written by `runi`; not meant to be edited.\nversion = {VERSION}\n");
        for package in &packages {
            let fields = [
                ("name", &package.name),
                ("git", &package.git),
                ("reference", &package.reference),
                ("revision", &package.revision),
                ("content", &package.content),
            ];
            out.push_str("\n[[package]]\n");
            for (key, value) in fields {
                // Writing to a string cannot fail.
                let _ = writeln!(out, "{key} = {}", toml::Value::String(value.clone()));
            }
        }
        out
    }
}

/// Reads the text of a lock.
#[must_use]
pub fn read(text: &str) -> (Lock, Vec<Diagnostic>) {
    let mut reader = Reader::new(FILE);
    let mut lock = Lock::default();
    let root = reader.parse(text);
    reader.only(&root, "the lock", &["version", "package"]);
    if let Some(version) = root.get("version") {
        let known = version.get_ref().as_integer().is_some_and(|number| number.as_str() == VERSION);
        if !known {
            reader.wrong(version, "version", &format!("`{VERSION}`"));
        }
    }
    let packages = match root.get("package").map(|value| (value, value.get_ref())) {
        Some((_, DeValue::Array(packages))) => packages.iter().collect(),
        Some((value, _)) => {
            reader.wrong(value, "package", "`[[package]]` tables");
            Vec::new()
        }
        None => Vec::new(),
    };
    for value in packages {
        let Some(table) = reader.as_table(value, "package") else { continue };
        reader.only(table, "a package", &["name", "git", "reference", "revision", "content"]);
        let mut field = |key: &str| {
            let found = reader.string(table, key);
            if found.is_none() && !table.contains_key(key) {
                let place = reader.place(value);
                reader.problems.push(problems::missing_key(place, key, "a package"));
            }
            found
        };
        let fields = (field("name"), field("git"), field("reference"), field("revision"), field("content"));
        let (Some(name), Some(git), Some(reference), Some(revision), Some(content)) = fields else { continue };
        if !matches!(revision.get_ref().len(), 40 | 64) || !is_hex(revision.get_ref()) {
            reader.wrong(&revision, "revision", "a full git revision in hex digits");
        }
        if !content.get_ref().strip_prefix("blake3:").is_some_and(|hash| hash.len() == 64 && is_hex(hash)) {
            reader.wrong(&content, "content", "`blake3:` and 64 hex digits");
        }
        let [name, git, reference, revision, content] = [name, git, reference, revision, content].map(toml::Spanned::into_inner);
        lock.packages.push(Package { name, git, reference, revision, content });
    }
    lock.packages.sort();
    (lock, reader.finish())
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Whether an address is on another machine, where nothing is looked for.
fn is_remote(git: &str) -> bool {
    let host = git.split('/').next().unwrap_or(git);
    (git.contains("://") && !git.starts_with("file://")) || (host.contains('@') && host.contains(':'))
}

/// Says which packages nothing is read from, and compares a lock's bytes with the manifest. No lock is fine: no command writes one.
pub(super) fn verify(bytes: Option<&[u8]>, manifest: &Manifest) -> Vec<Diagnostic> {
    let text = bytes.map(String::from_utf8_lossy).unwrap_or_default();
    let (lock, mut diagnostics) = read(&text);
    if !diagnostics.is_empty() {
        return diagnostics;
    }
    let remote = manifest.packages.iter().filter(|(_, source)| is_remote(&source.git));
    diagnostics.extend(remote.map(|(name, _)| problems::package_not_read(Manifest::place(), name)));
    if bytes.is_none() {
        return diagnostics;
    }
    let place = || Place::file(FILE);
    for (name, wanted) in &manifest.packages {
        let reason = match lock.packages.iter().find(|package| package.name == *name) {
            None => "it is not locked",
            Some(locked) if locked.git != wanted.git => "it is locked from another address",
            Some(locked) if locked.reference != wanted.reference => "it is locked at another reference",
            Some(_) => continue,
        };
        diagnostics.push(problems::stale_lock(place(), name, reason));
    }
    for locked in lock.packages.iter().filter(|package| !manifest.packages.contains_key(&package.name)) {
        diagnostics.push(problems::stale_lock(place(), &locked.name, "the manifest does not name it"));
    }
    diagnostics
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::workspace::manifest::PackageSource;

    fn package(name: &str) -> Package {
        Package {
            name: name.to_owned(),
            git: "../a".to_owned(),
            reference: "v1".to_owned(),
            revision: "a".repeat(40),
            content: format!("blake3:{}", "0".repeat(64)),
        }
    }

    #[test]
    fn what_is_written_is_read_back_whatever_the_order() {
        let lock = Lock { packages: vec![package("b"), package("a\"quoted")] };
        let text = lock.write();
        let (read_back, problems) = read(&text);
        assert_eq!(problems, vec![]);
        assert_eq!(read_back.packages, vec![package("a\"quoted"), package("b")]);
        assert_eq!(read_back.write(), text);
    }

    #[test]
    fn a_lock_must_fit_the_manifest() {
        let mut manifest = Manifest::default();
        assert_eq!(verify(None, &manifest), vec![]);
        let source = PackageSource { git: "../a".to_owned(), reference: "v2".to_owned() };
        manifest.packages.insert("a".to_owned(), source);
        assert_eq!(verify(None, &manifest), vec![]);
        let text = Lock { packages: vec![package("a"), package("b")] }.write();
        let problems = verify(Some(text.as_bytes()), &manifest);
        assert_eq!(problems.iter().map(|p| p.code.as_str()).collect::<Vec<_>>(), ["E0616", "E0616"]);
    }

    #[test]
    fn a_package_elsewhere_is_said_to_be_read_by_nothing() {
        for (git, remote) in [
            ("https://example.com/a.git", true),
            ("git@example.com:a.git", true),
            ("ssh://example.com/a", true),
            ("../a", false),
            ("file:///a", false),
        ] {
            let mut manifest = Manifest::default();
            manifest.packages.insert("a".to_owned(), PackageSource { git: git.to_owned(), reference: "v1".to_owned() });
            let codes: Vec<String> = verify(None, &manifest).into_iter().map(|problem| problem.code).collect();
            assert_eq!(codes, if remote { vec!["W0619"] } else { vec![] }, "{git}");
        }
    }

    #[test]
    fn a_short_revision_is_no_pin() {
        let text = Lock { packages: vec![Package { revision: "abc".to_owned(), ..package("a") }] }.write();
        assert_eq!(read(&text).1[0].code, "E0603");
    }
}
