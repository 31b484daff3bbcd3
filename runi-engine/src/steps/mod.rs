//! Row-level steps: guards, actions and promises on batches.
//!
//! A step is a guarded command with a postcondition. The rows that the guards choose go through the
//! actions in order; the promises are checked on those that are still there. Every row leaves
//! through exactly one door: it passes, a clause filters it, or it fails:
//!
//! ```text
//! rows.len() = output.rows.len() + Σ filtered + Σ failed[i].rows.len()
//! ```
//!
//! An evaluation that fails (a cast, an overflow, a division by zero) concerns its row alone. Batches
//! are evaluated whole, and halved only when they fail, until the rows are found.

mod apply;
mod compile;
mod isolate;

use crate::quarantine::Reason;
use crate::rows::Rows;
use crate::sql::CompiledExpr;
use arrow::datatypes::SchemaRef;
use runi_lang::model::OnFail;

/// A row-level step, compiled for one input schema.
#[derive(Debug)]
pub struct RowStep {
    output: SchemaRef,
    when: Vec<CompiledExpr>,
    actions: Vec<Action>,
    promises: Vec<Promise>,
    /// The texts of the `drop where` and `keep where` clauses, in order.
    clauses: Vec<String>,
    on_fail: OnFail,
    /// Whether an expression of it can fail on a value.
    fallible: bool,
}

/// What happens to chosen rows.
#[derive(Debug)]
enum Action {
    Assign {
        targets: Vec<(Target, CompiledExpr)>,
        after: SchemaRef,
    },
    /// These columns, in this order, under the names of `after`.
    Columns {
        indices: Vec<usize>,
        after: SchemaRef,
    },
    Where {
        clause: usize,
        /// Whether true rows stay or go.
        keep: bool,
        condition: CompiledExpr,
    },
}

/// Where an assigned value goes.
#[derive(Debug, Clone, Copy)]
enum Target {
    Replace(usize),
    Append,
}

/// A condition that holds afterwards.
#[derive(Debug)]
struct Promise {
    title: String,
    condition: CompiledExpr,
}

/// What became of a batch.
#[derive(Debug)]
pub struct StepOutput {
    /// The rows that passed.
    pub rows: Rows,
    /// How many rows each clause took, by index into [`RowStep::clauses`]; clauses that took none are left out.
    pub filtered: Vec<(usize, u64)>,
    /// The rows that did not pass, with why.
    pub failed: Vec<FailedRows>,
    /// How many rows broke each promise, by index into [`RowStep::promises`], whatever the policy did to them.
    pub broken: Vec<u64>,
}

/// Rows that a step did not let pass.
#[derive(Debug)]
pub struct FailedRows {
    /// The rows: as they entered the step when an action could not be evaluated, as they would have left it when a promise broke.
    pub rows: Rows,
    /// Every reason of each row.
    pub reasons: Vec<Vec<Reason>>,
    /// What becomes of them; never `warn`.
    pub policy: OnFail,
}

impl RowStep {
    /// The schema of the rows that pass.
    #[must_use]
    pub fn output_schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.output)
    }

    /// The clauses that filter, as written: `drop where …`, `keep where …`.
    #[must_use]
    pub fn clauses(&self) -> Vec<String> {
        self.clauses.clone()
    }

    /// Rule and title of each promise. When an expression can fail on a value, a last rule, `eval`, counts the rows where it did.
    #[must_use]
    pub fn promises(&self) -> Vec<(String, String)> {
        let mut promises: Vec<(String, String)> = self.promises.iter().map(|promise| (promise.rule(), promise.title.clone())).collect();
        if self.fallible {
            promises.push((EVAL.to_owned(), "every expression can be evaluated".to_owned()));
        }
        promises
    }
}

impl Promise {
    fn rule(&self) -> String {
        format!("then:{}", self.title)
    }
}

/// The rule that a row breaks when an expression cannot be evaluated for it.
const EVAL: &str = "eval";
