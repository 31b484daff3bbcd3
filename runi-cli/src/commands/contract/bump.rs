//! `runi contract bump`: the version that the changes since the base demand.

use crate::cli::{ContractBumpArgs, Global};
use crate::comparison::{self, Comparison};
use crate::error::{CommandError, Exit};
use crate::render::change;
use crate::session;
use crate::shell::{Shell, Tone};
use runi_lang::diff::edit::{with_version, with_workspace_version};
use runi_lang::diff::judge::bumped;
use runi_lang::diff::{ItemKind, Request};
use runi_lang::model::Version;
use runi_lang::workspace::manifest::{self, FILE as MANIFEST};
use std::path::Path;

/// Raises `@version` where it is too low.
pub(crate) fn exec(args: &ContractBumpArgs, global: &Global, shell: &Shell) -> Result<Exit, CommandError> {
    let request = args.against.as_ref().map_or(Request::Branch, |revision| Request::Range(revision.clone()));
    let Comparison { diff, version_before, .. } = comparison::compare(&request, &comparison::Options::default(), global)?;
    let root = session::root(global)?;
    let contracts = diff.items.iter().filter(|item| item.item.kind == ItemKind::Contract);
    let chosen: Vec<_> = contracts.filter(|item| args.names.is_empty() || args.names.contains(&item.item.name)).collect();
    let mut raised = 0;
    for item in &chosen {
        let (Some(was), Some(path)) = (item.version_before, &item.path_after) else { continue };
        let wanted = bumped(was, item.bump);
        if item.version_after.is_some_and(|now| now >= wanted) {
            continue;
        }
        let file = root.join(path);
        let text = std::fs::read_to_string(&file).map_err(CommandError::io("read", &file))?;
        let Some(new) = with_version(&text, &item.item.name, wanted) else {
            shell.status(Tone::Warn, "Skipped", &format!("{} has no `@version` to raise; write `@version({wanted})`", item.item.name));
            continue;
        };
        raised += 1;
        if args.dry_run {
            shell.data(&change::unified(path, &text, &new));
        } else {
            change::replace(&file, &new)?;
            shell.status(Tone::Good, "Raised", &format!("{} {was} → {wanted} ({})", item.item.name, item.bump));
        }
    }
    // What is published together rises with the greatest change in it.
    if let Some(was) = version_before.filter(|_| args.names.is_empty()) {
        let bump = diff.items.iter().map(|item| item.bump).max().unwrap_or_default();
        raised += usize::from(raise_workspace(&root, was, bumped(was, bump), args.dry_run, shell)?);
    }
    if raised == 0 {
        shell.status(Tone::Good, "Unchanged", "every version is high enough");
    }
    Ok(if args.dry_run && raised > 0 { Exit::Differences } else { Exit::Ok })
}

/// Raises `[workspace] version` of Runi.toml; whether it was too low.
fn raise_workspace(root: &Path, was: Version, wanted: Version, dry_run: bool, shell: &Shell) -> Result<bool, CommandError> {
    let file = root.join(MANIFEST);
    let text = std::fs::read_to_string(&file).map_err(CommandError::io("read", &file))?;
    let now = manifest::read(MANIFEST, &text).manifest.version;
    let Some(new) = with_workspace_version(&text, wanted).filter(|_| now.is_none_or(|now| now < wanted)) else { return Ok(false) };
    if dry_run {
        shell.data(&change::unified(MANIFEST, &text, &new));
    } else {
        change::replace(&file, &new)?;
        shell.status(Tone::Good, "Raised", &format!("the workspace {was} → {wanted}"));
    }
    Ok(true)
}
