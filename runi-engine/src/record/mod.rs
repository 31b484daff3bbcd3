//! Run records in a hash-chained log.
//!
//! `.runi/runs/log.jsonl` holds one line per run, and one more where alerts were sent. Each line carries the hash of the line before it
//! and its own, so that a changed, removed or reordered line shows ([`RunLog::verify`]). The chain is
//! tamper-*evident* only as far as its head is known elsewhere; it is no proof by itself.

mod log;

pub use log::{ChainProblem, Logged, RunLog};

use chrono::{DateTime, SecondsFormat, Utc};
use runi_lang::ir::SinkLineage;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    /// Every output was published.
    Succeeded,
    /// Nothing but the quarantine was published.
    Failed,
    /// Stopped by a signal, or killed and undone; nothing was published.
    Interrupted,
}

/// What a later command did about a publish that was cut short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Recovery {
    /// Every output is in its place now.
    Completed,
    /// A file of it had vanished; every output is as it was before the run.
    Undone,
}

/// How a run ended that was killed while it published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryRecord {
    /// What was done.
    pub outcome: Recovery,
    /// When: RFC 3339, UTC.
    pub at: String,
}

/// What happened in one run of one scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// UUID version 7: sorts by time.
    pub run_id: String,
    /// Version of the engine.
    pub engine: String,
    /// The feature's name.
    pub feature: String,
    /// The scenario's name.
    pub scenario: String,
    /// The scenario's slug.
    pub slug: String,
    /// The environment.
    pub environment: String,
    /// How it ended.
    pub status: RunStatus,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<RunError>,
    /// RFC 3339, UTC.
    pub started_at: String,
    /// RFC 3339, UTC.
    pub finished_at: String,
    /// Wall time.
    pub duration_ms: u64,
    /// Every stage with its doors.
    pub stages: Vec<StageRecord>,
    /// Differences between sources and their contracts.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub drift: Vec<DriftRecord>,
    /// Thresholds, assertions and freshness.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub verdicts: Vec<VerdictRecord>,
    /// Alerts that were sent.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub alerts: Vec<AlertRecord>,
    /// Contract name → digest.
    pub contracts: BTreeMap<String, String>,
    /// Where each output column comes from.
    pub lineage: Vec<SinkLineage>,
    /// What was read.
    pub inputs: Vec<FileRecord>,
    /// What was written.
    pub outputs: Vec<FileRecord>,
    /// The run was killed while it published; this record was made by the command that found it so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub recovered: Option<RecoveryRecord>,
}

/// Why a run failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunError {
    /// A stable code.
    pub code: String,
    /// What happened.
    pub message: String,
}

/// The kind of a stage decides how its doors add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StageKind {
    /// Reads and checks a source.
    Source,
    /// A row-level step.
    Rows,
    /// A set-level step: consumes rows, gives others.
    Query,
    /// Promises over a set-level step's output, or `Then`-line checks.
    Then,
    /// A contract between steps.
    Contract,
    /// A sink's contract and masks.
    Sink,
}

/// One stage's doors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageRecord {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: StageKind,
    /// Rows that came in.
    #[serde(rename = "in")]
    pub rows_in: u64,
    /// Rows that went on.
    pub passed: u64,
    /// Rows that were set aside.
    pub quarantined: u64,
    /// Rows that a clause took out.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub filtered: Vec<ClauseCount>,
    /// Rows that a set-level step consumed.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub consumed: u64,
    /// How often each rule was broken (warnings included).
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub rules: Vec<RuleCount>,
    /// CPU time spent in this stage, over all workers; 0 where it cannot be told apart.
    pub busy_ms: u64,
}

fn is_zero(value: &u64) -> bool {
    *value == 0
}

/// Rows that one clause filtered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClauseCount {
    /// The clause.
    pub clause: String,
    /// How many rows.
    pub rows: u64,
}

/// Rows that broke one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleCount {
    /// The rule's id.
    pub rule: String,
    /// What it says.
    pub title: String,
    /// What breaking it does.
    pub on_fail: runi_lang::model::OnFail,
    /// How many rows.
    pub rows: u64,
}

/// One difference between a source and its contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftRecord {
    /// The source.
    pub source: String,
    /// A sentence.
    pub message: String,
}

/// One threshold or assertion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictRecord {
    /// `quality`, `assert` or `freshness`.
    pub kind: String,
    /// What is asked.
    pub title: String,
    /// Whether it holds.
    pub holds: bool,
    /// What was observed.
    pub observed: String,
}

/// One alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertRecord {
    /// What set it off.
    pub on: String,
    /// A file or an address without its query.
    pub target: String,
    /// Why it could not be delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// One file or table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// The source or sink.
    pub name: String,
    /// Its path.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// `blake3:` and 64 hex digits.
    pub digest: String,
    /// Rows or records in it.
    pub rows: u64,
}

/// An instant as records have it.
pub(crate) fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

impl RunRecord {
    /// Whether a threshold or an assertion does not hold. Freshness is told, it fails nothing.
    #[must_use]
    pub fn misses(&self) -> bool {
        self.verdicts.iter().any(|verdict| !verdict.holds && verdict.kind != "freshness")
    }
}

impl StageRecord {
    /// Rows that every clause filtered.
    #[must_use]
    pub fn filtered_rows(&self) -> u64 {
        self.filtered.iter().map(|clause| clause.rows).sum()
    }

    /// Whether every row that came in left through exactly one door.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        match self.kind {
            StageKind::Query => self.consumed == self.rows_in,
            _ => self.passed + self.quarantined + self.filtered_rows() == self.rows_in,
        }
    }
}
