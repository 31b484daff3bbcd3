//! The plans of both versions, of those features that a change can reach.

use super::drift::{Drifted, drifted, is_told};
use super::focus::{Seeds, focus};
use super::request::{Pair, RequestError};
use super::side::{Said, Side};
use crate::diagnostic::Diagnostic;
use crate::diagnostics::history::not_followed;
use crate::ir::Pipeline;
use crate::sql::SqlEngine;
use crate::workspace::{OpenError, Report, Workspace};
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
    /// Sinks and steps of the new version that do not fulfil a contract which is the same.
    pub(super) drifted: Vec<Drifted>,
}

/// Plans what names something that changed, on both sides.
///
/// # Errors
/// When a side cannot be listed.
pub(super) fn plans(pair: &Pair, seeds: &Seeds, said: [&Said; 2], engine: &dyn Fn() -> Arc<dyn SqlEngine>) -> Result<Plans, RequestError> {
    let mut plans = Plans::default();
    let [before, after] = said;
    let (old, new) = (Compiled::of(&pair.base, seeds, engine)?, Compiled::of(&pair.head, seeds, engine)?);
    if let Some(new) = &new {
        plans.drifted = drifted(old.as_ref().map(|old| &old.workspace), &new.workspace, said);
    }
    // What the comparison says of the new version as a finding is not said twice.
    let told = |problem: &Diagnostic| is_told(problem, &plans.drifted);
    let mut problems = old.as_ref().map(|old| old.not_followed("in the old version", before, &|_| false)).unwrap_or_default();
    let mut new_problems = new.as_ref().map(|new| new.not_followed("in the new version", after, &told)).unwrap_or_default();
    plans.before = old.map(|old| old.pipelines(engine)).unwrap_or_default();
    plans.after = new.map(|new| new.pipelines(engine)).unwrap_or_default();
    // Whom a change reaches is told by the old plans; a feature that has one is followed, whatever became of it.
    new_problems.retain(|problem| !plans.before.iter().any(|plan| plan.origin.path == problem.place.path));
    problems.append(&mut new_problems);
    plans.problems = problems;
    Ok(plans)
}

/// One side, as far as a change can reach it.
struct Compiled {
    workspace: Workspace,
    report: Report,
}

impl Compiled {
    /// `None` when there is no feature to compile.
    fn of(side: &Side, seeds: &Seeds, engine: &dyn Fn() -> Arc<dyn SqlEngine>) -> Result<Option<Self>, RequestError> {
        let focused = focus(side, seeds).map_err(|source| OpenError::Io { path: side.info.name.clone(), source })?;
        if !focused.has_features() {
            return Ok(None);
        }
        let mut workspace = Workspace::with_tree(Arc::new(focused), None)?;
        let report = workspace.check(engine)?;
        Ok(Some(Self { workspace, report }))
    }

    /// A problem for each feature with errors: it has no plan, or not of all of its scenarios.
    fn not_followed(&self, version: &str, said: &Said, told: &dyn Fn(&Diagnostic) -> bool) -> Vec<Diagnostic> {
        let errors = self.report.diagnostics.iter().filter(|problem| problem.is_error() && problem.place.path.ends_with(".dsl"));
        let mut broken: BTreeSet<&str> = BTreeSet::new();
        // What the comparison says of the file already is not said twice, and neither is a second error of one file.
        errors
            .filter(|problem| {
                !said.broken.contains(problem.place.path.as_str()) && !told(problem) && broken.insert(problem.place.path.as_str())
            })
            .map(|problem| not_followed(&problem.place.path, version, &format!("{} ({})", problem.message, problem.code)))
            .collect()
    }

    /// A scenario that reads its own output in a circle has no order to run in, and so no plan.
    fn pipelines(&self, engine: &dyn Fn() -> Arc<dyn SqlEngine>) -> Vec<Pipeline> {
        self.workspace.pipelines(&*engine(), &[]).unwrap_or_default()
    }
}
