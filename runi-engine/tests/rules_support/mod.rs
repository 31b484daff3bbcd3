//! Contracts for tests of rules.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use runi_engine::error::EngineError;
use runi_engine::rules::RowPredicate;
use runi_lang::model::{Contract, Field};
use runi_lang::types::DataType;

/// A contract with these fields and nothing else.
pub(crate) fn contract(fields: Vec<Field>) -> Contract {
    Contract { fields, ..Contract::new("Tested") }
}

/// A field without rules.
pub(crate) fn field(name: &str, ty: DataType) -> Field {
    Field::new(name, ty)
}

/// For contracts without `@rule`.
pub(crate) fn no_predicates(sql: &str) -> Result<Box<dyn RowPredicate>, EngineError> {
    panic!("no rule is expected, found {sql}")
}
