//! Which files of a commit the compiler leaves out: those that it would leave out of the working copy, too.
//!
//! A file that was committed although `.gitignore` covers it is not part of the workspace on the disk, so it is no part of the commit
//! either. The rules are those of the `ignore` crate: hidden files, `.ignore`, `.gitignore`, the nearest directory first.

use super::dir::{DirRef, Dirs, Node};
use super::error::GitError;
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder, Glob};
use std::sync::Arc;

/// The files that hold such rules.
pub(super) const FILES: [&str; 2] = [".ignore", ".gitignore"];

/// Bytes of such a file that are looked at.
const LARGEST: u64 = 1 << 20;

/// The rules of a directory and of those above it.
#[derive(Debug)]
pub(super) struct Rules {
    above: Option<Arc<Rules>>,
    /// In the order of [`FILES`].
    own: [Option<Gitignore>; 2],
}

impl Rules {
    /// The rules for what lies in `dir`, whose path in the repository is `path`. Directories without rules share those above.
    pub(super) fn below(above: Option<&Arc<Self>>, dirs: &Dirs, dir: &DirRef, path: &str) -> Result<Arc<Self>, GitError> {
        let decoded = dirs.get(dir)?;
        let mut own = [None, None];
        for (name, own) in FILES.iter().zip(&mut own) {
            let Some(Node::File(id)) = decoded.get(name) else { continue };
            if dirs.odb.blob_size(*id)?.is_none_or(|size| size > LARGEST) {
                continue;
            }
            *own = Some(parse(&dirs.odb.bytes(*id, gix::objs::Kind::Blob)?, path));
        }
        Ok(match above {
            Some(above) if own.iter().all(Option::is_none) => Arc::clone(above),
            above => Arc::new(Self { above: above.cloned(), own }),
        })
    }

    /// Whether the entry of this path is left out.
    pub(super) fn leaves_out(&self, path: &str, is_dir: bool) -> bool {
        let hidden = path.rsplit('/').next().is_some_and(|name| name.starts_with('.'));
        let verdict = (0..FILES.len()).map(|file| self.verdict(file, path, is_dir)).find(|verdict| !verdict.is_none());
        match verdict {
            Some(verdict) => verdict.is_ignore(),
            None => hidden,
        }
    }

    fn verdict(&self, file: usize, path: &str, is_dir: bool) -> Match<&Glob> {
        let own = self.own.get(file).and_then(Option::as_ref).map_or(Match::None, |rules| rules.matched(path, is_dir));
        match &self.above {
            Some(above) if own.is_none() => above.verdict(file, path, is_dir),
            _ => own,
        }
    }
}

fn parse(bytes: &[u8], dir: &str) -> Gitignore {
    let mut builder = GitignoreBuilder::new(dir);
    let text = String::from_utf8_lossy(bytes);
    for line in text.trim_start_matches('\u{feff}').lines() {
        // A line that is no pattern is left out, as git does.
        let _ = builder.add_line(None, line);
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}
