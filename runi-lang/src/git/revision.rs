//! Names to commits: revisions, ranges, merge bases, the default branch.

use super::error::GitError;
use super::odb::{Oid, damaged, missing, unreadable};
use super::repository::{Head, Repository};
use gix::objs::Kind;
use gix::revision::Spec;
use gix::revision::spec::parse;
use std::collections::BTreeSet;

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: Oid,
    /// The commits that it was made from. In a shallow clone, those at its end have parents that are not here.
    pub parents: Vec<Oid>,
    /// Who wrote it.
    pub author: String,
    /// When it was committed, in seconds since 1970.
    pub seconds: i64,
    /// The committer's offset from UTC, in seconds.
    pub offset: i32,
    /// The first line of its message.
    pub summary: String,
    pub(super) tree: gix::ObjectId,
}

/// Two commits to compare, from a text such as `A..B`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The old side.
    pub base: Commit,
    /// What the old side was called: `A`, or `merge-base of A and B`.
    pub base_name: String,
    /// The new side; `None` when the text names none, which means the working copy.
    pub head: Option<Commit>,
    /// What the new side was called.
    pub head_name: Option<String>,
}

/// The branch that changes are compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultBranch {
    /// Its short name, with the remote's when it is a remote's.
    pub name: String,
    /// Its commit.
    pub commit: Commit,
}

/// Longest revision that is looked at, in bytes.
const LONGEST: usize = 1_000;

/// The names of a default branch when nothing says which it is.
const USUAL: [&str; 3] = ["main", "master", "trunk"];

impl Repository {
    /// The commit of a revision: a branch, a tag (peeled), a remote branch, an id or its first digits, and all that can follow one,
    /// such as `HEAD~3`, `main^2`, `main@{yesterday}`. In `:/text` and `^{/text}`, the text is one to be found, not a pattern.
    ///
    /// # Errors
    /// When there is no such revision, it is no commit, or a shallow clone ends before it.
    pub fn resolve(&self, revision: &str) -> Result<Commit, GitError> {
        self.odb.with(|repo| {
            if revision.is_empty() || revision.len() > LONGEST || revision.chars().any(char::is_control) {
                return Err(unknown(repo, revision));
            }
            let hint = Some(parse::ObjectKindHint::Committish);
            let spec = Spec::from_bstr(revision, repo, parse::Options { object_kind_hint: hint, ..parse::Options::default() })
                .map_err(|error| self.explain(repo, revision, &error))?;
            let id = spec.single().ok_or_else(|| GitError::NotACommit { revision: revision.to_owned(), found: "a range".to_owned() })?;
            commit(repo, id.detach(), revision)
        })
    }

    /// Why a revision could not be resolved.
    fn explain(&self, repo: &gix::Repository, revision: &str, error: &gix::Error) -> GitError {
        if let Some(parse::Error::AmbiguousPrefix { candidates, .. }) = error.downcast_any_ref::<parse::Error>() {
            let candidates = candidates.iter().map(|(prefix, _)| prefix.to_string()).collect();
            return GitError::AmbiguousRevision { revision: revision.to_owned(), candidates };
        }
        let end = revision.find(['~', '^', '@', ':']).filter(|end| *end > 0).unwrap_or(revision.len());
        let base = match revision.get(..end).unwrap_or(revision) {
            _ if revision.starts_with('@') => "HEAD",
            base => base,
        };
        if base == "HEAD"
            && let Ok(head) = repo.head()
            && head.is_unborn()
        {
            return GitError::Unborn { branch: head.referent_name().map(|name| name.shorten().to_string()).unwrap_or_default() };
        }
        let known = repo.rev_parse_single(base).is_ok();
        if known && end < revision.len() && repo.is_shallow().unwrap_or_default() {
            return GitError::MissingHistory { what: format!("`{revision}`") };
        }
        if known {
            GitError::UnknownRevision { revision: revision.to_owned(), near: Vec::new(), shallow: false }
        } else {
            unknown(repo, base)
        }
    }

    /// The last commit that both have in common: the best one when there are several, as `git merge-base` has it.
    ///
    /// # Errors
    /// When there is none, either because the histories are unrelated or because a shallow clone ends before it.
    pub fn merge_base(&self, one: &Commit, other: &Commit) -> Result<Commit, GitError> {
        self.odb.with(|repo| {
            let base = repo.merge_base(one.id.0, other.id.0).map_err(|error| damaged(&error))?;
            match base {
                Some(id) => commit(repo, id.detach(), &id.to_string()),
                None if repo.is_shallow().unwrap_or_default() => {
                    Err(GitError::MissingHistory { what: format!("the common ancestor of {} and {}", one.id.short(), other.id.short()) })
                }
                None => Err(GitError::UnrelatedHistories { one: one.id.short(), other: other.id.short() }),
            }
        })
    }

    /// The two sides that a text names: `A..B` compares both, `A...B` compares `B` with their merge base, and `A` alone names the old
    /// side. A side that is left out is `HEAD`.
    ///
    /// # Errors
    /// As [`Self::resolve`] and [`Self::merge_base`].
    pub fn range(&self, text: &str) -> Result<Range, GitError> {
        let side = |name: &str| if name.is_empty() { "HEAD".to_owned() } else { name.to_owned() };
        let Some((before, after, symmetric)) = split(text) else {
            return Ok(Range { base: self.resolve(text)?, base_name: text.to_owned(), head: None, head_name: None });
        };
        let (base_name, head_name) = (side(before), side(after));
        let (base, head) = (self.resolve(&base_name)?, self.resolve(&head_name)?);
        if symmetric {
            let common = self.merge_base(&base, &head)?;
            let base_name = format!("merge-base of {base_name} and {head_name}");
            return Ok(Range { base: common, base_name, head: Some(head), head_name: Some(head_name) });
        }
        Ok(Range { base, base_name, head: Some(head), head_name: Some(head_name) })
    }

    /// The branch that changes are compared with: the `HEAD` of the remote (`origin`, else the only one); else the branch that
    /// `init.defaultBranch` names, `main`, `master` or `trunk`, each as the remote has it and then locally; else the only branch of a
    /// repository that has no remote.
    ///
    /// # Errors
    /// When there is none of them.
    pub fn default_branch(&self) -> Result<DefaultBranch, GitError> {
        if let Head::Unborn { branch } = self.head()? {
            let none = self.odb.with(|repo| names(repo).is_empty());
            if none {
                return Err(GitError::Unborn { branch });
            }
        }
        self.odb.with(|repo| {
            let remotes: Vec<String> = repo.remote_names().into_iter().map(|name| name.to_string()).collect();
            let remote = remotes.iter().find(|name| *name == "origin").or_else(|| remotes.first().filter(|_| remotes.len() == 1));
            let mut wanted: Vec<String> = remote.iter().map(|remote| format!("refs/remotes/{remote}/HEAD")).collect();
            let configured = repo.config_snapshot().string("init.defaultBranch").map(|name| name.to_string());
            for name in configured.iter().map(String::as_str).chain(USUAL) {
                wanted.extend(remote.iter().map(|remote| format!("refs/remotes/{remote}/{name}")));
                wanted.push(format!("refs/heads/{name}"));
            }
            for name in &wanted {
                // A remote's `HEAD` may point to a branch that is no more, and a name in the configuration may be none.
                let Ok(Some(reference)) = repo.try_find_reference(name.as_str()) else { continue };
                let target = reference.target().try_name().map(|name| name.shorten().to_string());
                let short = target.unwrap_or_else(|| reference.name().shorten().to_string());
                if let Some(found) = branch(repo, reference, short)? {
                    return Ok(found);
                }
            }
            let platform = repo.references().map_err(|error| unreadable(&error))?;
            let mut branches = platform.local_branches().map_err(|error| unreadable(&error))?.filter_map(Result::ok);
            // Where there is a remote, the only branch that was fetched is the one that somebody works on.
            if let (true, Some(only), None) = (remotes.is_empty(), branches.next(), branches.next()) {
                let short = only.name().shorten().to_string();
                if let Some(found) = branch(repo, only, short)? {
                    return Ok(found);
                }
            }
            let tried = wanted.iter().map(|name| name.trim_start_matches("refs/remotes/").trim_start_matches("refs/heads/").to_owned());
            Err(GitError::NoDefaultBranch { tried: tried.collect(), remote: remote.or(remotes.first()).cloned() })
        })
    }
}

fn branch(repo: &gix::Repository, mut reference: gix::Reference<'_>, name: String) -> Result<Option<DefaultBranch>, GitError> {
    let Ok(id) = reference.peel_to_id() else { return Ok(None) };
    let commit = commit(repo, id.detach(), &name)?;
    Ok(Some(DefaultBranch { name, commit }))
}

/// The two sides of a range, and whether it has three dots. Dots inside of `{…}` belong to a revision.
fn split(text: &str) -> Option<(&str, &str, bool)> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '.' if depth == 0 => {
                let (before, rest) = text.split_at(at);
                if let Some(after) = rest.strip_prefix("...") {
                    return Some((before, after, true));
                }
                if let Some(after) = rest.strip_prefix("..") {
                    return Some((before, after, false));
                }
            }
            _ => {}
        }
    }
    None
}

/// Reads a commit, or the commit that a tag points to; `revision` is what it was called.
pub(super) fn commit(repo: &gix::Repository, id: gix::ObjectId, revision: &str) -> Result<Commit, GitError> {
    let object = repo.try_find_object(id).map_err(|error| damaged(&error))?.ok_or_else(|| absent(repo, id, revision))?;
    let object = if object.kind == Kind::Tag {
        object.peel_tags_to_end().map_err(|error| if error.is_not_found() { absent(repo, id, revision) } else { damaged(&error) })?
    } else {
        object
    };
    if object.kind != Kind::Commit {
        let found = if object.kind == Kind::Tree { "a directory" } else { "a file" };
        return Err(GitError::NotACommit { revision: revision.to_owned(), found: found.to_owned() });
    }
    let id = object.id;
    let decoded = gix::objs::CommitRef::from_bytes(&object.data, id.kind()).map_err(|error| damaged(&error))?;
    let author = decoded.author().map_err(|error| damaged(&error))?;
    // A time that cannot be read decides nothing but an order.
    let time = decoded.time().unwrap_or_default();
    Ok(Commit {
        id: Oid(id),
        parents: decoded.parents().map(Oid).collect(),
        author: author.trim().name.to_string(),
        seconds: time.seconds,
        offset: time.offset,
        summary: decoded.message().summary().to_string(),
        tree: decoded.tree(),
    })
}

/// Why a commit that something names is not here.
fn absent(repo: &gix::Repository, id: gix::ObjectId, revision: &str) -> GitError {
    if repo.is_shallow().unwrap_or_default() {
        return GitError::MissingHistory { what: format!("`{revision}`") };
    }
    missing(repo, id)
}

/// The short names of every branch and tag.
fn names(repo: &gix::Repository) -> BTreeSet<String> {
    let Ok(platform) = repo.references() else { return BTreeSet::new() };
    let Ok(all) = platform.all() else { return BTreeSet::new() };
    all.filter_map(Result::ok)
        .filter(|reference| reference.name().category().is_some_and(|of| !matches!(of, gix::refs::Category::Note)))
        .map(|reference| reference.name().shorten().to_string())
        .collect()
}

/// That a name is unknown, with the names that are near: a typing error away, or the same branch of a remote.
fn unknown(repo: &gix::Repository, revision: &str) -> GitError {
    let shortened: String = revision.chars().filter(|c| !c.is_control()).take(100).collect();
    let limit = shortened.chars().count().div_ceil(3).min(4);
    let last = format!("/{shortened}");
    let mut near: Vec<(usize, String)> = names(repo)
        .into_iter()
        .chain(["HEAD".to_owned()])
        .filter_map(|name| {
            let distance = if name.ends_with(&last) || name.eq_ignore_ascii_case(&shortened) {
                0
            } else {
                strsim::damerau_levenshtein(&shortened, name.rsplit('/').next().unwrap_or(&name))
                    .min(strsim::damerau_levenshtein(&shortened, &name))
            };
            (distance <= limit && distance < shortened.chars().count()).then_some((distance, name))
        })
        .collect();
    near.sort_unstable();
    let near = near.into_iter().take(3).map(|(_, name)| name).collect();
    GitError::UnknownRevision { revision: shortened, near, shallow: repo.is_shallow().unwrap_or_default() }
}
