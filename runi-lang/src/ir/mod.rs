//! The pipeline IR: one checked scenario in one environment, as the engine runs it.
//!
//! Everything is resolved: names are node ids, reusable steps are unfolded with their bindings,
//! contracts are attached, masks are chosen. The engine needs no file but the data.

mod connector;

pub use connector::{Compression, Connector, Form};

use crate::model::{Contract, Mask, OnFail, Percent};
use crate::schema::Schema;
use crate::sql::{Bindings, Certainty, ColumnRef, Influence};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Where something was written, for run-time messages.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Origin {
    /// Workspace-relative path.
    pub path: String,
    /// Byte offset of the start.
    pub offset: u32,
    /// Line, from 1.
    pub line: u32,
}

/// Index into [`Pipeline::nodes`]. A node's inputs have smaller ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(pub u32);

impl NodeId {
    /// As an index.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A scenario, ready to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pipeline {
    /// The feature's name.
    pub feature: String,
    /// The scenario's name.
    pub scenario: String,
    /// `slug(scenario)`: lower case, words joined by `-`; names files and selectors.
    pub slug: String,
    /// Where it was written.
    pub origin: Origin,
    /// `@module(layer=)`.
    pub layer: Option<String>,
    /// `@module(domain=)`.
    pub domain: Option<String>,
    /// `@herd`.
    pub herd: Option<String>,
    /// Other tags.
    pub labels: Vec<String>,
    /// The environment that this was made for.
    pub environment: String,
    /// Sources and steps in topological order.
    pub nodes: Vec<Node>,
    /// Where rows go.
    pub sinks: Vec<SinkNode>,
    /// Checks of `Then` lines. They hold on the rows that reach the sinks of their node; a row that is not true is quarantined
    /// at stage `then`, null passes.
    pub checks: Vec<CheckNode>,
    /// Thresholds.
    pub quality: Vec<QualityNode>,
    /// Assertions over counts.
    pub asserts: Vec<AssertNode>,
    /// Alerts, with targets resolved.
    pub alerts: Vec<AlertNode>,
    /// Goldens.
    pub goldens: Vec<GoldenNode>,
    /// The key of keyed masks: a secret reference, `None` when no mask needs one.
    pub mask_key: Option<String>,
    /// Whether the herd lets raw rows into the quarantine.
    pub raw_quarantine: bool,
    /// Where each sink's columns come from.
    pub lineage: Vec<SinkLineage>,
}

impl Pipeline {
    /// A pipeline without a feature, in which nothing happens yet.
    #[must_use]
    pub fn new(scenario: impl Into<String>, origin: Origin, environment: impl Into<String>) -> Self {
        Self {
            feature: String::new(),
            scenario: scenario.into(),
            slug: String::new(),
            origin,
            layer: None,
            domain: None,
            herd: None,
            labels: Vec::new(),
            environment: environment.into(),
            nodes: Vec::new(),
            sinks: Vec::new(),
            checks: Vec::new(),
            quality: Vec::new(),
            asserts: Vec::new(),
            alerts: Vec::new(),
            goldens: Vec::new(),
            mask_key: None,
            raw_quarantine: false,
            lineage: Vec::new(),
        }
    }
}

/// A view: a source or a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Its index.
    pub id: NodeId,
    /// Its name as a view; unique.
    pub name: String,
    /// What leaves it.
    pub schema: Schema,
    /// What it does.
    pub kind: NodeKind,
    /// A contract that its output rows must keep (`@contract` on a step; for a source see [`SourceNode::contract`]).
    pub contract: Option<Arc<ContractBinding>>,
    /// Columns of the output that must not be shown as they are: the quarantine masks these cells.
    pub sensitive: Vec<String>,
    /// Where it was written.
    pub origin: Origin,
}

/// A contract and its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractBinding {
    /// What it says.
    pub contract: Contract,
    /// [`Contract::hash`], computed once.
    pub hash: String,
}

/// What a node does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// Reads.
    Source(SourceNode),
    /// Row by row.
    Rows(RowsNode),
    /// `select`.
    Query(QueryNode),
}

/// A source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceNode {
    /// How to read it.
    pub connector: Connector,
    /// What each row must be. Without one the schema is the file's own (CSV: all text).
    pub contract: Option<Arc<ContractBinding>>,
}

/// A row-level step, unfolded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowsNode {
    /// What it reads.
    pub input: NodeId,
    /// The reusable step that it came from, `Name@version`.
    pub uses: Option<String>,
    /// Parameters.
    pub bindings: Bindings,
    /// Guards; a row is chosen when all are true (null does not choose).
    pub when: Vec<Condition>,
    /// Actions, in order.
    pub actions: Vec<RowAction>,
    /// Promises over the chosen rows that are still there; false fails, null passes.
    pub then: Vec<Condition>,
    /// What a failed promise or a failed evaluation does to its row.
    pub on_fail: OnFail,
}

/// A titled condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// The title, or the expression.
    pub title: String,
    /// SQL over the node's columns at that point.
    pub sql: String,
}

/// What happens to chosen rows. Targets are resolved column names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowAction {
    /// Simultaneous assignments: `(column, sql)`. A new column goes to the end.
    Assign(Vec<(String, String)>),
    /// `(old, new)`.
    Rename(Vec<(String, String)>),
    /// These columns go.
    DropColumns(Vec<String>),
    /// Only these stay, in this order.
    KeepColumns(Vec<String>),
    /// Chosen rows for which this is true go (counted as filtered by this clause).
    DropWhere(String),
    /// Chosen rows for which this is not true go (counted as filtered by this clause).
    KeepWhere(String),
}

/// A set-level step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryNode {
    /// `select …`.
    pub sql: String,
    /// The reusable step that it came from, `Name@version`.
    pub uses: Option<String>,
    /// Parameters.
    pub bindings: Bindings,
    /// The views that it may name and really reads: `(name in the SQL, node)`. `input` is among them when it is read.
    pub views: Vec<(String, NodeId)>,
    /// Promises over output rows.
    pub then: Vec<Condition>,
    /// What a failed promise does to its row.
    pub on_fail: OnFail,
}

/// A sink.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SinkNode {
    /// Unique in the scenario: `name=`, else the contract's name in snake case, else the path's stem; `#2` for repeats.
    pub name: String,
    /// What it reads. For the quarantine this is ignored: it takes every stage's bad rows.
    pub input: NodeId,
    /// Which rows.
    pub route: Route,
    /// How to write. The compression `auto` follows the path's extension.
    pub connector: Connector,
    /// `mode=overwrite` (default) or `append` (Delta only).
    pub append: bool,
    /// What each row must be.
    pub contract: Option<Arc<ContractBinding>>,
    /// The columns that are written, in order (the contract's fields, or the input's columns).
    pub columns: Vec<SinkColumn>,
    /// Where it was written.
    pub origin: Origin,
}

/// One written column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SinkColumn {
    /// Its name, in and out.
    pub name: String,
    /// Its type in the output.
    #[serde(rename = "type")]
    pub ty: crate::types::DataType,
    /// Whether it may be null.
    pub nullable: bool,
    /// The mask that is applied after validation of the unmasked row.
    pub mask: Option<Mask>,
}

/// Which rows a sink gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// Every valid row.
    All,
    /// First match wins among the `When` sinks of one input, in order.
    When(String),
    /// What no `When` took.
    Otherwise,
    /// The quarantine.
    Invalid,
}

/// A check of a `Then` line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckNode {
    /// The node whose rows it speaks of.
    pub input: NodeId,
    /// What is promised.
    pub condition: Condition,
    /// Where it was written.
    pub origin: Origin,
}

/// A threshold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QualityNode {
    /// The source; `None` means each of them.
    pub of: Option<NodeId>,
    /// Highest share of quarantined rows, over all stages that its rows pass row by row.
    pub max_invalid: Option<Percent>,
    /// Lowest number of valid rows.
    pub min_rows: Option<u64>,
    /// Where it was written.
    pub origin: Origin,
}

/// An assertion over counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssertNode {
    /// Title and expression.
    pub condition: Condition,
    /// Where it was written.
    pub origin: Origin,
}

/// An alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertNode {
    /// `quality`, `assert`, `invalid`, `drift`, `failure` or `any`.
    pub on: String,
    /// A path (JSON lines are appended) or an http(s) address (JSON is posted).
    pub target: String,
    /// Where it was written.
    pub origin: Origin,
}

/// A golden test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoldenNode {
    /// Rows for each source, by view name; a source without one reads what it always reads.
    pub inputs: Vec<(String, String)>,
    /// The file of expected rows.
    pub output: String,
    /// The sink's name, or `invalid`.
    pub sink: String,
    /// Where it was written.
    pub origin: Origin,
}

/// Lineage of one sink.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SinkLineage {
    /// The sink.
    pub sink: String,
    /// Its columns.
    pub columns: Vec<ColumnLineage>,
}

/// Lineage of one column, back to the sources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnLineage {
    /// The column.
    pub column: String,
    /// Source columns and how they matter.
    pub from: Vec<(ColumnRef, Influence)>,
    /// How sure that is.
    pub certainty: Certainty,
    /// The mask at the sink.
    pub mask: Option<Mask>,
}
