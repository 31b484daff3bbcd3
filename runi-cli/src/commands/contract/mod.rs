//! `runi contract …`: one file per sub-command.

pub(super) mod bump;
pub(super) mod catalog;
pub(super) mod export;
pub(super) mod generate;
pub(super) mod hash;
pub(super) mod history;
pub(super) mod rollback;
pub(super) mod validate;

use crate::error::CommandError;
use runi_lang::check::ContractEntry;
use runi_lang::diagnostics::nearest;
use runi_lang::workspace::Workspace;

/// The contract of this name, or all of them.
fn chosen(workspace: &Workspace, name: Option<&str>) -> Result<Vec<ContractEntry>, CommandError> {
    let all = workspace.contracts();
    let Some(name) = name else { return Ok(all) };
    let names: Vec<String> = all.iter().map(|entry| entry.binding.contract.name.clone()).collect();
    match all.into_iter().find(|entry| entry.binding.contract.name == name) {
        Some(entry) => Ok(vec![entry]),
        None => Err(CommandError::usage(format!("there is no contract `{name}`")).hint(
            match (nearest(name, names.iter().map(String::as_str)), names.is_empty()) {
                (Some(near), _) => format!("did you mean `{near}`?"),
                (None, false) => format!("there are {}", names.join(", ")),
                (None, true) => "the workspace has none; `runi contract gen` makes one from a file".to_owned(),
            },
        )),
    }
}
