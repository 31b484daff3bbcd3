//! One JSON object, for programs; its schema is published in `docs/schemas/diff-v1.json`.

use super::{Lines, Located, Tally, Version, headline, word};
use crate::diagnostic::render::json_value as diagnostics;
use crate::diff::finding::{Decision, Finding};
use crate::diff::report::{Diff, ItemDiff, LiveDrift};
use serde_json::{Map, Value, json as value};

/// The schema of the output, as JSON Schema 2020-12.
pub const SCHEMA: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/schemas/diff-v1.json"));

/// The address by which the output names its schema.
const SCHEMA_ID: &str = "https://runi.dev/schemas/diff-v1.json";

/// The diff as JSON, indented, with a line break at the end.
#[must_use]
pub fn json(diff: &Diff) -> String {
    let mut out = serde_json::to_string_pretty(&json_value(diff)).unwrap_or_default();
    out.push('\n');
    out
}

/// The diff as a JSON value.
#[must_use]
pub fn json_value(diff: &Diff) -> Value {
    let lines = Lines::new(diff);
    let tally = Tally::of(diff);
    let bump = diff.items.iter().map(|item| item.bump).max().unwrap_or_default();
    value!({
        "$schema": SCHEMA_ID,
        "version": 1,
        "base": diff.base,
        "head": diff.head,
        "summary": {
            "denied": tally.denied, "warned": tally.warned, "accepted": tally.accepted, "allowed": tally.allowed, "bump": bump,
            "uncompared": tally.uncompared, "headline": headline(diff).text,
        },
        "items": diff.items.iter().map(|item| object(item, &lines)).collect::<Vec<_>>(),
        "drift": diff.drift.iter().map(drift).collect::<Vec<_>>(),
        "unasked": diff.unasked,
        "problems": diagnostics(&diff.problems, &diff.sources_after),
    })
}

fn object(item: &ItemDiff, lines: &Lines<'_>) -> Value {
    value!({
        "kind": item.item.kind,
        "name": item.item.name,
        "status": item.status,
        "path": item.path_after.as_ref().or(item.path_before.as_ref()),
        "path_before": item.path_before,
        "version": { "before": item.version_before, "after": item.version_after },
        "bump": item.bump,
        "findings": item.findings.iter().map(|finding| found(finding, lines)).collect::<Vec<_>>(),
    })
}

fn found(finding: &Finding, lines: &Lines<'_>) -> Value {
    let change = &finding.change;
    let best = lines.of(finding);
    let mut object = Map::new();
    let mut set = |key: &str, value: Value| object.insert(key.to_owned(), value);
    set("rule", value!(change.rule.id));
    set("name", value!(change.rule.name));
    set("group", value!(change.rule.group));
    set("part", value!(change.part));
    set("message", value!(change.message));
    set("consumer", value!(change.consumer));
    set("producer", value!(change.producer));
    set("bump", value!(finding.bump));
    set("level", value!(finding.level));
    set("decision", value!(word(&finding.decision)));
    if let Decision::Accepted { by, because, until } = &finding.decision {
        set("accepted", value!({ "by": by, "because": because, "until": until }));
    }
    set("help", value!(finding.help));
    set("file", value!(best.as_ref().map(|(located, _)| &located.path)));
    set("line", value!(best.as_ref().map(|(located, _)| located.start.line)));
    let side = |spot: Option<&crate::diff::Spot>, version| place(spot.and_then(|spot| lines.locate(spot, version)));
    set("before", side(change.before.as_ref(), Version::Before));
    set("after", side(change.after.as_ref(), Version::After));
    set("columns", value!(change.columns));
    set("impact", value!(finding.impact));
    set("evidence", value!(finding.evidence));
    set("against", value!(finding.against));
    Value::Object(object)
}

fn drift(drift: &LiveDrift) -> Value {
    value!({
        "rule": LiveDrift::RULE.id,
        "name": LiveDrift::RULE.name,
        "message": drift.message(),
        "consumer": LiveDrift::RULE.consumer,
        "producer": LiveDrift::RULE.producer,
        "level": drift.level,
        "decision": word(&drift.decision()),
        "contract": drift.contract,
        "scenario": drift.scenario,
        "source": drift.source,
        "location": drift.location,
        "path": drift.path,
        "line": drift.line,
        "differences": drift.differences,
        "allowed": drift.allowed,
    })
}

fn place(located: Option<Located>) -> Value {
    located.map_or(Value::Null, |located| {
        value!({
            "path": located.path,
            "start": { "line": located.start.line, "column": located.start.column },
            "end": { "line": located.end.line, "column": located.end.column },
        })
    })
}
