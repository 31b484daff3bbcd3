//! One renderer per format; each turns a [`Diff`] into text. The view for a terminal is drawn by the command line.

mod changelog;
mod github;
mod json;
mod markdown;
mod sarif;

pub use changelog::{UNRELEASED, changelog, insert_section};
pub use github::github;
pub use json::{SCHEMA as JSON_SCHEMA, json, json_value};
pub use markdown::{Failure, Markdown, markdown};
pub use sarif::sarif;

use super::change::Spot;
use super::finding::{Decision, Finding};
use super::report::Diff;
use crate::diagnostic::render::{LineIndex, Position};
use std::collections::BTreeMap;

/// A spot as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// Workspace-relative path.
    pub path: String,
    /// Where it begins.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
}

/// Which version a spot is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// The old one.
    Before,
    /// The new one.
    After,
}

/// Turns spots into lines and columns; the texts are indexed once each.
#[derive(Debug)]
pub struct Lines<'d> {
    before: BTreeMap<&'d str, LineIndex<'d>>,
    after: BTreeMap<&'d str, LineIndex<'d>>,
}

impl<'d> Lines<'d> {
    /// Indexes the texts that a diff names.
    #[must_use]
    pub fn new(diff: &'d Diff) -> Self {
        let index = |texts: &'d BTreeMap<String, std::sync::Arc<str>>| {
            texts.iter().map(|(path, text)| (path.as_str(), LineIndex::new(text))).collect::<BTreeMap<_, _>>()
        };
        Self { before: index(&diff.sources_before), after: index(&diff.sources_after) }
    }

    /// Where a spot of one version lies; `None` when its text is not known.
    #[must_use]
    pub fn locate(&self, spot: &Spot, version: Version) -> Option<Located> {
        let lines = match version {
            Version::Before => &self.before,
            Version::After => &self.after,
        };
        let index = lines.get(spot.path.as_str())?;
        Some(Located { path: spot.path.clone(), start: index.position(spot.range.start()), end: index.position(spot.range.end()) })
    }

    /// Where a finding is best shown: in the new version, else in the old one.
    #[must_use]
    pub fn of(&self, finding: &Finding) -> Option<(Located, Version)> {
        let after = finding.change.after.as_ref().and_then(|spot| Some((self.locate(spot, Version::After)?, Version::After)));
        after.or_else(|| finding.change.before.as_ref().and_then(|spot| Some((self.locate(spot, Version::Before)?, Version::Before))))
    }
}

/// Findings by what was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Denied.
    pub denied: usize,
    /// Warned.
    pub warned: usize,
    /// Accepted.
    pub accepted: usize,
    /// Allowed.
    pub allowed: usize,
    /// Files that could not be compared as a whole.
    pub uncompared: usize,
}

impl Tally {
    /// Counts a diff's findings, drift of sources among them.
    #[must_use]
    pub fn of(diff: &Diff) -> Self {
        let mut tally = Self { uncompared: diff.uncompared().len(), ..Self::default() };
        for decision in diff.decisions() {
            match decision {
                Decision::Denied => tally.denied += 1,
                Decision::Warned => tally.warned += 1,
                Decision::Accepted { .. } => tally.accepted += 1,
                Decision::Allowed => tally.allowed += 1,
            }
        }
        tally
    }
}

/// What a comparison came to, in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headline {
    /// `❌` when the command fails, `⚠️` when somebody has to look, else `✅`.
    pub mark: &'static str,
    /// `2 changes break somebody`.
    pub text: String,
}

/// The verdict. That nothing changed is said only where everything could be compared.
#[must_use]
pub fn headline(diff: &Diff) -> Headline {
    let tally = Tally::of(diff);
    let mut parts = Vec::new();
    match tally.denied {
        0 => {}
        1 => parts.push("1 change breaks somebody".to_owned()),
        denied => parts.push(format!("{denied} changes break somebody")),
    }
    if tally.uncompared > 0 {
        parts.push(format!("{} could not be compared", counted(tally.uncompared, "file")));
    }
    if tally.denied == 0 && tally.warned > 0 {
        parts.push(format!("{} to look at", counted(tally.warned, "change")));
    }
    let mark = match (diff.is_denied(), parts.is_empty()) {
        (true, _) => "❌",
        (false, false) => "⚠️",
        (false, true) => "✅",
    };
    let nothing = if diff.differs() { "nothing breaks" } else { "no contract or feature changes its meaning" };
    Headline { mark, text: if parts.is_empty() { nothing.to_owned() } else { parts.join(", and ") } }
}

/// `1 file`, `2 files`.
fn counted(number: usize, unit: &str) -> String {
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

/// The word for a decision.
#[must_use]
pub fn word(decision: &Decision) -> &'static str {
    match decision {
        Decision::Denied => "denied",
        Decision::Warned => "warned",
        Decision::Accepted { .. } => "accepted",
        Decision::Allowed => "allowed",
    }
}

/// `Contract.part`, or the item's name alone.
#[must_use]
pub fn subject(finding: &Finding) -> String {
    let change = &finding.change;
    match (change.part.is_empty(), change.item.kind) {
        (true, _) => change.item.name.clone(),
        (false, super::ItemKind::Contract) => format!("{}.{}", change.item.name, change.part),
        (false, _) => format!("{} › {}", change.item.name, change.part),
    }
}

/// What current data says, one phrase for each place: `0 of 1,200 current rows would newly break it (out/trades.parquet, statistics)`.
#[must_use]
pub fn evidence(finding: &Finding) -> Vec<String> {
    let phrase = |found: &super::Evidence| {
        let method = match found.method {
            super::Method::Statistics => "statistics",
            super::Method::Scan => "scan",
        };
        let already = match found.already {
            0 => String::new(),
            1 => ", 1 more is refused already".to_owned(),
            already => format!(", {} more are refused already", thousands(already)),
        };
        let (news, rows) = (thousands(found.violating), thousands(found.rows));
        let stops = found.stops.as_ref().map_or_else(String::new, |why| format!("; {why}"));
        format!("{news} of {rows} current rows would newly break it{already} ({}, {method}){stops}", found.location)
    };
    finding.evidence.iter().map(phrase).collect()
}

/// Where a sample stands: `data/orders.csv, row 17`. Rows are counted without a header.
#[must_use]
pub fn position(sample: &super::Sample) -> String {
    match sample.position.rsplit_once(':') {
        Some((file, row)) if row.bytes().all(|digit| digit.is_ascii_digit()) => format!("{file}, row {row}"),
        _ => sample.position.clone(),
    }
}

/// Scenarios of other workspaces before a line says how many more there are.
const SHOWN: usize = 5;

/// Who is reached in other workspaces, one phrase: ``reaches other workspaces: `Enrich trades` of `markets` ``; `None` when nobody is.
#[must_use]
pub fn reached_elsewhere(finding: &Finding) -> Option<String> {
    let hits = finding.impact.iter().filter_map(|hit| Some((hit.package.as_deref()?, hit.scenario.as_str())));
    let scenarios: std::collections::BTreeSet<(&str, &str)> = hits.collect();
    let shown: Vec<String> = scenarios.iter().take(SHOWN).map(|(package, scenario)| format!("`{scenario}` of `{package}`")).collect();
    let more = scenarios.len().checked_sub(SHOWN).filter(|more| *more > 0).map_or(String::new(), |more| format!(" and {more} more"));
    (!shown.is_empty()).then(|| format!("reaches other workspaces: {}{more}", shown.join(", ")))
}

/// `1,234,567`.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
