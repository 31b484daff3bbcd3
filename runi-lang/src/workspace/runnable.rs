//! Which of the selected scenarios may run, and what stands against it.

use super::index::Space;
use super::{Report, Workspace};
use crate::db::Dependency;
use crate::diagnostic::Diagnostic;
use crate::diagnostics::workspace::{MISSING_PATH, MISSING_SECRET};
use crate::ir::Pipeline;
use crate::select::{SelectError, select};
use crate::sql::SqlEngine;
use std::collections::BTreeSet;

/// What was selected, ready to run or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Runnable {
    /// The scenarios, each after everything that it reads from.
    pub pipelines: Vec<Pipeline>,
    /// The errors because of which none of them may run.
    pub errors: Vec<Diagnostic>,
    /// Whether every selected scenario that says anything has a pipeline.
    pub whole: bool,
    /// The titles of selected scenarios that only tell what they will do: there is nothing to run in them.
    pub drafts: Vec<String>,
}

impl Runnable {
    /// Whether nothing stands against it.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.whole && self.errors.is_empty()
    }

    /// Why a scenario cannot run although nothing is wrong with it: what it needs is not there, such as a file that did not
    /// come. One line each; empty when that is not what stops it.
    #[must_use]
    pub fn lacks(&self, pipeline: &Pipeline) -> Vec<String> {
        let lacks = |error: &&Diagnostic| {
            error.place.path == pipeline.origin.path && [MISSING_PATH.id, MISSING_SECRET.id].contains(&error.code.as_str())
        };
        self.errors.iter().filter(lacks).map(|error| format!("{}: {}", error.code, error.message)).collect()
    }
}

impl Workspace {
    /// What of a check's `report` stands against running the selected scenarios. No selector selects all.
    ///
    /// Another team's broken feature does not stop a scenario that is sound: of a selection, only the files count that it is
    /// made of, which are its features, the contracts and steps that they name, what those name in turn, and its herds.
    ///
    /// # Errors
    /// When a selector matches nothing, or the selection reads its own output in a circle.
    pub fn runnable(&self, engine: &dyn SqlEngine, report: &Report, selectors: &[String]) -> Result<Runnable, SelectError> {
        let (paths, facts): (Vec<&str>, Vec<_>) = self.scenarios().map(|(path, facts)| (path, facts.clone())).unzip();
        let chosen = select(&facts, selectors)?;
        let pipelines = self.pipelines(engine, selectors)?;
        let mut features = BTreeSet::new();
        let mut drafts = Vec::new();
        for at in &chosen {
            let (Some(path), Some(facts)) = (paths.get(*at), facts.get(*at)) else { continue };
            features.insert(*path);
            if self.is_draft(path, &facts.slug) {
                drafts.push(facts.name.clone());
            }
        }
        let whole = pipelines.len() + drafts.len() == chosen.len();
        let parts = (!selectors.is_empty() && whole).then(|| self.parts(&features));
        let concerns = |diagnostic: &&Diagnostic| match &parts {
            None => true,
            Some(parts) => {
                let ours = |label: &crate::diagnostic::Label| features.contains(label.place.path.as_str());
                parts.contains(diagnostic.place.path.as_str()) || diagnostic.labels.iter().any(ours)
            }
        };
        let errors = report.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).filter(concerns).cloned().collect();
        Ok(Runnable { pipelines, errors, whole, drafts })
    }

    /// Whether a scenario has no source, no step and no sink.
    fn is_draft(&self, path: &str, slug: &str) -> bool {
        let feature = self.feature(path);
        let scenario =
            feature.iter().flat_map(|feature| &feature.scenarios).find(|scenario| crate::check::slug(&scenario.name.value) == slug);
        scenario.is_some_and(|scenario| {
            !scenario.damaged && scenario.sources.is_empty() && scenario.steps.is_empty() && scenario.sinks.is_empty()
        })
    }

    /// The files that these features are made of, themselves and the workspace's own among them.
    fn parts(&self, features: &BTreeSet<&str>) -> BTreeSet<String> {
        let mut parts: BTreeSet<String> = [super::manifest::FILE.to_owned(), super::lock::FILE.to_owned()].into();
        let mut open: Vec<String> = features.iter().map(|path| (*path).to_owned()).collect();
        let mut herds = BTreeSet::new();
        while let Some(path) = open.pop() {
            if !parts.insert(path.clone()) {
                continue;
            }
            if let Some(feature) = self.feature(&path).filter(|_| features.contains(path.as_str())) {
                herds.extend(feature.scenarios.iter().filter_map(|scenario| Some(scenario.herd.as_ref()?.value.clone())));
            }
            for question in self.files.get(path.as_str()).into_iter().flat_map(|file| &file.check.dependencies) {
                open.extend(match question {
                    Dependency::Contract(name) => self.index.exporters(Space::Contract, name),
                    Dependency::Steps(name) => self.index.exporters(Space::Step, name),
                    Dependency::ContractNames | Dependency::StepNames => Vec::new(),
                });
            }
        }
        for (path, file) in &self.files {
            let herd = file.herd.as_ref().and_then(|reading| reading.herd.as_ref());
            if herd.is_some_and(|herd| herds.contains(&herd.name)) {
                parts.insert(path.to_string());
            }
        }
        parts
    }
}
