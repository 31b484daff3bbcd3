//! One tree beside another, down to the workspace files that differ. Sub-trees with one id are the same and never opened.

use super::dir::{Budget, Dir, DirRef, Dirs, Node};
use super::error::GitError;
use super::ignored::{self, Rules};
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::git::REFUSED_ENTRY;
use crate::workspace::files::{Role, Scope};
use std::cmp::Ordering;
use std::sync::Arc;

/// An entry of a commit that the compiler does not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refused {
    /// Where it is, relative to the workspace; characters that cannot be shown are escaped.
    pub path: String,
    /// Why it is not read.
    pub why: Refusal,
}

/// Why an entry is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// Its name is not UTF-8, holds control characters, slashes or backslashes, or is `.`, `..` or `.git`.
    Name,
    /// A symbolic link.
    Link,
    /// A submodule: its files belong to another repository.
    Submodule,
}

impl Refused {
    /// The same as a diagnostic.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        let why = match self.why {
            Refusal::Name => "its name is not one that every system can read",
            Refusal::Link => "it is a symbolic link, and links are not followed",
            Refusal::Submodule => "it is a submodule, whose files belong to another repository",
        };
        Diagnostic::new(&REFUSED_ENTRY, Place::file(""), format!("`{}` is not read: {why}", self.path))
            .with_help("rename it, or put its content into the repository itself")
    }
}

/// A whole repository as it was at one moment, and where the workspace is in it.
#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    /// The repository's top; `None` holds nothing at all.
    pub(super) top: Option<DirRef>,
    /// The workspace's directory in it.
    pub(super) prefix: String,
}

/// `a/b`, where either may be empty.
pub(super) fn join(dir: &str, name: &str) -> String {
    match (dir, name) {
        ("", name) => name.to_owned(),
        (dir, "") => dir.to_owned(),
        (dir, name) => format!("{dir}/{name}"),
    }
}

impl Snapshot {
    /// What stands at a path of the workspace.
    pub(super) fn find(&self, dirs: &Dirs, path: &str) -> Result<Option<Node>, GitError> {
        match &self.top {
            Some(top) => dirs.find(top, &join(&self.prefix, path)),
            None => Ok(None),
        }
    }

    /// The file at a path of the workspace.
    pub(super) fn file(&self, dirs: &Dirs, path: &str) -> Result<Option<gix::ObjectId>, GitError> {
        Ok(match self.find(dirs, path)? {
            Some(Node::File(id)) => Some(id),
            _ => None,
        })
    }

    /// A directory or file of the repository with the rules for what lies in or beside it.
    fn enter(&self, dirs: &Dirs, full: &str) -> Result<Option<Entered>, GitError> {
        let Some(top) = &self.top else { return Ok(None) };
        let mut files = vec![ignore_files(dirs, Some(top))?];
        let mut rules = Rules::below(None, dirs, top, "")?;
        let mut node = Node::Dir(top.clone());
        let mut path = String::new();
        for part in full.split('/').filter(|part| !part.is_empty()) {
            let Node::Dir(dir) = &node else { return Ok(None) };
            let Some(next) = dirs.get(dir)?.get(part).cloned() else { return Ok(None) };
            path = join(&path, part);
            if let Node::Dir(dir) = &next {
                files.push(ignore_files(dirs, Some(dir))?);
                rules = Rules::below(Some(&rules), dirs, dir, &path)?;
            }
            node = next;
        }
        Ok(Some(Entered { node, rules, files }))
    }
}

/// The ids of the files that say what is left out.
type IgnoreFiles = [Option<gix::ObjectId>; 2];

fn ignore_files(dirs: &Dirs, dir: Option<&DirRef>) -> Result<IgnoreFiles, GitError> {
    let Some(dir) = dir else { return Ok(IgnoreFiles::default()) };
    let dir = dirs.get(dir)?;
    Ok(ignored::FILES.map(|name| match dir.get(name) {
        Some(Node::File(id)) => Some(*id),
        _ => None,
    }))
}

struct Entered {
    node: Node,
    rules: Arc<Rules>,
    files: Vec<IgnoreFiles>,
}

/// A directory of one side.
#[derive(Clone)]
struct Here {
    dir: DirRef,
    rules: Arc<Rules>,
}

/// Called with the path and the ids before and after of a file that differs; an error ends the walk.
pub(super) trait Visit: FnMut(&str, Role, [Option<gix::ObjectId>; 2]) -> Result<(), GitError> {}

impl<F: FnMut(&str, Role, [Option<gix::ObjectId>; 2]) -> Result<(), GitError>> Visit for F {}

/// A comparison of two snapshots. Each side has its own scope: `Runi.toml` may differ.
pub(super) struct Walk<'w, F> {
    dirs: &'w Dirs,
    prefix: &'w str,
    scopes: [&'w Scope; 2],
    budget: Budget,
    visit: F,
    refused: Vec<Refused>,
}

impl<'w, F: Visit> Walk<'w, F> {
    /// Visits every workspace file whose content differs; `Runi.toml` is not one of them. Returns what was refused on the new side.
    pub(super) fn run(dirs: &'w Dirs, sides: [&'w Snapshot; 2], scopes: [&'w Scope; 2], visit: F) -> Result<Vec<Refused>, GitError> {
        let prefix = sides.iter().find(|side| side.top.is_some()).map_or("", |side| side.prefix.as_str());
        let mut walk = Self { dirs, prefix, scopes, budget: Budget::default(), visit, refused: Vec::new() };
        if let [Snapshot { top: Some(a), .. }, Snapshot { top: Some(b), .. }] = sides
            && a.is_same(b)
            && std::ptr::eq(scopes[0], scopes[1])
        {
            return Ok(walk.refused);
        }
        for root in roots(scopes) {
            walk.root(sides, root)?;
        }
        walk.refused.sort_unstable();
        walk.refused.dedup();
        Ok(walk.refused)
    }

    fn root(&mut self, sides: [&Snapshot; 2], root: &str) -> Result<(), GitError> {
        let full = join(self.prefix, root);
        let [a, b] = sides;
        let entered = [a.enter(self.dirs, &full)?, b.enter(self.dirs, &full)?];
        let same_rules = match &entered {
            [Some(a), Some(b)] => a.files == b.files,
            _ => false,
        };
        let mut files = [None, None];
        let mut here = [None, None];
        for (side, entered) in entered.into_iter().enumerate() {
            let Some(Entered { node, rules, .. }) = entered else { continue };
            match node {
                // What `Runi.toml` itself names is never left out.
                Node::File(id) => set(&mut files, side, id),
                Node::Dir(dir) => set(&mut here, side, Here { dir, rules }),
                Node::Link => self.refuse(side, root.to_owned(), Refusal::Link),
                Node::Submodule => self.refuse(side, root.to_owned(), Refusal::Submodule),
            }
        }
        self.file(root, files)?;
        self.dir(here, same_rules, root, 0)
    }

    fn refuse(&mut self, side: usize, path: String, why: Refusal) {
        if side == 1 {
            self.refused.push(Refused { path, why });
        }
    }

    /// Visits a file, when it belongs to the workspace and differs.
    fn file(&mut self, path: &str, ids: [Option<gix::ObjectId>; 2]) -> Result<(), GitError> {
        let [before, after] = ids;
        let [old, new] = self.scopes;
        let role = [before.and_then(|_| old.role(path)), after.and_then(|_| new.role(path))];
        let ids = [before.filter(|_| role[0].is_some()), after.filter(|_| role[1].is_some())];
        match role[1].or(role[0]) {
            Some(role) if ids[0] != ids[1] => (self.visit)(path, role, ids),
            _ => Ok(()),
        }
    }

    /// `path` is relative to the workspace.
    fn dir(&mut self, here: [Option<Here>; 2], same_rules: bool, path: &str, depth: usize) -> Result<(), GitError> {
        let [old, new] = &here;
        if let (Some(old), Some(new), true) = (old, new, same_rules)
            && old.dir.is_same(&new.dir)
            && std::ptr::eq(self.scopes[0], self.scopes[1])
        {
            return Ok(());
        }
        let open = |here: &Option<Here>| here.as_ref().map_or_else(|| Ok(Arc::default()), |here| self.dirs.get(&here.dir));
        let (a, b): (Arc<Dir>, Arc<Dir>) = (open(old)?, open(new)?);
        self.budget.spend(a.entries.len() + b.entries.len(), depth)?;
        for (name, is_dir) in &b.odd {
            if *is_dir || Role::of(name).is_some() {
                self.refuse(1, join(path, name), Refusal::Name);
            }
        }
        let same_scope = std::ptr::eq(self.scopes[0], self.scopes[1]);
        for (name, nodes) in merged(&a, &b) {
            if same_rules && same_scope && is_same(nodes) {
                continue;
            }
            self.entry(&here, same_rules, &join(path, name), nodes, depth)?;
        }
        Ok(())
    }

    fn entry(
        &mut self,
        here: &[Option<Here>; 2],
        same_rules: bool,
        path: &str,
        nodes: [Option<&Node>; 2],
        depth: usize,
    ) -> Result<(), GitError> {
        let full = join(self.prefix, path);
        let mut files = [None, None];
        let mut below = [None, None];
        let mut has_dir = false;
        for (side, (here, node)) in here.iter().zip(nodes).enumerate() {
            let (Some(here), Some(node)) = (here, node) else { continue };
            match node {
                // The patterns are asked last: most files of a repository are none of ours.
                Node::File(id) if Role::of(path).is_some() && !here.rules.leaves_out(&full, false) => set(&mut files, side, *id),
                Node::Dir(dir) if !here.rules.leaves_out(&full, true) => {
                    has_dir = true;
                    set(&mut below, side, Here { dir: dir.clone(), rules: Rules::below(Some(&here.rules), self.dirs, dir, &full)? });
                }
                Node::Link if Role::of(path).is_some() => self.refuse(side, path.to_owned(), Refusal::Link),
                Node::Submodule => self.refuse(side, path.to_owned(), Refusal::Submodule),
                Node::File(_) | Node::Dir(_) | Node::Link => {}
            }
        }
        self.file(path, files)?;
        if !has_dir {
            return Ok(());
        }
        let same_rules = match &below {
            [Some(a), Some(b)] if same_rules => ignore_files(self.dirs, Some(&a.dir))? == ignore_files(self.dirs, Some(&b.dir))?,
            _ => false,
        };
        self.dir(below, same_rules, path, depth + 1)
    }
}

fn set<T>(pair: &mut [Option<T>; 2], side: usize, value: T) {
    if let Some(slot) = pair.get_mut(side) {
        *slot = Some(value);
    }
}

fn is_same(nodes: [Option<&Node>; 2]) -> bool {
    match nodes {
        [Some(Node::File(a)), Some(Node::File(b))] => a == b,
        [Some(Node::Dir(a)), Some(Node::Dir(b))] => a.is_same(b),
        _ => false,
    }
}

/// The entries of two directories, name by name.
fn merged<'d>(a: &'d Dir, b: &'d Dir) -> impl Iterator<Item = (&'d str, [Option<&'d Node>; 2])> {
    let (mut a, mut b) = (a.entries.iter().peekable(), b.entries.iter().peekable());
    std::iter::from_fn(move || {
        let order = match (a.peek(), b.peek()) {
            (Some((a, _)), Some((b, _))) => a.cmp(b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return None,
        };
        let old = if order.is_le() { a.next() } else { None };
        let new = if order.is_ge() { b.next() } else { None };
        let name = old.or(new).map(|(name, _)| name.as_ref())?;
        Some((name, [old.map(|(_, node)| node), new.map(|(_, node)| node)]))
    })
}

/// The directories that either scope looks into, without those inside another one.
fn roots(scopes: [&Scope; 2]) -> Vec<&str> {
    let mut all: Vec<&str> = scopes.iter().flat_map(|scope| scope.roots()).collect();
    all.sort_unstable();
    all.dedup();
    let inside =
        |root: &str, other: &str| root != other && (other.is_empty() || root.strip_prefix(other).is_some_and(|rest| rest.starts_with('/')));
    all.iter().copied().filter(|root| !all.iter().any(|other| inside(root, other))).collect()
}
