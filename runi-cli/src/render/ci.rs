//! What `runi ci` says: a few lines at the top of the comment, annotations for failed tests.

use crate::error::CommandError;
use crate::session;
use crate::table::counted;
use runi_lang::diagnostic::render::{LineIndex, github_data, github_property};
use runi_lang::diagnostic::{At, Diagnostic};
use runi_lang::diff::Diff;
use runi_lang::diff::render::{Failure, Tally};
use runi_lang::workspace::Report;
use runi_test::report::TestResult;
use std::fmt::Write as _;

/// Three lines: check, test, diff.
pub(crate) fn summary(report: &Report, tests: &[TestResult], diff: Option<&Diff>, unable: Option<&CommandError>) -> String {
    let mut out = format!("check: {}\n", session::problems(report));
    let failed = tests.iter().filter(|test| !test.is_ok()).count();
    if report.has_errors() {
        out.push_str("test: not run\n");
    } else {
        let _ = writeln!(out, "test: {} passed, {failed} failed", tests.len() - failed);
    }
    match (diff, unable) {
        (Some(diff), _) => {
            let tally = Tally::of(diff);
            let _ = write!(
                out,
                "diff: {} denied, {} to review, {} accepted, {} compatible",
                tally.denied, tally.warned, tally.accepted, tally.allowed
            );
            if tally.uncompared > 0 {
                let _ = write!(out, ", {} not compared", counted(tally.uncompared as u64, "file"));
            }
        }
        (None, Some(error)) => {
            let _ = write!(out, "diff: not possible, {}", error.message);
        }
        (None, None) => out.push_str("diff: not run"),
    }
    out
}

/// What failed besides the comparison, for the first line of the comment and for a list of its own.
pub(crate) fn failures(report: &Report, tests: &[TestResult]) -> Vec<Failure> {
    let mut failures = Vec::new();
    let errors: Vec<(String, String)> = report
        .diagnostics
        .iter()
        .filter(|problem| problem.is_error())
        .map(|problem| (format!("{} {}", problem.code, place(report, problem)), problem.message.clone()))
        .collect();
    if !errors.is_empty() {
        failures.push(Failure { headline: format!("check failed: {}", counted(errors.len() as u64, "error")), items: errors });
    }
    let failed: Vec<(String, String)> =
        tests.iter().filter(|test| !test.is_ok()).map(|test| (test.place.clone(), format!("{} {} failed", test.kind, test.name))).collect();
    if !failed.is_empty() {
        failures.push(Failure { headline: format!("{} failed", counted(failed.len() as u64, "test")), items: failed });
    }
    failures
}

/// `path:line` of a problem; the path alone where it is about a whole file.
fn place(report: &Report, problem: &Diagnostic) -> String {
    let path = &problem.place.path;
    match (&problem.place.at, report.sources.get(path)) {
        (At::Range(range), Some(text)) => format!("{path}:{}", LineIndex::new(text).position(range.start()).line),
        _ => path.clone(),
    }
}

/// The comparison's comment with the summary under its heading.
pub(crate) fn comment(comparison: &str, summary: &str) -> String {
    let lines = summary.replace(['<', '>', '`', '@'], " ").lines().map(|line| format!("- {line}\n")).collect::<String>();
    // After the anchor and the heading.
    let mut parts = comparison.splitn(3, '\n');
    let (anchor, heading, rest) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    format!("{anchor}\n{heading}\n\n{lines}{rest}")
}

/// A GitHub annotation for each failed test; `prefix` is the workspace's directory in its repository.
pub(crate) fn annotations(tests: &[TestResult], prefix: &str) -> String {
    let mut out = String::new();
    for test in tests.iter().filter(|test| !test.is_ok()) {
        let (file, line) = test.place.rsplit_once(':').unwrap_or((&test.place, "1"));
        let message = github_data(test.human().trim());
        let _ = writeln!(
            out,
            "::error file={},line={line},title={}::{message}",
            github_property(&format!("{prefix}{file}")),
            github_property(&format!("{} {}", test.kind, test.name))
        );
    }
    out
}
