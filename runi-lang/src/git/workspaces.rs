//! Which directories of a repository are workspaces: those that have a `Runi.toml`.
//!
//! One walk over names, no content is read. What the compiler leaves out of a workspace is left out here too: hidden directories, what
//! `.gitignore` covers, links, submodules and other repositories, and names that not every system can read.

use super::dir::{DEEPEST, DirRef, MOST_ENTRIES};
use super::error::GitError;
use super::ignored::{Rules, rule_ids};
use super::repository::Repository;
use super::tree::GitTree;
use super::walk::join;
use crate::workspace::files::is_odd;
use crate::workspace::manifest;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The workspaces of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Workspaces {
    /// Their directories from the repository's top, with `/`; the top itself is the empty text. A directory that is a link, or whose
    /// `Runi.toml` is one, is none.
    pub directories: BTreeSet<String>,
    /// Whether some directories were not looked into: they cannot be read, are nested too deeply, or there are too many.
    pub is_partial: bool,
}

impl GitTree {
    /// The workspaces of the whole repository, as this commit or the index has them.
    #[must_use]
    pub fn workspaces(&self) -> Workspaces {
        let mut found = Workspaces::default();
        let Some(top) = self.top() else { return found };
        let mut open: Vec<(DirRef, String, Option<Arc<Rules>>)> = vec![(top.clone(), String::new(), None)];
        let mut entries = 0_usize;
        while let Some((dir, path, above)) = open.pop() {
            // What cannot be read, such as a directory that a partial clone lacks, hides its workspaces and no others.
            let Ok((rules, here)) = self.look(&dir, &path, above.as_ref()) else {
                found.is_partial = true;
                continue;
            };
            entries = entries.saturating_add(here.entries);
            if entries > MOST_ENTRIES {
                found.is_partial = true;
                break;
            }
            if here.has_file && !rules.leaves_out(&join(&path, manifest::FILE), false) {
                found.directories.insert(path.clone());
            }
            if path.matches('/').count() >= DEEPEST {
                found.is_partial |= !here.dirs.is_empty();
                continue;
            }
            for (name, dir) in here.dirs {
                let path = join(&path, &name);
                if !rules.leaves_out(&path, true) {
                    open.push((dir, path, Some(Arc::clone(&rules))));
                }
            }
        }
        found
    }

    /// The rules for what lies in a directory, and its names.
    fn look(&self, dir: &DirRef, path: &str, above: Option<&Arc<Rules>>) -> Result<(Arc<Rules>, super::dir::Look), GitError> {
        let rules = Rules::below(above, self.dirs(), rule_ids(self.dirs(), dir)?, path)?;
        Ok((rules, self.dirs().look(dir, manifest::FILE)?))
    }
}

impl Repository {
    /// The top directory of the working copy; `None` in a bare repository.
    #[must_use]
    pub fn top(&self) -> Option<PathBuf> {
        let below = self.prefix.split('/').filter(|part| !part.is_empty()).count();
        self.root.as_deref()?.ancestors().nth(below).map(Path::to_path_buf)
    }

    /// The workspaces of the working copy, whether git knows them or not; none in a bare repository.
    #[must_use]
    pub fn workspaces(&self) -> Workspaces {
        let Some(top) = self.top() else { return Workspaces::default() };
        let mut walk = ignore::WalkBuilder::new(&top);
        // As the files of a workspace are found, so that nothing is a workspace for one of them and hidden for the other.
        walk.follow_links(false).require_git(false).git_global(false).parents(true).max_depth(Some(DEEPEST));
        // Below another `.git` lie files of another repository.
        walk.filter_entry(|entry| {
            let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
            !(is_dir && entry.depth() > 0 && entry.path().join(".git").symlink_metadata().is_ok())
        });
        let (found, entries, is_partial) = (Mutex::new(BTreeSet::new()), AtomicUsize::new(0), AtomicBool::new(false));
        walk.build_parallel().run(|| {
            let (found, entries, is_partial, top) = (&found, &entries, &is_partial, &top);
            Box::new(move |entry| {
                if entries.fetch_add(1, Ordering::Relaxed) > MOST_ENTRIES {
                    is_partial.store(true, Ordering::Relaxed);
                    return ignore::WalkState::Quit;
                }
                match entry {
                    Ok(entry) => {
                        if let Some(directory) = workspace(&entry, top) {
                            found.lock().unwrap_or_else(PoisonError::into_inner).insert(directory);
                        }
                    }
                    Err(_) => is_partial.store(true, Ordering::Relaxed),
                }
                ignore::WalkState::Continue
            })
        });
        Workspaces { directories: found.into_inner().unwrap_or_else(PoisonError::into_inner), is_partial: is_partial.into_inner() }
    }
}

/// The directory of a `Runi.toml` that is a file.
fn workspace(entry: &ignore::DirEntry, top: &Path) -> Option<String> {
    if entry.file_name() != manifest::FILE || !entry.file_type().is_some_and(|kind| kind.is_file()) {
        return None;
    }
    let directory = entry.path().parent()?.strip_prefix(top).ok()?.to_str()?;
    let directory = if cfg!(windows) { directory.replace('\\', "/") } else { directory.to_owned() };
    (!is_odd(&directory)).then_some(directory)
}
