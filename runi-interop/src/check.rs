//! What the compiler says of contracts that stand alone, outside any workspace.

use runi_engine::sql::DataFusionEngine;
use runi_lang::check::{ContractEntry, Lookup, StepEntry, StepKey, check_contract};
use runi_lang::diagnostic::Diagnostic;
use runi_lang::diagnostics::names::UNKNOWN_CONTRACT;
use runi_lang::model::{ContractFile, StepDef};
use runi_lang::syntax::{FileKind, parse};
use runi_lang::workspace::{Environment, Herd};
use std::sync::{Arc, LazyLock};

static ENGINE: LazyLock<DataFusionEngine> = LazyLock::new(DataFusionEngine::new);

/// A world without other files.
struct Alone(Environment);

impl Lookup for Alone {
    fn contract(&self, _: &str) -> Option<ContractEntry> {
        None
    }
    fn contract_names(&self) -> Vec<String> {
        Vec::new()
    }
    fn steps(&self, _: &str) -> Vec<Arc<StepEntry>> {
        Vec::new()
    }
    fn step_names(&self) -> Vec<String> {
        Vec::new()
    }
    fn step_body(&self, _: &StepKey) -> Option<Arc<StepDef>> {
        None
    }
    fn environment(&self) -> &Environment {
        &self.0
    }
    fn herd(&self, _: &str) -> Option<Arc<Herd>> {
        None
    }
    fn herd_names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// What is wrong with the contracts of a text by themselves. References to contracts elsewhere are the workspace's to check.
pub(crate) fn alone(text: &str) -> (ContractFile, Vec<Diagnostic>) {
    let (file, mut problems) = runi_lang::lower::contracts("", &parse(text, FileKind::Contract));
    if !problems.iter().any(Diagnostic::is_error) {
        problems.extend(check_contract("", &file, &Alone(Environment::default()), &*ENGINE));
    }
    problems.retain(|problem| problem.is_error() && problem.code != UNKNOWN_CONTRACT.id);
    (file, problems)
}
