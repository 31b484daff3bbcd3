//! A feature file as a whole: every scenario, every reusable step, and what the scenarios are to each other.

use super::api::{Checked, Lookup, ScenarioFacts};
use super::connector::Reach;
use super::ctx::Ctx;
use super::reusable::check_steps;
use super::scenario::Walk;
use super::sinks::{self, mask_key};
use super::tail;
use crate::diagnostic::Place;
use crate::diagnostics::names::layer_order;
use crate::diagnostics::sinks::same_target;
use crate::ir::Pipeline;
use crate::model::FeatureFile;
use crate::sql::SqlEngine;

/// Where a scenario reads or writes, for the proofs between scenarios.
struct Port {
    scenario: usize,
    layer: Option<String>,
    reach: Reach,
}

/// Checks a feature file. Other files are seen through their signatures only.
#[must_use]
pub fn check_feature(path: &str, file: &FeatureFile, lookup: &dyn Lookup, engine: &dyn SqlEngine) -> Checked {
    let ctx = Ctx::new(path, lookup, engine);
    let mut checked = Checked::default();
    let (mut reads, mut writes) = (Vec::new(), Vec::new());
    check_steps(&ctx, file);
    for (i, scenario) in file.scenarios.iter().enumerate() {
        let before = ctx.errors();
        let mut walk = Walk::run(&ctx, file, scenario, false, &|_| 0);
        let ends = sinks::prove(&mut walk);
        let _ = tail::finish(&mut walk, &ends);
        let layer = walk.facts.layer.clone();
        let port = |reach: Reach| Port { scenario: i, layer: layer.clone(), reach };
        reads.extend(walk.reaches.drain(..).map(port));
        writes.extend(ends.sinks.into_iter().map(|sink| port(sink.reach)));
        let sound = ctx.errors() == before;
        checked.requirements.append(&mut walk.requirements);
        checked.scenarios.push(facts(walk.facts, sound));
    }
    between(&ctx, &reads, &writes);
    for requirement in &mut checked.requirements {
        requirement.produced =
            writes.iter().any(|port| port.reach.connector.as_ref().is_some_and(|connector| connector.path() == requirement.value));
    }
    checked.diagnostics = ctx.finish();
    checked
}

fn facts(mut facts: ScenarioFacts, sound: bool) -> ScenarioFacts {
    facts.sound = sound;
    facts.contracts.sort();
    facts.contracts.dedup();
    facts
}

/// Layers, low to high.
fn rank(layer: &str) -> Option<u8> {
    match layer {
        "bronze" => Some(0),
        "silver" => Some(1),
        "gold" => Some(2),
        _ => None,
    }
}

/// What one scenario reads and writes, against the others: layers in order, one writer for each place.
fn between(ctx: &Ctx<'_>, reads: &[Port], writes: &[Port]) {
    let path = |port: &Port| port.reach.connector.as_ref().map(|connector| connector.path().to_owned());
    for read in reads {
        let Some((layer, low)) = read.layer.as_deref().and_then(|layer| Some((layer, rank(layer)?))) else { continue };
        let written = writes.iter().find(|write| path(read).is_some() && path(write) == path(read));
        let by_writer = written.and_then(|write| Some((write.layer.as_deref()?, Some(write.reach.place.clone()))));
        // A table's schema names its layer: `gold.trades`.
        let by_name: Option<(&str, Option<Place>)> =
            read.reach.table.as_deref().and_then(|table| table.split_once('.')).map(|(schema, _)| (schema, None));
        for (other, writer) in by_writer.into_iter().chain(by_name).take(1) {
            if rank(other).is_some_and(|high| high > low) {
                ctx.emit(layer_order(read.reach.place.clone(), layer, other, &read.reach.target, writer));
            }
        }
    }
    for (i, write) in writes.iter().enumerate() {
        let first = writes.iter().take(i).find(|other| {
            other.scenario != write.scenario && path(other).is_some() && path(other) == path(write) && !(other.reach.append && write.reach.append)
        });
        if let (Some(first), Some(path)) = (first, path(write)) {
            ctx.emit(same_target(write.reach.place.clone(), &path, first.reach.place.clone(), false));
        }
    }
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
        let herd = scenario.herd.as_ref().and_then(|herd| lookup.herd(&herd.value));
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
            raw_quarantine: herd.is_some_and(|herd| herd.permissions.raw_quarantine),
            lineage: ends.lineage,
        });
    }
    pipelines
}
