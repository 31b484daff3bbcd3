//! `runi contract export`: contracts in another format.

use super::chosen;
use crate::cli::{ContractExportArgs, DataFormat, Global};
use crate::error::{CommandError, Exit};
use crate::render::change::replace;
use crate::session;
use crate::shell::{Shell, Tone};
use runi_interop::export::{Options, export};
use std::path::Path;

/// Prints one file, or writes many.
pub(crate) fn exec(args: &ContractExportArgs, global: &Global, shell: &Shell) -> Result<Exit, CommandError> {
    let (workspace, report) = session::checked(global)?;
    let mut entries = Vec::new();
    if args.names.is_empty() {
        entries = chosen(&workspace, None)?;
    }
    for name in &args.names {
        entries.extend(chosen(&workspace, Some(name))?);
    }
    // A contract with errors would be exported as something that nobody wrote.
    let broken: Vec<&str> = report
        .diagnostics
        .iter()
        .filter(|problem| problem.is_error() && entries.iter().any(|entry| *entry.path == *problem.place.path))
        .map(|problem| problem.place.path.as_str())
        .collect();
    if let Some(path) = broken.first() {
        return Err(CommandError::problems(format!("`{path}` has errors, and nothing was exported")).hint("`runi check` shows them"));
    }
    let contracts: Vec<_> = entries.iter().map(|entry| entry.binding.contract.clone()).collect();
    let exported = export(args.to, &contracts, &Options { dialect: args.dialect.clone() })?;
    let print = args.out.as_deref() == Some(Path::new("-")) || (args.out.is_none() && exported.files.len() == 1);
    if let Some(folder) = args.out.as_deref().filter(|_| !print) {
        let folder = session::directory(global).join(folder);
        for file in &exported.files {
            let path = folder.join(&file.name);
            replace(&path, &file.bytes)?;
            shell.status(Tone::Good, "Exported", &path.display().to_string());
        }
    } else if args.format == DataFormat::Human && !print {
        return Err(CommandError::usage(format!("{} files come out", exported.files.len()))
            .hint("name a directory with `--out`, or print them all with `--out -`"));
    }
    if args.format == DataFormat::Json {
        let file =
            |file: &runi_interop::export::OutFile| serde_json::json!({ "name": file.name, "text": String::from_utf8_lossy(&file.bytes) });
        let files: Vec<serde_json::Value> = exported.files.iter().map(file).collect();
        shell.data(&session::json(&serde_json::json!({ "files": files, "losses": exported.losses }))?);
        return Ok(Exit::Ok);
    }
    if print {
        for file in &exported.files {
            shell.data(&String::from_utf8_lossy(&file.bytes));
        }
    }
    for loss in &exported.losses {
        shell.status(Tone::Warn, "Lost", &format!("{}: {}", loss.at, loss.message));
    }
    Ok(Exit::Ok)
}
