//! SARIF 2.1.0, for code scanning: one result for each finding that is not simply allowed.

use super::{Lines, Located, Version, evidence, reached_elsewhere, subject};
use crate::diagnostic::render::{artifact, log};
use crate::diff::finding::{Decision, Finding};
use crate::diff::report::{Diff, ItemDiff, LiveDrift};
use crate::diff::rule::{Level, Rule};
use crate::workspace::manifest;
use serde_json::{Map, Value, json as value};
use std::collections::BTreeMap;

/// One run: a rule for each rule that was met, a result for each finding. An accepted break is a suppressed result. `prefix` goes before every path:
/// the workspace's directory in its repository with `/` at the end, since code scanning counts from there, or nothing.
#[must_use]
pub fn sarif(diff: &Diff, prefix: &str) -> String {
    let lines = Lines::new(diff);
    let met = diff.findings().map(|finding| finding.change.rule).chain(diff.drift.iter().map(|_| LiveDrift::RULE));
    let rules: BTreeMap<&str, &Rule> = met.map(|rule| (rule.id, rule)).collect();
    let index: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(at, id)| (*id, at)).collect();
    let found = diff.items.iter().flat_map(|item| item.findings.iter().map(move |finding| (item, finding)));
    let mut results: Vec<Value> = found.filter_map(|(item, finding)| result(item, finding, &index, &lines)).collect();
    results.extend(diff.drift.iter().filter_map(|found| drift(found, &index)));
    log("runi diff", rules.values().map(|rule| describe(rule)).collect(), results, prefix)
}

fn describe(rule: &Rule) -> Value {
    let level = match rule.level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Allow => "note",
    };
    value!({
        "id": rule.id,
        "name": rule.name,
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": rule.explanation },
        "help": { "text": rule.explanation, "markdown": rule.explanation },
        "defaultConfiguration": { "level": level },
        "properties": { "consumer": rule.consumer, "producer": rule.producer, "bump": rule.bump, "tags": [rule.group] },
    })
}

fn result(item: &ItemDiff, finding: &Finding, index: &BTreeMap<&str, usize>, lines: &Lines<'_>) -> Option<Value> {
    let level = match finding.decision {
        Decision::Denied | Decision::Accepted { .. } => "error",
        Decision::Warned => "warning",
        Decision::Allowed => return None,
    };
    let change = &finding.change;
    let mut text = format!("{} (consumers: {}, producers: {})", change.message, change.consumer, change.producer);
    let help = Some(finding.help.clone()).filter(|help| !help.is_empty());
    for more in evidence(finding).into_iter().chain(reached_elsewhere(finding)).chain(help) {
        text.push('\n');
        text.push_str(&more);
    }
    let mut result = Map::new();
    let mut set = |key: &str, value: Value| result.insert(key.to_owned(), value);
    set("ruleId", value!(change.rule.id));
    set("ruleIndex", value!(index.get(change.rule.id)));
    set("level", value!(level));
    set("message", value!({ "text": text }));
    // A region must lie in the file that code scanning sees, which is the new one; the old place is only named.
    match lines.of(finding) {
        Some((located, Version::After)) => set("locations", value!([location(&located, true)])),
        Some((located, Version::Before)) => set("locations", value!([location(&located, false)])),
        // Code scanning refuses a whole log for one result without a place.
        None => {
            let path = item.path_after.as_deref().or(item.path_before.as_deref()).unwrap_or(manifest::FILE);
            set("locations", value!([{ "physicalLocation": { "artifactLocation": artifact(path), "region": { "startLine": 1 } } }]))
        }
    };
    let hits = finding.impact.iter().enumerate().map(|(at, hit)| {
        let package = hit.package.as_ref().map_or(String::new(), |package| format!(" of `{package}`"));
        let column = if hit.column.is_empty() { "its rows".to_owned() } else { format!("`{}`", hit.column) };
        value!({
            "id": at + 1,
            "physicalLocation": { "artifactLocation": artifact(&hit.path), "region": { "startLine": hit.line } },
            "message": { "text": format!("`{}`{package} reads {column}", hit.scenario) },
        })
    });
    let hits: Vec<Value> = hits.collect();
    if !hits.is_empty() {
        set("relatedLocations", Value::Array(hits));
    }
    // Stable over unrelated edits, so that one finding stays one alert.
    set("partialFingerprints", value!({ "runiDiff/v1": format!("{}:{}", change.rule.id, subject(finding)) }));
    if let Decision::Accepted { by, because, until } = &finding.decision {
        let why = format!("accepted by {by} until {until}: {because}");
        set("suppressions", value!([{ "kind": "inSource", "status": "accepted", "justification": why }]));
    }
    Some(Value::Object(result))
}

/// Drift of a source stands where the scenario reads it.
fn drift(drift: &LiveDrift, index: &BTreeMap<&str, usize>) -> Option<Value> {
    let level = match drift.decision() {
        Decision::Denied | Decision::Accepted { .. } => "error",
        Decision::Warned => "warning",
        Decision::Allowed => return None,
    };
    let rule = LiveDrift::RULE;
    let physical = value!({ "artifactLocation": artifact(&drift.path), "region": { "startLine": drift.line.max(1) } });
    Some(value!({
        "ruleId": rule.id,
        "ruleIndex": index.get(rule.id),
        "level": level,
        "message": { "text": format!("{} (consumers: {}, producers: {})", drift.message(), rule.consumer, rule.producer) },
        "locations": [{ "physicalLocation": physical }],
        "partialFingerprints": { "runiDiff/v1": format!("{}:{} › {}", rule.id, drift.scenario, drift.source) },
    }))
}

fn location(located: &Located, with_region: bool) -> Value {
    let mut physical = Map::new();
    physical.insert("artifactLocation".to_owned(), artifact(&located.path));
    if with_region {
        let (start, end) = (located.start, located.end);
        let region = value!({ "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column });
        physical.insert("region".to_owned(), region);
    }
    value!({ "physicalLocation": physical })
}
