//! `runi contract validate`: contracts alone, or a file against one.

use super::chosen;
use crate::cli::{ContractValidateArgs, DiagnosticFormat, Global};
use crate::comparison;
use crate::error::{CommandError, Exit};
use crate::render::run::human;
use crate::session;
use crate::shell::{Shell, Tone};
use crate::table::counted;
use runi_engine::record::RunStatus;
use runi_engine::run::{RunOptions, run};
use runi_lang::check::validation;
use runi_lang::ir::Connector;
use serde_json::json;
use std::path::Path;

/// Checks contracts; with `--data`, runs a pipeline that is nothing but a source under the contract.
pub(crate) fn exec(args: &ContractValidateArgs, global: &Global, shell: &Shell) -> Result<Exit, CommandError> {
    let (workspace, mut report) = session::checked(global)?;
    let entries = chosen(&workspace, args.name.as_deref())?;
    report.diagnostics.retain(|diagnostic| {
        diagnostic.place.path.ends_with(".contract")
            && (args.name.is_none() || entries.iter().any(|entry| *entry.path == *diagnostic.place.path))
    });
    // With rows, JSON is one document of both.
    let whole = args.format == DiagnosticFormat::Json && args.data.is_some();
    if !whole {
        session::show(&report, args.format, &comparison::prefix(&session::root(global)?), shell);
    }
    let exit = session::verdict(&report, false);
    let (Some(data), Some(entry)) = (&args.data, entries.first()) else {
        if exit == Exit::Ok && args.format == DiagnosticFormat::Human {
            shell.status(Tone::Good, "Valid", &counted(entries.len() as u64, "contract"));
        }
        return Ok(exit);
    };
    if exit != Exit::Ok {
        if whole {
            shell.data(&session::json(&json!({ "diagnostics": session::diagnostics(&report)?, "run": null }))?);
        }
        return Ok(exit);
    }
    let path = std::path::absolute(session::directory(global).join(data)).map_err(|error| CommandError::environment(error.to_string()))?;
    let pipeline = validation(entry, connector(&path, &args.null)?, data, &workspace.environment().name);
    let mut options = RunOptions::new(session::root(global)?);
    options.recorded = false;
    let outcome = run(&pipeline, &options);
    match args.format {
        DiagnosticFormat::Json => {
            shell.data(&session::json(&json!({ "diagnostics": session::diagnostics(&report)?, "run": outcome.record }))?);
        }
        DiagnosticFormat::Sarif | DiagnosticFormat::Github => shell.talk(&human(&outcome.record)),
        DiagnosticFormat::Human | DiagnosticFormat::Concise => shell.data(&human(&outcome.record)),
    }
    if let Some(error) = outcome.error {
        return Err(error.into());
    }
    let bad = outcome.record.stages.iter().any(|stage| stage.quarantined > 0);
    Ok(if bad || outcome.record.status != RunStatus::Succeeded { Exit::Problems } else { Exit::Ok })
}

/// How the file, or the directory of a table, is read.
fn connector(path: &Path, nulls: &[String]) -> Result<Connector, CommandError> {
    let text = path.to_string_lossy().replace('\\', "/");
    let mut connector = match Connector::of_path(&*text) {
        Some(connector) => connector,
        None if path.is_dir() => Connector::Delta { path: text },
        None => {
            return Err(CommandError::usage(format!("`{}`: the format cannot be told from the name", path.display()))
                .hint("name a .csv, .tsv, .jsonl, .parquet or .arrow file, or a Delta table's directory"));
        }
    };
    if let Connector::Csv { nulls: kept, .. } = &mut connector
        && !nulls.is_empty()
    {
        *kept = nulls.to_vec();
    }
    Ok(connector)
}
