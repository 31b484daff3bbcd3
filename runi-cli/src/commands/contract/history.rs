//! `runi contract history`: every version of a contract, from git.

use crate::cli::{ContractHistoryArgs, DataFormat, Global};
use crate::error::{CommandError, Exit};
use crate::session;
use crate::shell::Shell;
use crate::table;
use runi_lang::diff::Status;
use runi_lang::diff::history::{ContractVersion, versions};
use runi_lang::git::Repository;
use runi_lang::model::Date;

/// Prints the versions, the newest first.
pub(crate) fn exec(args: &ContractHistoryArgs, global: &Global, shell: &Shell) -> Result<Exit, CommandError> {
    let found = read(&args.name, args.from.as_deref(), global)?;
    match args.format {
        DataFormat::Json => {
            let value: Vec<serde_json::Value> = found.iter().map(object).collect();
            shell.data(&session::json(&value)?);
        }
        DataFormat::Human => {
            let rows: Vec<Vec<String>> = found.iter().map(row).collect();
            shell.data(&table::render(&["version", "commit", "date", "author", "change", "what"], &[], &rows));
            if found.last().is_some_and(|version| version.is_cut) {
                shell.talk("older versions are missing: this is a shallow clone (`git fetch --unshallow` gets them)");
            }
        }
    }
    Ok(Exit::Ok)
}

/// Every version of a contract; never empty.
pub(super) fn read(name: &str, from: Option<&str>, global: &Global) -> Result<Vec<ContractVersion>, CommandError> {
    let repository = Repository::discover(&session::root(global)?)?;
    let commit = match from {
        Some(revision) => repository.resolve(revision)?,
        None => repository.head_commit()?,
    };
    let found = versions(&repository, name, &commit, &session::engine)?;
    if found.is_empty() {
        let message = format!("no contract `{name}` in {}", from.unwrap_or("the history of HEAD"));
        return Err(
            CommandError::usage(message).hint("`runi contract catalog` lists the contracts; one that was never committed has no history")
        );
    }
    Ok(found)
}

fn word(version: &ContractVersion) -> String {
    match version.status {
        _ if version.problem.is_some() => "unreadable".to_owned(),
        Status::Added => "added".to_owned(),
        Status::Removed => "removed".to_owned(),
        Status::Moved if version.changes.is_empty() => "moved".to_owned(),
        Status::Moved | Status::Changed => version.bump.to_string(),
    }
}

fn row(version: &ContractVersion) -> Vec<String> {
    let number =
        version.found.as_ref().and_then(|found| found.contract.version).map_or_else(|| "–".to_owned(), |number| number.to_string());
    let rules: Vec<String> = version.changes.iter().map(|change| format!("{} {}", change.rule.id, change.part)).collect();
    let mut what = rules.iter().take(4).map(|rule| rule.trim().to_owned()).collect::<Vec<_>>().join(", ");
    if rules.len() > 4 {
        what.push_str(&format!(" and {} more", rules.len() - 4));
    }
    if let Some(problem) = &version.problem {
        what.clone_from(problem);
    }
    if what.is_empty() {
        what.clone_from(&version.commit.summary);
    }
    vec![
        number,
        version.commit.id.short(),
        Date::of_unix(version.commit.seconds).to_string(),
        version.commit.author.clone(),
        word(version),
        what,
    ]
}

fn object(version: &ContractVersion) -> serde_json::Value {
    let found = version.found.as_ref();
    let changes = version.changes.iter().map(|change| {
        serde_json::json!({
            "rule": change.rule.id,
            "part": change.part,
            "message": change.message,
            "consumer": change.consumer,
            "producer": change.producer,
        })
    });
    serde_json::json!({
        "version": found.and_then(|found| found.contract.version),
        "hash": found.map(|found| found.contract.hash()),
        "commit": version.commit.id.to_string(),
        "author": version.commit.author,
        "date": Date::of_unix(version.commit.seconds).to_string(),
        "summary": version.commit.summary,
        "status": version.status,
        "path": version.path,
        "problem": version.problem,
        "bump": version.bump,
        "changes": changes.collect::<Vec<_>>(),
        "complete": !version.is_cut,
    })
}
