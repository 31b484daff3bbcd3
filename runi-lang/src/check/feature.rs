//! A feature file as a whole: every scenario and every reusable step.

use super::api::{Checked, Lookup, Port, ScenarioFacts};
use super::connector::Reach;
use super::ctx::Ctx;
use super::reusable::check_steps;
use super::scenario::Walk;
use super::sinks::{self, mask_key};
use super::tail;
use crate::ir::Pipeline;
use crate::model::{Args, FeatureFile, SinkRoute};
use crate::sql::SqlEngine;
use std::collections::BTreeSet;

/// Checks a feature file. Other files are seen through their signatures only.
#[must_use]
pub fn check_feature(path: &str, file: &FeatureFile, lookup: &dyn Lookup, engine: &dyn SqlEngine) -> Checked {
    let ctx = Ctx::new(path, lookup, engine);
    let mut checked = Checked::default();
    check_steps(&ctx, file);
    for scenario in &file.scenarios {
        let before = ctx.errors();
        let mut walk = Walk::run(&ctx, file, scenario, false, &|_| 0);
        let ends = sinks::prove(&mut walk);
        let _ = tail::finish(&mut walk, &ends);
        let reads = scenario.sources.iter().zip(&walk.reaches).filter_map(|(source, reach)| port(&source.args, reach));
        let kept = kept(&walk);
        let writes = scenario.sinks.iter().zip(&ends.sinks).filter_map(|(sink, proved)| {
            let keeps = if sink.route == SinkRoute::Invalid { kept.clone() } else { Vec::new() };
            Some(Port { writes: true, columns: proved.columns.clone(), keeps, ..port(&sink.args, &proved.reach)? })
        });
        walk.facts.ports = reads.chain(writes).collect();
        let sound = ctx.errors() == before;
        checked.requirements.append(&mut walk.requirements);
        checked.scenarios.push(facts(walk.facts, sound));
    }
    let written: BTreeSet<&String> = checked.scenarios.iter().flat_map(|facts| &facts.outputs).collect();
    for requirement in &mut checked.requirements {
        requirement.produced = written.contains(&requirement.value);
    }
    checked.diagnostics = ctx.finish();
    checked
}

/// The contracts whose records a quarantine of the scenario keeps as they were read.
fn kept(walk: &Walk<'_, '_>) -> Vec<String> {
    if !walk.keeps_raw_records() {
        return Vec::new();
    }
    let contracts = walk.scenario.sources.iter().filter_map(|source| source.args.named("contract"));
    let mut names: Vec<String> = contracts.map(|contract| contract.value.as_str().to_owned()).collect();
    names.sort();
    names.dedup();
    names
}

/// A source or a sink, for the proofs between scenarios; as of a source.
fn port(args: &Args, reach: &Reach) -> Option<Port> {
    let connector = reach.connector.as_ref()?;
    Some(Port {
        path: connector.path().to_owned(),
        writes: false,
        append: reach.append,
        form: connector.form(),
        contract: args.named("contract").map(|contract| contract.value.as_str().to_owned()),
        columns: Vec::new(),
        keeps: Vec::new(),
        table: reach.table.clone(),
        place: reach.place.clone(),
    })
}

fn facts(mut facts: ScenarioFacts, sound: bool) -> ScenarioFacts {
    facts.sound = sound;
    facts.contracts.sort();
    facts.contracts.dedup();
    facts
}

/// The pipelines of every scenario that has no error of its own; reusable steps are unfolded.
///
/// `line_of` gives the line, from 1, of an offset in this file.
#[must_use]
pub fn build_pipelines(
    path: &str,
    file: &FeatureFile,
    lookup: &dyn Lookup,
    engine: &dyn SqlEngine,
    line_of: &dyn Fn(u32) -> u32,
) -> Vec<Pipeline> {
    let mut pipelines = Vec::new();
    for scenario in &file.scenarios {
        let ctx = Ctx::new(path, lookup, engine);
        let mut walk = Walk::run(&ctx, file, scenario, true, line_of);
        let ends = sinks::prove(&mut walk);
        let tail = tail::finish(&mut walk, &ends);
        let broken = walk.views.iter().any(|view| view.broken);
        if ctx.errors() > 0 || broken || walk.nodes.is_empty() {
            continue;
        }
        let raw_quarantine = walk.keeps_raw_records();
        let key = ends.keyed.then(|| mask_key(&walk));
        pipelines.push(Pipeline {
            feature: file.name.as_ref().map(|name| name.value.clone()).unwrap_or_default(),
            scenario: scenario.name.value.clone(),
            slug: walk.slug.clone(),
            origin: walk.origin(scenario.range),
            layer: walk.facts.layer.clone(),
            domain: walk.facts.domain.clone(),
            herd: scenario.herd.as_ref().map(|herd| herd.value.clone()),
            labels: walk.facts.labels.clone(),
            environment: lookup.environment().name.clone(),
            nodes: walk.nodes,
            sinks: ends.sinks.into_iter().filter_map(|sink| sink.node).collect(),
            checks: ends.checks,
            quality: tail.quality,
            asserts: tail.asserts,
            alerts: tail.alerts,
            goldens: tail.goldens,
            mask_key: key,
            raw_quarantine,
            lineage: ends.lineage,
        });
    }
    pipelines
}
