//! Every code has a page, and every page shows what it speaks of.

use crate::support::{Findings, Section, codes, root, sections, shown, workspace};
use runi_lang::diagnostic::Severity;
use runi_lang::diagnostics;
use std::collections::BTreeSet;
use std::fs;

/// Codes that no workspace in memory can show, and why.
const UNSHOWN: &[(&str, &str)] = &[
    ("E0001", "a page is UTF-8, so it cannot hold bytes that are not"),
    ("E0002", "a page holds no zero bytes"),
    ("E0003", "a page is smaller than the limit"),
    ("E0004", "fifty problems of other codes come with it"),
    ("E0609", "the default environment needs no secret"),
    ("E0610", "files in memory can always be read"),
];

/// Whether no workspace can show it: an engine says it while a pipeline runs, a comparison while it reads history and judges, or an import
/// while it reads a file of another format.
fn is_run_time(code: &str) -> bool {
    code.get(1..3).is_some_and(|group| ["08", "09", "10"].contains(&group))
}

fn part<'s>(page: &'s [Section], title: &str) -> Option<&'s Section> {
    page.iter().find(|section| section.title == title)
}

#[test]
fn every_code_has_its_page_and_every_page_its_code() {
    let ids: BTreeSet<String> = diagnostics::all().map(|code| format!("{}.md", code.id)).collect();
    let pages: BTreeSet<String> =
        fs::read_dir(root().join("docs/errors")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(pages, ids);
    for code in diagnostics::all() {
        let (title, rest) = code.page.split_once('\n').unwrap();
        let words =
            title.strip_prefix(&format!("# {}: ", code.id)).unwrap_or_else(|| panic!("the page of {} begins with `{title}`", code.id));
        assert!(!words.is_empty() && !words.ends_with('.'), "{title}");
        let about = rest.trim_start().lines().next().unwrap_or_default();
        assert!(about.split_whitespace().count() > 15, "the page of {} explains too little: {about}", code.id);
    }
}

#[test]
fn every_page_shows_its_problem_and_the_way_out() {
    let mut findings = Findings::default();
    for code in diagnostics::all() {
        let page = sections(&fs::read_to_string(root().join(format!("docs/errors/{}.md", code.id))).unwrap());
        let unshown = is_run_time(code.id) || UNSHOWN.iter().any(|(id, _)| *id == code.id);
        let (wrong, right) = match (part(&page, "Wrong"), part(&page, "Right")) {
            (Some(wrong), Some(right)) if !unshown => (wrong, right),
            (None, None) if unshown => continue,
            _ => {
                findings.add(format!("{}: has the parts `Wrong` and `Right` where it can be shown, and only there", code.id));
                continue;
            }
        };
        let (_, report) = workspace(&wrong.fences);
        if codes(&report, Severity::Note) != BTreeSet::from([code.id.to_owned()]) {
            findings.add(format!("{}, wrong:\n{}", code.id, shown(&report)));
        }
        let (_, report) = workspace(&right.fences);
        if !report.diagnostics.is_empty() {
            findings.add(format!("{}, right:\n{}", code.id, shown(&report)));
        }
    }
    findings.settle();
}

#[test]
fn the_exceptions_are_codes() {
    for (id, reason) in UNSHOWN {
        assert!(diagnostics::find(id).is_some(), "{id} ({reason}) is no code any more");
    }
}
