//! SQL as the compiler sees it: an engine behind a trait.
//!
//! The compiler never parses SQL itself. It asks a [`SqlEngine`] for types, nullability and
//! lineage, so that what is checked is what will run, and so that the parser, the formatter and
//! their tests build without DataFusion.

mod canonical;
mod tokens;

pub(crate) use canonical::agreed;
pub use canonical::{Canonical, Demand, Part, Relation, open_column, view_form};
pub(crate) use tokens::with_names;
pub use tokens::{same_tokens, token_form};

use crate::schema::Schema;
use crate::types::DataType;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;

/// What a `$name` in SQL stands for. Bindings replace *tokens*, never text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    /// A typed value; `text` is the canonical literal (`0.05`, `abc`, `2020-01-01`, `true`).
    Value {
        /// The parameter's type.
        ty: DataType,
        /// The value as text; `None` is null.
        text: Option<String>,
    },
    /// A column of the input.
    Column(String),
    /// A view of the scenario.
    Table(String),
}

/// Parameters by name, without `$`.
pub type Bindings = Vec<(String, Binding)>;

/// A column of a view.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ColumnRef {
    /// The view's name; empty for the input of a row-level step.
    pub view: String,
    /// The column's name.
    pub column: String,
}

/// How a value depends on a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Influence {
    /// It is that column's value.
    Identity,
    /// It is computed from it, and is null only where it or another column is.
    Transformation,
    /// It is computed from it, and that value can decide whether there is one: the conditions of a `case`, a `nullif`.
    Conditional,
    /// It is an aggregate of it.
    Aggregation,
    /// It is a count of rows or values; says nothing of one value.
    Count,
}

impl Influence {
    /// What `outer` makes of something that is `self` of a column.
    #[must_use]
    pub fn then(self, outer: Self) -> Self {
        match (self, outer) {
            (Self::Count, _) => Self::Count,
            // What is counted is where there is a value, which tells the value that decided it.
            (Self::Conditional | Self::Aggregation, Self::Count) => Self::Aggregation,
            (inner, outer) => inner.max(outer),
        }
    }

    /// The one that says more, where something depends on a column in two ways.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self == Self::Conditional || other == Self::Conditional { Self::Conditional } else { self.min(other) }
    }
}

/// A typed scalar expression.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TypedExpr {
    /// The type of its value. Text is `String`, also where an enum column is read.
    pub ty: DataType,
    /// Whether it can be null.
    pub nullable: bool,
    /// The columns that it reads, with how; sorted, without repeats.
    pub reads: Vec<(String, Influence)>,
    /// Columns that are not null wherever the expression is true (`x is not null and …`, `x > 1`).
    pub proves_not_null: Vec<String>,
    /// Columns for which *failing to be true* covers null: the expression is false or true, never null, when the
    /// column is null, and false then. `x is not null` has it; `x > 1` has not (null passes a check).
    pub rejects_null: Vec<String>,
    /// Whether evaluation can fail for some row (a cast, a division, an overflow), and the part that can.
    pub fallible: Option<String>,
    /// Whether it calls a function that is not deterministic, other than `now()`.
    pub volatile: bool,
    /// Whether it depends on the clock (`now()` and its kin).
    pub reads_clock: bool,
    /// The functions it calls, lower case.
    pub functions: Vec<String>,
    /// Strings that an enum column is compared with in vain.
    pub never_held: Vec<NeverHeld>,
}

/// A string that an enum column is compared with, and that is none of its values.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NeverHeld {
    /// The column.
    pub column: String,
    /// The string.
    pub text: String,
    /// What the column can hold.
    pub values: Vec<String>,
    /// Bytes of the SQL text; `None` means all of it.
    pub range: Option<Range<usize>>,
}

/// How sure lineage is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Every dependency is known.
    Exact,
    /// The listed columns are a superset.
    Approximate,
    /// Nothing is known; checks must assume every column of every view read.
    Opaque(String),
}

/// An output column of a query.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TypedColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: DataType,
    /// Whether it can be null.
    pub nullable: bool,
    /// What it is made of; sorted, without repeats.
    pub from: Vec<(ColumnRef, Influence)>,
    /// Columns that it is not made of, but whose values it has because a join or a condition says that they are equal; sorted.
    pub equals: Vec<ColumnRef>,
    /// How sure that is.
    pub certainty: Certainty,
}

/// A typed `select`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TypedQuery {
    /// Its output.
    pub columns: Vec<TypedColumn>,
    /// Columns that decide *which* rows come out: `where`, `having`, join conditions, `group by`, `distinct`, `limit … order by`.
    pub row_influences: Vec<ColumnRef>,
    /// The views that it reads.
    pub views: Vec<String>,
    /// Whether it can fail on data, and the part that can.
    pub fallible: Option<String>,
    /// Whether it calls a function that is not deterministic, other than `now()`.
    pub volatile: bool,
    /// Whether it depends on the clock.
    pub reads_clock: bool,
    /// Strings that an enum column is compared with in vain.
    pub never_held: Vec<NeverHeld>,
}

/// What kind of mistake a piece of SQL has; the compiler maps each to a code.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SqlErrorKind {
    /// It does not parse.
    Syntax,
    /// No such column. The known ones are candidates for "did you mean".
    UnknownColumn {
        /// As written.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// More than one view has the column.
    AmbiguousColumn {
        /// As written.
        name: String,
    },
    /// No such view.
    UnknownTable {
        /// As written.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// No such function.
    UnknownFunction {
        /// As written.
        name: String,
        /// What there is, near misses first, at most 5.
        known: Vec<String>,
    },
    /// No such parameter.
    UnknownParameter {
        /// Without `$`.
        name: String,
    },
    /// The types do not fit.
    Type,
    /// A value that is written out and that no conversion can read.
    Value {
        /// As written, without quotes.
        text: String,
        /// What it should be.
        ty: DataType,
    },
    /// `"text"` where no column has that name: single quotes were meant.
    DoubleQuotedString {
        /// What stands between the quotes.
        text: String,
    },
    /// Sub-queries in a row expression, DDL, DML, several statements, aggregates or windows in a row expression.
    NotAllowed,
    /// Anything else that the engine says.
    Other,
}

/// One mistake in a piece of SQL.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SqlError {
    /// What it is.
    pub kind: SqlErrorKind,
    /// One line, lower case, no full stop.
    pub message: String,
    /// Bytes of the SQL text; `None` means all of it.
    pub range: Option<Range<usize>>,
    /// A hint, when the engine has one.
    pub help: Option<String>,
}

/// Types SQL. Implementations are pure: equal arguments give equal answers.
pub trait SqlEngine: Send + Sync + std::fmt::Debug {
    /// Name and version, part of every cache key.
    fn version(&self) -> String;

    /// Types an expression over one row of `input`.
    ///
    /// # Errors
    /// Every mistake that the engine can find in one go; never empty.
    fn expr(&self, sql: &str, input: &Schema, bindings: &Bindings) -> Result<TypedExpr, Vec<SqlError>>;

    /// Types a `select` over named views.
    ///
    /// # Errors
    /// Every mistake that the engine can find in one go; never empty.
    fn query(&self, sql: &str, views: &[(String, Schema)], bindings: &Bindings) -> Result<TypedQuery, Vec<SqlError>>;

    /// Types an assertion over counts: `read(x)`, `valid(x)`, `invalid(x)` for sources, `rows(x)` for steps.
    ///
    /// # Errors
    /// Every mistake that the engine can find in one go; never empty.
    fn assertion(&self, sql: &str, sources: &[String], steps: &[String]) -> Result<(), Vec<SqlError>>;

    /// The normal form of an expression over one row of `input`, whatever of it may be null; `None` when the engine
    /// cannot say what it means: it does not type, or is not the same twice.
    fn canonical_expr(&self, sql: &str, input: &Schema, bindings: &Bindings) -> Option<Canonical> {
        self.canonical_expr_as(sql, input, &BTreeMap::new(), bindings)
    }

    /// As [`SqlEngine::canonical_expr`], with columns of the input under other names in the form: `called` maps what the text calls
    /// them to what the form does.
    fn canonical_expr_as(&self, sql: &str, input: &Schema, called: &BTreeMap<String, String>, bindings: &Bindings) -> Option<Canonical> {
        let _ = (sql, input, called, bindings);
        None
    }

    /// The normal form of a `select` over named views. A `*` is not the list of the columns that it stands for today.
    fn canonical_query(&self, sql: &str, views: &[(String, Schema)], bindings: &Bindings) -> Option<Canonical> {
        let _ = (sql, views, bindings);
        None
    }

    /// Whether a value of `from` is stored into a column of `to` without loss and without a cast that can fail.
    fn widens(&self, from: &DataType, to: &DataType) -> bool;
}
