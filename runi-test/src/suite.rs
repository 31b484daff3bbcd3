//! Every test of a workspace: the examples of its steps and scenarios, and its goldens.

use crate::report::TestResult;
use crate::{example, golden};
use runi_lang::check::{Lookup, ScenarioFacts, slug};
use runi_lang::diagnostics::nearest;
use runi_lang::ir::Pipeline;
use runi_lang::select::{SelectError, select};
use runi_lang::sql::SqlEngine;
use runi_lang::workspace::Workspace;
use std::collections::BTreeSet;
use std::path::Path;

/// Which tests run, and how.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// The scenarios and steps whose tests run, by their slugs; all when there is none.
    chosen: Option<Chosen>,
    /// Goldens are rewritten with what came out.
    pub update: bool,
}

#[derive(Debug, Clone, Default)]
struct Chosen {
    scenarios: BTreeSet<String>,
    steps: BTreeSet<String>,
}

impl Selection {
    /// The tests of the steps with these names (or slugs), and of the scenarios that they select; of all without a name.
    ///
    /// # Errors
    /// A name that is no step's and selects no scenario.
    pub fn of(workspace: &Workspace, names: &[String], update: bool) -> Result<Self, SelectError> {
        if names.is_empty() {
            return Ok(Self { chosen: None, update });
        }
        let facts: Vec<ScenarioFacts> = workspace.scenarios().map(|(_, facts)| facts.clone()).collect();
        let lookup = workspace.lookup();
        let known: Vec<String> = lookup.step_names();
        let mut chosen = Chosen::default();
        for name in names {
            let steps: Vec<String> = known.iter().filter(|step| *step == name || slug(step) == *name).map(|step| slug(step)).collect();
            match select(&facts, std::slice::from_ref(name)) {
                Ok(found) => chosen.scenarios.extend(found.into_iter().filter_map(|at| facts.get(at)).map(|facts| facts.slug.clone())),
                Err(SelectError::NoMatch { .. }) if !steps.is_empty() => {}
                Err(SelectError::NoMatch { selector, near: None }) => {
                    let near = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
                    return Err(SelectError::NoMatch { selector, near });
                }
                Err(error) => return Err(error),
            }
            chosen.steps.extend(steps);
        }
        Ok(Self { chosen: Some(chosen), update })
    }

    fn wants_step(&self, name: &str) -> bool {
        self.chosen.as_ref().is_none_or(|chosen| chosen.steps.contains(&slug(name)))
    }

    fn wants_scenario(&self, name: &str) -> bool {
        self.chosen.as_ref().is_none_or(|chosen| chosen.scenarios.contains(&slug(name)))
    }
}

/// Runs the tests of a checked workspace, file by file. `pipelines` are those of all its scenarios.
#[must_use]
pub fn run(workspace: &Workspace, pipelines: &[Pipeline], engine: &dyn SqlEngine, root: &Path, selection: &Selection) -> Vec<TestResult> {
    let mut results = Vec::new();
    let lookup = workspace.lookup();
    let paths: Vec<&str> = workspace.paths().filter(|path| path.ends_with(".dsl")).collect();
    for path in paths {
        let (Some(feature), Some(text)) = (lookup.feature(path), workspace.text(path)) else { continue };
        let line = |offset: u32| 1 + text.as_bytes().iter().take(offset as usize).filter(|byte| **byte == b'\n').count() as u32;
        for def in feature.steps.iter().filter(|def| selection.wants_step(&def.name.value)) {
            results.extend(example::step(path, def, &lookup, engine, root, &line));
        }
        for scenario in feature.scenarios.iter().filter(|scenario| selection.wants_scenario(&scenario.name.value)) {
            let of: Option<&Pipeline> = pipelines.iter().find(|pipeline| pipeline.slug == slug(&scenario.name.value));
            if let Some(pipeline) = of {
                results.extend(example::scenario(pipeline, scenario, root, &line));
                results.extend(golden::run(pipeline, root, selection.update));
            }
        }
    }
    results
}
