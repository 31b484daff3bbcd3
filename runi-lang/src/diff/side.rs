//! One of the two versions that are compared: its tree, and what the files that differ say.

use super::change::{Item, ItemKind};
use super::report::SideInfo;
use crate::db::{Items as Model, read_model};
use crate::diagnostic::{At, Diagnostic, Place, Severity, TextSize};
use crate::diagnostics::workspace::{duplicate_contract, unreadable_file};
use crate::git::GitError;
use crate::model::{Contract, FeatureFile, Spans, StepDef};
use crate::syntax;
use crate::workspace::files::{Role, Scope};
use crate::workspace::manifest::{self, Manifest};
use crate::workspace::{FileTree, OpenError};
use rayon::prelude::*;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

/// A version of the workspace.
#[derive(Debug, Clone)]
pub struct Side {
    /// Its files.
    pub tree: Arc<dyn FileTree>,
    /// What it is called.
    pub info: SideInfo,
    /// Its `Runi.toml`.
    pub manifest: Manifest,
    /// Whether it has one.
    pub has_manifest: bool,
    /// The text of that.
    pub(super) text: Option<Arc<str>>,
    /// What is wrong with it.
    pub(super) problems: Vec<Diagnostic>,
}

impl Side {
    /// A side over a tree. A tree without a `Runi.toml` is a workspace that did not exist yet: it has no items.
    ///
    /// # Errors
    /// When `Runi.toml` is there and cannot be read.
    pub fn new(tree: Arc<dyn FileTree>, info: SideInfo) -> Result<Self, OpenError> {
        match tree.read(manifest::FILE) {
            Ok(bytes) => Ok(Self::read(tree, info, &bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Ok(Self { tree, info, manifest: Manifest::default(), has_manifest: false, text: None, problems: Vec::new() })
            }
            Err(source) => Err(OpenError::Io { path: manifest::FILE.to_owned(), source }),
        }
    }

    /// A side whose `Runi.toml` is known.
    pub(super) fn read(tree: Arc<dyn FileTree>, info: SideInfo, manifest: &[u8]) -> Self {
        let text: Arc<str> = String::from_utf8_lossy(manifest).into();
        let reading = manifest::read(manifest::FILE, &text);
        Self { tree, info, manifest: reading.manifest, has_manifest: true, text: Some(text), problems: reading.diagnostics }
    }
}

/// An item and where it was found.
#[derive(Debug, Clone)]
pub(super) struct Found<T> {
    /// The item.
    pub(super) value: Arc<T>,
    /// Its file.
    pub(super) path: Arc<str>,
    /// Where the parts of the file stand.
    pub(super) spans: Arc<Spans>,
}

impl Found<Contract> {
    /// Where its name stands.
    pub(super) fn place(&self) -> Place {
        let range = self.spans.get(&self.value.name);
        range.map_or_else(|| Place::file(self.path.as_ref()), |range| Place::range(self.path.as_ref(), range))
    }
}

/// What the files of one side say.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// By name.
    pub(super) contracts: BTreeMap<String, Found<Contract>>,
    /// Features without errors, by path.
    pub(super) features: BTreeMap<Arc<str>, FeatureFile>,
    /// Files that could not be read as a whole: nothing is known of what they say.
    pub(super) broken: BTreeSet<Arc<str>>,
    /// Items of such files, as far as their names could be read.
    pub(super) doubtful: BTreeSet<Item>,
    /// Why.
    pub(super) problems: Vec<Diagnostic>,
    /// The texts.
    pub(super) texts: BTreeMap<String, Arc<str>>,
}

impl Said {
    /// Reads these files of a side, as far as it has them.
    ///
    /// # Errors
    /// When git has not got one of them: what it says is not known, and a comparison without it would be a guess.
    pub(super) fn read(side: &Side, paths: &[String]) -> Result<Self, GitError> {
        let scope = Scope::of(&side.manifest);
        let wanted: Vec<(&String, Role)> = paths.iter().filter_map(|path| Some((path, scope.role(path)?))).collect();
        let read: Result<Vec<Option<File>>, GitError> = wanted.into_par_iter().map(|(path, role)| File::read(side, path, role)).collect();
        let mut said = Self::default();
        for file in read?.into_iter().flatten() {
            said.add(file);
        }
        Ok(said)
    }

    fn add(&mut self, file: File) {
        let path: Arc<str> = file.path.as_str().into();
        if let Some(text) = file.text {
            self.texts.insert(file.path, text);
        }
        let errors: Vec<Diagnostic> = file.diagnostics.into_iter().filter(|problem| problem.severity == Severity::Error).collect();
        let broken = !errors.is_empty();
        if broken {
            self.broken.insert(Arc::clone(&path));
        }
        match file.model {
            None => {}
            Some(Model::Contracts(contracts)) => {
                let spans = Arc::new(contracts.spans);
                // An error in one contract says nothing of those beside it.
                let text = self.texts.get(path.as_ref()).map_or("", |text| text.as_ref());
                let doubtful = in_doubt(&contracts.contracts, &spans, text, &errors);
                for contract in contracts.contracts {
                    let name = contract.name.clone();
                    if doubtful.contains(&name) {
                        self.doubtful.insert(Item { kind: ItemKind::Contract, name });
                        continue;
                    }
                    let value = Arc::new(contract);
                    let found = Found { value, path: Arc::clone(&path), spans: Arc::clone(&spans) };
                    match self.contracts.entry(name) {
                        Entry::Vacant(free) => {
                            free.insert(found);
                        }
                        // The first by path counts, as everywhere.
                        Entry::Occupied(first) => {
                            let problem = duplicate_contract(found.place(), first.key(), first.get().place());
                            self.problems.push(problem);
                        }
                    }
                }
            }
            Some(Model::Feature(feature)) if broken => {
                let scenarios = feature.scenarios.iter().map(|scenario| (ItemKind::Scenario, scenario.name.value.clone()));
                let steps = feature.steps.iter().map(|step| (ItemKind::Step, step_name(step)));
                self.doubtful.extend(scenarios.chain(steps).map(|(kind, name)| Item { kind, name }));
            }
            Some(Model::Feature(feature)) => {
                self.features.insert(path, feature);
            }
        }
        self.problems.extend(errors);
    }
}

/// The contracts of a file in which an error stands, or of which one speaks: each goes from its line to that of the next one.
fn in_doubt(contracts: &[Contract], spans: &Spans, text: &str, errors: &[Diagnostic]) -> BTreeSet<String> {
    let line = |at: TextSize| text.get(..usize::from(at)).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let mut starts: Vec<(usize, &str)> =
        contracts.iter().filter_map(|contract| Some((line(spans.get(&contract.name)?.start()), contract.name.as_str()))).collect();
    starts.sort_unstable();
    let mut doubtful = BTreeSet::new();
    for place in errors.iter().flat_map(|error| error.labels.iter().map(|label| &label.place).chain([&error.place])) {
        let at = match &place.at {
            At::Range(range) => Some(range.start()),
            At::Item(item) => spans.get(&item.0).map(|range| range.start()),
            At::File => None,
        };
        match at.map(usize::from) {
            Some(at) => doubtful.extend(starts.iter().rev().find(|(start, _)| *start <= at).map(|(_, name)| (*name).to_owned())),
            None => doubtful.extend(contracts.iter().map(|contract| contract.name.clone())),
        }
    }
    doubtful
}

/// A reusable step's name with its `@version`.
pub(super) fn step_name(step: &StepDef) -> String {
    let version = step.version.as_ref().map_or(String::new(), |version| format!("@{}", version.value));
    format!("{}{version}", step.name.value)
}

/// One file of one side, read.
struct File {
    path: String,
    text: Option<Arc<str>>,
    model: Option<Model>,
    diagnostics: Vec<Diagnostic>,
}

impl File {
    /// `None` when the side has no such file, or it is none of the compiler's.
    fn read(side: &Side, path: &str, role: Role) -> Result<Option<Self>, GitError> {
        let Some(kind) = role.grammar() else { return Ok(None) };
        let broken = |problem| Ok(Some(Self { path: path.to_owned(), text: None, model: None, diagnostics: vec![problem] }));
        let Some(stat) = side.tree.stat(path) else { return Ok(None) };
        // A link is no part of a workspace, as a commit has it too.
        if side.tree.disk_root().is_some_and(|root| is_linked(root, path)) {
            return Ok(None);
        }
        if usize::try_from(stat.size).is_ok_and(|size| size > syntax::MAX_BYTES) {
            let place = crate::diagnostic::Place::file(path);
            return broken(crate::diagnostics::syntax::file_too_large(place, usize::try_from(stat.size).unwrap_or(usize::MAX)));
        }
        let bytes = match side.tree.read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                let git = GitError::of_io(&error).cloned();
                return git.map_or_else(|| broken(unreadable_file(path, &error.to_string().to_lowercase())), Err);
            }
        };
        match syntax::decode(&bytes) {
            (_, Some(problem)) => broken(problem.into_diagnostic(path)),
            (text, None) => {
                let text: Arc<str> = text.into();
                let model = read_model(path, kind, &text);
                Ok(Some(Self { path: path.to_owned(), text: Some(text), model: Some(model.items), diagnostics: model.diagnostics }))
            }
        }
    }
}

/// Whether a path leads through a symbolic link.
fn is_linked(root: &Path, path: &str) -> bool {
    let mut here = root.to_path_buf();
    path.split('/').any(|part| {
        here.push(part);
        here.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink())
    })
}
