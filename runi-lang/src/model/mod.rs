//! What files say, as plain values. Made by [`crate::lower`] from one tree each, read by every check.
//!
//! Contracts hold no offsets (see [`Spans`]), so that two files with the same meaning are equal
//! and an edit that only moves text re-runs nothing elsewhere. Features hold their ranges,
//! because nothing outside a feature's file ever looks into it.

mod contract;
mod feature;
mod field;
mod scalar;
mod step;
mod tag;

pub use contract::{
    Accept, Compatibility, Contract, ContractFile, DriftPolicy, Duplicates, Freshness, History, Key, OnFail, Owner, Reference, Renamed,
    Rule, Spans,
};
pub use feature::{
    Alert, Assertion, Check, Examples, FeatureFile, Golden, Module, Narration, NarrationWord, Quality, Scenario, Sink, SinkRoute, Source,
    Sql, Table, TableRow, Window,
};
pub use field::{Field, FieldRules, Mask, Range, Sensitivity};
pub use scalar::{Date, Duration, Percent, Version};
pub use step::{Action, DoBlock, Param, ParamType, Promise, StepDef, StepKind, StepUse};
pub use tag::{Arg, ArgValue, Args};

use rowan::TextRange;

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// The bytes that say it.
    pub range: TextRange,
}

impl<T> Spanned<T> {
    /// Puts a value and its range together.
    pub fn new(value: T, range: TextRange) -> Self {
        Self { value, range }
    }
}
