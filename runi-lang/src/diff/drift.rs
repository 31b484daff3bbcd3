//! Drift of pipelines: sinks and steps that fulfilled a contract in the old version and do not in the new one, while what the
//! contract says of the field is the same.
//!
//! The compiler proves each sink against its contract. So the question of a comparison is which of its refusals are new: whatever
//! led to them (the scenario, a reusable step, the contract of a source), they stand at the sink.

use super::change::{Change, Item, ItemKind, Spot};
use super::feature::{sink_name, stage_name};
use super::rules::P001;
use super::side::Said;
use crate::check::{is_present, slug};
use crate::diagnostic::{At, Diagnostic, Place, TextRange};
use crate::diagnostics::sinks::{SINK_MISSING_COLUMN, SINK_NULLABLE, SINK_TYPE};
use crate::model::{Accept, Scenario, Spanned};
use crate::workspace::Workspace;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A refusal of the new version that is its own.
#[derive(Debug, Clone)]
pub(super) struct Drifted {
    /// As a finding has it.
    pub(super) change: Change,
    /// The scenario's file, in the old version and in the new one.
    pub(super) paths: [Option<Arc<str>>; 2],
    /// What the scenario accepts in the new version.
    pub(super) accepted: Vec<(Accept, Place)>,
    /// Their texts.
    pub(super) texts: [Option<Arc<str>>; 2],
}

/// A sink or step that does not fulfil its contract.
struct Refusal {
    slug: String,
    scenario: String,
    path: String,
    range: TextRange,
    part: String,
    is_sink: bool,
    contract: String,
    field: String,
    message: String,
}

impl Refusal {
    fn key(&self) -> (&str, &str, &str, &str) {
        (&self.slug, &self.part, &self.contract, &self.field)
    }
}

/// Whether a problem says that rows do not fit a contract.
fn is_refusal(problem: &Diagnostic) -> bool {
    [&SINK_MISSING_COLUMN, &SINK_TYPE, &SINK_NULLABLE].iter().any(|code| code.id == problem.code)
}

/// What the new version's compiler refuses and the old one's did not. `said` has the contracts whose files differ.
pub(super) fn drifted(before: Option<&Workspace>, after: &Workspace, said: [&Said; 2]) -> Vec<Drifted> {
    let new = refusals(after);
    if new.is_empty() {
        return Vec::new();
    }
    let old = before.map(refusals).unwrap_or_default();
    let known: BTreeSet<(&str, &str, &str, &str)> = old.iter().map(Refusal::key).collect();
    let mut found = Vec::new();
    for refusal in new.iter().filter(|refusal| !known.contains(&refusal.key()) && is_same(refusal, said)) {
        let item = Item { kind: ItemKind::Scenario, name: refusal.scenario.clone() };
        let what = if refusal.is_sink { "sink" } else { "step" };
        let message = format!("the {what} `{}` does not fulfil its contract: {}", refusal.part, refusal.message);
        let mut change = Change::new(&P001, &item, refusal.part.clone(), message);
        change.columns = vec![refusal.field.clone()];
        change.after = Some(Spot { path: refusal.path.clone(), range: refusal.range });
        change.before = before.and_then(|before| earlier(before, refusal));
        let old_path: Option<Arc<str>> = match (&change.before, before) {
            (Some(spot), _) => Some(spot.path.as_str().into()),
            (None, Some(before)) => file_of(before, &refusal.slug),
            (None, None) => None,
        };
        let feature = after.feature(&refusal.path);
        let scenario = feature.iter().flat_map(|feature| &feature.scenarios).find(|scenario| scenario.name.value == refusal.scenario);
        let accepted = scenario.map(|scenario| placed(&refusal.path, &scenario.accepted)).unwrap_or_default();
        let texts = [old_path.as_deref().and_then(|path| before.and_then(|before| before.text(path))), after.text(&refusal.path)];
        found.push(Drifted { change, paths: [old_path, Some(refusal.path.as_str().into())], accepted, texts });
    }
    found
}

/// Acceptances with their places.
pub(super) fn placed(path: &str, accepted: &[Spanned<Accept>]) -> Vec<(Accept, Place)> {
    accepted.iter().map(|accept| (accept.value.clone(), Place::range(path, accept.range))).collect()
}

/// Whether a problem of the new version is told as drift.
pub(super) fn is_told(problem: &Diagnostic, drifted: &[Drifted]) -> bool {
    let at = problem.place.text_range();
    let stands = |spot: &Spot| spot.path == problem.place.path && Some(spot.range) == at;
    is_refusal(problem) && drifted.iter().any(|drifted| drifted.change.after.as_ref().is_some_and(stands))
}

fn refusals(workspace: &Workspace) -> Vec<Refusal> {
    let mut found: Vec<Refusal> = workspace.found().filter(|problem| is_refusal(problem)).filter_map(|it| refusal(workspace, it)).collect();
    // A step that several sinks of one name read is refused once for each.
    let mut seen = BTreeSet::new();
    found.retain(|refusal| seen.insert((refusal.path.clone(), refusal.range.start(), refusal.field.clone())));
    found
}

fn refusal(workspace: &Workspace, problem: &Diagnostic) -> Option<Refusal> {
    let range = problem.place.text_range()?;
    let declared = problem.labels.iter().find_map(|label| match &label.place.at {
        At::Item(item) => item.0.split_once("/field/"),
        At::Range(_) | At::File => None,
    });
    let (contract, field) = declared?;
    let path = &problem.place.path;
    let feature = workspace.feature(path)?;
    let scenario = feature.scenarios.iter().find(|scenario| scenario.range.contains_range(range))?;
    let (part, is_sink) = part(scenario, range)?;
    Some(Refusal {
        slug: slug(&scenario.name.value),
        scenario: scenario.name.value.clone(),
        path: path.clone(),
        range,
        part,
        is_sink,
        contract: contract.to_owned(),
        field: field.to_owned(),
        message: problem.message.clone(),
    })
}

/// The sink, or the step with a contract, that stands here.
fn part(scenario: &Scenario, range: TextRange) -> Option<(String, bool)> {
    if let Some(sink) = scenario.sinks.iter().find(|sink| sink.range.contains_range(range)) {
        return Some((sink_name(sink), true));
    }
    let named = |step: &&crate::model::StepUse| step.contract.as_ref().is_some_and(|contract| contract.range.contains_range(range));
    scenario.steps.iter().find(named).map(|step| (stage_name(step).to_owned(), false))
}

/// Where the sink or step stood.
fn earlier(workspace: &Workspace, refusal: &Refusal) -> Option<Spot> {
    if refusal.is_sink {
        return sink_spot(workspace, &refusal.slug, &refusal.part);
    }
    spot(workspace, &refusal.slug, &|scenario| Some(scenario.steps.iter().find(|step| stage_name(step) == refusal.part)?.range))
}

/// Where a sink of a scenario stands.
pub(super) fn sink_spot(workspace: &Workspace, scenario: &str, sink: &str) -> Option<Spot> {
    spot(workspace, scenario, &|scenario| Some(scenario.sinks.iter().find(|known| sink_name(known) == sink)?.range))
}

/// Where something in a scenario stands.
pub(super) fn spot(workspace: &Workspace, scenario: &str, range: &dyn Fn(&Scenario) -> Option<TextRange>) -> Option<Spot> {
    let path = file_of(workspace, scenario)?;
    let feature = workspace.feature(&path)?;
    let range = range(feature.scenarios.iter().find(|known| slug(&known.name.value) == scenario)?)?;
    Some(Spot { path: path.to_string(), range })
}

/// The file of a scenario.
pub(super) fn file_of(workspace: &Workspace, wanted: &str) -> Option<Arc<str>> {
    workspace.scenarios().find(|(_, facts)| facts.slug == wanted).map(|(path, _)| path.into())
}

/// Whether both versions of the contract say the same of the field; what changed there has a finding of its own.
fn is_same(refusal: &Refusal, said: [&Said; 2]) -> bool {
    let name = &refusal.contract;
    match said.map(|said| said.contracts.get(name)) {
        // Its file did not change.
        [None, None] => !said.iter().any(|said| said.doubtful.contains(&Item { kind: ItemKind::Contract, name: name.clone() })),
        [Some(old), Some(new)] => {
            let says = |contract: &crate::model::Contract| {
                contract.field(&refusal.field).map(|field| (field.ty.clone(), is_present(contract, &field.name)))
            };
            says(&old.value) == says(&new.value)
        }
        [None, Some(_)] | [Some(_), None] => false,
    }
}
