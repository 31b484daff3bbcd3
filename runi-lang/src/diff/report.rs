//! Everything that one comparison found.

use super::change::Item;
use super::finding::{Decision, Finding};
use super::rule::Bump;
use crate::diagnostic::Diagnostic;
use crate::model::Version;
use serde::Serialize;
use std::collections::BTreeMap;
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
    /// The bump that the findings demand together.
    pub bump: Bump,
    /// Every finding, the worst first.
    pub findings: Vec<Finding>,
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

    /// Whether anything is denied.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        self.findings().any(|finding| finding.decision == Decision::Denied)
    }

    /// Whether anything differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}
