//! `runi contract hash`: the digest of what a contract promises.

use super::chosen;
use crate::cli::{ContractHashArgs, DataFormat, Global};
use crate::error::{CommandError, Exit};
use crate::session;
use crate::shell::Shell;
use std::collections::BTreeMap;

/// Prints `digest  name`, or a JSON object.
pub(crate) fn exec(args: &ContractHashArgs, global: &Global, shell: &Shell) -> Result<Exit, CommandError> {
    let (workspace, _) = session::checked(global)?;
    let entries = chosen(&workspace, args.name.as_deref())?;
    match args.format {
        DataFormat::Human => {
            let lines: Vec<String> =
                entries.iter().map(|entry| format!("{}  {}", entry.binding.hash, entry.binding.contract.name)).collect();
            shell.data(&lines.join("\n"));
        }
        DataFormat::Json => {
            let map: BTreeMap<&str, &str> =
                entries.iter().map(|entry| (entry.binding.contract.name.as_str(), entry.binding.hash.as_str())).collect();
            shell.data(&session::json(&map)?);
        }
    }
    Ok(Exit::Ok)
}
