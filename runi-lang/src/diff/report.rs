//! Everything that one comparison found.

use super::change::Item;
use super::finding::{Decision, Finding};
use super::rule::{Bump, Level, Rule};
use super::rules::P001;
use crate::diagnostic::{Diagnostic, Severity};
use crate::diagnostics::history::OLD_VERSION_BROKEN;
use crate::model::{Contract, Version};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One of the two sides, for people.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct SideInfo {
    /// What was asked for: `merge-base with main`, `v1.2.0`, `working copy`, `index`, a path.
    pub name: String,
    /// The commit, in full, when it is one.
    pub commit: Option<String>,
}

/// What happened to an item as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Only the new side has it.
    Added,
    /// Only the old side has it.
    Removed,
    /// Both have it and they differ.
    Changed,
    /// Only its file moved.
    Moved,
}

/// One contract, scenario or step that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemDiff {
    /// Which.
    pub item: Item,
    /// What happened.
    pub status: Status,
    /// Its file on the old side.
    pub path_before: Option<String>,
    /// Its file on the new side.
    pub path_after: Option<String>,
    /// A contract's version on the old side.
    pub version_before: Option<Version>,
    /// A contract's version on the new side.
    pub version_after: Option<Version>,
    /// The contract on the old side.
    pub contract_before: Option<Arc<Contract>>,
    /// The contract on the new side.
    pub contract_after: Option<Arc<Contract>>,
    /// The bump that the findings demand together.
    pub bump: Bump,
    /// Every finding, the worst first.
    pub findings: Vec<Finding>,
}

/// How a source's columns really differ from its contract: a finding of `P001` about data instead of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveDrift {
    /// The contract.
    pub contract: String,
    /// The scenario whose source it is.
    pub scenario: String,
    /// The source.
    pub source: String,
    /// Where the data lies.
    pub location: String,
    /// The file of the scenario.
    pub path: String,
    /// The line of the source, from 1.
    pub line: u32,
    /// Every difference, a phrase.
    pub differences: Vec<String>,
    /// Whether the contract's `@drift` policy lets all of them pass.
    pub allowed: bool,
    /// The level of the rule in this workspace.
    pub level: Level,
}

impl LiveDrift {
    /// The rule under which drift is reported.
    pub const RULE: &'static Rule = &P001;

    /// What is decided: what the contract lets pass stops nobody, the rest has the rule's level.
    #[must_use]
    pub fn decision(&self) -> Decision {
        match self.level {
            _ if self.allowed => Decision::Allowed,
            Level::Allow => Decision::Allowed,
            Level::Warn => Decision::Warned,
            Level::Deny => Decision::Denied,
        }
    }

    /// One sentence without a full stop.
    #[must_use]
    pub fn message(&self) -> String {
        let differences = self.differences.join("; ");
        format!("the source `{}` at `{}` is not what `{}` declares: {differences}", self.source, self.location, self.contract)
    }
}

/// The difference between two versions of a workspace.
#[derive(Debug, Clone, Default)]
pub struct Diff {
    /// The old side.
    pub base: SideInfo,
    /// The new side.
    pub head: SideInfo,
    /// What differs, contracts first, by name.
    pub items: Vec<ItemDiff>,
    /// Declared and actual columns, when the sources were asked.
    pub drift: Vec<LiveDrift>,
    /// What could not be asked, a sentence each: a source without data, an unreadable file.
    pub unasked: Vec<String>,
    /// What could not be compared because it does not compile, and warnings about the comparison itself.
    pub problems: Vec<Diagnostic>,
    /// The old texts of every file that a finding or a problem names.
    pub sources_before: BTreeMap<String, Arc<str>>,
    /// The new texts.
    pub sources_after: BTreeMap<String, Arc<str>>,
}

impl Diff {
    /// Every finding.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.items.iter().flat_map(|item| &item.findings)
    }

    /// What was decided of every finding and of all drift.
    pub fn decisions(&self) -> impl Iterator<Item = Decision> {
        self.findings().map(|finding| finding.decision.clone()).chain(self.drift.iter().map(LiveDrift::decision))
    }

    /// Whether the command fails: a change is denied, a source has drifted against its policy, or the new side does not compile.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        let broken = self.problems.iter().any(|problem| problem.severity == Severity::Error);
        broken || self.decisions().any(|decision| decision == Decision::Denied)
    }

    /// The files that could not be compared as a whole, because one of the versions has an error there.
    #[must_use]
    pub fn uncompared(&self) -> BTreeSet<&str> {
        let problems = self.problems.iter().filter(|problem| problem.is_error() || problem.code == OLD_VERSION_BROKEN.id);
        problems.map(|problem| problem.place.path.as_str()).collect()
    }

    /// Whether anything differs in its meaning; a file that only moved or was laid out anew does not.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.findings().next().is_some() || !self.drift.is_empty()
    }
}
