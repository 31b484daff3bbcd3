//! A contract: what a dataset *is*.

use super::{Date, Duration, Field, Version};
use crate::schema::{Column, Schema};
use rowan::TextRange;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where the items of a file stand, by the paths that [`crate::diagnostic::ItemPath`] uses.
///
/// Keys of a contract file: `<Contract>` (its name), `<Contract>/field/<name>` (the field's name),
/// `<Contract>/field/<name>/type`, `<Contract>/field/<name>/@<tag>`, `<Contract>/@<tag>` (with `#2`, `#3` … for
/// repeated tags), `<Contract>/rule/<n>` (the title, or the expression), `<Contract>/rule/<n>/sql`.
/// Keys of a feature file: `Step/<name>` or `Step/<name>@<version>`, `Scenario/<name>`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spans(pub BTreeMap<String, TextRange>);

impl Spans {
    /// The range of an item.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<TextRange> {
        self.0.get(key).copied()
    }
}

/// Everything one `.contract` file says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContractFile {
    /// The contracts; one is usual.
    pub contracts: Vec<Contract>,
    /// Where their parts stand.
    pub spans: Spans,
}

/// A dataset's promise. Holds no offsets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// Unique in the workspace.
    pub name: String,
    /// The docstring.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub doc: String,
    /// `@version`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// `@owner`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
    /// `@classification`: public, internal, confidential or restricted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classification: Option<String>,
    /// `@compliance`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub compliance: Vec<String>,
    /// `@compatibility`.
    pub compatibility: Compatibility,
    /// The columns, in order.
    pub fields: Vec<Field>,
    /// `@key` and contract-level `@unique`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub keys: Vec<Key>,
    /// `@rule`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub rules: Vec<Rule>,
    /// `@references`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub references: Vec<Reference>,
    /// `@freshness`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freshness: Option<Freshness>,
    /// `@retention`: how long rows are kept. A promise to readers; no run deletes anything.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retention: Option<Duration>,
    /// `@deprecated(until=…)` of the contract as a whole.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub deprecated: Option<Option<Date>>,
    /// `@on_fail` of the contract: what happens to a row that breaks a rule which does not say otherwise.
    pub on_fail: OnFail,
    /// `@drift`.
    pub drift: DriftPolicy,
    /// `@renamed_from`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub renamed: Vec<Renamed>,
    /// `@reserved` names.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub reserved: Vec<String>,
    /// `@accept`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub accepted: Vec<Accept>,
}

/// Who answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Team or person.
    pub name: String,
    /// How to reach them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

/// Which side a change may break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compatibility {
    /// `consumer`, `producer`, `full` or `none`.
    pub mode: String,
    /// How far back.
    pub history: History,
}

impl Default for Compatibility {
    fn default() -> Self {
        Self { mode: "full".to_owned(), history: History::Last }
    }
}

/// How many earlier versions a change is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum History {
    /// The one before.
    Last,
    /// Every tagged one.
    Transitive,
    /// Every one since a git tag.
    Since(String),
}

/// What happens to a row that breaks a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnFail {
    /// Counted and kept.
    Warn,
    /// Set aside with its reasons; the run goes on.
    #[default]
    Quarantine,
    /// The run fails and writes no output.
    Fail,
}

/// What happens when a source's columns are not the contract's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftPolicy {
    /// A field that the source lacks: `fail` or `warn` (then it is null; a required one always fails).
    pub missing: OnFail,
    /// A column that the contract does not know: `fail` or `warn` (then it is left out).
    pub extra: OnFail,
    /// A typed source (Parquet, Arrow, Delta) whose column has another type: `fail` or `warn` (then it is cast).
    pub retyped: OnFail,
    /// The same columns in another order: `fail` or `warn` (columns are matched by name).
    pub reordered: OnFail,
}

impl Default for DriftPolicy {
    fn default() -> Self {
        Self { missing: OnFail::Fail, extra: OnFail::Warn, retyped: OnFail::Fail, reordered: OnFail::Warn }
    }
}

/// A tag that is there without an argument is written as `null`; read back, it must not become a tag that is not there.
pub(super) fn present<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Columns that no two rows of a source share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// The columns.
    pub columns: Vec<String>,
    /// Whether this is the primary key (`@key`: also not null) or a `@unique`.
    pub primary: bool,
    /// What happens to rows that share a key.
    pub duplicates: Duplicates,
    /// The rule's own policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_fail: Option<OnFail>,
}

/// Which of the rows that share a key are bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// All of them.
    #[default]
    RejectAll,
    /// All but the first by file and row.
    KeepFirst,
}

/// `@rule "title": expression` over the fields of one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The title, or the expression itself when there is none.
    pub title: String,
    /// SQL; false breaks the rule, null passes.
    pub sql: String,
    /// The rule's own policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_fail: Option<OnFail>,
}

/// `@references(column, Contract.column)`: each value must be in the valid rows of that contract's source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// Here.
    pub column: String,
    /// The other contract.
    pub contract: String,
    /// Its column.
    pub target: String,
    /// The rule's own policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_fail: Option<OnFail>,
}

/// `@freshness(15m, on=column)`: the newest value is at most this old when the run starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freshness {
    /// How old.
    pub within: Duration,
    /// A timestamp column.
    pub column: String,
}

/// `@renamed_from(old, to=new, until=date)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renamed {
    /// The earlier name: a source may still use it until the date.
    pub from: String,
    /// The field of today.
    pub to: String,
    /// Last day on which the old name is understood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

/// `@accept(RULE, on=field, until=date, because="…", by="@who")`: a deliberate break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accept {
    /// The compatibility rule, such as `F004`.
    pub rule: String,
    /// The field that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// Last day on which it holds.
    pub until: Date,
    /// Why.
    pub because: String,
    /// Who answers for it.
    pub by: String,
}

impl Contract {
    /// A contract that promises nothing yet.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            doc: String::new(),
            version: None,
            owner: None,
            classification: None,
            compliance: Vec::new(),
            compatibility: Compatibility::default(),
            fields: Vec::new(),
            keys: Vec::new(),
            rules: Vec::new(),
            references: Vec::new(),
            freshness: None,
            retention: None,
            deprecated: None,
            on_fail: OnFail::default(),
            drift: DriftPolicy::default(),
            renamed: Vec::new(),
            reserved: Vec::new(),
            accepted: Vec::new(),
        }
    }

    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The columns of rows that keep it, those of a required field without null.
    #[must_use]
    pub fn schema(&self) -> Schema {
        let column = |field: &Field| Column { name: field.name.clone(), ty: field.ty.clone(), nullable: !field.is_required() };
        Schema { columns: self.fields.iter().map(column).collect() }
    }

    /// A stable digest (`blake3:` and 64 hex digits) of everything that the contract promises.
    ///
    /// Covers the canonical JSON of this value, so layout, comments and tag order in the file do not change it; docstrings and descriptions do.
    #[must_use]
    pub fn hash(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        format!("blake3:{}", blake3::hash(&json).to_hex())
    }
}
