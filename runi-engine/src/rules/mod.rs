//! Contract rules, compiled to one bit per rule and row.
//!
//! [`ContractRules`] answers every question that one row can answer alone: types, required values,
//! ranges, lengths, patterns, formats, enumerations and `@rule` expressions. Questions about a set
//! of rows go through [`keys`], [`references`] and [`freshness`], which set bits of the same
//! [`Verdicts`] later. A rule is spelled out only for rows that broke it; counts are popcounts.
//!
//! Null passes every rule except `required`.

pub(crate) mod bounds;
mod compile;
mod evaluate;
pub(crate) mod explain;
mod format;
pub mod freshness;
mod hashing;
pub mod keys;
pub mod own_references;
mod pattern;
pub mod references;
mod registers;
mod spill;
mod text;
mod verdicts;

pub use bounds::Bounds;
pub use compile::ContractRules;
pub use format::FORMATS;
pub use verdicts::{RuleMask, Verdicts};

use crate::error::EngineError;
use arrow::array::{BooleanArray, RecordBatch};
use runi_lang::model::OnFail;

/// What one bit of [`Verdicts`] stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleInfo {
    /// The kind: `type`, `required`, `enum`, `range`, `length`, `matches`, `format`, `unique`, `key`, `references` or `rule`.
    pub id: &'static str,
    /// A sentence that is true of good rows: "price is more than 0".
    pub title: String,
    /// The column, where the rule is about exactly one.
    pub column: Option<String>,
    /// Every column that the rule names; empty for `@rule` expressions.
    pub columns: Vec<String>,
    /// What happens to a row that breaks it: the rule's own policy, else the contract's.
    pub on_fail: OnFail,
    /// Its bit.
    pub bit: usize,
}

impl RuleInfo {
    /// The rule's name in counts and in the quarantine: `range:price`, `key:a,b`, `rule:settles after it trades`.
    #[must_use]
    pub fn name(&self) -> String {
        match self.columns.is_empty() {
            true => format!("{}:{}", self.id, self.title),
            false => format!("{}:{}", self.id, self.columns.join(",")),
        }
    }
}

/// A condition over the rows of a batch: false breaks it, null passes.
pub trait RowPredicate: Send + Sync {
    /// One value per row of the batch.
    ///
    /// # Errors
    /// When the condition cannot be computed for some row.
    fn evaluate(&self, batch: &RecordBatch) -> Result<BooleanArray, EngineError>;
}

/// Makes the condition of a `@rule` from its SQL.
pub type PredicateCompiler<'a> = dyn FnMut(&str) -> Result<Box<dyn RowPredicate>, EngineError> + 'a;
