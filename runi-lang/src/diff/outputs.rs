//! Columns of outputs that other scenarios ask for: what a sink wrote in the old version and does not write in the new one, or not in
//! that type, although a contract under which somebody reads the file wants it.
//!
//! The compiler holds each sink to its own contract and each source to its own, and a file lies between the two: both compile, and the
//! reader stops when it runs. So the plans of both versions are laid side by side. Readers are those of the new version: who asks for
//! the column no more loses nothing.

use super::change::{Change, Item, ItemKind};
use super::drift::{Drifted, file_of, placed, sink_spot};
use super::impact::place::Place;
use super::rule::Verdict::{Breaking, Review};
use super::rules::{P002, P003};
use crate::ir::{Connector, ContractBinding, NodeKind, Pipeline, Route, SinkColumn, SinkNode};
use crate::model::{Field, OnFail};
use crate::sql::SqlEngine;
use crate::workspace::Workspace;
use std::sync::Arc;

/// A source that reads what a sink writes, and the contract under which it does.
struct Reader<'p> {
    scenario: &'p str,
    source: &'p str,
    binding: &'p ContractBinding,
    connector: &'p Connector,
}

/// What the sinks of the new version lost, and who misses it.
pub(super) fn lost(workspaces: [&Workspace; 2], plans: [&[Pipeline]; 2], engine: &dyn SqlEngine) -> Vec<Drifted> {
    let [before, after] = plans;
    let mut found = Vec::new();
    for new in after {
        let Some(old) = before.iter().find(|old| old.slug == new.slug) else { continue };
        for is in new.sinks.iter().filter(|sink| sink.route != Route::Invalid) {
            let Some(was) = old.sinks.iter().find(|was| was.connector.path() == is.connector.path() && was.route != Route::Invalid) else {
                continue;
            };
            // What changed in the sink's own contract is that change's finding.
            let contract = |sink: &SinkNode| sink.contract.as_ref().map(|binding| binding.contract.name.clone());
            if is.contract.is_some() && contract(was) == contract(is) {
                continue;
            }
            let readers = readers(after, is);
            let changes = was.columns.iter().filter_map(|column| missed(new, is, column, &readers, engine));
            found.extend(changes.map(|change| drifted(workspaces, new, is, change)));
        }
    }
    found
}

/// Every source that reads the place of a sink under a contract.
fn readers<'p>(plans: &'p [Pipeline], sink: &SinkNode) -> Vec<Reader<'p>> {
    let Some(written) = Place::new("", sink.connector.path()) else { return Vec::new() };
    let mut readers = Vec::new();
    for plan in plans {
        for node in &plan.nodes {
            let NodeKind::Source(source) = &node.kind else { continue };
            let Some(binding) = source.contract.as_deref() else { continue };
            if Place::new("", source.connector.path()).is_some_and(|read| read.meets(&written)) {
                readers.push(Reader { scenario: &plan.scenario, source: &node.name, binding, connector: &source.connector });
            }
        }
    }
    readers
}

/// How one column of the old version's sink is missed.
fn missed(plan: &Pipeline, sink: &SinkNode, was: &SinkColumn, readers: &[Reader<'_>], engine: &dyn SqlEngine) -> Option<Change> {
    let name = base(&sink.name);
    let item = Item { kind: ItemKind::Scenario, name: plan.scenario.clone() };
    let part = format!("{name}.{}", was.name);
    let now = sink.columns.iter().find(|column| column.name == was.name);
    let asking = readers.iter().filter_map(|reader| Some((reader, field(reader, &was.name, sink)?)));
    let (rule, mut graded): (_, Vec<_>) = match now {
        None => {
            let graded = asking.map(|(reader, field)| {
                let passes = !field.is_required() && reader.binding.contract.drift.missing != OnFail::Fail;
                (if passes { Review } else { Breaking }, reader, field)
            });
            (&P002, graded.collect())
        }
        Some(is) => {
            let unfit = asking.filter(|(_, field)| !engine.widens(&is.ty, &field.ty) && engine.widens(&was.ty, &field.ty));
            let graded = unfit.map(|(reader, field)| {
                let is_typed = matches!(reader.connector, Connector::Parquet { .. } | Connector::Arrow { .. } | Connector::Delta { .. });
                let stops = is_typed && reader.binding.contract.drift.retyped == OnFail::Fail;
                (if stops { Breaking } else { Review }, reader, field)
            });
            (&P003, graded.collect())
        }
    };
    // The worst of them is named.
    graded.sort_by_key(|(verdict, ..)| std::cmp::Reverse(*verdict));
    let (verdict, reader, field) = graded.first()?;
    let more = match graded.len() {
        1 => String::new(),
        2 => ", and one more source".to_owned(),
        more => format!(", and {} more sources", more - 1),
    };
    let contract = &reader.binding.contract.name;
    let who = format!("the source `{}` of \"{}\" ({contract}{more})", reader.source, reader.scenario);
    let message = match now {
        None => {
            let asks = if field.is_required() { "requires" } else { "reads" };
            format!("the sink `{name}` no longer writes `{}`, which {who} {asks}", was.name)
        }
        Some(is) => format!("the sink `{name}` now writes `{}` as `{}`, was `{}`, and {who} takes `{}`", was.name, is.ty, was.ty, field.ty),
    };
    let mut change = Change::new(rule, &item, part, message);
    change.consumer = *verdict;
    change.columns = vec![was.name.clone()];
    Some(change)
}

/// The field of a reader that a column serves, under its name or one that is understood; `None` when another column serves it.
fn field<'r>(reader: &'r Reader<'_>, column: &str, sink: &SinkNode) -> Option<&'r Field> {
    let contract = &reader.binding.contract;
    let writes = |name: &str| sink.columns.iter().any(|column| column.name == name);
    if let Some(field) = contract.field(column) {
        let is_served = contract.renamed.iter().any(|renamed| renamed.to == column && writes(&renamed.from));
        return (writes(column) || !is_served).then_some(field);
    }
    let alias = contract.renamed.iter().find(|renamed| renamed.from == column)?;
    if writes(&alias.to) { None } else { contract.field(&alias.to) }
}

/// A sink's name without the number of a repeat.
fn base(name: &str) -> &str {
    name.split('#').next().unwrap_or(name)
}

fn drifted(workspaces: [&Workspace; 2], plan: &Pipeline, sink: &SinkNode, mut change: Change) -> Drifted {
    let [before, after] = workspaces;
    let spot = |workspace| sink_spot(workspace, &plan.slug, base(&sink.name));
    (change.before, change.after) = (spot(before), spot(after));
    let paths: [Option<Arc<str>>; 2] = [file_of(before, &plan.slug), file_of(after, &plan.slug)];
    let texts = [paths[0].as_deref().and_then(|path| before.text(path)), paths[1].as_deref().and_then(|path| after.text(path))];
    let path = plan.origin.path.as_str();
    let feature = after.feature(path);
    let scenario = feature.iter().flat_map(|feature| &feature.scenarios).find(|scenario| scenario.name.value == plan.scenario);
    let accepted = scenario.map(|scenario| placed(path, &scenario.accepted)).unwrap_or_default();
    Drifted { change, paths, accepted, texts }
}
