//! Where some columns go inside one plan: which stages read them, and which columns of which sinks are made of them.
//!
//! As in the lineage of sinks, a guard decides which rows are changed and is no part of their values.

use super::stage;
use crate::ir::{ContractBinding, Node, NodeKind, Origin, Pipeline, QueryNode, Route, RowAction, RowsNode};
use crate::schema::{Column, Schema};
use crate::sql::{Bindings, Certainty, Influence, SqlEngine};
use std::collections::BTreeMap;

/// What columns are made of: by column, the seeds and how they matter.
pub(super) type Seeds = BTreeMap<String, BTreeMap<String, Influence>>;

/// A stage that does something with a seed: it computes from it, or decides rows by it. To hand it on is nothing.
#[derive(Debug, Clone)]
pub(super) struct Read {
    /// The stage.
    pub(super) stage: String,
    /// The seed.
    pub(super) seed: String,
    /// Where the stage was written.
    pub(super) origin: Origin,
    /// `None` when it only decides rows.
    pub(super) influence: Option<Influence>,
}

/// Where seeds go.
#[derive(Debug, Default)]
pub(super) struct Flow {
    /// One for each stage and seed.
    pub(super) reads: Vec<Read>,
    /// By position of the sink, its columns that have a seed.
    pub(super) sinks: BTreeMap<usize, Seeds>,
}

impl Flow {
    /// Notes that a stage reads a column; a value counts more than a choice of rows.
    fn read(&mut self, stage: &str, origin: &Origin, seeds: &Seeds, column: &str, influence: Option<Influence>) {
        for (seed, before) in seeds.get(column).into_iter().flatten() {
            let influence = influence.map(|influence| before.then(influence));
            match self.reads.iter_mut().find(|read| read.stage == stage && read.seed == *seed && read.origin.line == origin.line) {
                Some(known) => {
                    known.influence = match (known.influence, influence) {
                        (Some(a), Some(b)) => Some(a.min(b)),
                        (a, b) => a.or(b),
                    };
                }
                None => self.reads.push(Read { stage: stage.to_owned(), seed: seed.clone(), origin: origin.clone(), influence }),
            }
        }
    }
}

/// The columns that a step computes.
pub(super) fn made(node: &Node) -> Vec<String> {
    match &node.kind {
        NodeKind::Source(_) => Vec::new(),
        NodeKind::Query(_) => node.schema.names().map(str::to_owned).collect(),
        NodeKind::Rows(rows) => {
            let assigned = rows.actions.iter().flat_map(|action| match action {
                RowAction::Assign(list) => list.iter().map(|(name, _)| name.clone()).collect(),
                RowAction::Rename(list) => list.iter().map(|(_, name)| name.clone()).collect(),
                _ => Vec::new(),
            });
            let mut made: Vec<String> = assigned.filter(|name| node.schema.get(name).is_some()).collect();
            made.sort_unstable();
            made.dedup();
            made
        }
    }
}

/// Follows seeds, which are columns of some nodes' output, through a plan.
pub(super) fn flow(pipeline: &Pipeline, start: &BTreeMap<usize, Seeds>, engine: &dyn SqlEngine) -> Flow {
    let mut flow = Flow::default();
    let mut at_node: Vec<Seeds> = Vec::with_capacity(pipeline.nodes.len());
    for (at, node) in pipeline.nodes.iter().enumerate() {
        let mut seeds = match &node.kind {
            NodeKind::Source(_) => Seeds::new(),
            NodeKind::Rows(rows) => {
                let input = pipeline.nodes.get(rows.input.index()).map(|node| &node.schema);
                let seeds = at_node.get(rows.input.index()).cloned().unwrap_or_default();
                // A stage that no seed reaches reads none.
                match input.filter(|_| !seeds.is_empty()) {
                    Some(input) => through_rows(&mut flow, node, rows, input, seeds, engine),
                    None => Seeds::new(),
                }
            }
            NodeKind::Query(query) => through_query(&mut flow, pipeline, node, query, &at_node, engine),
        };
        if let Some(binding) = &node.contract {
            held_to(&mut flow, node, binding, &seeds);
        }
        if let Some(own) = start.get(&at) {
            super::merge(&mut seeds, own);
        }
        at_node.push(seeds);
    }
    for check in &pipeline.checks {
        if let (Some(seeds), Some(node)) = (at_node.get(check.input.index()), pipeline.nodes.get(check.input.index())) {
            decides(&mut flow, "then", &check.origin, &check.condition.sql, &node.schema, &Bindings::new(), seeds, engine);
        }
    }
    for (at, sink) in pipeline.sinks.iter().enumerate() {
        let (Some(seeds), Some(node)) = (at_node.get(sink.input.index()), pipeline.nodes.get(sink.input.index())) else { continue };
        if let Route::When(sql) = &sink.route {
            decides(&mut flow, &sink.name, &sink.origin, sql, &node.schema, &Bindings::new(), seeds, engine);
        }
        if sink.route == Route::Invalid {
            continue;
        }
        let written: Seeds =
            sink.columns.iter().filter_map(|column| Some((column.name.clone(), seeds.get(&column.name)?.clone()))).collect();
        if !written.is_empty() {
            flow.sinks.insert(at, written);
        }
    }
    flow
}

/// The columns that an expression reads; every one, where it cannot be typed.
fn reads(sql: &str, schema: &Schema, bindings: &Bindings, engine: &dyn SqlEngine) -> Vec<(String, Influence)> {
    match engine.expr(sql, schema, bindings) {
        Ok(typed) => typed.reads,
        Err(_) => schema.names().map(|name| (name.to_owned(), Influence::Transformation)).collect(),
    }
}

#[allow(clippy::too_many_arguments, reason = "a condition, its place, and what is known there")]
fn decides(
    flow: &mut Flow,
    stage: &str,
    origin: &Origin,
    sql: &str,
    schema: &Schema,
    bindings: &Bindings,
    seeds: &Seeds,
    engine: &dyn SqlEngine,
) {
    if seeds.is_empty() {
        return;
    }
    for (column, _) in reads(sql, schema, bindings, engine) {
        flow.read(stage, origin, seeds, &column, None);
    }
}

/// A contract in the middle of a plan asks for its fields by name.
fn held_to(flow: &mut Flow, node: &Node, binding: &ContractBinding, seeds: &Seeds) {
    for field in &binding.contract.fields {
        flow.read(stage(node), &node.origin, seeds, &field.name, None);
    }
}

fn through_rows(flow: &mut Flow, node: &Node, rows: &RowsNode, input: &Schema, mut seeds: Seeds, engine: &dyn SqlEngine) -> Seeds {
    let (name, origin) = (stage(node), &node.origin);
    let mut schema = input.clone();
    for condition in &rows.when {
        decides(flow, name, origin, &condition.sql, &schema, &rows.bindings, &seeds, engine);
    }
    for action in &rows.actions {
        match action {
            RowAction::Assign(list) => {
                let mut made: Vec<(Column, BTreeMap<String, Influence>)> = Vec::with_capacity(list.len());
                for (target, sql) in list {
                    let mut from: BTreeMap<String, Influence> = BTreeMap::new();
                    for (column, influence) in reads(sql, &schema, &rows.bindings, engine) {
                        flow.read(name, origin, &seeds, &column, Some(influence));
                        add(&mut from, seeds.get(&column), influence);
                    }
                    if !rows.when.is_empty() {
                        // Rows that were not chosen keep what they had.
                        add(&mut from, seeds.get(target), Influence::Transformation);
                    }
                    let typed = engine.expr(sql, &schema, &rows.bindings).ok();
                    let ty = schema.get(target).map(|column| column.ty.clone()).or(typed.map(|typed| typed.ty));
                    let ty = ty.unwrap_or(crate::types::DataType::Unknown);
                    made.push((Column { name: target.clone(), ty, nullable: true }, from));
                }
                for (column, from) in made {
                    seeds.insert(column.name.clone(), from);
                    match schema.columns.iter_mut().find(|known| known.name == column.name) {
                        Some(known) => *known = column,
                        None => schema.columns.push(column),
                    }
                }
                seeds.retain(|_, from| !from.is_empty());
            }
            RowAction::Rename(list) => {
                for (old, _) in list {
                    flow.read(name, origin, &seeds, old, Some(Influence::Identity));
                }
                let new_name =
                    |name: &str| list.iter().find(|(old, _)| old == name).map_or_else(|| name.to_owned(), |(_, new)| new.clone());
                for column in &mut schema.columns {
                    column.name = new_name(&column.name);
                }
                seeds = seeds.into_iter().map(|(column, from)| (new_name(&column), from)).collect();
            }
            RowAction::DropColumns(list) => {
                // It is named here, so the step breaks with it.
                list.iter().for_each(|column| flow.read(name, origin, &seeds, column, None));
                schema.columns.retain(|column| !list.contains(&column.name));
                seeds.retain(|column, _| !list.contains(column));
            }
            RowAction::KeepColumns(list) => {
                schema.columns = list.iter().filter_map(|name| schema.get(name).cloned()).collect();
                seeds.retain(|column, _| list.contains(column));
            }
            RowAction::DropWhere(sql) | RowAction::KeepWhere(sql) => {
                decides(flow, name, origin, sql, &schema, &rows.bindings, &seeds, engine);
            }
        }
    }
    for condition in &rows.then {
        decides(flow, name, origin, &condition.sql, &schema, &rows.bindings, &seeds, engine);
    }
    seeds
}

fn through_query(flow: &mut Flow, pipeline: &Pipeline, node: &Node, query: &QueryNode, at_node: &[Seeds], engine: &dyn SqlEngine) -> Seeds {
    let (name, origin) = (stage(node), &node.origin);
    let empty = Seeds::new();
    let seeds_of = |view: &str| {
        let read = query.views.iter().find(|(name, _)| name == view);
        read.and_then(|(_, node)| at_node.get(node.index())).unwrap_or(&empty)
    };
    if query.views.iter().all(|(view, _)| seeds_of(view).is_empty()) {
        return Seeds::new();
    }
    let views: Vec<(String, Schema)> =
        query.views.iter().filter_map(|(view, node)| Some((view.clone(), pipeline.nodes.get(node.index())?.schema.clone()))).collect();
    let mut out = Seeds::new();
    let typed = match engine.query(&query.sql, &views, &query.bindings) {
        Ok(typed) => typed,
        Err(_) => {
            // Nothing is known, so everything is assumed.
            let mut all = BTreeMap::new();
            for (view, _) in &views {
                for (column, from) in seeds_of(view) {
                    flow.read(name, origin, seeds_of(view), column, Some(Influence::Transformation));
                    add(&mut all, Some(from), Influence::Transformation);
                }
            }
            return node.schema.names().map(|column| (column.to_owned(), all.clone())).collect();
        }
    };
    for column in &typed.row_influences {
        flow.read(name, origin, seeds_of(&column.view), &column.column, None);
    }
    for column in &typed.columns {
        let mut from = BTreeMap::new();
        for (read, influence) in &column.from {
            let seeds = seeds_of(&read.view);
            if *influence != Influence::Identity {
                flow.read(name, origin, seeds, &read.column, Some(*influence));
            }
            add(&mut from, seeds.get(&read.column), *influence);
        }
        if matches!(column.certainty, Certainty::Opaque(_)) {
            for (view, _) in &views {
                seeds_of(view).values().for_each(|seeds| add(&mut from, Some(seeds), Influence::Transformation));
            }
        }
        if !from.is_empty() {
            out.insert(column.name.clone(), from);
        }
    }
    for condition in &query.then {
        decides(flow, name, origin, &condition.sql, &node.schema, &query.bindings, &out, engine);
    }
    out
}

/// Adds what a column is made of, when something is done to it.
fn add(into: &mut BTreeMap<String, Influence>, from: Option<&BTreeMap<String, Influence>>, how: Influence) {
    for (seed, before) in from.into_iter().flatten() {
        let influence = before.then(how);
        into.entry(seed.clone()).and_modify(|known| *known = known.or(influence)).or_insert(influence);
    }
}
