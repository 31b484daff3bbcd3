//! One of the two versions that are compared: its tree, and what the files that differ say.

use super::change::{Item, ItemKind};
use super::report::SideInfo;
use crate::db::{Items as Model, read_model};
use crate::diagnostic::{Diagnostic, Severity};
use crate::diagnostics::workspace::unreadable_file;
use crate::git::GitError;
use crate::model::{Contract, FeatureFile, Spans, StepDef};
use crate::syntax;
use crate::workspace::files::{Role, Scope};
use crate::workspace::manifest::{self, Manifest};
use crate::workspace::{FileTree, OpenError};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
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
}

impl Side {
    /// A side over a tree. A tree without a `Runi.toml` is a workspace that did not exist yet: it has no items.
    ///
    /// # Errors
    /// When `Runi.toml` is there and cannot be read.
    pub fn new(tree: Arc<dyn FileTree>, info: SideInfo) -> Result<Self, OpenError> {
        let manifest = match tree.read(manifest::FILE) {
            Ok(bytes) => manifest::read(manifest::FILE, &String::from_utf8_lossy(&bytes)).manifest,
            Err(error) if error.kind() == ErrorKind::NotFound => Manifest::default(),
            Err(source) => return Err(OpenError::Io { path: manifest::FILE.to_owned(), source }),
        };
        Ok(Self { tree, info, manifest })
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
    /// When git has a file and not its content: nothing can be said of what may have changed, and saying nothing would read as
    /// no change.
    pub(super) fn read(side: &Side, paths: &[String]) -> Result<Self, GitError> {
        let scope = Scope::of(&side.manifest);
        let wanted: Vec<(&String, Role)> = paths.iter().filter_map(|path| Some((path, scope.role(path)?))).collect();
        let read = wanted.into_par_iter().filter_map(|(path, role)| File::read(side, path, role).transpose());
        let mut said = Self::default();
        for file in read.collect::<Result<Vec<File>, GitError>>()? {
            said.add(file);
        }
        Ok(said)
    }

    fn add(&mut self, file: File) {
        let path: Arc<str> = file.path.as_str().into();
        if let Some(text) = file.text {
            self.texts.insert(file.path, text);
        }
        let errors = file.diagnostics.into_iter().filter(|problem| problem.severity == Severity::Error);
        let before = self.problems.len();
        self.problems.extend(errors);
        let broken = self.problems.len() > before;
        if broken {
            self.broken.insert(Arc::clone(&path));
        }
        match file.model {
            None => {}
            Some(Model::Contracts(contracts)) => {
                let spans = Arc::new(contracts.spans);
                for contract in contracts.contracts {
                    let name = contract.name.clone();
                    if broken {
                        self.doubtful.insert(Item { kind: ItemKind::Contract, name });
                    } else {
                        // The first by path counts, as everywhere.
                        let value = Arc::new(contract);
                        let found = Found { value, path: Arc::clone(&path), spans: Arc::clone(&spans) };
                        self.contracts.entry(name).or_insert(found);
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
    }
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
        let broken = |problem| Ok(Some(Self { path: path.to_owned(), text: None, model: None, diagnostics: vec![problem] }));
        let (Some(kind), Some(stat)) = (role.grammar(), side.tree.stat(path)) else { return Ok(None) };
        if usize::try_from(stat.size).is_ok_and(|size| size > syntax::MAX_BYTES) {
            let place = crate::diagnostic::Place::file(path);
            return broken(crate::diagnostics::syntax::file_too_large(place, usize::try_from(stat.size).unwrap_or(usize::MAX)));
        }
        let bytes = match side.tree.read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => match GitError::behind(&error) {
                Some(error) => return Err(error),
                None => return broken(unreadable_file(path, &error.to_string().to_lowercase())),
            },
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
