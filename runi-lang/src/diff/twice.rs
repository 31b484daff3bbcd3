//! Contracts that the new version declares twice: one file that differs has them, and another one that does not.

use super::focus::{declares, read};
use super::side::{Found, Said, Side};
use crate::db::{Items, read_model};
use crate::diagnostic::Diagnostic;
use crate::diagnostics::workspace::duplicate_contract;
use crate::model::Contract;
use crate::syntax::{FileKind, MAX_BYTES};
use crate::workspace::files::{Role, Scope};
use std::io;
use std::sync::Arc;

/// Those of these contracts, which the other side seems to lack, that a further file of this side declares: a problem for each.
///
/// # Errors
/// When the side cannot be listed, or git has not got a file.
pub(super) fn twice(side: &Side, said: &Said, seemingly_new: &[&Found<Contract>]) -> io::Result<Vec<(String, Diagnostic)>> {
    if seemingly_new.is_empty() {
        return Ok(Vec::new());
    }
    let entries = side.tree.list(&Scope::of(&side.manifest))?;
    let others = entries.into_iter().filter(|entry| entry.role == Role::Contract).map(|entry| entry.path);
    let others: Vec<Arc<str>> = others.filter(|path| !said.texts.contains_key(path.as_ref())).collect();
    let mut problems = Vec::new();
    for (path, text) in read(side, others, MAX_BYTES)? {
        for found in seemingly_new.iter().filter(|found| declares(&text, &found.value.name)) {
            let name = &found.value.name;
            let Items::Contracts(file) = read_model(&path, FileKind::Contract, &text).items else { continue };
            if let Some(contract) = file.contracts.into_iter().find(|contract| contract.name == *name) {
                let first = Found { value: Arc::new(contract), path: Arc::clone(&path), spans: Arc::new(file.spans) };
                problems.push((name.clone(), duplicate_contract(found.place(), name, first.place())));
            }
        }
    }
    Ok(problems)
}
