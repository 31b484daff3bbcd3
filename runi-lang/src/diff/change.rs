//! What differs between two versions, before anybody judges it.

use super::rule::{Rule, Verdict};
use crate::diagnostic::TextRange;
use crate::types::DataType;
use serde::Serialize;

/// What kind of item a change is about, in the order of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ItemKind {
    /// The workspace itself: what `Runi.toml` says of comparisons.
    Workspace,
    /// `Contract:`.
    Contract,
    /// `Scenario:`.
    Scenario,
    /// A reusable `Step:`.
    Step,
}

/// The item that changed, by name: files may move.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Item {
    /// Its kind.
    pub kind: ItemKind,
    /// Its name (a step's with `@version`).
    pub name: String,
}

/// Where something stands in one of the two versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// Workspace-relative path with `/`.
    pub path: String,
    /// The bytes.
    pub range: TextRange,
}

/// What current data could say about a change.
///
/// Columns are those of the *old* contract, which is what lies on the disk. A question counts the rows that break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Question {
    /// How many rows are null here?
    Nulls {
        /// The column.
        column: String,
    },
    /// How many values do not fit the new type?
    Unfit {
        /// The column.
        column: String,
        /// The type that they must fit.
        #[serde(rename = "type")]
        ty: DataType,
    },
    /// How many rows break one of the contract's new rules, which are named as the quarantine names them?
    Broken {
        /// Names of the rules, such as `range` on `price`.
        rules: Vec<RuleName>,
    },
    /// How many rows share a key, by the new contract's names, with another row, or lack a part of it?
    Key {
        /// The columns.
        columns: Vec<String>,
    },
    /// How many rows share these columns with another row?
    Duplicates {
        /// The columns.
        columns: Vec<String>,
    },
}

/// A rule of a contract as the quarantine names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct RuleName {
    /// The field; empty for rules of the whole row.
    pub field: String,
    /// `range`, `matches`, `rule`, …; for a rule of the row its title.
    pub rule: String,
}

/// One difference that a rule knows.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The rule.
    pub rule: &'static Rule,
    /// What changed.
    pub item: Item,
    /// The part of it: a field (`price`, `legs.id`), a step, a sink; empty for the item as a whole.
    pub part: String,
    /// One sentence without a full stop that names both values: "`price` is now `int32`, was `int64`".
    pub message: String,
    /// The verdict here, when the rule's own depends on the case.
    pub consumer: Verdict,
    /// As `consumer`, for the other axis.
    pub producer: Verdict,
    /// Where it stood.
    pub before: Option<Spot>,
    /// Where it stands.
    pub after: Option<Spot>,
    /// What data could say.
    pub question: Option<Question>,
    /// Columns of the item whose readers are hit; empty when it is about all of them, or about none.
    pub columns: Vec<String>,
}

impl Change {
    /// A change with the rule's own verdicts and no places.
    #[must_use]
    pub fn new(rule: &'static Rule, item: &Item, part: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            rule,
            item: item.clone(),
            part: part.into(),
            message: message.into(),
            consumer: rule.consumer,
            producer: rule.producer,
            before: None,
            after: None,
            question: None,
            columns: Vec::new(),
        }
    }
}
