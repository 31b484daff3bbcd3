//! Sources: the columns that a contract promises, what must exist, references between sources.

use super::ContractEntry;
use super::api::{Requirement, RequirementKind};
use super::scenario::{Walk, field_labels};
use super::scope::Col;
use crate::diagnostic::Place;
use crate::diagnostics::contracts;
use crate::ir::Connector;
use crate::model::{Contract, OnFail};
use crate::schema::Column;

/// Whether every *valid* row of the contract has a value in the field.
pub(crate) fn is_present(contract: &Contract, name: &str) -> bool {
    let required = contract.field(name).and_then(|field| field.rules.required).map(|own| own.unwrap_or(contract.on_fail));
    let key = contract.keys.iter().filter(|key| key.primary && key.columns.iter().any(|column| column == name));
    let keyed = key.map(|key| key.on_fail.unwrap_or(contract.on_fail));
    required.into_iter().chain(keyed).any(|on_fail| on_fail != OnFail::Warn)
}

/// The columns of a source's valid rows.
pub(crate) fn columns(entry: &ContractEntry) -> Vec<Col> {
    let contract = &entry.binding.contract;
    let column = |field: &crate::model::Field| {
        let nullable = !is_present(contract, &field.name);
        let mut col = Col::new(Column { name: field.name.clone(), ty: field.ty.clone(), nullable });
        col.labels = field_labels(entry, field);
        col
    };
    contract.fields.iter().map(column).collect()
}

/// What must exist for a source to be read.
pub(crate) fn requirement(connector: &Connector, place: &Place) -> Requirement {
    let value = connector.path().to_owned();
    let kind = match connector {
        Connector::Delta { .. } => RequirementKind::Directory,
        _ if value.contains(['*', '?', '[', '{']) => RequirementKind::Glob,
        _ => RequirementKind::File,
    };
    Requirement { kind, value, place: place.clone(), produced: false }
}

/// `@references` between the sources of a scenario: each has one target, and there is no circle.
pub(crate) fn references(walk: &Walk<'_, '_>) {
    let ctx = walk.ctx;
    let mut bound: Vec<(usize, String, ContractEntry)> = Vec::new();
    for (i, source) in walk.scenario.sources.iter().enumerate() {
        let entry = source.args.named("contract").and_then(|contract| ctx.lookup.contract(contract.value.as_str()));
        if let (Some(entry), Some(view)) = (entry, walk.views.get(i)) {
            bound.push((i, view.name.clone(), entry));
        }
    }
    let mut edges: Vec<(usize, usize)> = Vec::new();
    for (at, (source, name, entry)) in bound.iter().enumerate() {
        let place = || ctx.place(walk.scenario.sources.get(*source).map_or(walk.scenario.range, |source| source.range));
        for reference in &entry.binding.contract.references {
            let rule = Place::item(&*entry.path, format!("{}/@references", entry.binding.contract.name));
            let targets: Vec<usize> =
                (0..bound.len()).filter(|i| bound.get(*i).is_some_and(|(_, _, e)| e.binding.contract.name == reference.contract)).collect();
            match targets.as_slice() {
                [] => ctx.emit(contracts::reference_unchecked(place(), name, &reference.column, &reference.contract, rule)),
                [one] => {
                    if *one != at {
                        edges.push((at, *one));
                    }
                }
                several => {
                    let sources: Vec<String> = several.iter().filter_map(|i| bound.get(*i)).map(|(_, name, _)| name.clone()).collect();
                    ctx.emit(contracts::ambiguous_reference(place(), &reference.contract, &sources, rule));
                }
            }
        }
    }
    let mut reported = vec![false; bound.len()];
    for start in 0..bound.len() {
        if reported.get(start).copied().unwrap_or(true) {
            continue;
        }
        if let Some(circle) = circle(start, &edges) {
            for at in &circle {
                if let Some(flag) = reported.get_mut(*at) {
                    *flag = true;
                }
            }
            let mut words: Vec<&str> = circle.iter().filter_map(|at| bound.get(*at)).map(|(_, name, _)| name.as_str()).collect();
            words.extend(words.first().copied());
            let source = bound.get(start).and_then(|(source, ..)| walk.scenario.sources.get(*source));
            let range = source.map_or(walk.scenario.range, |source| source.range);
            ctx.emit(contracts::reference_cycle(ctx.place(range), &words.join(" → ")));
        }
    }
}

/// A way from `start` back to itself.
fn circle(start: usize, edges: &[(usize, usize)]) -> Option<Vec<usize>> {
    let mut paths = vec![vec![start]];
    let mut seen = std::collections::BTreeSet::new();
    while let Some(path) = paths.pop() {
        let at = *path.last()?;
        for (_, to) in edges.iter().filter(|(from, _)| *from == at) {
            if *to == start {
                return Some(path);
            }
            if seen.insert(*to) {
                let mut longer = path.clone();
                longer.push(*to);
                paths.push(longer);
            }
        }
    }
    None
}
