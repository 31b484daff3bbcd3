//! What the checks take from the rest of the workspace, and what they give back.

use crate::diagnostic::{Diagnostic, Place};
use crate::ir::{ContractBinding, Form};
use crate::model::{Action, OnFail, ParamType, StepDef};
use crate::types::DataType;
use crate::workspace::{Environment, Herd};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Everything that a check may know of other files. Answers hold no bodies and no offsets, except [`Lookup::step_body`].
pub trait Lookup {
    /// The contract of this name.
    fn contract(&self, name: &str) -> Option<ContractEntry>;
    /// Every contract's name, for "did you mean".
    fn contract_names(&self) -> Vec<String>;
    /// Every reusable step of this name, in all domains, versions and files.
    fn steps(&self, name: &str) -> Vec<Arc<StepEntry>>;
    /// Every reusable step's name, for "did you mean".
    fn step_names(&self) -> Vec<String>;
    /// The definition behind a key. Only [`super::build_pipelines`] asks.
    fn step_body(&self, key: &StepKey) -> Option<Arc<StepDef>>;
    /// The chosen environment.
    fn environment(&self) -> &Environment;
    /// The herd of this name.
    fn herd(&self, name: &str) -> Option<Arc<Herd>>;
    /// Every herd's name, for "did you mean".
    fn herd_names(&self) -> Vec<String>;
}

/// A contract and the file that says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractEntry {
    /// The contract and its digest.
    pub binding: Arc<ContractBinding>,
    /// Workspace-relative path.
    pub path: Arc<str>,
}

/// Which reusable step.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StepKey {
    /// `@module(domain=)`.
    pub domain: Option<String>,
    /// Its name.
    pub name: String,
    /// `@2`.
    pub version: Option<u32>,
    /// The file that defines it.
    pub path: Arc<str>,
}

impl StepKey {
    /// `Name` or `Name@2`.
    #[must_use]
    pub fn display(&self) -> String {
        match self.version {
            Some(version) => format!("{}@{version}", self.name),
            None => self.name.clone(),
        }
    }
}

/// A parameter of a signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParamSig {
    /// Without `$`.
    pub name: String,
    /// What it stands for.
    pub ty: ParamType,
    /// `= value`, as text.
    pub default: Option<String>,
}

/// What kind of step a signature is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepShape {
    /// Row by row: the columns of the input stay, `gives` are added.
    Rows,
    /// A `select`: `gives` is the whole output.
    Set,
}

/// The signature of a reusable step: all that another file's check may depend on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepEntry {
    /// Which step.
    pub key: StepKey,
    /// Its parameters.
    pub params: Vec<ParamSig>,
    /// The columns that it reads besides its column parameters.
    pub needs: Vec<(String, DataType)>,
    /// The columns that it adds, or for a set-level step its whole output. They may be null.
    pub gives: Vec<(String, DataType)>,
    /// Row-level or set-level.
    pub shape: StepShape,
    /// What a broken promise does to its row, unless the use says otherwise.
    pub on_fail: OnFail,
}

/// The signature of a step that `path` defines.
#[must_use]
pub fn step_entry(path: &str, def: &StepDef) -> StepEntry {
    let set = def.body.actions.iter().any(|block| matches!(block.action, Action::Query(_)));
    let columns = |list: &[(crate::model::Spanned<String>, crate::model::Spanned<DataType>)]| {
        list.iter().map(|(name, ty)| (name.value.clone(), ty.value.clone())).collect()
    };
    StepEntry {
        key: StepKey {
            domain: def.module.domain.as_ref().map(|domain| domain.value.clone()),
            name: def.name.value.clone(),
            version: def.version.as_ref().map(|version| version.value),
            path: path.into(),
        },
        params: def
            .params
            .iter()
            .map(|param| ParamSig {
                name: param.name.value.clone(),
                ty: param.ty.value.clone(),
                default: param.default.as_ref().map(|default| default.value.clone()),
            })
            .collect(),
        needs: columns(&def.needs),
        gives: columns(&def.gives),
        shape: if set { StepShape::Set } else { StepShape::Rows },
        on_fail: def.on_fail.as_ref().map_or(OnFail::default(), |on_fail| on_fail.value),
    }
}

/// What [`super::check_feature`] found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Checked {
    /// Every problem, by offset.
    pub diagnostics: Vec<Diagnostic>,
    /// What must exist outside the compiler's sight.
    pub requirements: Vec<Requirement>,
    /// What each scenario is, in order.
    pub scenarios: Vec<ScenarioFacts>,
}

/// Facts about one scenario that selection and reports use.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ScenarioFacts {
    /// [`slug`] of the name.
    pub slug: String,
    /// The name.
    pub name: String,
    /// Paths that its sources read, resolved in the environment.
    pub inputs: Vec<String>,
    /// Paths that its sinks write, resolved in the environment.
    pub outputs: Vec<String>,
    /// Its sources and sinks, with what the proofs between scenarios need.
    pub ports: Vec<Port>,
    /// Contracts that it names, sorted.
    pub contracts: Vec<String>,
    /// Other tags above it.
    pub labels: Vec<String>,
    /// `@module(layer=)`.
    pub layer: Option<String>,
    /// `@module(domain=)`.
    pub domain: Option<String>,
    /// `Then` lines that a check ends.
    pub promises_checked: usize,
    /// All `Then` lines.
    pub promises_total: usize,
    /// Whether it has no error of its own.
    pub sound: bool,
}

/// Where a scenario reads or writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    /// The path, resolved in the environment.
    pub path: String,
    /// Whether it is a sink's.
    pub writes: bool,
    /// How its rows are laid down.
    pub form: Form,
    /// `mode=append`.
    pub append: bool,
    /// The contract of the rows.
    pub contract: Option<String>,
    /// The columns that a sink writes, in order; empty for sources and for the quarantine.
    pub columns: Vec<String>,
    /// For a quarantine that keeps records as they were read: the contracts of the scenario's sources.
    pub keeps: Vec<String>,
    /// The `table=` that stands for the path.
    pub table: Option<String>,
    /// Where the path is written.
    pub place: Place,
}

/// Something that must exist for a scenario to run. The caller looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    /// What it is.
    pub kind: RequirementKind,
    /// The path, glob or secret reference, resolved in the environment.
    pub value: String,
    /// Who asks for it.
    pub place: Place,
    /// Whether a sink of the same file writes it, so that it may not exist yet.
    pub produced: bool,
}

/// What a [`Requirement`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequirementKind {
    /// A file that a source reads.
    File,
    /// A glob that must match at least one file.
    Glob,
    /// A directory, such as a Delta table.
    Directory,
    /// A file that a `@golden` names as input.
    GoldenInput,
    /// A file that a `@golden` names as expected output.
    Golden,
    /// A secret reference.
    Secret,
}

/// The name in lower case, its words joined by `-`.
#[must_use]
pub fn slug(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    while out.ends_with('-') {
        out.pop();
    }
    out
}
