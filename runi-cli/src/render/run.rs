//! A finished run: every stage with its doors, every verdict, every output.

use crate::table::{self, count, counted, duration};
use runi_engine::record::{RunRecord, RunStatus, StageKind, StageRecord};
use runi_lang::model::OnFail;
use std::fmt::Write;

/// For people.
pub(crate) fn human(record: &RunRecord) -> String {
    let mut out = String::new();
    let word = match record.status {
        RunStatus::Succeeded => "\x1b[1;32msucceeded\x1b[0m",
        RunStatus::Failed => "\x1b[1;31mfailed\x1b[0m",
        RunStatus::Interrupted => "\x1b[1;33minterrupted\x1b[0m",
    };
    let _ = writeln!(out, "\x1b[1m{}\x1b[0m {word} in {}  (run {})", record.scenario, duration(record.duration_ms), record.run_id);
    for drift in &record.drift {
        let _ = writeln!(out, "  drift at `{}`: {}", drift.source, drift.message);
    }
    if !record.stages.is_empty() {
        let whole = record.error.is_none();
        let rows: Vec<Vec<String>> = record.stages.iter().map(|record| stage(record, whole)).collect();
        let text =
            table::render(&["stage", "in", "passed", "quarantined", "filtered", "doors"], &[false, true, true, true, true, false], &rows);
        text.lines().for_each(|line| {
            let _ = writeln!(out, "  {line}");
        });
    }
    let mut broken: Vec<(&StageRecord, &runi_engine::record::RuleCount)> =
        record.stages.iter().flat_map(|stage| stage.rules.iter().filter(|rule| rule.rows > 0).map(move |rule| (stage, rule))).collect();
    broken.sort_by_key(|(_, rule)| std::cmp::Reverse(rule.rows));
    if !broken.is_empty() {
        let _ = writeln!(out, "  rules that rows broke:");
        let rows: Vec<Vec<String>> = broken
            .iter()
            .map(|(stage, rule)| {
                let policy = match rule.on_fail {
                    OnFail::Warn => "warn",
                    OnFail::Quarantine => "quarantine",
                    OnFail::Fail => "fail",
                };
                vec![count(rule.rows), policy.to_owned(), stage.name.clone(), rule.title.clone()]
            })
            .collect();
        table::render(&["rows", "policy", "stage", "rule"], &[true], &rows).lines().for_each(|line| {
            let _ = writeln!(out, "    {line}");
        });
    }
    for verdict in &record.verdicts {
        let mark = match (verdict.holds, verdict.kind.as_str()) {
            (true, _) => "\x1b[32mok\x1b[0m  ",
            (false, "freshness") => "\x1b[33mWARN\x1b[0m",
            (false, _) => "\x1b[31mFAIL\x1b[0m",
        };
        let _ = writeln!(out, "  {mark} {}: {} ({})", verdict.kind, verdict.title, verdict.observed);
    }
    for output in &record.outputs {
        let _ = writeln!(out, "  wrote {}: {} ({})", output.path, counted(output.rows, "row"), bytes(output.bytes));
    }
    if record.status == RunStatus::Failed && record.error.is_none() {
        let _ = writeln!(out, "  outputs were not published: a threshold or an assertion does not hold; earlier outputs are as they were");
    }
    for alert in &record.alerts {
        match &alert.error {
            None => {
                let _ = writeln!(out, "  alert on {} sent to {}", alert.on, alert.target);
            }
            Some(error) => {
                let _ = writeln!(out, "  alert on {} could not be sent to {}: {error}", alert.on, alert.target);
            }
        }
    }
    out
}

/// `whole`: the run went to its end, so that every row had the time to leave.
fn stage(stage: &StageRecord, whole: bool) -> Vec<String> {
    let doors = match (stage.adds_up(), stage.kind) {
        (true, StageKind::Query) => "consumed",
        (true, _) => "add up",
        (false, _) if !whole => "stopped",
        (false, _) => "DO NOT ADD UP",
    };
    vec![
        stage.name.clone(),
        count(stage.rows_in),
        count(stage.passed),
        count(stage.quarantined),
        count(stage.filtered_rows()),
        doors.to_owned(),
    ]
}

/// `512 B`, `1.2 MB`.
pub(crate) fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    }
}
