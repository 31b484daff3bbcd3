//! `runi contract catalog`: every contract with owner, version and fields.

use crate::cli::{CatalogFormat, ContractCatalogArgs, Global};
use crate::error::{CommandError, Exit};
use crate::render::catalog::{Listed, html, human, json};
use crate::session;
use crate::shell::Shell;

/// Prints the catalog.
pub(crate) fn exec(args: &ContractCatalogArgs, global: &Global, shell: &Shell) -> Result<Exit, CommandError> {
    let (workspace, _) = session::checked(global)?;
    let entries = workspace.contracts();
    let listed: Vec<Listed<'_>> = entries.iter().map(|entry| Listed::of(entry, &workspace)).collect();
    match args.format {
        CatalogFormat::Human => shell.data(human(&listed).trim_end()),
        CatalogFormat::Json => shell.data(&session::json(&json(&listed))?),
        CatalogFormat::Html => shell.data(&html(&workspace.manifest().name, &listed)),
    }
    Ok(Exit::Ok)
}
