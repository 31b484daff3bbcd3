//! What a test run says.

use crate::diff::{Diff, Unreadable};
use serde::Serialize;
use std::fmt::Write;

/// Differences that are shown in full.
const SHOWN: usize = 10;

/// One test.
#[derive(Debug, Serialize)]
pub struct TestResult {
    /// `golden` or `example`.
    pub kind: &'static str,
    /// What it tests: a scenario's slug or a step's name, and the golden's file or the example's title.
    pub name: String,
    /// Where it was written, `path:line`.
    pub place: String,
    /// How it went.
    pub outcome: Outcome,
}

/// How a test went.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase", tag = "status")]
pub enum Outcome {
    /// As expected.
    Passed,
    /// The golden was rewritten.
    Updated,
    /// Something else came out.
    Failed {
        /// Sink → differences.
        differences: Vec<(String, Diff)>,
        /// Rows that the run set aside, where expected rows are not there: most often these.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        set_aside: Vec<SetAside>,
    },
    /// The run itself failed.
    Broken {
        /// Why.
        message: String,
    },
}

/// A row that the run of a test set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetAside {
    /// The source, step or sink whose rule was broken.
    pub stage: String,
    /// The source that the row came from, where rows are still kept apart.
    pub source: Option<String>,
    /// The row's number in that source, from 1.
    pub row: Option<u64>,
    /// The broken rules, such as `range:price`.
    pub rules: Vec<String>,
    /// What was found, one line per rule; never a sensitive value.
    pub errors: Vec<String>,
}

impl TestResult {
    /// Whether the test is fine.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        matches!(self.outcome, Outcome::Passed | Outcome::Updated)
    }

    /// For people: one line, and what differs.
    #[must_use]
    pub fn human(&self) -> String {
        let word = match self.outcome {
            Outcome::Passed => "ok",
            Outcome::Updated => "updated",
            Outcome::Failed { .. } => "FAILED",
            Outcome::Broken { .. } => "BROKEN",
        };
        let mut out = format!("{word:>8} {} {} ({})\n", self.kind, self.name, self.place);
        match &self.outcome {
            Outcome::Passed | Outcome::Updated => {}
            Outcome::Broken { message } => {
                let _ = writeln!(out, "         {message}");
            }
            Outcome::Failed { differences, set_aside } => {
                differences.iter().for_each(|(sink, diff)| show(&mut out, sink, diff));
                show_set_aside(&mut out, set_aside);
            }
        }
        out
    }
}

fn show(out: &mut String, sink: &str, diff: &Diff) {
    let _ = writeln!(out, "         {sink}:");
    for column in &diff.missing_columns {
        let _ = writeln!(out, "           column `{column}` is expected and does not come out");
    }
    for column in &diff.extra_columns {
        let _ = writeln!(out, "           column `{column}` comes out and is not in the golden");
    }
    for Unreadable { row, column, text, ty } in diff.unreadable.iter().take(SHOWN) {
        let _ = writeln!(out, "           row {row}, `{column}`: `{text}` is expected, and no {ty} is exactly that");
    }
    for change in diff.changed.iter().take(SHOWN) {
        let cells =
            diff.columns.iter().zip(change.expected.iter().zip(&change.actual)).filter(|(_, (expected, actual))| expected != actual);
        for (column, (expected, actual)) in cells {
            let _ = writeln!(out, "           row {}, `{column}`: expected {}, got {}", change.row, cell(expected), cell(actual));
        }
    }
    for (row, cells) in diff.missing.iter().take(SHOWN) {
        let _ = writeln!(out, "           - row {row}: {}", line(&diff.columns, cells));
    }
    for cells in diff.extra.iter().take(SHOWN) {
        let _ = writeln!(out, "           + {}", line(&diff.columns, cells));
    }
    let hidden = [diff.unreadable.len(), diff.changed.len(), diff.missing.len(), diff.extra.len()]
        .into_iter()
        .map(|count| count.saturating_sub(SHOWN))
        .sum::<usize>();
    if hidden > 0 {
        let _ = writeln!(out, "           … and {hidden} more");
    }
}

fn show_set_aside(out: &mut String, rows: &[SetAside]) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(out, "         set aside:");
    for row in rows.iter().take(SHOWN) {
        let place = match (&row.source, row.row) {
            (Some(source), Some(number)) => format!("row {number} of `{source}`"),
            _ => "a row".to_owned(),
        };
        let stage = if row.source.as_ref() == Some(&row.stage) { String::new() } else { format!(" at `{}`", row.stage) };
        let reasons = row.rules.iter().zip(&row.errors).map(|(rule, error)| format!("{rule} ({error})"));
        let _ = writeln!(out, "           {place}{stage}: {}", reasons.collect::<Vec<_>>().join(", "));
    }
    if rows.len() > SHOWN {
        let _ = writeln!(out, "           … and {} more", rows.len() - SHOWN);
    }
}

fn cell(cell: &Option<String>) -> String {
    cell.as_ref().map_or_else(|| "null".to_owned(), |text| format!("`{text}`"))
}

fn line(columns: &[String], cells: &[Option<String>]) -> String {
    columns.iter().zip(cells).map(|(column, value)| format!("{column}={}", cell(value))).collect::<Vec<_>>().join(", ")
}
