//! What scenarios are to each other, in whichever files they stand: layers in order, one writer for each place, and
//! no label that is lost on the way from a sink to the source that reads it.

use super::api::{ContractEntry, Port, ScenarioFacts};
use super::fit::field_place;
use super::labels::{accepts, of_field};
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::names::layer_order;
use crate::diagnostics::privacy::label_lost;
use crate::diagnostics::sinks::same_target;
use crate::select::is_glob;
use globset::{GlobBuilder, GlobMatcher};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// A port and the scenario that it belongs to, by position.
type Owned<'f> = (usize, &'f Port);

/// The proofs between all scenarios of a workspace; `contract` finds a contract by its name.
#[must_use]
pub fn check_between(scenarios: &[&ScenarioFacts], contract: &dyn Fn(&str) -> Option<ContractEntry>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut writers: BTreeMap<&str, Vec<Owned<'_>>> = BTreeMap::new();
    for (at, facts) in scenarios.iter().enumerate() {
        for port in facts.ports.iter().filter(|port| port.writes) {
            let others = writers.entry(&port.path).or_default();
            // Two sinks of one scenario were reported with it.
            let first = others.iter().find(|(other, first)| *other != at && !(first.append && port.append));
            if let Some((_, first)) = first {
                found.push(same_target(port.place.clone(), &port.path, first.place.clone(), false));
            }
            others.push((at, port));
        }
    }
    let mut seen = FxHashSet::default();
    for (at, facts) in scenarios.iter().enumerate() {
        for read in facts.ports.iter().filter(|port| !port.writes) {
            let above: Vec<Owned<'_>> = written(&writers, &read.path);
            layers(scenarios, facts, read, &above, &mut found);
            for (writer, write) in above {
                if writer == at || !seen.insert((&read.place, &write.contract)) {
                    continue;
                }
                if let (Some(from), Some(to)) = (&write.contract, &read.contract)
                    && from != to
                    && let (Some(from), Some(to)) = (contract(from), contract(to))
                {
                    labels(write, read, &from, &to, &mut found);
                }
            }
        }
    }
    found
}

/// The sinks that write what a source reads.
fn written<'f>(writers: &BTreeMap<&str, Vec<Owned<'f>>>, path: &str) -> Vec<Owned<'f>> {
    if !is_glob(path) {
        return writers.get(path).cloned().unwrap_or_default();
    }
    let Some(glob) = matcher(path) else { return Vec::new() };
    let literal = path.find(['*', '?', '[', '{']).and_then(|end| path.get(..end)).unwrap_or_default();
    let near = writers.range(literal..).take_while(|(written, _)| written.starts_with(literal));
    near.filter(|(written, _)| glob.is_match(written)).flat_map(|(_, ports)| ports.iter().copied()).collect()
}

fn matcher(pattern: &str) -> Option<GlobMatcher> {
    GlobBuilder::new(pattern).literal_separator(true).build().ok().map(|glob| glob.compile_matcher())
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

/// A source reads its own layer and lower ones.
fn layers(scenarios: &[&ScenarioFacts], facts: &ScenarioFacts, read: &Port, above: &[Owned<'_>], found: &mut Vec<Diagnostic>) {
    let Some((layer, low)) = facts.layer.as_deref().and_then(|layer| Some((layer, rank(layer)?))) else { return };
    let by_writer = above.iter().find_map(|(at, write)| Some((scenarios.get(*at)?.layer.as_deref()?, Some(write.place.clone()))));
    // A table's schema names its layer: `gold.trades`.
    let by_name: Option<(&str, Option<Place>)> =
        read.table.as_deref().and_then(|table| table.split_once('.')).map(|(schema, _)| (schema, None));
    for (other, writer) in by_writer.into_iter().chain(by_name).take(1) {
        if rank(other).is_some_and(|high| high > low) {
            let what = read.table.as_deref().unwrap_or(&read.path);
            found.push(layer_order(read.place.clone(), layer, other, what, writer));
        }
    }
}

/// What a sink writes as it is, because its contract labels it, is read under a contract that labels it too.
fn labels(write: &Port, read: &Port, from: &ContractEntry, to: &ContractEntry, found: &mut Vec<Diagnostic>) {
    let (sink, source) = (&from.binding.contract, &to.binding.contract);
    for field in sink.fields.iter().filter(|field| field.sensitivity.mask.is_none()) {
        let renamed = source.renamed.iter().find(|renamed| renamed.from == field.name).map_or(&field.name, |renamed| &renamed.to);
        let Some(other) = source.field(renamed) else { continue };
        // A mask says what a sink does: the value that a source reads is still the value.
        let mut bare = other.clone();
        bare.sensitivity.mask = None;
        let lost = of_field(sink, field, &from.path).0.into_keys().find(|label| accepts(source, &bare, label).is_err());
        if let Some(label) = lost {
            let (field, other) = (format!("{}.{}", sink.name, field.name), format!("{}.{}", source.name, other.name));
            let places = [write.place.clone(), field_place(to, renamed)];
            found.push(label_lost(read.place.clone(), &field, &other, &label.to_string(), places));
            // A dataset's classification is lost for all of its fields at once.
            if !label.is_own() {
                return;
            }
        }
    }
}
