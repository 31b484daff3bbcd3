//! Which files of a commit the compiler leaves out: those that it would leave out of the working copy, too.
//!
//! A file that was committed although `.gitignore` covers it is not part of the workspace on the disk, so it is no part of the commit
//! either. The rules are those of the `ignore` crate: hidden files, `.ignore`, `.gitignore`, the nearest directory first.

use super::dir::{DirRef, Dirs};
use super::error::GitError;
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder, Glob};
use std::sync::Arc;

/// The files that hold such rules, the first one deciding before the second; the names in order are [`SORTED`].
const FILES: usize = 2;

/// As [`Dirs::files`] wants them.
const SORTED: [&str; FILES] = [".gitignore", ".ignore"];

/// The ids of a directory's rules, the deciding file first.
pub(super) type RuleIds = [Option<gix::ObjectId>; FILES];

/// The ids of the files that say what is left out of a directory.
pub(super) fn rule_ids(dirs: &Dirs, dir: &DirRef) -> Result<RuleIds, GitError> {
    let [git, own] = dirs.files(dir, SORTED)?;
    Ok([own, git])
}

/// Bytes of such a file that are looked at.
pub(super) const LARGEST: u64 = 1 << 20;

/// The rules of a directory and of those above it.
#[derive(Debug)]
pub(super) struct Rules {
    above: Option<Arc<Rules>>,
    own: [Option<Arc<Gitignore>>; FILES],
    /// `.git/info/exclude`, at the top. It is no part of any commit, but it covers files of the working copy.
    local: Option<Arc<Gitignore>>,
}

impl Rules {
    /// The rules for what lies in a directory whose path in the repository is `path`. Directories without rules share those above.
    pub(super) fn below(above: Option<&Arc<Self>>, dirs: &Dirs, ids: RuleIds, path: &str) -> Result<Arc<Self>, GitError> {
        let mut own = [None, None];
        for (id, own) in ids.iter().zip(&mut own) {
            let Some(id) = id else { continue };
            if dirs.odb.blob_size(*id)?.is_none_or(|size| size > LARGEST) {
                continue;
            }
            *own = Some(dirs.patterns(path, *id, |bytes| parse(bytes, path))?);
        }
        Ok(match above {
            Some(above) if own.iter().all(Option::is_none) => Arc::clone(above),
            above => {
                let local = if above.is_none() { dirs.local_rules() } else { None };
                Arc::new(Self { above: above.cloned(), own, local })
            }
        })
    }

    /// Whether the entry of this path is left out.
    pub(super) fn leaves_out(&self, path: &str, is_dir: bool) -> bool {
        let hidden = path.rsplit('/').next().is_some_and(|name| name.starts_with('.'));
        let verdict = (0..FILES).map(|file| self.verdict(file, path, is_dir)).find(|verdict| !verdict.is_none());
        match verdict.unwrap_or_else(|| self.local(path, is_dir)) {
            Match::None => hidden,
            verdict => verdict.is_ignore(),
        }
    }

    fn local(&self, path: &str, is_dir: bool) -> Match<&Glob> {
        match (&self.local, &self.above) {
            (Some(local), _) => local.matched(path, is_dir),
            (None, Some(above)) => above.local(path, is_dir),
            (None, None) => Match::None,
        }
    }

    fn verdict(&self, file: usize, path: &str, is_dir: bool) -> Match<&Glob> {
        let own = self.own.get(file).and_then(Option::as_deref).map_or(Match::None, |rules| rules.matched(path, is_dir));
        match &self.above {
            Some(above) if own.is_none() => above.verdict(file, path, is_dir),
            _ => own,
        }
    }
}

pub(super) fn parse(bytes: &[u8], dir: &str) -> Gitignore {
    let mut builder = GitignoreBuilder::new(dir);
    let text = String::from_utf8_lossy(bytes);
    for line in text.trim_start_matches('\u{feff}').lines() {
        // A line that is no pattern is left out, as git does.
        let _ = builder.add_line(None, line);
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}
