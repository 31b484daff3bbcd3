//! SARIF 2.1.0, for code scanning.

use super::{Positions, Sources, behind, span};
use crate::diagnostic::{Diagnostic, Fix, Place, Severity};
use crate::diagnostics::find;
use serde_json::{Map, Value, json as value};
use std::collections::BTreeSet;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// One run with every diagnostic as a result and a rule for each code among them. `prefix` goes before every path: the workspace's
/// directory in its repository with `/` at the end, since code scanning counts from there, or nothing.
#[must_use]
pub fn sarif(diagnostics: &[Diagnostic], sources: &dyn Sources, prefix: &str) -> String {
    let mut positions = Positions::new(sources);
    let ids: Vec<&str> = diagnostics.iter().map(|d| d.code.as_str()).collect::<BTreeSet<_>>().into_iter().collect();
    let rules: Vec<Value> = ids.iter().map(|id| rule(id)).collect();
    let results: Vec<Value> = diagnostics
        .iter()
        .map(|diagnostic| {
            let index = ids.iter().position(|id| *id == diagnostic.code);
            result(diagnostic, index, &mut positions)
        })
        .collect();
    log("runi", rules, results, prefix)
}

/// A log of one run of a tool, with `prefix` before the path of every artifact.
pub(crate) fn log(tool: &str, rules: Vec<Value>, results: Vec<Value>, prefix: &str) -> String {
    let driver = value!({
        "name": tool,
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "informationUri": env!("CARGO_PKG_REPOSITORY"),
        "rules": rules,
    });
    let run = value!({
        "tool": { "driver": driver },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": { "WORKSPACE": { "description": { "text": "the directory of Runi.toml" } } },
        "results": results,
    });
    let mut log = value!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run] });
    put_before(&mut log, &uri(prefix));
    let mut out = serde_json::to_string_pretty(&log).unwrap_or_default();
    out.push('\n');
    out
}

fn rule(id: &str) -> Value {
    let Some(code) = find(id) else { return value!({ "id": id }) };
    let mut lines = code.page.lines();
    let title = lines.next().and_then(|line| line.split_once(": ")).map_or(code.name, |(_, title)| title);
    let meaning = lines.map(str::trim).find(|line| !line.is_empty()).unwrap_or(title);
    value!({
        "id": code.id,
        "name": code.name,
        "shortDescription": { "text": title },
        "fullDescription": { "text": meaning },
        "help": { "text": code.page, "markdown": code.page },
        "defaultConfiguration": { "level": level(code.severity) },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn result(diagnostic: &Diagnostic, rule: Option<usize>, positions: &mut Positions<'_>) -> Value {
    let mut text = diagnostic.message.clone();
    for more in diagnostic.notes.iter().chain(&diagnostic.help) {
        text.push('\n');
        text.push_str(more);
    }
    let mut result = Map::new();
    let mut set = |key: &str, value: Value| result.insert(key.to_owned(), value);
    set("ruleId", value!(diagnostic.code));
    if let Some(rule) = rule {
        set("ruleIndex", value!(rule));
    }
    set("level", value!(level(diagnostic.severity)));
    set("message", value!({ "text": text }));
    if !diagnostic.place.path.is_empty() {
        set("locations", value!([location(&diagnostic.place, &diagnostic.label, None, positions)]));
    }
    if !diagnostic.labels.is_empty() {
        let related = diagnostic.labels.iter().enumerate();
        let related: Vec<Value> = related.map(|(id, label)| location(&label.place, &label.message, Some(id + 1), positions)).collect();
        set("relatedLocations", Value::Array(related));
    }
    if !diagnostic.fixes.is_empty() {
        set("fixes", Value::Array(diagnostic.fixes.iter().map(|fix| fix_object(fix, positions)).collect()));
    }
    Value::Object(result)
}

fn location(place: &Place, message: &str, id: Option<usize>, positions: &mut Positions<'_>) -> Value {
    let mut physical = Map::new();
    physical.insert("artifactLocation".to_owned(), artifact(&place.path));
    if let Some(region) = region(place, positions) {
        physical.insert("region".to_owned(), region);
    }
    let mut location = Map::new();
    if let Some(id) = id {
        location.insert("id".to_owned(), value!(id));
    }
    location.insert("physicalLocation".to_owned(), Value::Object(physical));
    if !message.is_empty() {
        location.insert("message".to_owned(), value!({ "text": message }));
    }
    Value::Object(location)
}

fn region(place: &Place, positions: &mut Positions<'_>) -> Option<Value> {
    let (start, end) = span(positions, place)?;
    Some(value!({ "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column }))
}

/// A file of the workspace.
pub(crate) fn artifact(path: &str) -> Value {
    value!({ "uri": uri(path), "uriBaseId": "WORKSPACE" })
}

/// Puts a directory before the path of every artifact of a log.
fn put_before(log: &mut Value, prefix: &str) {
    match log {
        Value::Object(object) => {
            if object.contains_key("uriBaseId")
                && let Some(Value::String(uri)) = object.get_mut("uri")
            {
                *uri = behind(prefix, uri);
            }
            object.values_mut().for_each(|value| put_before(value, prefix));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| put_before(value, prefix)),
        _ => {}
    }
}

/// A path as a relative URI: everything but unreserved characters and `/` is percent-encoded.
pub(crate) fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn fix_object(fix: &Fix, positions: &mut Positions<'_>) -> Value {
    let changes: Vec<Value> = fix
        .edits
        .iter()
        .map(|edit| {
            let deleted = region(&Place::range(edit.path.clone(), edit.range), positions);
            let replacement = value!({ "deletedRegion": deleted, "insertedContent": { "text": edit.text } });
            value!({ "artifactLocation": artifact(&edit.path), "replacements": [replacement] })
        })
        .collect();
    value!({ "description": { "text": fix.title }, "artifactChanges": changes })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::super::samples::samples;
    use super::*;

    #[test]
    fn results_point_at_their_rules_and_places() {
        let (diagnostics, sources) = samples();
        let log: Value = serde_json::from_str(&sarif(&diagnostics, &sources, "a b/")).unwrap();
        let run = &log["runs"][0];
        let result = &run["results"][0];
        assert_eq!(log["version"], "2.1.0");
        assert_eq!(run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize]["id"], "E0602");
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert_eq!(region, &value!({ "startLine": 2, "startColumn": 10, "endLine": 2, "endColumn": 14 }));
        assert_eq!(result["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"], "name");
        assert_eq!(run["results"][1]["locations"][0]["physicalLocation"].get("region"), None);
        assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "a%20b/Runi.toml");
        assert_eq!(result["fixes"][0]["artifactChanges"][0]["artifactLocation"]["uri"], "a%20b/Runi.toml");
        assert_eq!(uri("features/a b%.dsl"), "features/a%20b%25.dsl");
    }
}
