//! What is true of the workspace as a whole, and what must exist outside the compiler's sight.
//!
//! None of this is a query: the disk can change without a file of ours changing, so it is looked at on every check.

use super::files::FileTree;
use super::index::Space;
use super::links::DiskLinks;
use super::manifest::{self, leaves_the_tree};
use super::scan::herd_name_range;
use super::{Environment, Workspace};
use crate::check::{Requirement, RequirementKind, ScenarioFacts, check_between};
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::{nearest, workspace as problems};
use crate::select::{Graph, is_glob};
use globset::{GlobBuilder, GlobMatcher};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

impl Workspace {
    /// Every problem that belongs to no single file's check.
    pub(super) fn verify(&self) -> Vec<Diagnostic> {
        let mut found = self.settings.reading.diagnostics.clone();
        found.extend(self.settings.lock.iter().cloned());
        found.extend(self.tree.problems());
        found.extend(self.files.values().filter_map(|file| file.unreadable.clone()));
        found.extend(self.files.values().filter_map(|file| file.herd.as_ref()).flat_map(|herd| herd.diagnostics.iter().cloned()));
        self.clashes(&mut found);
        self.herd_clashes(&mut found);
        self.rebinds(&mut found);
        let scenarios: Vec<(&str, &ScenarioFacts)> = self.scenarios().collect();
        cycles(&scenarios, &mut found);
        let facts: Vec<&ScenarioFacts> = scenarios.iter().map(|(_, facts)| *facts).collect();
        found.extend(check_between(&facts, &|name| self.index.contract(name), &DiskLinks::new(self.tree.as_ref())));
        self.requirements(&scenarios, &mut found);
        found
    }

    fn clashes(&self, found: &mut Vec<Diagnostic>) {
        for clash in self.index.clashes() {
            let (path, export) = clash.later;
            if path == clash.first.0 && export.item == clash.first.1.item {
                // One file alone says the same name twice: reading that file reported it, since only that knows where both stand.
                continue;
            }
            let place = Place::item(path, &*export.item);
            let first = Place::item(clash.first.0, &*clash.first.1.item);
            let shown = export.item.split_once('/').map_or(&*export.item, |(_, name)| name);
            found.push(match clash.space {
                Space::Contract => problems::duplicate_contract(place, &export.name, first),
                Space::Step => problems::duplicate_step(place, shown, first),
                Space::Scenario => problems::duplicate_scenario(place, shown, &export.name, first),
            });
        }
    }

    fn herd_clashes(&self, found: &mut Vec<Diagnostic>) {
        let mut first: BTreeMap<&str, Place> = BTreeMap::new();
        for (path, file) in &self.files {
            let Some(herd) = file.herd.as_ref().and_then(|reading| reading.herd.as_ref()) else { continue };
            let place = herd_name_range(file).map_or_else(|| Place::file(path.as_ref()), |range| Place::range(path.as_ref(), range));
            match first.get(herd.name.as_str()) {
                Some(earlier) => found.push(problems::duplicate_herd(place, &herd.name, earlier.clone())),
                None => {
                    first.insert(&herd.name, place);
                }
            }
        }
    }

    /// Rebindings of the chosen environment that meet nothing.
    fn rebinds(&self, found: &mut Vec<Diagnostic>) {
        let environment = self.environment();
        if environment.sources.is_empty() && environment.sinks.is_empty() {
            return;
        }
        let (mut sources, mut sinks) = (BTreeSet::new(), BTreeSet::new());
        for file in self.files.values().filter(|file| file.exports.iter().any(|export| export.space == Space::Scenario)) {
            for scenario in &file.summary.get().scenarios {
                for (names, all) in [(&scenario.sources, &mut sources), (&scenario.sinks, &mut sinks)] {
                    all.extend(names.iter().flat_map(|name| [name.clone(), format!("{}.{name}", scenario.slug)]));
                }
            }
        }
        for (section, what, keys, known) in
            [("sources", "source", environment.sources.keys(), &sources), ("sinks", "sink", environment.sinks.keys(), &sinks)]
        {
            for key in keys {
                // The second of two sinks with one name is called `name#2`.
                let plain = key.split_once('#').map_or(key.as_str(), |(name, _)| name);
                if known.contains(plain) {
                    continue;
                }
                let at = (environment.name.clone(), format!("{section}/{key}"));
                let range = self.settings.reading.rebinds.get(&at);
                let place = range.map_or_else(|| Place::file(manifest::FILE), |range| Place::range(manifest::FILE, *range));
                found.push(problems::unused_rebind(place, what, key, nearest(plain, known.iter().map(String::as_str))));
            }
        }
    }

    fn requirements(&self, scenarios: &[(&str, &ScenarioFacts)], found: &mut Vec<Diagnostic>) {
        let written: BTreeSet<&str> = scenarios.iter().flat_map(|(_, facts)| facts.outputs.iter()).map(|path| normal(path)).collect();
        let mut disk = Disk {
            tree: self.tree.as_ref(),
            environment: self.environment(),
            written,
            known: FxHashMap::default(),
            suggestions: SUGGESTIONS,
        };
        for file in self.files.values() {
            for requirement in &file.check.checked.requirements {
                if !disk.has(requirement) {
                    found.push(disk.problem(requirement));
                }
            }
        }
    }
}

fn cycles(scenarios: &[(&str, &ScenarioFacts)], found: &mut Vec<Diagnostic>) {
    for cycle in Graph::new(scenarios.iter().map(|(_, facts)| *facts)).cycles() {
        let members: Vec<&(&str, &ScenarioFacts)> = cycle.iter().filter_map(|node| scenarios.get(*node)).collect();
        let place = |(path, facts): &(&str, &ScenarioFacts)| Place::item(*path, format!("Scenario/{}", facts.name));
        let Some((first, others)) = members.split_first() else { continue };
        let names: Vec<String> = members.iter().map(|(_, facts)| facts.slug.clone()).collect();
        let others = others.iter().map(|member| (place(member), member.1.slug.clone())).collect();
        found.push(problems::scenario_cycle(place(first), &names, others));
    }
}

fn normal(path: &str) -> &str {
    path.strip_prefix("./").unwrap_or(path).trim_end_matches('/')
}

/// Near names are looked for this often in one check. Each look compares a path with every path that is written, and
/// where thousands of files are missing, it is the data that is missing and not a letter.
const SUGGESTIONS: usize = 50;

/// What exists, asked once for each path.
struct Disk<'w> {
    tree: &'w dyn FileTree,
    environment: &'w Environment,
    /// Paths that some scenario's sink writes: they may not exist yet.
    written: BTreeSet<&'w str>,
    known: FxHashMap<(RequirementKind, String), bool>,
    /// How many near names will still be looked for.
    suggestions: usize,
}

impl Disk<'_> {
    fn has(&mut self, requirement: &Requirement) -> bool {
        if requirement.produced {
            return true;
        }
        // Looking a text up first by reference would need a second map; requirements are few per file.
        let key = (requirement.kind, requirement.value.clone());
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let exists = self.look(requirement.kind, &requirement.value);
        self.known.insert(key, exists);
        exists
    }

    fn look(&self, kind: RequirementKind, value: &str) -> bool {
        if kind == RequirementKind::Secret {
            return self.environment.secret(value).is_some();
        }
        let path = normal(value);
        if self.is_outside(path) {
            return false;
        }
        if self.tree.is_partial() {
            // A commit does not show what lies on the machine, and data is seldom committed: what it lacks is not known to be missing.
            return true;
        }
        match kind {
            // `runi test --update` writes it; until then the golden fails, and says so.
            RequirementKind::Golden => true,
            RequirementKind::Glob => self.matches(path),
            RequirementKind::Directory => {
                self.is_written(path) || self.tree.stat(path).is_some_and(|stat| stat.is_dir) || self.is_written_below(path)
            }
            _ if is_glob(path) => self.matches(path),
            _ => self.is_written(path) || self.tree.stat(path).is_some_and(|stat| !stat.is_dir),
        }
    }

    /// Absolute paths are a machine's own, so only an environment may bind them; `..` is nobody's.
    fn is_outside(&self, path: &str) -> bool {
        let bound = || self.environment.sources.values().chain(self.environment.sinks.values()).any(|r| r.args.values().any(|v| v == path));
        leaves_the_tree(path) && (path.split(['/', '\\']).any(|part| part == "..") || !bound())
    }

    fn is_written(&self, path: &str) -> bool {
        self.written.contains(path)
    }

    fn is_written_below(&self, path: &str) -> bool {
        let prefix = format!("{path}/");
        self.written.range(prefix.as_str()..).next().is_some_and(|written| written.starts_with(&prefix))
    }

    /// Whether a written or an existing file matches a glob.
    fn matches(&self, pattern: &str) -> bool {
        let Ok(glob) = GlobBuilder::new(pattern).literal_separator(true).build().map(|glob| glob.compile_matcher()) else { return false };
        let literal = pattern.find(['*', '?', '[', '{']).and_then(|end| pattern.get(..end)).unwrap_or_default();
        let written = self.written.range(literal..).take_while(|path| path.starts_with(literal)).any(|path| glob.is_match(path));
        let dir = literal.rsplit_once('/').map_or("", |(dir, _)| if dir.is_empty() { "/" } else { dir });
        let depth = if pattern.contains("**") { 16 } else { pattern.matches('/').count() - dir.matches('/').count() + 1 };
        written || self.any_match(dir, &glob, depth)
    }

    fn any_match(&self, dir: &str, glob: &GlobMatcher, depth: usize) -> bool {
        let names = self.tree.names(dir);
        let join = |name: &String| match dir {
            "" => name.clone(),
            "/" => format!("/{name}"),
            dir => format!("{dir}/{name}"),
        };
        let paths: Vec<String> = names.iter().map(join).collect();
        if paths.iter().any(|path| glob.is_match(path)) {
            return true;
        }
        let is_dir = |path: &&String| self.tree.stat(path).is_some_and(|stat| stat.is_dir);
        depth > 1 && paths.iter().filter(is_dir).any(|path| self.any_match(path, glob, depth - 1))
    }

    fn problem(&mut self, requirement: &Requirement) -> Diagnostic {
        let (place, value) = (requirement.place.clone(), normal(&requirement.value));
        match requirement.kind {
            RequirementKind::Secret => problems::missing_secret(place, value, &self.environment.name),
            _ if self.is_outside(value) => problems::path_outside(place, value),
            RequirementKind::Glob => problems::empty_glob(place, value),
            _ if is_glob(value) => problems::empty_glob(place, value),
            _ => problems::missing_path(place, value, self.near(value).as_deref()),
        }
    }

    /// The existing or written file that a missing path was probably meant to be: each part of the path may be a near miss.
    fn near(&mut self, path: &str) -> Option<String> {
        self.suggestions = self.suggestions.checked_sub(1)?;
        if leaves_the_tree(path) {
            return None;
        }
        let mut found = String::new();
        let mut differs = false;
        for part in path.split('/') {
            let names = self.tree.names(&found);
            let name = if names.iter().any(|name| name == part) {
                part
            } else {
                differs = true;
                nearest(part, names.iter().map(String::as_str))?
            };
            found = if found.is_empty() { name.to_owned() } else { format!("{found}/{name}") };
        }
        let on_disk = (differs && self.tree.stat(&found).is_some_and(|stat| !stat.is_dir)).then_some(found);
        on_disk.or_else(|| nearest(path, self.written.iter().copied()).map(str::to_owned))
    }
}
