//! Every test of a workspace: the examples of its steps and scenarios, and its goldens.

use crate::report::TestResult;
use crate::{example, golden};
use runi_lang::check::slug;
use runi_lang::ir::Pipeline;
use runi_lang::sql::SqlEngine;
use runi_lang::workspace::Workspace;
use std::path::Path;

/// Which tests run, and how.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Names (or slugs) of scenarios and steps; all when there is none.
    pub names: Vec<String>,
    /// Goldens are rewritten with what came out.
    pub update: bool,
}

impl Selection {
    fn wants(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|asked| asked == name || *asked == slug(name))
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
        for def in feature.steps.iter().filter(|def| selection.wants(&def.name.value)) {
            results.extend(example::step(path, def, &lookup, engine, root, &line));
        }
        for scenario in feature.scenarios.iter().filter(|scenario| selection.wants(&scenario.name.value)) {
            let of: Option<&Pipeline> = pipelines.iter().find(|pipeline| pipeline.slug == slug(&scenario.name.value));
            if let Some(pipeline) = of {
                results.extend(example::scenario(pipeline, scenario, root, &line));
                results.extend(golden::run(pipeline, root, selection.update));
            }
        }
    }
    results
}
