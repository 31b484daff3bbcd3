//! What `runi ci` says: a few lines at the top of the comment, annotations for failed tests.

use crate::error::CommandError;
use crate::session;
use runi_lang::diagnostic::render::{github_data, github_property};
use runi_lang::diff::Diff;
use runi_lang::diff::render::Tally;
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
        }
        (None, Some(error)) => {
            let _ = write!(out, "diff: not possible, {}", error.message);
        }
        (None, None) => out.push_str("diff: not run"),
    }
    out
}

/// Failures that the comment names before it says how many more there are.
const NAMED: usize = 10;

/// What fails besides the comparison, a line each: errors of the check with their places, tests with their names.
pub(crate) fn failures(report: &Report, tests: &[TestResult]) -> Vec<String> {
    let errors = report.diagnostics.iter().filter(|diagnostic| diagnostic.is_error());
    let errors = errors.map(|error| format!("{} in {}: {}", error.code, error.place.path, error.message));
    let failed = tests.iter().filter(|test| !test.is_ok()).map(|test| format!("{} {} ({})", test.kind, test.name, test.place));
    errors.chain(failed).collect()
}

/// The comparison's comment with the summary under its heading. What fails besides the comparison is named, and the heading says so.
pub(crate) fn comment(comparison: &str, summary: &str, failures: &[String]) -> String {
    let plain = |text: &str| text.replace(['<', '>', '`', '@', '\n'], " ");
    let mut lines: String = summary.lines().map(|line| format!("- {}\n", plain(line))).collect();
    for failure in failures.iter().take(NAMED) {
        let _ = writeln!(lines, "  - {}", plain(failure));
    }
    if failures.len() > NAMED {
        let _ = writeln!(lines, "  - and {} more", failures.len() - NAMED);
    }
    // After the anchor and the heading.
    let mut parts = comparison.splitn(3, '\n');
    let (anchor, heading, rest) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let heading = match (failures.is_empty(), heading.split_once("❌ ")) {
        (true, _) => heading.to_owned(),
        (false, Some((_, denied))) => format!("### Runi: ❌ the check or a test fails, and {denied}"),
        (false, None) => "### Runi: ❌ the check or a test fails".to_owned(),
    };
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
