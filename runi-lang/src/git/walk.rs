//! One tree beside another, down to the workspace files that differ. Sub-trees with one id are the same and never opened.

use super::dir::{Budget, DirRef, Dirs, Node};
use super::error::GitError;
use super::ignored::{RuleIds, Rules, rule_ids};
use super::raw::Pair;
use crate::diagnostic::Diagnostic;
use crate::diagnostics::git::refused_entry;
use crate::workspace::files::{Role, Scope};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
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
        refused_entry(
            &self.path,
            match self.why {
                Refusal::Name => "its name is not one that every system can read",
                Refusal::Link => "it is a symbolic link, and links are not followed",
                Refusal::Submodule => "it is a submodule, whose files belong to another repository",
            },
        )
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
        let mut ids = vec![rule_ids(dirs, top)?];
        let mut rules = Rules::below(None, dirs, rule_ids(dirs, top)?, "")?;
        let mut node = Node::Dir(top.clone());
        let mut path = String::new();
        for part in full.split('/').filter(|part| !part.is_empty()) {
            let Node::Dir(dir) = &node else { return Ok(None) };
            let Some(next) = dirs.entry(dir, part)? else { return Ok(None) };
            path = join(&path, part);
            if let Node::Dir(dir) = &next {
                let own = rule_ids(dirs, dir)?;
                ids.push(own);
                rules = Rules::below(Some(&rules), dirs, own, &path)?;
            }
            node = next;
        }
        Ok(Some(Entered { node, rules, ids }))
    }
}

struct Entered {
    node: Node,
    rules: Arc<Rules>,
    /// The rules of every directory on the way, as ids.
    ids: Vec<RuleIds>,
}

/// A directory of one side.
#[derive(Clone)]
struct Here {
    dir: DirRef,
    rules: Arc<Rules>,
}

/// Called with the path and the ids before and after of a file that differs; says whether to go on.
pub(super) trait Visit: FnMut(&str, Role, [Option<gix::ObjectId>; 2]) -> ControlFlow<()> {}

impl<F: FnMut(&str, Role, [Option<gix::ObjectId>; 2]) -> ControlFlow<()>> Visit for F {}

/// A comparison of two snapshots. Each side has its own scope: `Runi.toml` may differ.
pub(super) struct Walk<'w, F> {
    dirs: &'w Dirs,
    prefix: &'w str,
    scopes: [&'w Scope; 2],
    /// Whether both scopes say the same, so that what is equal needs no look.
    same_scope: bool,
    budget: Budget,
    visit: F,
    stopped: bool,
    refused: Vec<Refused>,
}

impl<'w, F: Visit> Walk<'w, F> {
    /// Visits every workspace file whose content differs; `Runi.toml` is not one of them. Returns what was refused on the new side.
    pub(super) fn run(dirs: &'w Dirs, sides: [&'w Snapshot; 2], scopes: [&'w Scope; 2], visit: F) -> Result<Vec<Refused>, GitError> {
        let prefix = sides.iter().find(|side| side.top.is_some()).map_or("", |side| side.prefix.as_str());
        let same_scope = scopes[0] == scopes[1];
        let mut walk = Self { dirs, prefix, scopes, same_scope, budget: Budget::default(), visit, stopped: false, refused: Vec::new() };
        if let [Snapshot { top: Some(a), .. }, Snapshot { top: Some(b), .. }] = sides
            && a.is_same(b)
            && same_scope
        {
            return Ok(walk.refused);
        }
        for root in roots(scopes) {
            walk.root(sides, root)?;
            if walk.stopped {
                break;
            }
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
            [Some(a), Some(b)] => a.ids == b.ids,
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
        self.file(root, files);
        self.dir(&here, same_rules, root, 0)
    }

    fn refuse(&mut self, side: usize, path: String, why: Refusal) {
        if side == 1 {
            self.refused.push(Refused { path, why });
        }
    }

    /// Visits a file, when it belongs to the workspace and differs.
    fn file(&mut self, path: &str, ids: [Option<gix::ObjectId>; 2]) {
        let [before, after] = ids;
        let [old, new] = self.scopes;
        let (old, new) = (before.and_then(|_| old.role(path)), after.and_then(|_| new.role(path)));
        let ids = [before.filter(|_| old.is_some()), after.filter(|_| new.is_some())];
        if let Some(role) = new.or(old)
            && ids[0] != ids[1]
        {
            self.stopped |= (self.visit)(path, role, ids).is_break();
        }
    }

    /// `path` is relative to the workspace.
    fn dir(&mut self, here: &[Option<Here>; 2], same_rules: bool, path: &str, depth: usize) -> Result<(), GitError> {
        let [old, new] = here;
        let dirs = [old.as_ref().map(|here| &here.dir), new.as_ref().map(|here| &here.dir)];
        if let (Some(old), Some(new), true, true) = (dirs[0], dirs[1], same_rules, self.same_scope)
            && old.is_same(new)
        {
            return Ok(());
        }
        let pairs = if same_rules && self.same_scope {
            self.dirs.differing(dirs)?
        } else {
            // What is equal may still belong to one side only, so both are looked at as if the other were empty.
            let mut pairs = self.dirs.differing([dirs[0], None])?;
            pairs.extend(self.dirs.differing([None, dirs[1]])?);
            paired(pairs)
        };
        self.budget.spend(pairs.len(), depth)?;
        for Pair { name, nodes } in &pairs {
            match name {
                Ok(name) => self.entry(here, same_rules, &join(path, name), nodes, depth)?,
                Err(shown) => self.odd(&join(path, shown), nodes),
            }
            if self.stopped {
                break;
            }
        }
        Ok(())
    }

    /// Names an entry with a name that is refused, when it might have been one of ours.
    fn odd(&mut self, shown: &str, nodes: &[Option<Node>; 2]) {
        let [_, new] = nodes;
        match new {
            Some(Node::File(_) | Node::Link) if Role::of(shown).is_none() => {}
            Some(_) => self.refuse(1, shown.to_owned(), Refusal::Name),
            None => {}
        }
    }

    fn entry(
        &mut self,
        here: &[Option<Here>; 2],
        same_rules: bool,
        path: &str,
        nodes: &[Option<Node>; 2],
        depth: usize,
    ) -> Result<(), GitError> {
        let full = join(self.prefix, path);
        let mut files = [None, None];
        let mut below = [None, None];
        let mut ids = [RuleIds::default(); 2];
        let mut has_dir = false;
        for ((side, (here, node)), ids) in here.iter().zip(nodes).enumerate().zip(&mut ids) {
            let (Some(here), Some(node)) = (here, node) else { continue };
            match node {
                // The patterns are asked last: most files of a repository are none of ours.
                Node::File(id) if Role::of(path).is_some() && !here.rules.leaves_out(&full, false) => set(&mut files, side, *id),
                Node::Dir(dir) if !here.rules.leaves_out(&full, true) => {
                    has_dir = true;
                    *ids = rule_ids(self.dirs, dir)?;
                    let rules = Rules::below(Some(&here.rules), self.dirs, *ids, &full)?;
                    set(&mut below, side, Here { dir: dir.clone(), rules });
                }
                Node::Link if Role::of(path).is_some() => self.refuse(side, path.to_owned(), Refusal::Link),
                Node::Submodule => self.refuse(side, path.to_owned(), Refusal::Submodule),
                Node::File(_) | Node::Dir(_) | Node::Link => {}
            }
        }
        self.file(path, files);
        if !has_dir || self.stopped {
            return Ok(());
        }
        let same_rules = same_rules && ids[0] == ids[1] && below.iter().all(Option::is_some);
        self.dir(&below, same_rules, path, depth + 1)
    }
}

/// Joins entries of one name that come from different sides.
fn paired(pairs: Vec<Pair>) -> Vec<Pair> {
    let mut joined: BTreeMap<Box<str>, [Option<Node>; 2]> = BTreeMap::new();
    let mut odd = Vec::new();
    for Pair { name, nodes } in pairs {
        match name {
            Ok(name) => {
                let slots = joined.entry(name).or_default();
                for (slot, node) in slots.iter_mut().zip(nodes) {
                    if node.is_some() {
                        *slot = node;
                    }
                }
            }
            Err(shown) => odd.push(Pair { name: Err(shown), nodes }),
        }
    }
    joined.into_iter().map(|(name, nodes)| Pair { name: Ok(name), nodes }).chain(odd).collect()
}

fn set<T>(pair: &mut [Option<T>; 2], side: usize, value: T) {
    if let Some(slot) = pair.get_mut(side) {
        *slot = Some(value);
    }
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
