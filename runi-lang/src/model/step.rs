//! A step: a use of one in a scenario, a reusable one, and the body that both may have.

use super::{Accept, Args, Examples, Module, OnFail, Spanned, Sql};
use crate::types::DataType;
use rowan::TextRange;

/// A step of a scenario: inline (it has a body), or a use of a reusable one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepUse {
    /// `name=`, without `@version`.
    pub name: Spanned<String>,
    /// `name=X@2`.
    pub version: Option<Spanned<u32>>,
    /// `domain=`.
    pub domain: Option<Spanned<String>>,
    /// `from=`.
    pub from: Option<Spanned<String>>,
    /// `as name`.
    pub alias: Option<Spanned<String>>,
    /// The other arguments: parameters of a reusable step.
    pub args: Args,
    /// The body; empty for a use.
    pub body: StepKind,
    /// `@on_fail`.
    pub on_fail: Option<Spanned<OnFail>>,
    /// `@contract(Name)`: the rows after this step are validated against it.
    pub contract: Option<Spanned<String>>,
    /// The `@step(…)` tag.
    pub range: TextRange,
}

/// `Step: Name(param: type) needs … gives …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepDef {
    /// Its name.
    pub name: Spanned<String>,
    /// `@2`.
    pub version: Option<Spanned<u32>>,
    /// The whole item.
    pub range: TextRange,
    /// The docstring.
    pub doc: String,
    /// `@module`.
    pub module: Module,
    /// `@accept` above it.
    pub accepted: Vec<Spanned<Accept>>,
    /// The parameters.
    pub params: Vec<Param>,
    /// `needs name type, …`.
    pub needs: Vec<(Spanned<String>, Spanned<DataType>)>,
    /// `gives name type, …`.
    pub gives: Vec<(Spanned<String>, Spanned<DataType>)>,
    /// The body.
    pub body: StepKind,
    /// `@on_fail`.
    pub on_fail: Option<Spanned<OnFail>>,
    /// `Examples:`.
    pub examples: Vec<Examples>,
}

/// One parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// Without `$`.
    pub name: Spanned<String>,
    /// Its type.
    pub ty: Spanned<ParamType>,
    /// `= value`.
    pub default: Option<Spanned<String>>,
}

/// What a parameter stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParamType {
    /// A value.
    Value(DataType),
    /// A column of the input that has this type.
    Column(DataType),
    /// A view that satisfies this contract.
    Table(String),
}

/// The body of a step.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StepKind {
    /// `@when`s: all must be true for a row to be chosen.
    pub when: Vec<Promise>,
    /// `@then`s.
    pub then: Vec<Promise>,
    /// `@do`s, in order.
    pub actions: Vec<DoBlock>,
}

impl StepKind {
    /// Whether nothing was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.when.is_empty() && self.then.is_empty() && self.actions.is_empty()
    }
}

/// A titled condition: `@when "title": expression`, `@then …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// The title, when there is one.
    pub title: Option<Spanned<String>>,
    /// The condition.
    pub sql: Sql,
}

/// One `@do`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoBlock {
    /// The title, when there is one.
    pub title: Option<Spanned<String>>,
    /// What it does.
    pub action: Action,
    /// The body's bytes.
    pub range: TextRange,
}

/// What a `@do` does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// `column = expression, …`; a target may be `$param`.
    Assign(Vec<(Spanned<String>, Sql)>),
    /// `rename a to b, …`.
    Rename(Vec<(Spanned<String>, Spanned<String>)>),
    /// `drop a, b`.
    DropColumns(Vec<Spanned<String>>),
    /// `keep a, b`.
    KeepColumns(Vec<Spanned<String>>),
    /// `drop where e`.
    DropWhere(Sql),
    /// `keep where e`.
    KeepWhere(Sql),
    /// `select …` or `with …`.
    Query(Sql),
    /// Could not be read; already reported.
    Broken,
}
