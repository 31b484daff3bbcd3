//! `runi contract rollback`: an earlier version's text, as a new change of the working copy.

use super::history;
use crate::cli::{ContractRollbackArgs, Global};
use crate::error::{CommandError, Exit};
use crate::render::change;
use crate::session;
use crate::shell::{Shell, Tone};
use runi_lang::diff::edit::{with_contract, with_version};
use runi_lang::diff::judge::{bumped, demanded};
use runi_lang::diff::{Bump, contract};

/// Writes the earlier text; commits nothing.
pub(crate) fn exec(args: &ContractRollbackArgs, global: &Global, shell: &Shell) -> Result<Exit, CommandError> {
    let root = session::root(global)?;
    let versions = history::read(&args.name, None, global)?;
    let number = |version: &runi_lang::model::Version| version.to_string() == args.to;
    let wanted = versions.iter().filter_map(|version| Some((version, version.found.as_ref()?))).find(|(version, found)| {
        let commit = args.to.len() >= 7 && version.commit.id.to_string().starts_with(&args.to);
        commit || found.contract.version.as_ref().is_some_and(number)
    });
    let Some((version, old)) = wanted else {
        let mut known: Vec<String> =
            versions.iter().filter_map(|version| Some(version.found.as_ref()?.contract.version?.to_string())).collect();
        known.dedup();
        return Err(CommandError::usage(format!("`{}` never had the version {}", args.name, args.to))
            .hint(format!("its versions are {}; a commit is named by seven digits or more", known.join(", "))));
    };
    let (workspace, _) = session::checked(global)?;
    let current = workspace.contracts().into_iter().find(|entry| entry.binding.contract.name == args.name);
    let path = current.as_ref().map_or_else(|| old.path.clone(), |entry| entry.path.to_string());
    let text = match current.as_ref().and_then(|entry| workspace.text(&entry.path)) {
        Some(text) => text.to_string(),
        // The contract is gone; its file may hold others, which stay.
        None => match std::fs::read_to_string(root.join(&path)) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(CommandError::io("read", &root.join(&path))(error)),
        },
    };
    let failed = || CommandError::environment(format!("`{}` of {} cannot be put into `{path}`", args.name, version.commit.id.short()));
    let mut new = with_contract(&text, &args.name, &old.text).ok_or_else(failed)?;

    // Going back is a change like any other: readers of the current version see it, so it has a version of its own.
    let mut bump = Bump::None;
    if let Some(entry) = &current {
        let changes = contract::compare(&entry.binding.contract, &old.contract, &session::engine);
        bump = changes.iter().filter(|change| !matches!(change.rule.id, "X005" | "X006")).map(demanded).max().unwrap_or_default();
        if let Some(now) = entry.binding.contract.version {
            new = with_version(&new, &args.name, bumped(now, bump)).unwrap_or(new);
        }
    }
    if new == text {
        shell.status(Tone::Good, "Unchanged", &format!("{path} is as {} has it", version.commit.id.short()));
        return Ok(Exit::Ok);
    }
    if args.dry_run {
        shell.data(&change::unified(&path, &text, &new));
        return Ok(Exit::Differences);
    }
    change::replace(&root.join(&path), &new)?;
    let said =
        format!("{} as {} of {} had it, a {bump} change; `runi diff` shows whom it reaches", path, args.to, version.commit.id.short());
    shell.status(Tone::Good, "Wrote", &said);
    Ok(Exit::Ok)
}
