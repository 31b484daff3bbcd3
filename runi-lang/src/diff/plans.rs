//! The plans of both versions, of those features that a change can reach.

use super::focus::{Seeds, focus};
use super::request::{Pair, RequestError};
use super::side::{Said, Side};
use crate::diagnostic::{Diagnostic, Severity};
use crate::diagnostics::history::not_followed;
use crate::ir::Pipeline;
use crate::sql::SqlEngine;
use crate::workspace::{OpenError, Workspace};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Pipelines, as far as they were needed and could be made.
#[derive(Debug, Default)]
pub(super) struct Plans {
    /// Of the old version.
    pub(super) before: Vec<Pipeline>,
    /// Of the new version.
    pub(super) after: Vec<Pipeline>,
    /// Features that could not be planned.
    pub(super) problems: Vec<Diagnostic>,
}

/// Plans what names something that changed, on both sides.
///
/// # Errors
/// When a side cannot be listed.
pub(super) fn plans(pair: &Pair, seeds: &Seeds, said: [&Said; 2], engine: &dyn Fn() -> Arc<dyn SqlEngine>) -> Result<Plans, RequestError> {
    let mut plans = Plans::default();
    let [before, after] = said;
    let mut new_problems = Vec::new();
    plans.before = side(&pair.base, seeds, "in the old version", before, engine, &mut plans.problems)?;
    plans.after = side(&pair.head, seeds, "in the new version", after, engine, &mut new_problems)?;
    // Whom a change reaches is told by the old plans; a feature that has one is followed, whatever became of it.
    new_problems.retain(|problem| !plans.before.iter().any(|plan| plan.origin.path == problem.place.path));
    plans.problems.extend(new_problems);
    Ok(plans)
}

fn side(
    side: &Side,
    seeds: &Seeds,
    version: &str,
    said: &Said,
    engine: &dyn Fn() -> Arc<dyn SqlEngine>,
    problems: &mut Vec<Diagnostic>,
) -> Result<Vec<Pipeline>, RequestError> {
    let focused = focus(side, seeds).map_err(|source| OpenError::Io { path: side.info.name.clone(), source })?;
    if !focused.has_features() {
        return Ok(Vec::new());
    }
    let mut workspace = Workspace::with_tree(Arc::new(focused), None)?;
    let report = workspace.check(engine)?;
    let errors = report.diagnostics.iter().filter(|problem| problem.severity == Severity::Error && problem.place.path.ends_with(".dsl"));
    let mut broken: BTreeSet<&str> = BTreeSet::new();
    for problem in errors {
        // What the comparison says of the file already is not said twice, and neither is a second error of one file.
        if !said.broken.contains(problem.place.path.as_str()) && broken.insert(&problem.place.path) {
            problems.push(not_followed(&problem.place.path, version, &format!("{} ({})", problem.message, problem.code)));
        }
    }
    // A scenario that reads its own output in a circle has no order to run in, and so no plan.
    Ok(workspace.pipelines(&*engine(), &[]).unwrap_or_default())
}
