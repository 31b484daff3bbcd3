//! One workspace of the repository while it is looked through: its features, those chosen, and their plans.

use super::{LARGEST, Wanted};
use crate::check::paths;
use crate::db::{Items, read_model};
use crate::diagnostic::Diagnostic;
use crate::diagnostics::history::workspace_not_followed;
use crate::diff::focus::{self, Seeds, Text};
use crate::diff::impact::place::{Place, join, relative};
use crate::diff::plans::{self, Making};
use crate::diff::report::SideInfo;
use crate::diff::side::Side;
use crate::ir::Pipeline;
use crate::select::is_glob;
use crate::syntax::{FileKind, MAX_BYTES};
use crate::workspace::files::{FileTree, Role, Scope};
use crate::workspace::manifest::{self, DEFAULT_ENVIRONMENT, Environment};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A workspace.
#[derive(Debug)]
pub(super) struct Unit {
    /// Where it is in the repository.
    pub(super) directory: String,
    /// What people call it.
    pub(super) name: String,
    /// The plans of the features that were chosen.
    pub(super) pipelines: Vec<Pipeline>,
    /// What could not be followed.
    pub(super) problems: Vec<Diagnostic>,
    /// `None` when it cannot be read.
    side: Option<Side>,
    environment: Environment,
    /// Where the workspace is whose changes are followed.
    here: String,
    version: String,
    /// The texts, once they were needed.
    features: Option<Vec<Text>>,
    seeds: Seeds,
    /// Problems of plans, which are made anew.
    unplanned: Vec<Diagnostic>,
    is_changed: bool,
    is_own: bool,
}

impl Unit {
    /// Another workspace, over its files.
    pub(super) fn open(files: Option<Arc<dyn FileTree>>, directory: &str, here: &str, version: &str) -> Self {
        let mut unit = Self {
            directory: directory.to_owned(),
            name: called("", directory),
            pipelines: Vec::new(),
            problems: Vec::new(),
            side: None,
            environment: Environment::default(),
            here: here.to_owned(),
            version: version.to_owned(),
            features: None,
            seeds: Seeds::default(),
            unplanned: Vec::new(),
            is_changed: false,
            is_own: false,
        };
        let Some(tree) = files else { return unit };
        let size = tree.stat(manifest::FILE).map_or(0, |stat| stat.size);
        if usize::try_from(size).map_or(true, |size| size > LARGEST) {
            unit.problem(manifest::FILE, &format!("its `Runi.toml` has more than {LARGEST} bytes"));
            return unit;
        }
        match tree.read(manifest::FILE) {
            Ok(bytes) => {
                let reading = manifest::read(manifest::FILE, &String::from_utf8_lossy(&bytes));
                unit.name = called(&reading.manifest.name, directory);
                if let Some(problem) = reading.diagnostics.iter().find(|problem| problem.code == "E0601") {
                    unit.problem(manifest::FILE, &format!("{} ({})", problem.message, problem.code));
                    return unit;
                }
                unit.environment = environment(&reading.manifest);
                let info = SideInfo { name: unit.name.clone(), commit: None };
                unit.side = Some(Side::read(tree, info, &bytes));
            }
            Err(error) => unit.problem(manifest::FILE, &format!("its `Runi.toml` cannot be read: {}", error.to_string().to_lowercase())),
        }
        unit
    }

    /// The workspace whose changes are followed, with the plans that it has already.
    pub(super) fn own(side: &Side, here: &str, seeds: &Seeds, pipelines: &[Pipeline]) -> Self {
        Self {
            directory: here.to_owned(),
            name: String::new(),
            pipelines: pipelines.to_vec(),
            problems: Vec::new(),
            side: Some(side.clone()),
            environment: environment(&side.manifest),
            here: here.to_owned(),
            version: String::new(),
            features: None,
            seeds: seeds.clone(),
            unplanned: Vec::new(),
            is_changed: false,
            is_own: true,
        }
    }

    /// Chooses the features that touch these places; says whether there are new ones.
    pub(super) fn take(&mut self, wanted: &Wanted) -> bool {
        if !wanted.all().any(|place| place.is_in_reach(&self.directory)) {
            return false;
        }
        self.load();
        let followed: BTreeSet<&str> =
            self.pipelines.iter().map(|plan| plan.origin.path.as_str()).filter(|path| !self.seeds.is_end(path)).collect();
        let open = self
            .features
            .iter()
            .flatten()
            .filter(|(path, _)| !followed.contains(path.as_ref()) && !self.seeds.paths.contains(path.as_ref()));
        let words = Words::of(wanted, &self.environment);
        let touched: Vec<(String, bool)> = open
            .collect::<Vec<_>>()
            .into_par_iter()
            .filter(|(_, text)| words.are_in(text))
            .filter_map(|(path, text)| Some((path.to_string(), self.touch(path, text, wanted)?)))
            .collect();
        let before = (self.seeds.paths.len(), self.seeds.ends.len());
        for (path, reads) in touched {
            let chosen = if reads { &mut self.seeds.paths } else { &mut self.seeds.ends };
            chosen.insert(path);
        }
        before != (self.seeds.paths.len(), self.seeds.ends.len())
    }

    /// Whether a feature reads one of the places (`true`) or only writes one; `None` when it does neither.
    fn touch(&self, path: &str, text: &str, wanted: &Wanted) -> Option<bool> {
        let Items::Feature(feature) = read_model(path, FileKind::Feature, text).items else { return None };
        let meets = |paths: &[String], places: &[Place]| {
            let mut own = paths.iter().filter_map(|path| Place::new(&self.directory, path));
            own.any(|own| places.iter().any(|place| place.meets(&own)))
        };
        let mut writes = false;
        for scenario in &feature.scenarios {
            let paths = paths(scenario, &self.environment);
            if meets(&paths.read, &wanted.read) {
                return Some(true);
            }
            writes |= meets(&paths.written, &wanted.written);
        }
        writes.then_some(false)
    }

    /// Reads the features. What cannot be read may well touch the places.
    fn load(&mut self) {
        let Some(side) = self.side.as_ref().filter(|_| self.features.is_none()) else { return };
        let limit = if self.is_own { MAX_BYTES } else { LARGEST };
        let entries = match side.tree.list(&Scope::of(&side.manifest)) {
            Ok(entries) => entries,
            Err(error) => {
                self.side = None;
                return self.problem(manifest::FILE, &error.to_string().to_lowercase());
            }
        };
        let paths: Vec<Arc<str>> = entries.into_iter().filter(|entry| entry.role == Role::Feature).map(|entry| entry.path).collect();
        let texts = match focus::read(side, paths.clone(), limit) {
            Ok(texts) => texts,
            Err(error) => {
                self.side = None;
                return self.problem(manifest::FILE, &error.to_string().to_lowercase());
            }
        };
        let read: BTreeSet<&str> = texts.iter().map(|(path, _)| path.as_ref()).collect();
        let unread: Vec<String> = paths.iter().filter(|path| !read.contains(path.as_ref())).map(ToString::to_string).collect();
        self.features = Some(texts);
        if let Some(first) = unread.first().filter(|_| !self.is_own) {
            let more = if unread.len() > 1 { format!(", and so it is with {} more", unread.len() - 1) } else { String::new() };
            self.problem(first, &format!("this feature is no text or has more than {LARGEST} bytes{more}"));
        }
    }

    /// Plans what was chosen.
    pub(super) fn compile(&mut self, making: Making<'_>, known: &BTreeSet<Arc<str>>) {
        let Some(side) = &self.side else { return };
        let mut problems = Vec::new();
        match plans::side(side, &self.seeds, making, known, &mut problems) {
            Ok(pipelines) => {
                self.pipelines = pipelines;
                self.is_changed = true;
            }
            Err(error) => self.problem(manifest::FILE, &error.to_string()),
        }
        for problem in &mut problems {
            problem.place.path = self.way_to(&problem.place.path);
        }
        self.unplanned = problems;
    }

    /// The places that the plans write and that nobody knows yet.
    pub(super) fn outputs(&self, known: &mut BTreeSet<String>) -> Vec<Place> {
        let followed = self.pipelines.iter().filter(|plan| !self.seeds.is_end(&plan.origin.path));
        let places = followed.flat_map(|plan| &plan.sinks).filter_map(|sink| Place::new(&self.directory, sink.connector.path()));
        places.filter(|place| known.insert(place.text().to_owned())).collect()
    }

    /// The plans, when they are others than at first.
    pub(super) fn replaced(&mut self) -> Option<Vec<Pipeline>> {
        self.is_changed.then(|| std::mem::take(&mut self.pipelines))
    }

    /// Everything that could not be followed.
    pub(super) fn all_problems(&mut self) -> Vec<Diagnostic> {
        let mut problems = std::mem::take(&mut self.problems);
        problems.append(&mut self.unplanned);
        problems
    }

    /// The way to a file of it from the workspace that is compared.
    fn way_to(&self, path: &str) -> String {
        relative(&self.here, &join(&self.directory, path))
    }

    fn problem(&mut self, path: &str, why: &str) {
        self.problems.push(workspace_not_followed(&self.way_to(path), &self.name, &self.version, why));
    }
}

/// What a text must hold to touch one of some places.
struct Words<'w> {
    /// Last parts of paths; `None` when a text may touch one without any word of it.
    ends: Option<BTreeSet<&'w str>>,
}

impl<'w> Words<'w> {
    fn of(wanted: &'w Wanted, environment: &Environment) -> Self {
        let is_rebound = [&environment.sources, &environment.sinks].into_iter().flatten();
        let is_rebound = is_rebound.into_iter().any(|(_, rebind)| rebind.args.contains_key("path") || rebind.args.contains_key("table"));
        let by_pattern = wanted.all().any(|place| place.is_pattern());
        let end = |place: &'w Place| place.text().rsplit('/').next().unwrap_or(place.text());
        Self { ends: (!is_rebound && !by_pattern).then(|| wanted.all().map(end).collect()) }
    }

    fn are_in(&self, text: &str) -> bool {
        let Some(ends) = &self.ends else { return true };
        // A variable or a pattern may stand for any path.
        let open = |quoted: &str| quoted.contains("${") || (is_glob(quoted) && quoted.contains(['/', '.']));
        ends.iter().any(|end| text.contains(end)) || text.split('"').skip(1).step_by(2).any(open)
    }
}

fn environment(manifest: &manifest::Manifest) -> Environment {
    manifest.environments.get(DEFAULT_ENVIRONMENT).cloned().unwrap_or_default()
}

/// What people call a workspace: the name that it gives itself, else its directory.
fn called(name: &str, directory: &str) -> String {
    let plain: String = name.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(100).collect();
    match (plain.as_str(), directory) {
        ("" | "workspace", "") => "the top of the repository".to_owned(),
        ("" | "workspace", directory) => directory.to_owned(),
        _ => plain,
    }
}
