//! From checked scenarios to pipelines that can run.

use super::Workspace;
use super::index::{Index, Space};
use crate::check::{ContractEntry, Lookup, ScenarioFacts, StepEntry, StepKey, build_pipelines};
use crate::db::{self, Herds, Items, Model};
use crate::diagnostic::render::LineIndex;
use crate::ir::Pipeline;
use crate::model::{FeatureFile, StepDef};
use crate::select::{SelectError, select};
use crate::sql::SqlEngine;
use crate::workspace::{Environment, Herd};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Workspace {
    /// The pipelines of the selected scenarios, each after everything that it reads from. No selector selects all.
    ///
    /// Call it after a [`Self::check`] without errors; what did not check has no pipeline.
    ///
    /// # Errors
    /// When a selector matches nothing, or the selection reads its own output in a circle.
    pub fn pipelines(&self, engine: &dyn SqlEngine, selectors: &[String]) -> Result<Vec<Pipeline>, SelectError> {
        let (paths, facts): (Vec<&str>, Vec<ScenarioFacts>) = self.scenarios().map(|(path, facts)| (path, facts.clone())).unzip();
        let order = select(&facts, selectors)?;
        let lookup = PipelineLookup::new(self);
        let mut built: BTreeMap<&str, Vec<Pipeline>> = BTreeMap::new();
        let mut pipelines = Vec::with_capacity(order.len());
        for node in order {
            let (Some(path), Some(facts)) = (paths.get(node).copied(), facts.get(node)) else { continue };
            let of_file = built.entry(path).or_insert_with(|| match lookup.feature(path) {
                Some(feature) => {
                    let text = self.text(path).unwrap_or_default();
                    let lines = LineIndex::new(&text);
                    let line_of = |offset: u32| u32::try_from(lines.position(offset.into()).line).unwrap_or(u32::MAX);
                    build_pipelines(path, &feature, &lookup, engine, &line_of)
                }
                None => Vec::new(),
            });
            pipelines.extend(of_file.iter().find(|pipeline| pipeline.slug == facts.slug).cloned());
        }
        Ok(pipelines)
    }

    /// The model of a feature file; `None` when there is no such feature.
    #[must_use]
    pub fn feature(&self, path: &str) -> Option<Arc<FeatureFile>> {
        match self.model(path)?.items.clone() {
            Items::Feature(feature) => Some(Arc::new(feature)),
            Items::Contracts(_) => None,
        }
    }

    /// The model of a contract or feature file, without going through the counts of a check when it was not needed there.
    fn model(&self, path: &str) -> Option<Arc<Model>> {
        let file = self.files.get(path)?;
        match file.input {
            Some(input) => Some(Arc::clone(db::model(&self.db, input))),
            None => Some(Arc::new(db::read_model(path, file.role.grammar()?, &self.text(path)?))),
        }
    }

    /// A view of the workspace for building pipelines: unlike that of checks, it opens bodies.
    #[must_use]
    pub fn lookup(&self) -> PipelineLookup<'_> {
        PipelineLookup::new(self)
    }
}

/// A view of a checked workspace that sees bodies of steps.
#[derive(Debug)]
pub struct PipelineLookup<'w> {
    workspace: &'w Workspace,
    index: &'w Index,
    herds: &'w Herds,
    features: RefCell<BTreeMap<String, Option<Arc<FeatureFile>>>>,
}

impl<'w> PipelineLookup<'w> {
    fn new(workspace: &'w Workspace) -> Self {
        Self { workspace, index: &workspace.index, herds: &workspace.settings.herds, features: RefCell::default() }
    }

    /// The model of a feature file, read once.
    #[must_use]
    pub fn feature(&self, path: &str) -> Option<Arc<FeatureFile>> {
        let mut features = self.features.borrow_mut();
        features.entry(path.to_owned()).or_insert_with(|| self.workspace.feature(path)).clone()
    }
}

impl Lookup for PipelineLookup<'_> {
    fn contract(&self, name: &str) -> Option<ContractEntry> {
        self.index.contract(name)
    }

    fn contract_names(&self) -> Vec<String> {
        self.index.names(Space::Contract)
    }

    fn steps(&self, name: &str) -> Vec<Arc<StepEntry>> {
        self.index.steps(name)
    }

    fn step_names(&self) -> Vec<String> {
        self.index.names(Space::Step)
    }

    fn step_body(&self, key: &StepKey) -> Option<Arc<StepDef>> {
        let feature = self.feature(&key.path)?;
        let same = |step: &&StepDef| {
            step.name.value == key.name
                && step.version.as_ref().map(|version| version.value) == key.version
                && step.module.domain.as_ref().map(|domain| &domain.value) == key.domain.as_ref()
        };
        feature.steps.iter().find(same).cloned().map(Arc::new)
    }

    fn environment(&self) -> &Environment {
        self.workspace.environment()
    }

    fn herd(&self, name: &str) -> Option<Arc<Herd>> {
        self.herds.get(name).cloned()
    }

    fn herd_names(&self) -> Vec<String> {
        self.herds.keys().cloned().collect()
    }
}
