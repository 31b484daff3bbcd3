//! Sinks: the switch, the contract, the labels; and the checks of `Then` lines that stand before every sink.

use super::ContractEntry;
use super::api::RequirementKind;
use super::coarse;
use super::connector::{Reach, Side, reach};
use super::ctx::snake_case;
use super::fit::{self, field_place};
use super::labels::{Label, accepts};
use super::policy;
use super::rows::{sensitive_reads, warn_null};
use super::scenario::Walk;
use super::scope::{Col, find, schema};
use super::sources::{is_present, references};
use crate::diagnostics::contracts::bad_mask;
use crate::diagnostics::names::{bad_argument, suggest::list, unknown_contract};
use crate::diagnostics::privacy::{Leak, rows_chosen_by_sensitive, sensitive_leak};
use crate::diagnostics::sinks::{dropped_columns, null_mask_required, otherwise_without_switch, same_target, switch_without_otherwise};
use crate::ir::{CheckNode, ColumnLineage, Condition, Connector, Route, SinkColumn, SinkLineage, SinkNode};
use crate::model::{Mask, Sink, SinkRoute};
use crate::sql::Bindings;
use crate::types::DataType;
use std::collections::{BTreeMap, BTreeSet};

/// A sink after its proofs.
pub(crate) struct Proved {
    /// As the engine runs it; `None` after an error of its arguments.
    pub(crate) node: Option<SinkNode>,
    /// Its name.
    pub(crate) name: String,
    /// How to reach it.
    pub(crate) reach: Reach,
    /// Columns that are written as they are though they are sensitive, with the sources that their labels come from.
    pub(crate) open: Vec<(String, BTreeSet<String>)>,
    /// The names of the columns that it writes.
    pub(crate) columns: Vec<String>,
}

/// Everything at the end of a scenario.
#[derive(Default)]
pub(crate) struct Ends {
    pub(crate) sinks: Vec<Proved>,
    pub(crate) checks: Vec<CheckNode>,
    pub(crate) lineage: Vec<SinkLineage>,
    /// Whether a mask needs the key.
    pub(crate) keyed: bool,
}

/// Proves every sink of a scenario.
pub(crate) fn prove(walk: &mut Walk<'_, '_>) -> Ends {
    let mut ends = Ends::default();
    let inputs: Vec<Option<usize>> = walk.scenario.sinks.iter().map(|sink| input(walk, sink)).collect();
    references(walk, &inputs);
    let proved = checks(walk, &inputs, &mut ends);
    switches(walk, &inputs);
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    let scenario = walk.scenario;
    for (sink, input) in scenario.sinks.iter().zip(&inputs) {
        let mut cols = input.and_then(|at| walk.views.get(at)).filter(|view| !view.broken).map(|view| view.cols.clone());
        let facts: Vec<String> = input.and_then(|at| proved.get(&at).cloned()).unwrap_or_default();
        if let Some(cols) = cols.as_mut().filter(|_| !sink.damaged) {
            not_null(cols, &facts);
            route(walk, sink, *input, &inputs, cols);
        }
        one(walk, sink, *input, cols, &mut taken, &mut ends);
    }
    ends
}

/// The view that a sink reads.
fn input(walk: &Walk<'_, '_>, sink: &Sink) -> Option<usize> {
    match sink.after {
        0 => (!walk.views.is_empty()).then_some(0),
        after => walk.step_views.get(after - 1).copied(),
    }
}

fn not_null(cols: &mut [Col], columns: &[String]) {
    for col in cols {
        col.column.nullable &= !columns.contains(&col.column.name);
    }
}

/// Types the checks over the rows of every view that a sink reads; gives the columns that they prove to have values.
fn checks(walk: &Walk<'_, '_>, inputs: &[Option<usize>], ends: &mut Ends) -> BTreeMap<usize, Vec<String>> {
    let mut read: BTreeSet<usize> = walk
        .scenario
        .sinks
        .iter()
        .zip(inputs)
        .filter(|(sink, _)| sink.route != SinkRoute::Invalid)
        .filter_map(|(_, input)| *input)
        .collect();
    if read.is_empty() && !walk.views.is_empty() {
        read.insert(walk.views.len() - 1);
    }
    let mut proved: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for at in read {
        let Some(view) = walk.views.get(at).filter(|view| !view.broken) else { continue };
        let shape = schema(&view.cols);
        for check in &walk.scenario.checks {
            let Some(typed) = walk.ctx.condition(&check.sql, &shape, &Bindings::new(), "a check") else { continue };
            warn_null(walk.ctx, &typed, &shape, check.sql.range);
            proved.entry(at).or_default().extend(typed.rejects_null);
            ends.checks.push(CheckNode {
                input: view.node,
                condition: Condition { title: check.title.trim().to_owned(), sql: check.sql.text.clone() },
                origin: walk.origin(check.sql.range),
            });
        }
    }
    proved
}

/// Sinks with `when` on one step lose no row, and `otherwise` has something to be other than.
fn switches(walk: &Walk<'_, '_>, inputs: &[Option<usize>]) {
    let mut by_view: BTreeMap<usize, Vec<&Sink>> = BTreeMap::new();
    for (sink, input) in walk.scenario.sinks.iter().zip(inputs) {
        if let Some(at) = input {
            by_view.entry(*at).or_default().push(sink);
        }
    }
    for (at, sinks) in by_view {
        if sinks.iter().any(|sink| sink.damaged) {
            continue;
        }
        let whens: Vec<&&Sink> = sinks.iter().filter(|sink| matches!(sink.route, SinkRoute::When(_))).collect();
        let otherwise: Vec<&&Sink> = sinks.iter().filter(|sink| sink.route == SinkRoute::Otherwise).collect();
        let all = sinks.iter().any(|sink| sink.route == SinkRoute::All);
        if let (Some(last), true, false) = (whens.last(), otherwise.is_empty(), all) {
            let name = walk.views.get(at).map_or("", |view| view.name.as_str());
            walk.ctx.emit(switch_without_otherwise(walk.ctx.place(last.range), name));
        }
        if let (Some(first), true) = (otherwise.first(), whens.is_empty()) {
            walk.ctx.emit(otherwise_without_switch(walk.ctx.place(first.range), "`otherwise` without a `when` on the same step"));
        }
        if let (Some(second), false) = (otherwise.get(1), whens.is_empty()) {
            walk.ctx.emit(otherwise_without_switch(walk.ctx.place(second.range), "a second `otherwise` on the same step gets no row"));
        }
    }
}

/// Types a sink's `when`; what the route proves holds for the rows that take it.
fn route(walk: &Walk<'_, '_>, sink: &Sink, input: Option<usize>, inputs: &[Option<usize>], cols: &mut [Col]) {
    let shape = schema(cols);
    match &sink.route {
        SinkRoute::When(sql) => {
            let Some(typed) = walk.ctx.condition(sql, &shape, &Bindings::new(), "a sink's `when`") else { return };
            let sensitive = sensitive_reads(&typed, cols);
            if !sensitive.is_empty() {
                walk.ctx.emit(rows_chosen_by_sensitive(walk.ctx.place(sql.range), "a sink's `when`", &sensitive));
            }
            not_null(cols, &typed.proves_not_null);
        }
        SinkRoute::Otherwise => {
            for (other, at) in walk.scenario.sinks.iter().zip(inputs) {
                if *at != input {
                    continue;
                }
                let SinkRoute::When(sql) = &other.route else { continue };
                // Null does not match, so only a condition that is never null proves its opposite.
                let never_null = walk.ctx.engine.expr(&sql.text, &shape, &Bindings::new()).is_ok_and(|typed| !typed.nullable);
                let negated = format!("not ({}\n)", sql.text);
                if never_null && let Ok(typed) = walk.ctx.engine.expr(&negated, &shape, &Bindings::new()) {
                    not_null(cols, &typed.proves_not_null);
                }
            }
        }
        SinkRoute::All | SinkRoute::Invalid => {}
    }
}

/// `name=`, else the contract's name in snake case, else the path's stem.
pub(super) fn base_name(sink: &Sink) -> String {
    if let Some(name) = sink.args.named("name") {
        return name.value.as_str().to_owned();
    }
    if sink.route == SinkRoute::Invalid {
        return "invalid".to_owned();
    }
    if let Some(contract) = sink.args.named("contract") {
        return snake_case(contract.value.as_str());
    }
    let path = sink.args.named("path").or_else(|| sink.args.named("table")).map_or("sink", |path| path.value.as_str());
    let file = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path);
    file.split('.').find(|part| !part.is_empty()).unwrap_or("sink").to_owned()
}

fn one(
    walk: &mut Walk<'_, '_>,
    sink: &Sink,
    input: Option<usize>,
    cols: Option<Vec<Col>>,
    taken: &mut BTreeMap<String, usize>,
    ends: &mut Ends,
) {
    let base = base_name(sink);
    let count = taken.entry(base.clone()).and_modify(|count| *count += 1).or_insert(1);
    let name = if *count == 1 { base.clone() } else { format!("{base}#{count}") };
    let place = walk.ctx.place(sink.range);
    if sink.damaged {
        // What a sink that was not read in full lacks is not said too.
        let muted = walk.ctx.aside(walk.ctx.path);
        let reach = reach(&muted, Side::Sink, &walk.slug, &name, &sink.args, sink.range);
        ends.sinks.push(Proved { node: None, name, reach, open: Vec::new(), columns: Vec::new() });
        return;
    }
    let reach = reach(walk.ctx, Side::Sink, &walk.slug, &name, &sink.args, sink.range);
    targets(walk, &reach, sink, ends);
    if let Some(connector) = &reach.connector {
        walk.facts.outputs.push(connector.path().to_owned());
    }
    let invalid = sink.route == SinkRoute::Invalid;
    let contract = sink.args.named("contract");
    if let Some(contract) = contract.filter(|_| invalid) {
        let message = "the quarantine has columns of its own, which no contract describes";
        walk.ctx.emit(bad_argument(walk.ctx.place(contract.range), message, "remove `contract=` from the sink with `on=invalid`"));
    }
    let entry = contract.and_then(|contract| {
        let found = walk.ctx.lookup.contract(contract.value.as_str());
        if found.is_none() {
            walk.ctx.emit(unknown_contract(walk.ctx.place(contract.range), contract.value.as_str(), &walk.ctx.lookup.contract_names()));
        }
        found
    });
    let mut columns = Vec::new();
    let mut open = Vec::new();
    if let Some(entry) = &entry {
        walk.facts.contracts.push(entry.binding.contract.name.clone());
    }
    if let (Some(cols), false, true) = (&cols, invalid, contract.is_none() || entry.is_some()) {
        if let Some(entry) = &entry {
            fit::prove(walk.ctx, cols, entry, &place);
            masks(walk, cols, entry, &place, ends);
            extra(walk, cols, entry, &place);
            policy::prove(walk, cols, entry, &place);
        }
        open = labels(walk, cols, entry.as_ref(), sink, &reach, &name);
        columns = written(cols, entry.as_ref());
        ends.lineage.push(lineage(&name, cols, &columns));
    }
    let names = columns.iter().map(|column: &SinkColumn| column.name.clone()).collect();
    let node = input.and_then(|at| walk.views.get(at)).and_then(|view| {
        Some(SinkNode {
            name: name.clone(),
            input: view.node,
            route: match &sink.route {
                SinkRoute::All => Route::All,
                SinkRoute::When(sql) => Route::When(sql.text.clone()),
                SinkRoute::Otherwise => Route::Otherwise,
                SinkRoute::Invalid => Route::Invalid,
            },
            connector: reach.connector.clone()?,
            append: reach.append,
            contract: entry.map(|entry| entry.binding),
            columns,
            origin: walk.origin(sink.range),
        })
    });
    ends.sinks.push(Proved { node, name, reach, open, columns: names });
}

/// No other sink writes there and no source of the scenario reads it.
fn targets(walk: &Walk<'_, '_>, reach: &Reach, sink: &Sink, ends: &Ends) {
    let Some(path) = reach.connector.as_ref().map(Connector::path) else { return };
    let is_it = |other: &Reach| other.connector.as_ref().is_some_and(|connector| connector.path() == path);
    let place = walk.ctx.place(sink.range);
    if let Some(other) = ends.sinks.iter().find(|other| is_it(&other.reach) && !(other.reach.append && reach.append)) {
        walk.ctx.emit(same_target(place, path, other.reach.place.clone(), false));
    } else if let Some(source) = walk.reaches.iter().find(|source| is_it(source)) {
        walk.ctx.emit(same_target(place, path, source.place.clone(), true));
    }
}

/// Masks that contradict the contract; and the key that some of them need.
fn masks(walk: &mut Walk<'_, '_>, cols: &[Col], entry: &ContractEntry, place: &crate::diagnostic::Place, ends: &mut Ends) {
    let contract = &entry.binding.contract;
    for field in &contract.fields {
        let Some(mask) = &field.sensitivity.mask else { continue };
        if *mask == Mask::Null && is_present(contract, &field.name) {
            let declared = field_place(entry, &field.name);
            walk.ctx.emit(null_mask_required(place.clone(), &contract.name, &field.name, declared));
        }
        if let (Mask::Generalise { to }, Some(col)) = (mask, find(cols, &field.name))
            && col.column.ty != field.ty
            && let Some(why) = coarse::unchanged(to, &col.column.ty)
        {
            let problem = bad_mask(place.clone(), mask.name(), &field.name, &col.column.ty, &why);
            walk.ctx.emit(problem.with_secondary(field_place(entry, &field.name), "the field is wider than the values that it gets"));
        }
        if mask.is_keyed() && !ends.keyed {
            ends.keyed = true;
            let key = mask_key(walk);
            walk.require(RequirementKind::Secret, key, place.clone());
        }
    }
}

/// The key of keyed masks: the herd's, or else the environment's.
pub(crate) fn mask_key(walk: &Walk<'_, '_>) -> String {
    let herd = walk.scenario.herd.as_ref().and_then(|herd| walk.ctx.lookup.herd(&herd.value));
    herd.and_then(|herd| herd.masking.key.clone()).unwrap_or_else(|| walk.ctx.lookup.environment().mask_key.clone())
}

fn extra(walk: &Walk<'_, '_>, cols: &[Col], entry: &ContractEntry, place: &crate::diagnostic::Place) {
    let contract = &entry.binding.contract;
    let names: Vec<String> = cols.iter().map(|col| col.column.name.clone()).filter(|name| contract.field(name).is_none()).collect();
    if !names.is_empty() {
        walk.ctx.emit(dropped_columns(place.clone(), &contract.name, &names));
    }
}

/// The columns that are written.
fn written(cols: &[Col], entry: Option<&ContractEntry>) -> Vec<SinkColumn> {
    let Some(entry) = entry else {
        return cols
            .iter()
            .map(|col| SinkColumn { name: col.column.name.clone(), ty: col.column.ty.clone(), nullable: col.column.nullable, mask: None })
            .collect();
    };
    let contract = &entry.binding.contract;
    let column = |field: &crate::model::Field| {
        let mask = field.sensitivity.mask.clone();
        let text = matches!(mask, Some(Mask::Hash | Mask::Tokenise | Mask::Partial { .. }));
        SinkColumn {
            name: field.name.clone(),
            ty: if text { DataType::String } else { field.ty.clone() },
            nullable: mask == Some(Mask::Null) || !is_present(contract, &field.name),
            mask,
        }
    };
    contract.fields.iter().filter(|field| find(cols, &field.name).is_some()).map(column).collect()
}

fn lineage(sink: &str, cols: &[Col], columns: &[SinkColumn]) -> SinkLineage {
    let column = |column: &SinkColumn| {
        let col = find(cols, &column.name)?;
        Some(ColumnLineage {
            column: column.name.clone(),
            from: col.from.iter().map(|(from, influence)| (from.clone(), *influence)).collect(),
            certainty: col.certainty.clone(),
            mask: column.mask.clone(),
        })
    };
    SinkLineage { sink: sink.to_owned(), columns: columns.iter().filter_map(column).collect() }
}

/// The proof that no labelled value leaves; gives the columns that stay sensitive inside a restricted dataset.
fn labels(
    walk: &Walk<'_, '_>,
    cols: &[Col],
    entry: Option<&ContractEntry>,
    sink: &Sink,
    reach: &Reach,
    name: &str,
) -> Vec<(String, BTreeSet<String>)> {
    let mut open = Vec::new();
    // A whole dataset's classification is one leak, not one for each column.
    let mut dataset: Vec<(&Col, &Label, String)> = Vec::new();
    for col in cols.iter().filter(|col| !col.labels.is_empty()) {
        let field = entry.map(|entry| (entry, entry.binding.contract.field(&col.column.name)));
        let refused = match field {
            Some((_, None)) => continue,
            Some((entry, Some(field))) => {
                col.labels.iter().find_map(|label| accepts(&entry.binding.contract, field, label).err().map(|why| (label, why)))
            }
            None => col.labels.iter().next().map(|label| (label, "the sink has no contract, so nothing masks it".to_owned())),
        };
        match refused {
            Some((label @ Label::Classified { own: false, .. }, why)) => dataset.push((col, label, why)),
            Some((label, why)) => emit(walk, entry, sink, reach, name, col, label, why, &[]),
            None if field.and_then(|(_, field)| field).is_some_and(|field| field.sensitivity.mask.is_none()) => {
                open.push((col.column.name.clone(), col.labels.sources().clone()));
            }
            None => {}
        }
    }
    if let Some((col, label, why)) = dataset.first() {
        let rest: Vec<String> = dataset.iter().skip(1).map(|(col, ..)| col.column.name.clone()).collect();
        emit(walk, entry, sink, reach, name, col, label, why.clone(), &rest);
    }
    open
}

#[allow(clippy::too_many_arguments, reason = "everything that one message says")]
fn emit(
    walk: &Walk<'_, '_>,
    entry: Option<&ContractEntry>,
    sink: &Sink,
    reach: &Reach,
    name: &str,
    col: &Col,
    label: &Label,
    why: String,
    others: &[String],
) {
    let stations = col.labels.trail(label).map(|trail| trail.stations()).unwrap_or_default();
    let mut words: Vec<&str> = stations.iter().map(|(_, _, word)| word.as_str()).collect();
    let target = if reach.target.is_empty() { name } else { reach.target.as_str() };
    words.push(target);
    let column = &col.column.name;
    let mut diagnostic = sensitive_leak(
        walk.ctx.place(sink.range),
        Leak {
            column,
            label: &label.to_string(),
            contract: entry.map(|entry| (entry.binding.contract.name.as_str(), field_place(entry, column))),
            words: words.join(" → "),
            path: stations.iter().map(|(place, what, _)| (place.clone(), what.clone())).collect(),
            why,
        },
    );
    if !others.is_empty() {
        diagnostic = diagnostic.with_note(format!("the same holds of {}", list(others)));
    }
    walk.ctx.emit(diagnostic);
}
