//! No way out for a sensitive value: each fixture is one try.

use crate::support::{Findings, codes, line, load, root, shown, workspace};
use runi_lang::diagnostic::Severity;
use std::collections::BTreeSet;
use std::fs;

/// Where the tries stand in their feature.
const FEATURE: &str = "features/notes.dsl";

#[test]
fn each_leak_is_found_at_its_sink_with_the_way_it_took() {
    let mut findings = Findings::default();
    for entry in fs::read_dir(root().join("fixtures/leaks")).unwrap() {
        let dir = entry.unwrap().path();
        let name = dir.file_name().unwrap().to_str().unwrap().to_owned();
        let files = load(&dir.join("leak"));
        let feature = &files.iter().find(|file| file.path == FEATURE).unwrap().text;
        let wanted = feature.lines().next().unwrap().strip_prefix("# expect: ").unwrap().to_owned();
        let (_, report) = workspace(&files);
        if codes(&report, Severity::Warning) != BTreeSet::from([wanted.clone()]) {
            findings.add(format!("{name}: wants {wanted}\n{}", shown(&report)));
            continue;
        }
        let tag = if wanted == "E0502" { "@golden" } else { "@sink" };
        for diagnostic in report.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()) {
            let at = line(&report, diagnostic).and_then(|line| feature.lines().nth(line - 1)).unwrap_or_default();
            if diagnostic.place.path != FEATURE || !at.trim_start().starts_with(tag) {
                findings.add(format!("{name}: points at `{at}`"));
            }
            let way = diagnostic.notes.iter().any(|note| note.contains("Person.email → people.email") && note.contains(" → out/"));
            let begins = diagnostic.labels.iter().any(|label| label.place.path == "contracts/people.contract");
            if wanted == "E0501" && !(way && begins) {
                findings.add(format!("{name}: does not name the way: {:?} {:?}", diagnostic.notes, diagnostic.labels));
            }
        }
    }
    findings.settle();
}

#[test]
fn each_fixed_twin_compiles() {
    let mut findings = Findings::default();
    for entry in fs::read_dir(root().join("fixtures/leaks")).unwrap() {
        let dir = entry.unwrap().path();
        let (_, report) = workspace(&load(&dir.join("fixed")));
        if !codes(&report, Severity::Warning).is_empty() {
            findings.add(format!("{}:\n{}", dir.display(), shown(&report)));
        }
    }
    findings.settle();
}
