//! Sources: the columns that a contract promises, what must exist, references between sources.

use super::ContractEntry;
use super::api::{Requirement, RequirementKind};
use super::scenario::{View, Walk, field_labels};
use super::scope::Col;
use super::sinks::base_name;
use crate::diagnostic::Place;
use crate::diagnostics::contracts;
use crate::ir::{Connector, NodeId, NodeKind};
use crate::model::{Contract, OnFail, SinkRoute};
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

/// A contract at one place of a scenario: a source's, a step's or a sink's.
struct Point {
    place: Place,
    name: String,
    entry: ContractEntry,
    /// The source whose rows come here one by one, among those that have a contract.
    source: Option<usize>,
}

/// `@references` of every contract in a scenario: each has one source to look in, and no source waits for itself.
pub(crate) fn references(walk: &Walk<'_, '_>, inputs: &[Option<usize>]) {
    let ctx = walk.ctx;
    let points = points(walk, inputs);
    // The sources stand first, each under its own number.
    let sources: Vec<&Point> =
        points.iter().enumerate().take_while(|(i, point)| point.source == Some(*i)).map(|(_, point)| point).collect();
    let mut edges: Vec<(usize, usize)> = Vec::new();
    let mut told = std::collections::BTreeSet::new();
    for point in &points {
        let contract = &point.entry.binding.contract;
        for reference in &contract.references {
            let rule = Place::item(&*point.entry.path, format!("{}/@references", contract.name));
            let has = |source: &&Point| source.entry.binding.contract.name == reference.contract;
            let targets: Vec<usize> = sources.iter().enumerate().filter(|(_, source)| has(source)).map(|(i, _)| i).collect();
            // What holds of a source holds of every place further down that has its contract.
            let first = || (contract.name.clone(), reference.column.clone(), reference.contract.clone());
            match targets.as_slice() {
                [one] => edges.extend(point.source.filter(|at| at != one).map(|at| (at, *one))),
                _ if !told.insert(first()) => {}
                [] => {
                    let place = point.place.clone();
                    ctx.emit(contracts::reference_unchecked(place, &point.name, &reference.column, &reference.contract, rule));
                }
                several => {
                    let sources: Vec<String> = several.iter().filter_map(|i| sources.get(*i)).map(|source| source.name.clone()).collect();
                    ctx.emit(contracts::ambiguous_reference(point.place.clone(), &reference.contract, &sources, rule));
                }
            }
        }
    }
    let mut reported = vec![false; sources.len()];
    for (start, source) in sources.iter().enumerate() {
        if reported.get(start).copied().unwrap_or(true) {
            continue;
        }
        if let Some(circle) = circle(start, &edges) {
            for at in &circle {
                if let Some(flag) = reported.get_mut(*at) {
                    *flag = true;
                }
            }
            let mut words: Vec<&str> = circle.iter().filter_map(|at| sources.get(*at)).map(|source| source.name.as_str()).collect();
            words.extend(words.first().copied());
            ctx.emit(contracts::reference_cycle(source.place.clone(), &words.join(" → ")));
        }
    }
}

/// Every contract that rows of the scenario must keep: the sources' first.
fn points(walk: &Walk<'_, '_>, inputs: &[Option<usize>]) -> Vec<Point> {
    let ctx = walk.ctx;
    let mut points: Vec<Point> = Vec::new();
    let mut sources: Vec<(NodeId, usize)> = Vec::new();
    for (source, view) in walk.scenario.sources.iter().zip(&walk.views) {
        let entry = source.args.named("contract").and_then(|contract| ctx.lookup.contract(contract.value.as_str()));
        if let Some(entry) = entry {
            sources.push((view.node, points.len()));
            points.push(Point { place: ctx.place(source.range), name: view.name.clone(), entry, source: Some(points.len()) });
        }
    }
    let source_of = |view: &View| {
        let root = root(walk, view.node)?;
        sources.iter().find(|(node, _)| *node == root).map(|(_, at)| *at)
    };
    for (step, at) in walk.scenario.steps.iter().zip(&walk.step_views) {
        let entry = step.contract.as_ref().and_then(|contract| Some((contract.range, ctx.lookup.contract(&contract.value)?)));
        if let (Some((range, entry)), Some(view)) = (entry, walk.views.get(*at)) {
            points.push(Point { place: ctx.place(range), name: view.name.clone(), entry, source: source_of(view) });
        }
    }
    for (sink, input) in walk.scenario.sinks.iter().zip(inputs).filter(|(sink, _)| sink.route != SinkRoute::Invalid) {
        let entry = sink.args.named("contract").and_then(|contract| ctx.lookup.contract(contract.value.as_str()));
        if let Some(entry) = entry.filter(|_| !sink.damaged) {
            let source = input.and_then(|at| walk.views.get(at)).and_then(source_of);
            points.push(Point { place: ctx.place(sink.range), name: base_name(sink), entry, source });
        }
    }
    points
}

/// The source above a node, when its rows come one by one: a `select` begins anew.
fn root(walk: &Walk<'_, '_>, mut id: NodeId) -> Option<NodeId> {
    loop {
        match &walk.nodes.get(id.index())?.kind {
            NodeKind::Source(_) => return Some(id),
            NodeKind::Query(_) => return None,
            NodeKind::Rows(rows) if rows.input < id => id = rows.input,
            NodeKind::Rows(_) => return None,
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
