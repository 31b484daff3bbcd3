//! The plans of both versions, of those features that a change can reach.

use super::drift::{Drifted, drifted, is_told};
use super::focus::{Seeds, focus};
use super::outputs::lost;
use super::request::{Pair, RequestError};
use super::side::{Said, Side};
use crate::diagnostic::Diagnostic;
use crate::diagnostics::history::not_followed;
use crate::diagnostics::names::UNKNOWN_CONTRACT;
use crate::ir::Pipeline;
use crate::sql::SqlEngine;
use crate::syntax::MAX_BYTES;
use crate::workspace::{OpenError, Report, Workspace};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How the two sides are called in a sentence.
pub(super) const VERSIONS: [&str; 2] = ["in the old version", "in the new version"];

/// Pipelines, as far as they were needed and could be made.
#[derive(Debug, Default)]
pub(super) struct Plans {
    /// Of the old version.
    pub(super) before: Vec<Pipeline>,
    /// Of the new version.
    pub(super) after: Vec<Pipeline>,
    /// Features that could not be planned.
    pub(super) problems: Vec<Diagnostic>,
    /// Sinks and steps of the new version that do not fulfil a contract which is the same, or not those of their readers.
    pub(super) drifted: Vec<Drifted>,
    /// Contracts that features name which differ, and that the new version does not have.
    pub(super) unknown: Vec<Diagnostic>,
}

/// Plans what names something that changed, on both sides.
///
/// # Errors
/// When a side cannot be listed.
pub(super) fn plans(pair: &Pair, seeds: &Seeds, said: [&Said; 2], engine: &dyn Fn() -> Arc<dyn SqlEngine>) -> Result<Plans, RequestError> {
    let [before, after] = said;
    let making = |version| Making { version: VERSIONS[version], limit: MAX_BYTES, engine };
    let (old, new) = (Compiled::of(&pair.base, seeds, making(0))?, Compiled::of(&pair.head, seeds, making(1))?);
    let drifted = new.as_ref().map(|new| drifted(old.as_ref().map(|old| &old.workspace), &new.workspace, said)).unwrap_or_default();
    let unknown = new.as_ref().map(|new| new.unknown(seeds)).unwrap_or_default();
    let (mut problems, mut new_problems) = (Vec::new(), Vec::new());
    let old_plans = old.as_ref().map(|old| old.pipelines(making(0), &before.broken, &|_| false, &mut problems)).unwrap_or_default();
    // What the comparison says of the new version as a finding is not said twice.
    let told = |problem: &Diagnostic| is_told(problem, &drifted);
    let new_plans = new.as_ref().map(|new| new.pipelines(making(1), &after.broken, &told, &mut new_problems)).unwrap_or_default();
    let mut drifted = drifted;
    if let (Some(old), Some(new)) = (&old, &new) {
        drifted.extend(lost([&old.workspace, &new.workspace], [&old_plans, &new_plans], &*engine()));
    }
    let mut plans = Plans { before: old_plans, after: new_plans, problems, drifted, unknown };
    // Whom a change reaches is told by the old plans; a feature that has one is followed, whatever became of it.
    new_problems.retain(|problem| !plans.before.iter().any(|plan| plan.origin.path == problem.place.path));
    plans.problems.extend(new_problems);
    Ok(plans)
}

/// How the plans of one side are made.
#[derive(Clone, Copy)]
pub(super) struct Making<'a> {
    /// What the side is called in a sentence: `in the old version`.
    pub(super) version: &'a str,
    /// Files of more bytes are left out.
    pub(super) limit: usize,
    /// Makes the engine.
    pub(super) engine: &'a dyn Fn() -> Arc<dyn SqlEngine>,
}

/// Plans the part of a side that the seeds reach; features of which not every scenario has a plan are added to `problems`.
///
/// # Errors
/// When the side cannot be listed.
pub(super) fn side(
    side: &Side,
    seeds: &Seeds,
    making: Making<'_>,
    known: &BTreeSet<Arc<str>>,
    problems: &mut Vec<Diagnostic>,
) -> Result<Vec<Pipeline>, RequestError> {
    let compiled = Compiled::of(side, seeds, making)?;
    Ok(compiled.map(|compiled| compiled.pipelines(making, known, &|_| false, problems)).unwrap_or_default())
}

/// One side, as far as a change can reach it.
struct Compiled {
    workspace: Workspace,
    report: Report,
}

impl Compiled {
    /// `None` when there is no feature to compile.
    fn of(side: &Side, seeds: &Seeds, making: Making<'_>) -> Result<Option<Self>, RequestError> {
        let focused = focus(side, seeds, making.limit).map_err(|source| OpenError::Io { path: side.info.name.clone(), source })?;
        if !focused.has_features() {
            return Ok(None);
        }
        let mut workspace = Workspace::with_tree(Arc::new(focused), None)?;
        let report = workspace.check(making.engine)?;
        Ok(Some(Self { workspace, report }))
    }

    /// Names of contracts that no file declares, in the features that differ.
    fn unknown(&self, seeds: &Seeds) -> Vec<Diagnostic> {
        let unknown = self.report.diagnostics.iter().filter(|problem| problem.code == UNKNOWN_CONTRACT.id);
        unknown.filter(|problem| seeds.paths.contains(&problem.place.path)).cloned().collect()
    }

    /// The plans; features of which not every scenario has one are added to `problems`, unless that is `told` already.
    fn pipelines(
        &self,
        making: Making<'_>,
        known: &BTreeSet<Arc<str>>,
        told: &dyn Fn(&Diagnostic) -> bool,
        problems: &mut Vec<Diagnostic>,
    ) -> Vec<Pipeline> {
        let Self { workspace, report } = self;
        // A scenario that reads its own output in a circle has no order to run in, and so no plan.
        let pipelines = workspace.pipelines(&*(making.engine)(), &[]).unwrap_or_default();
        let planned: BTreeSet<(&str, &str)> = pipelines.iter().map(|plan| (plan.origin.path.as_str(), plan.slug.as_str())).collect();
        let is_planned = |path: &str| {
            let mut scenarios = workspace.scenarios().filter(|(file, _)| *file == path).peekable();
            scenarios.peek().is_some() && scenarios.all(|(_, facts)| planned.contains(&(path, facts.slug.as_str())))
        };
        let errors = report.diagnostics.iter().filter(|problem| problem.is_error() && problem.place.path.ends_with(".dsl"));
        let mut broken: BTreeSet<&str> = BTreeSet::new();
        for problem in errors.filter(|problem| !told(problem)) {
            let path = problem.place.path.as_str();
            // What only running would miss, such as data that is not there, takes nothing from the plan; what cannot be read does.
            let is_whole = !problem.code.starts_with("E00") && is_planned(path);
            // What the comparison says of the file already is not said twice, and neither is a second error of one file.
            if !is_whole && !known.contains(path) && broken.insert(path) {
                problems.push(not_followed(path, making.version, &format!("{} ({})", problem.message, problem.code)));
            }
        }
        pipelines
    }
}
