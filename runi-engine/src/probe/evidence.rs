//! Lets current data speak on the findings of a comparison.

use super::{Probe, ask, live};
use crate::error::EngineError;
use crate::source::Drift;
use runi_lang::check::sensitive_fields;
use runi_lang::diff::{Diff, Evidence, Level, LiveDrift, Question};
use runi_lang::ir::{Connector, NodeKind, Pipeline, Route};
use runi_lang::model::Contract;
use std::collections::BTreeSet;
use std::path::Path;

/// Where rows of a contract lie.
struct Place<'p> {
    name: &'p str,
    connector: &'p Connector,
    /// Whether a scenario reads it that finds there what somebody outside of the workspace left.
    is_given: bool,
}

/// Asks the data that the pipelines read and wrote about every finding that has a question. What cannot be asked is noted, nothing fails.
pub fn evidence(diff: &mut Diff, pipelines: &[Pipeline], environment: &str, root: &Path) {
    let mut unasked = BTreeSet::new();
    for item in &mut diff.items {
        let Some(after) = item.contract_after.clone() else { continue };
        let before = item.contract_before.clone();
        let sensitive = sensitive(before.as_deref(), &after);
        let questions: Vec<Question> = item.findings.iter().filter_map(|finding| finding.change.question.clone()).collect();
        if questions.is_empty() {
            continue;
        }
        let places = places(pipelines, &after.name);
        if places.is_empty() {
            unasked.insert(format!("nothing in this workspace reads or writes rows of `{}`", after.name));
        }
        for place in places {
            let location = place.connector.path().to_owned();
            let (contract, before) = (&*after, before.as_deref());
            let probe = Probe { name: place.name, connector: place.connector, contract, before, sensitive: &sensitive, root };
            let answers = match ask(&probe, &questions) {
                Ok(answers) => answers,
                Err(error) => {
                    unasked.insert(format!("`{}`: {}", after.name, reason(&error)));
                    continue;
                }
            };
            let retyped = if place.is_given { retyped(&probe, &questions) } else { Vec::new() };
            let asked = item.findings.iter_mut().filter(|finding| finding.change.question.is_some());
            for (finding, answer) in asked.zip(answers) {
                let Some(answer) = answer else { continue };
                let cast = match finding.change.question {
                    Some(Question::Unfit { .. }) => retyped.iter().find(|(field, _)| *field == finding.change.part),
                    _ => None,
                };
                let stops = match (answer.stopping, cast) {
                    (0, None) => None,
                    (0, Some((_, why))) => Some(format!("the run stops whatever the values are (E0804): {why}")),
                    (1, _) => Some("1 row fails the run".to_owned()),
                    (rows, _) => Some(format!("{rows} rows fail the run")),
                };
                finding.evidence.push(Evidence {
                    environment: environment.to_owned(),
                    location: location.clone(),
                    rows: answer.rows,
                    violating: answer.violating,
                    already: answer.already,
                    stops,
                    method: answer.method,
                    samples: answer.samples,
                });
            }
        }
    }
    diff.unasked.extend(unasked);
}

/// Columns of another type that the new contract does not let be cast, by field, each with what differs. Whether their values would
/// fit, nobody asks then.
fn retyped(probe: &Probe<'_>, questions: &[Question]) -> Vec<(String, String)> {
    if !questions.iter().any(|question| matches!(question, Question::Unfit { .. })) {
        return Vec::new();
    }
    // What cannot be opened was said when its rows were asked.
    let Ok(found) = live(probe.name, probe.connector, probe.contract, probe.root) else { return Vec::new() };
    let stopping = found.differences.into_iter().filter(|(_, allowed)| !allowed);
    let field = |(drift, _): (Drift, bool)| {
        let own = if let Drift::InFile { drift, .. } = &drift { &**drift } else { &drift };
        match own {
            Drift::Retyped { field, .. } => Some((field.clone(), drift.to_string())),
            _ => None,
        }
    };
    stopping.filter_map(field).collect()
}

/// Compares the declared columns of every source with the actual ones. `level` is what the workspace says of drift.
pub fn drift(diff: &mut Diff, pipelines: &[Pipeline], root: &Path, level: Level) {
    let mut unasked = BTreeSet::new();
    for pipeline in pipelines {
        for node in &pipeline.nodes {
            let NodeKind::Source(source) = &node.kind else { continue };
            let Some(binding) = &source.contract else { continue };
            match live(&node.name, &source.connector, &binding.contract, root) {
                Ok(found) if found.differences.is_empty() => {}
                Ok(found) => diff.drift.push(LiveDrift {
                    contract: binding.contract.name.clone(),
                    scenario: pipeline.scenario.clone(),
                    source: node.name.clone(),
                    location: source.connector.path().to_owned(),
                    path: node.origin.path.clone(),
                    line: node.origin.line,
                    allowed: found.differences.iter().all(|(_, allowed)| *allowed),
                    level,
                    differences: found.differences.iter().map(|(drift, _)| drift.to_string()).collect(),
                }),
                Err(error) => {
                    unasked.insert(reason(&error));
                }
            }
        }
    }
    diff.unasked.extend(unasked);
}

fn reason(error: &EngineError) -> String {
    format!("{error} ({})", error.code())
}

/// The sources that are read under the contract and the sinks that were written under it, each place once.
fn places<'p>(pipelines: &'p [Pipeline], contract: &str) -> Vec<Place<'p>> {
    let mut places: Vec<Place<'p>> = Vec::new();
    let mut add = |name: &'p str, connector: &'p Connector, is_source: bool| {
        if !places.iter().any(|place| place.connector == connector) {
            let is_written = |pipeline: &Pipeline| pipeline.sinks.iter().any(|sink| sink.connector.path() == connector.path());
            let is_given = is_source && !pipelines.iter().any(is_written);
            places.push(Place { name, connector, is_given });
        }
    };
    for pipeline in pipelines {
        for node in &pipeline.nodes {
            if let NodeKind::Source(source) = &node.kind
                && source.contract.as_ref().is_some_and(|binding| binding.contract.name == contract)
            {
                add(&node.name, &source.connector, true);
            }
        }
        for sink in pipeline.sinks.iter().filter(|sink| sink.route != Route::Invalid) {
            if sink.contract.as_ref().is_some_and(|binding| binding.contract.name == contract) {
                add(&sink.name, &sink.connector, false);
            }
        }
    }
    places
}

/// Columns whose values must not be shown: those that either version labels, by all the names that a declared rename gives them.
fn sensitive(before: Option<&Contract>, after: &Contract) -> Vec<String> {
    let mut columns: BTreeSet<String> = before.into_iter().chain([after]).flat_map(sensitive_fields).collect();
    let renamed: Vec<_> = before.into_iter().chain([after]).flat_map(|contract| &contract.renamed).collect();
    // A field may have been renamed more than once.
    loop {
        let known = columns.len();
        for renamed in &renamed {
            if columns.contains(&renamed.from) {
                columns.insert(renamed.to.clone());
            }
        }
        if columns.len() == known {
            return columns.into_iter().collect();
        }
    }
}
