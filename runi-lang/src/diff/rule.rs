//! What a compatibility rule is. The rules themselves are data, in [`super::rules`].

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a change means on one axis.
///
/// *Consumer*: existing readers go on working on data that is made to the new contract. *Producer*: existing writers, and data
/// that is there already, satisfy the new contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing breaks.
    Compatible,
    /// May break somebody, which no rule can tell; a person has to look.
    Review,
    /// Safe only for readers that promote types by themselves (Avro's promotion, Parquet readers): breaking for all others.
    Widening,
    /// Breaks.
    Breaking,
    /// What is made, or what lies there, is not what was promised, and the promise is the same: nothing to agree on, something to repair.
    Drift,
}

impl Verdict {
    /// The word that reports use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Compatible => "compatible",
            Self::Review => "review",
            Self::Widening => "widening",
            Self::Breaking => "breaking",
            Self::Drift => "drift",
        }
    }

    /// Whether somebody breaks.
    #[must_use]
    pub fn breaks(self) -> bool {
        matches!(self, Self::Widening | Self::Breaking | Self::Drift)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The smallest version bump that a change demands, as semantic versioning has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bump {
    /// Nothing that a version speaks of.
    #[default]
    None,
    /// Everything else.
    Patch,
    /// Additions.
    Minor,
    /// Breaks.
    Major,
}

impl fmt::Display for Bump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        })
    }
}

/// What a rule does to the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Shown, decides nothing.
    Allow,
    /// Shown as a warning.
    Warn,
    /// Fails the command.
    Deny,
}

/// Which promise a rule speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// Fields, types, nullability, enums, defaults.
    Schema,
    /// Units, formats, meaning.
    Semantics,
    /// Constraints, keys, references, rules, thresholds.
    Quality,
    /// Sensitivity, masks, access, owners.
    Governance,
    /// Freshness, retention.
    Service,
    /// What steps compute.
    Logic,
    /// Where rows come from and go to.
    Delivery,
}

/// When a rule's break counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// When the contract's `@compatibility` mode protects an axis on which the verdict breaks.
    Compatibility,
    /// Always: it is a matter of policy, whatever the mode.
    Policy,
}

/// One case of a rule whose verdict depends on more than the kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// When: `the field has a default`.
    pub when: &'static str,
    /// For existing readers, then.
    pub consumer: Verdict,
    /// For existing writers and data, then.
    pub producer: Verdict,
}

/// One rule of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Stable: a letter for the family and three digits, `F002`. Never reused.
    pub id: &'static str,
    /// For people: `required-field-added`.
    pub name: &'static str,
    /// What it is about.
    pub group: Group,
    /// One line: what changed.
    pub summary: &'static str,
    /// Why it breaks or does not, for whom, and what to do instead; Markdown.
    pub explanation: &'static str,
    /// For existing readers.
    pub consumer: Verdict,
    /// For existing writers and data.
    pub producer: Verdict,
    /// Other verdicts that the comparison may give; empty when there is one only.
    pub cases: &'static [Case],
    /// What a version has to show for it.
    pub bump: Bump,
    /// Without a word in `Runi.toml`.
    pub level: Level,
    /// Whether the mode matters.
    pub scope: Scope,
    /// Who else grades it, and how: `buf FIELD_NO_DELETE`, `Avro`, …; empty when nobody does.
    pub sources: &'static str,
}
