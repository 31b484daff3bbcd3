//! Counted doors: what every stage counts while rows pass.

use crate::record::{ClauseCount, RuleCount, StageKind, StageRecord};
use runi_lang::model::OnFail;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// One stage's counters; shared by its workers.
#[derive(Debug)]
pub(crate) struct Meter {
    name: String,
    kind: StageKind,
    rows_in: AtomicU64,
    passed: AtomicU64,
    quarantined: AtomicU64,
    consumed: AtomicU64,
    busy_ns: AtomicU64,
    clauses: Vec<(String, AtomicU64)>,
    rules: Vec<RuleMeter>,
    malformed: AtomicU64,
    not_finite: AtomicU64,
}

/// The rule that every float is a number which JSON can write.
pub(crate) const NOT_FINITE: &str = "finite";

/// One rule's counter.
#[derive(Debug)]
struct RuleMeter {
    rule: String,
    title: String,
    on_fail: OnFail,
    rows: AtomicU64,
}

/// A rule that a meter counts: id, title and policy.
pub(crate) type RuleLabel = (String, String, OnFail);

impl Meter {
    /// All counters at zero.
    pub(crate) fn new(name: impl Into<String>, kind: StageKind, clauses: Vec<String>, rules: Vec<RuleLabel>) -> Self {
        Self {
            name: name.into(),
            kind,
            rows_in: AtomicU64::new(0),
            passed: AtomicU64::new(0),
            quarantined: AtomicU64::new(0),
            consumed: AtomicU64::new(0),
            busy_ns: AtomicU64::new(0),
            clauses: clauses.into_iter().map(|clause| (clause, AtomicU64::new(0))).collect(),
            malformed: AtomicU64::new(0),
            not_finite: AtomicU64::new(0),
            rules: rules.into_iter().map(|(rule, title, on_fail)| RuleMeter { rule, title, on_fail, rows: AtomicU64::new(0) }).collect(),
        }
    }

    /// The stage's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Rows came in.
    pub(crate) fn came_in(&self, rows: usize) {
        self.rows_in.fetch_add(rows as u64, Relaxed);
    }

    /// Rows went on.
    pub(crate) fn passed(&self, rows: usize) {
        self.passed.fetch_add(rows as u64, Relaxed);
    }

    /// Rows were set aside.
    pub(crate) fn quarantined(&self, rows: usize) {
        self.quarantined.fetch_add(rows as u64, Relaxed);
    }

    /// Rows came in and were consumed by a set-level step.
    pub(crate) fn consumed(&self, rows: usize) {
        self.came_in(rows);
        self.consumed.fetch_add(rows as u64, Relaxed);
    }

    /// A clause took rows out.
    pub(crate) fn filtered(&self, clause: usize, rows: u64) {
        if let Some((_, counter)) = self.clauses.get(clause) {
            counter.fetch_add(rows, Relaxed);
        }
    }

    /// Rows broke a rule.
    pub(crate) fn broke(&self, rule: usize, rows: u64) {
        if let Some(meter) = self.rules.get(rule) {
            meter.rows.fetch_add(rows, Relaxed);
        }
    }

    /// Records could not even be parsed.
    pub(crate) fn malformed(&self, rows: usize) {
        self.malformed.fetch_add(rows as u64, Relaxed);
    }

    /// Rows came in and were set aside, for floats that the sink's format cannot write.
    pub(crate) fn not_finite(&self, rows: usize) {
        self.came_in(rows);
        self.quarantined(rows);
        self.not_finite.fetch_add(rows as u64, Relaxed);
    }

    /// Rows that were read (at a source), that went on, and that were set aside.
    pub(crate) fn doors(&self) -> (u64, u64, u64) {
        (self.rows_in.load(Relaxed), self.passed.load(Relaxed), self.quarantined.load(Relaxed))
    }

    /// Runs `work` and adds its time.
    pub(crate) fn timed<T>(&self, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let value = work();
        self.busy(start.elapsed());
        value
    }

    /// Adds time.
    pub(crate) fn busy(&self, time: Duration) {
        self.busy_ns.fetch_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX), Relaxed);
    }

    /// The counters as they stand.
    pub(crate) fn record(&self) -> StageRecord {
        let load = |counter: &AtomicU64| counter.load(Relaxed);
        let mut rules: Vec<RuleCount> = self
            .rules
            .iter()
            .map(|rule| RuleCount { rule: rule.rule.clone(), title: rule.title.clone(), on_fail: rule.on_fail, rows: load(&rule.rows) })
            .collect();
        let malformed = load(&self.malformed);
        if malformed > 0 {
            let title = "the record can be parsed".to_owned();
            rules.push(RuleCount { rule: "malformed".to_owned(), title, on_fail: OnFail::Quarantine, rows: malformed });
        }
        let not_finite = load(&self.not_finite);
        if not_finite > 0 {
            let title = "every float is a number that JSON can write".to_owned();
            rules.push(RuleCount { rule: NOT_FINITE.to_owned(), title, on_fail: OnFail::Quarantine, rows: not_finite });
        }
        StageRecord {
            name: self.name.clone(),
            kind: self.kind,
            rows_in: load(&self.rows_in),
            passed: load(&self.passed),
            quarantined: load(&self.quarantined),
            filtered: self.clauses.iter().map(|(clause, rows)| ClauseCount { clause: clause.clone(), rows: load(rows) }).collect(),
            consumed: load(&self.consumed),
            rules,
            busy_ms: load(&self.busy_ns) / 1_000_000,
        }
    }
}
