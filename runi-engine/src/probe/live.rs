//! The third side of a comparison: what the columns of a source really are.

use super::relaxed::relaxed;
use crate::error::EngineError;
use crate::source::{Drift, ReadOptions, SourceSpec, open};
use runi_lang::ir::Connector;
use runi_lang::model::Contract;
use std::path::Path;

/// How a source's columns differ from its contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSchema {
    /// Every difference, with whether the contract's policy lets it pass.
    pub differences: Vec<(Drift, bool)>,
}

/// Reads the head of a source and compares its columns with `contract`; reads no rows.
///
/// # Errors
/// No file, or one that is not of its format.
pub fn live(name: &str, connector: &Connector, contract: &Contract, root: &Path) -> Result<LiveSchema, EngineError> {
    let lenient = relaxed(contract);
    let source = open(&SourceSpec { name, connector, contract: Some(&lenient), root }, &ReadOptions::default())?;
    let differences = source.drift().iter().map(|drift| {
        let drift = drift.clone().redeclared(contract);
        let allowed = drift.is_allowed(contract);
        (drift, allowed)
    });
    Ok(LiveSchema { differences: differences.collect() })
}
