//! Contracts for tests of rules.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use runi_engine::error::EngineError;
use runi_engine::rules::RowPredicate;
use runi_lang::model::{Compatibility, Contract, DriftPolicy, Field, FieldRules, OnFail, Sensitivity};
use runi_lang::types::DataType;

/// A contract with these fields and nothing else.
pub(crate) fn contract(fields: Vec<Field>) -> Contract {
    Contract {
        name: "Tested".into(),
        doc: String::new(),
        version: None,
        owner: None,
        classification: None,
        compliance: Vec::new(),
        compatibility: Compatibility::default(),
        fields,
        keys: Vec::new(),
        rules: Vec::new(),
        references: Vec::new(),
        freshness: None,
        retention: None,
        deprecated: None,
        on_fail: OnFail::Quarantine,
        drift: DriftPolicy::default(),
        renamed: Vec::new(),
        reserved: Vec::new(),
        accepted: Vec::new(),
    }
}

/// A field without rules.
pub(crate) fn field(name: &str, ty: DataType) -> Field {
    Field {
        name: name.into(),
        ty,
        rules: FieldRules::default(),
        sensitivity: Sensitivity::default(),
        unit: None,
        default: None,
        deprecated: None,
        description: String::new(),
    }
}

/// For contracts without `@rule`.
pub(crate) fn no_predicates(sql: &str) -> Result<Box<dyn RowPredicate>, EngineError> {
    panic!("no rule is expected, found {sql}")
}
