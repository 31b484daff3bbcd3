//! The tags of a repository, and which of them are versions.

use super::error::GitError;
use super::odb::{Oid, unreadable};
use super::repository::Repository;
use super::revision::Commit;
use crate::model::Version;
use gix::objs::Kind;
use std::cmp::Ordering;

/// A tag that points to a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Its name, without `refs/tags/`.
    pub name: String,
    /// The commit, behind as many tags as there are.
    pub commit: Oid,
    /// The version that it names: three numbers, perhaps after a `v`, perhaps after a package's name as in `trades/v1.2.0`,
    /// `trades@1.2.0` or `trades-1.2.0`.
    pub version: Option<TagVersion>,
}

/// A version with what may follow it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagVersion {
    /// What comes before the version, such as `trades/`; empty for most.
    pub package: String,
    /// The three numbers.
    pub version: Version,
    /// `rc.1` of `1.0.0-rc.1`; empty for a release.
    pub pre_release: String,
}

impl TagVersion {
    /// Reads the name of a tag. Build metadata (`+…`) orders nothing and is left out.
    #[must_use]
    pub fn read(name: &str) -> Option<Self> {
        let name = name.split('+').next().unwrap_or(name);
        let starts = name.char_indices().filter(|(at, c)| {
            let before = name.get(..*at).and_then(|before| before.chars().next_back());
            c.is_ascii_digit() && !before.is_some_and(|before| before.is_ascii_digit() || before == '.')
        });
        for (at, _) in starts {
            let (package, text) = name.split_at(at);
            let package = package.strip_suffix(['v', 'V']).unwrap_or(package);
            if !(package.is_empty() || package.ends_with(['/', '@', '-', '_'])) {
                continue;
            }
            let (numbers, pre_release) = text.split_once('-').unwrap_or((text, ""));
            if let Ok(version) = numbers.parse() {
                return Some(Self { package: package.to_owned(), version, pre_release: pre_release.to_owned() });
            }
        }
        None
    }
}

impl Ord for TagVersion {
    /// By package, then as semantic versioning has it: a pre-release comes before its release, and numbers in it count as numbers.
    fn cmp(&self, other: &Self) -> Ordering {
        let by_identifier = || {
            let (mut ours, mut theirs) = (self.pre_release.split('.'), other.pre_release.split('.'));
            loop {
                let order = match (ours.next(), theirs.next()) {
                    (None, None) => return Ordering::Equal,
                    (None, Some(_)) => return Ordering::Less,
                    (Some(_), None) => return Ordering::Greater,
                    (Some(a), Some(b)) => match (a.parse::<u64>(), b.parse::<u64>()) {
                        (Ok(a), Ok(b)) => a.cmp(&b),
                        (Ok(_), Err(_)) => Ordering::Less,
                        (Err(_), Ok(_)) => Ordering::Greater,
                        (Err(_), Err(_)) => a.cmp(b),
                    },
                };
                if order.is_ne() {
                    return order;
                }
            }
        };
        self.package
            .cmp(&other.package)
            .then_with(|| self.version.cmp(&other.version))
            .then_with(|| self.pre_release.is_empty().cmp(&other.pre_release.is_empty()))
            .then_with(by_identifier)
    }
}

impl PartialOrd for TagVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Repository {
    /// Every tag that points to a commit: versions in their order, then all others by name. Tags of files, and of commits that this
    /// clone lacks, are left out.
    ///
    /// # Errors
    /// When the references cannot be read.
    pub fn tags(&self) -> Result<Vec<Tag>, GitError> {
        self.odb.with(|repo| {
            let platform = repo.references().map_err(|error| unreadable(&error))?;
            let mut tags = Vec::new();
            for mut reference in platform.tags().map_err(|error| unreadable(&error))?.filter_map(Result::ok) {
                let name = reference.name().shorten().to_string();
                let Ok(id) = reference.peel_to_id() else { continue };
                if id.header().is_ok_and(|header| header.kind() == Kind::Commit) {
                    let version = TagVersion::read(&name);
                    tags.push(Tag { name, commit: Oid(id.detach()), version });
                }
            }
            tags.sort_by(|a, b| match (&a.version, &b.version) {
                (Some(of_a), Some(of_b)) => of_a.cmp(of_b).then_with(|| a.name.cmp(&b.name)),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => a.name.cmp(&b.name),
            });
            Ok(tags)
        })
    }

    /// The newest version's tag that a commit comes after, or is.
    ///
    /// # Errors
    /// As [`Self::tags`].
    pub fn newest_version(&self, commit: &Commit) -> Result<Option<Tag>, GitError> {
        for tag in self.tags()?.into_iter().rev().filter(|tag| tag.version.is_some()) {
            let tagged = self.resolve(&tag.commit.to_string())?;
            if self.merge_base(&tagged, commit).is_ok_and(|base| base.id == tagged.id) {
                return Ok(Some(tag));
            }
        }
        Ok(None)
    }
}
