//! What stands around the data flow: thresholds, assertions, alerts, goldens, examples, and names in the prose.

use super::api::RequirementKind;
use super::connector::{interpolate, may_write, scheme};
use super::kept::RAW_RECORD;
use super::scenario::{View, Walk};
use super::scope::{find, names};
use super::sinks::Ends;
use crate::diagnostics::names::{bad_argument, unknown_alert_target, unknown_column, unknown_sink, unknown_variable, unknown_view};
use crate::diagnostics::privacy::golden_leak;
use crate::ir::{AlertNode, AssertNode, Condition, GoldenNode, NodeId, QualityNode, Route};
use crate::model::{Golden, Spanned, Table};

/// What an alert may wait for.
const EVENTS: &[&str] = &["quality", "assert", "invalid", "drift", "failure", "any"];

/// The parts of a pipeline that are neither nodes nor sinks.
#[derive(Default)]
pub(crate) struct Tail {
    pub(crate) quality: Vec<QualityNode>,
    pub(crate) asserts: Vec<AssertNode>,
    pub(crate) alerts: Vec<AlertNode>,
    pub(crate) goldens: Vec<GoldenNode>,
}

/// Checks all of it.
pub(crate) fn finish(walk: &mut Walk<'_, '_>, ends: &Ends) -> Tail {
    let mut tail = Tail::default();
    quality(walk, &mut tail);
    asserts(walk, &mut tail);
    alerts(walk, &mut tail);
    let scenario = walk.scenario;
    for golden in &scenario.goldens {
        if let Some(node) = self::golden(walk, golden, ends) {
            tail.goldens.push(node);
        }
    }
    examples(walk, ends);
    prose(walk, ends);
    tail
}

fn unknown_source(walk: &Walk<'_, '_>, name: &Spanned<String>) {
    walk.ctx.emit(unknown_view(walk.ctx.place(name.range), &name.value, &walk.source_names(), false));
}

fn quality(walk: &Walk<'_, '_>, tail: &mut Tail) {
    for quality in &walk.scenario.quality {
        let of = quality.of.as_ref().map(|of| (of, walk.views.iter().position(|view| view.source && view.name == of.value)));
        if let Some((of, None)) = of {
            unknown_source(walk, of);
            continue;
        }
        tail.quality.push(QualityNode {
            // Sources are the first nodes, in the order of their views.
            of: of.and_then(|(_, at)| at).and_then(|at| u32::try_from(at).ok()).map(NodeId),
            max_invalid: quality.max_invalid.as_ref().map(|share| share.value),
            min_rows: quality.min_rows.as_ref().map(|rows| rows.value),
            origin: walk.origin(quality.range),
        });
    }
}

fn asserts(walk: &Walk<'_, '_>, tail: &mut Tail) {
    let sources = walk.source_names();
    let steps: Vec<String> = walk.views.iter().filter(|view| !view.source).map(|view| view.name.clone()).collect();
    for assert in &walk.scenario.asserts {
        if let Err(errors) = walk.ctx.engine.assertion(&assert.sql.text, &sources, &steps) {
            walk.ctx.sql_errors(&assert.sql, &errors, &|_| false);
        }
        let title = assert.title.as_ref().map_or_else(|| assert.sql.text.trim().to_owned(), |title| title.value.clone());
        tail.asserts
            .push(AssertNode { condition: Condition { title, sql: assert.sql.text.clone() }, origin: walk.origin(assert.sql.range) });
    }
}

fn alerts(walk: &Walk<'_, '_>, tail: &mut Tail) {
    let environment = walk.ctx.lookup.environment();
    for alert in &walk.scenario.alerts {
        let on = alert.on.value.as_str();
        if !EVENTS.contains(&on) {
            let message = format!("there is no event `{on}`");
            walk.ctx.emit(bad_argument(walk.ctx.place(alert.on.range), message, format!("the events are {}", EVENTS.join(", "))));
        }
        let to = alert.to.value.as_str();
        let target = match environment.alerts.get(to) {
            Some(target) => target.clone(),
            None if to.starts_with("http://") || to.starts_with("https://") || to.contains('/') || to.contains('.') => to.to_owned(),
            None => {
                let known: Vec<String> = environment.alerts.keys().cloned().collect();
                walk.ctx.emit(unknown_alert_target(walk.ctx.place(alert.to.range), to, &environment.name, &known));
                continue;
            }
        };
        let place = Spanned::new(target, alert.to.range);
        if let Some(target) = path(walk, &place) {
            let is_file = !target.starts_with("http://") && !target.starts_with("https://");
            if let Some(scheme) = scheme(&target).filter(|_| is_file) {
                let message = format!("an alert cannot go to `{scheme}://`");
                walk.ctx.emit(bad_argument(walk.ctx.place(alert.to.range), message, "name a file, or an `https://` address"));
                continue;
            }
            let bound = environment.alerts.contains_key(to) || to.starts_with("${");
            if is_file && !may_write(walk.ctx, &walk.ctx.place(alert.to.range), &target, bound) {
                continue;
            }
            tail.alerts.push(AlertNode { on: on.to_owned(), target, origin: walk.origin(alert.range) });
        }
    }
}

/// A path with its variables filled in.
fn path(walk: &Walk<'_, '_>, path: &Spanned<String>) -> Option<String> {
    let environment = walk.ctx.lookup.environment();
    match interpolate(&path.value, environment) {
        Ok(path) => Some(path),
        Err(unknown) => {
            let known: Vec<String> = environment.vars.keys().cloned().collect();
            walk.ctx.emit(unknown_variable(walk.ctx.place(path.range), &unknown, &environment.name, &known));
            None
        }
    }
}

fn golden(walk: &mut Walk<'_, '_>, golden: &Golden, ends: &Ends) -> Option<GoldenNode> {
    let sources = walk.source_names();
    let before = walk.ctx.errors();
    let mut inputs = Vec::new();
    if let Some(input) = &golden.input {
        let of = golden.args.named("of");
        let source = of.map_or_else(|| sources.first().cloned(), |of| Some(of.value.as_str().to_owned()));
        if let Some(source) = source {
            let range = of.map_or(input.range, |of| of.range);
            inputs.push((Spanned::new(source, range), input.clone()));
        }
    }
    for arg in &golden.args.items {
        let Some(name) = &arg.name else { continue };
        if !matches!(name.value.as_str(), "input" | "output" | "of" | "sink") {
            inputs.push((name.clone(), Spanned::new(arg.value.value.as_str().to_owned(), arg.value.range)));
        }
    }
    let mut resolved = Vec::new();
    for (source, file) in inputs {
        if !sources.contains(&source.value) {
            unknown_source(walk, &source);
        }
        let Some(file) = path(walk, &file).map(|path| (path, file.range)) else { continue };
        walk.require(RequirementKind::GoldenInput, file.0.clone(), walk.ctx.place(file.1));
        resolved.push((source.value, file.0));
    }
    let output = path(walk, &golden.output)?;
    walk.require(RequirementKind::Golden, output.clone(), walk.ctx.place(golden.output.range));
    let known: Vec<String> = ends.sinks.iter().map(|sink| sink.name.clone()).collect();
    let sink = match golden.args.named("sink") {
        Some(sink) if sink.value.as_str() == "invalid" => "invalid".to_owned(),
        Some(sink) => {
            let name = sink.value.as_str().to_owned();
            if !known.contains(&name) {
                walk.ctx.emit(unknown_sink(walk.ctx.place(sink.range), &name, &known));
            }
            name
        }
        None => {
            let first = ends.sinks.iter().find(|sink| sink.node.as_ref().is_none_or(|node| node.route != Route::Invalid));
            match first {
                Some(sink) => sink.name.clone(),
                None => "invalid".to_owned(),
            }
        }
    };
    leak(walk, golden, ends, &sink, &resolved);
    (walk.ctx.errors() == before).then(|| GoldenNode { inputs: resolved, output, sink, origin: walk.origin(golden.range) })
}

/// A golden of a restricted sink, or of a quarantine that masks nothing, holds made-up rows only.
fn leak(walk: &Walk<'_, '_>, golden: &Golden, ends: &Ends, sink: &str, inputs: &[(String, String)]) {
    let real = |source: &str| !inputs.iter().any(|(name, _)| name == source);
    let columns: Vec<String> = if sink == "invalid" {
        let labelled = |view: &&View| view.source && view.cols.iter().any(|col| !col.labels.is_empty());
        let leaks = walk.keeps_raw_records() && walk.views.iter().filter(labelled).any(|view| real(&view.name));
        leaks.then(|| RAW_RECORD.to_owned()).into_iter().collect()
    } else {
        let Some(proved) = ends.sinks.iter().find(|proved| proved.name == sink) else { return };
        let open = proved.open.iter().filter(|(_, sources)| sources.iter().any(|source| real(source)));
        open.map(|(column, _)| column.clone()).collect()
    };
    if !columns.is_empty() {
        walk.ctx.emit(golden_leak(walk.ctx.place(golden.range), sink, &columns));
    }
}

/// The tables of `Examples:` name sources and sinks, and their columns.
fn examples(walk: &Walk<'_, '_>, ends: &Ends) {
    for example in &walk.scenario.examples {
        for table in &example.input {
            let Some(name) = &table.name else { continue };
            match walk.views.iter().find(|view| view.source && view.name == name.value) {
                Some(view) if !view.broken => header(walk, table, &names(&view.cols)),
                Some(_) => {}
                None => unknown_source(walk, name),
            }
        }
        for table in &example.output {
            let Some(name) = &table.name else { continue };
            if name.value == "invalid" {
                continue;
            }
            match ends.sinks.iter().find(|sink| sink.name == name.value) {
                Some(sink) if !sink.columns.is_empty() => header(walk, table, &sink.columns),
                Some(_) => {}
                None => {
                    let known: Vec<String> = ends.sinks.iter().map(|sink| sink.name.clone()).collect();
                    walk.ctx.emit(unknown_sink(walk.ctx.place(name.range), &name.value, &known));
                }
            }
        }
    }
}

fn header(walk: &Walk<'_, '_>, table: &Table, known: &[String]) {
    for column in table.header.iter().filter(|column| !known.contains(&column.value)) {
        let view = table.name.as_ref().map_or("", |name| name.value.as_str());
        walk.ctx.emit(unknown_column(walk.ctx.place(column.range), &column.value, view, known));
    }
}

/// Code spans in the prose are names: of a view, a step, a sink, a column, a contract or a herd.
fn prose(walk: &Walk<'_, '_>, ends: &Ends) {
    let spans = walk.scenario.narration.iter().flat_map(|line| &line.names);
    for span in spans {
        let name = span.value.trim();
        let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '@'));
        if !plain || walk.views.iter().any(|view| view.broken) {
            continue;
        }
        let last = name.rsplit('.').next().unwrap_or(name);
        let resolves = walk.views.iter().any(|view| view.name == name || find(&view.cols, last).is_some())
            || ends.sinks.iter().any(|sink| sink.name == name)
            || walk.scenario.steps.iter().any(|step| step.name.value == name)
            || walk.ctx.lookup.contract(name).is_some()
            || walk.ctx.lookup.contract(name.split('.').next().unwrap_or(name)).is_some()
            || walk.ctx.lookup.herd(name).is_some();
        if !resolves {
            let mut known: Vec<String> = walk.views.iter().map(|view| view.name.clone()).collect();
            known.extend(walk.views.iter().flat_map(|view| names(&view.cols)));
            known.extend(walk.ctx.lookup.contract_names());
            known.sort();
            known.dedup();
            walk.ctx.emit(unknown_view(walk.ctx.place(span.range), name, &known, false));
        }
    }
}
