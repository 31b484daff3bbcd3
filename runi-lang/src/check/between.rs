//! What scenarios are to each other, in whichever files they stand: layers in order, one writer for each place, and
//! no label that is lost on the way from a sink to the source that reads it.

use super::api::{ContractEntry, Port, ScenarioFacts};
use super::fit::field_place;
use super::kept::{Claims, Kept, Links, Match, Places, Value};
use super::labels::{Label, accepts, carries};
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::names::layer_order;
use crate::diagnostics::privacy::label_lost;
use crate::diagnostics::sinks::same_target;
use crate::model::{Contract, Field};
use crate::select::is_glob;
use globset::{GlobBuilder, GlobMatcher};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// A port and the scenario that it belongs to, by position.
type Owned<'f> = (usize, &'f Port);

/// The proofs between all scenarios of a workspace; `contract` finds a contract by its name, `links` says where paths lead.
#[must_use]
pub fn check_between(scenarios: &[&ScenarioFacts], contract: &dyn Fn(&str) -> Option<ContractEntry>, links: &dyn Links) -> Vec<Diagnostic> {
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
    let kept = Places::new(scenarios, contract, links);
    let claims = Claims::new(scenarios, contract, links);
    let mut seen = FxHashSet::default();
    for (at, facts) in scenarios.iter().enumerate() {
        for read in facts.ports.iter().filter(|port| !port.writes) {
            layers(scenarios, facts, read, &written(&writers, &read.path), &mut found);
            let Some(to) = read.contract.as_deref().and_then(contract) else { continue };
            let mut lost = Vec::new();
            for kept in kept.read(read) {
                // A scenario that reads its own output was told so with it.
                if kept.writer == at && kept.port.path == read.path {
                    continue;
                }
                lost.extend(labels(kept, read, &to));
            }
            if lost.is_empty() {
                lost.extend(claims.read(read).into_iter().flat_map(|claim| labels(claim, read, &to)));
            }
            found.extend(lost.into_iter().filter(|lost| seen.insert((lost.place.clone(), lost.message.clone()))));
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

/// What a sink writes as it is, because its contract labels it, is read under a contract that labels it too; and so is what another
/// source reads from the same place.
fn labels(kept: &Kept<'_>, read: &Port, to: &ContractEntry) -> Vec<Diagnostic> {
    let source = &to.binding.contract;
    let how = Match::of(kept.port.form, read.form);
    if how == Match::Name && kept.port.keeps.is_empty() && kept.port.contract == read.contract {
        return Vec::new();
    }
    let mut found = Vec::new();
    for value in &kept.values {
        let lost = fields(how, value, source).into_iter().find_map(|field| Some((field, lost(how, kept, value, source, field)?)));
        let Some((other, label)) = lost else { continue };
        let shown = format!("{}.{}", source.name, other.name);
        let places = [kept.port.place.clone(), field_place(to, &other.name)];
        let written = kept.port.writes;
        let mut problem = label_lost(read.place.clone(), &value.field, &shown, &label.to_string(), written, places);
        if written && read.path != kept.port.path {
            problem = problem.with_note(format!("`{}` reads what is written to `{}`", read.path, kept.port.path));
        }
        if !written && read.path != kept.port.path {
            problem = problem.with_note(format!("`{}` and `{}` may be the same rows", read.path, kept.port.path));
        }
        let raw = !kept.port.keeps.is_empty();
        if raw {
            problem = problem.with_note("the scenario's herd lets the quarantine keep records as they were read").with_help(format!(
                "label `{shown}` with what the sources of the scenario are labelled with, or take `raw_quarantine` from the herd"
            ));
        }
        match how {
            Match::Name => {}
            Match::Position => problem = problem.with_note("neither side names the columns, so they are told apart by their order"),
            Match::Any => {
                let (from, to) = (kept.port.form, read.form);
                let how = if written { "written" } else { "read there" };
                problem = problem
                    .with_note(format!("it is {how} as {from} and read as {to}, so each column that is read may hold any value of it"))
                    .with_help(format!("read it as {from}, or label every field of `{}`", source.name));
            }
        }
        found.push(problem);
        // A dataset's classification is lost for all of its fields at once, and so is all that cannot be told apart.
        if !label.is_own() || how == Match::Any || raw {
            break;
        }
    }
    found
}

/// The fields that a value may be read into.
fn fields<'c>(how: Match, value: &Value, source: &'c Contract) -> Vec<&'c Field> {
    match how {
        Match::Name => {
            let later = source.renamed.iter().filter(|renamed| renamed.from == value.column).map(|renamed| &renamed.to);
            std::iter::once(&value.column).chain(later).filter_map(|name| source.field(name)).collect()
        }
        Match::Position => match value.position {
            Some(position) => source.fields.get(position).into_iter().collect(),
            None => source.fields.iter().collect(),
        },
        Match::Any => source.fields.iter().collect(),
    }
}

/// The label that a field would not keep.
fn lost<'k>(how: Match, kept: &'k Kept<'_>, value: &'k Value, source: &Contract, field: &Field) -> Option<&'k Label> {
    // A mask says what a sink does: the value that a source reads is still the value.
    let mut bare = field.clone();
    bare.sensitivity.mask = None;
    let keeps = |label: &Label| {
        if kept.port.writes { accepts(source, &bare, label).is_ok() } else { carries(source, &bare, label) }
    };
    // One column that holds several values can name the category of one of them.
    let mixed = how == Match::Any || !kept.port.keeps.is_empty();
    let named = |label: &Label| matches!(label, Label::Pii(_)) && keeps(label);
    let covered = mixed && kept.values.iter().flat_map(|value| &value.labels).any(named);
    value.labels.iter().find(|label| !(keeps(label) || (covered && matches!(label, Label::Pii(_)))))
}
