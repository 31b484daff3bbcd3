//! An array of objects, for programs.

use super::{Positions, Sources, span, word};
use crate::diagnostic::{Diagnostic, Edit, Place};
use crate::diagnostics::find;
use serde_json::{Map, Value, json as value};

/// The diagnostics as a JSON array, in their order, indented, with a line break at the end.
#[must_use]
pub fn json(diagnostics: &[Diagnostic], sources: &dyn Sources) -> String {
    let mut out = serde_json::to_string_pretty(&json_value(diagnostics, sources)).unwrap_or_default();
    out.push('\n');
    out
}

/// The diagnostics as a JSON value, for a caller that puts them into something larger.
#[must_use]
pub fn json_value(diagnostics: &[Diagnostic], sources: &dyn Sources) -> Value {
    let mut positions = Positions::new(sources);
    Value::Array(diagnostics.iter().map(|diagnostic| object(diagnostic, &mut positions)).collect())
}

fn object(diagnostic: &Diagnostic, positions: &mut Positions<'_>) -> Value {
    let mut object = Map::new();
    let mut set = |key: &str, value: Value| object.insert(key.to_owned(), value);
    set("code", value!(diagnostic.code));
    set("name", value!(find(&diagnostic.code).map(|code| code.name)));
    set("severity", value!(word(diagnostic.severity)));
    set("message", value!(diagnostic.message));
    set("place", place(&diagnostic.place, positions));
    set("label", value!(diagnostic.label));
    let labels = diagnostic.labels.iter().map(|label| value!({ "message": label.message, "place": place(&label.place, positions) }));
    set("labels", Value::Array(labels.collect()));
    set("notes", value!(diagnostic.notes));
    set("help", value!(diagnostic.help));
    let fixes = diagnostic.fixes.iter().map(|fix| {
        let edits: Vec<Value> = fix.edits.iter().map(|edit| edit_object(edit, positions)).collect();
        value!({ "title": fix.title, "applicability": fix.applicability, "edits": edits })
    });
    set("fixes", Value::Array(fixes.collect()));
    Value::Object(object)
}

fn edit_object(edit: &Edit, positions: &mut Positions<'_>) -> Value {
    value!({ "place": place(&Place::range(edit.path.clone(), edit.range), positions), "text": edit.text })
}

fn place(place: &Place, positions: &mut Positions<'_>) -> Value {
    let mut object = Map::new();
    object.insert("path".to_owned(), value!(place.path));
    if let Some((start, end)) = span(positions, place) {
        object.insert("start".to_owned(), value!({ "line": start.line, "column": start.column }));
        object.insert("end".to_owned(), value!({ "line": end.line, "column": end.column }));
    }
    if let Some(range) = place.text_range() {
        object.insert("bytes".to_owned(), value!([u32::from(range.start()), u32::from(range.end())]));
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::super::samples::samples;
    use super::*;

    #[test]
    fn every_part_of_a_problem_is_there() {
        let (diagnostics, sources) = samples();
        let parsed: Value = serde_json::from_str(&json(&diagnostics, &sources)).unwrap();
        assert_eq!(parsed[0]["place"]["start"], value!({ "line": 2, "column": 10 }));
        assert_eq!(parsed[0]["place"]["end"], value!({ "line": 2, "column": 14 }));
        assert_eq!(parsed[0]["labels"][0]["place"]["end"]["column"], 12);
        assert_eq!(parsed[0]["fixes"][0]["edits"][0]["text"], "name");
        assert_eq!(parsed[0]["fixes"][0]["applicability"], "safe");
        assert_eq!((&parsed[0]["name"], &parsed[0]["help"]), (&value!("unknown-key"), &value!("write `name`")));
        assert_eq!(parsed[1]["place"], value!({ "path": "gone.dsl" }));
    }
}
