//! `runi fix`: the fixes that diagnostics offer.

use crate::cli::{FixArgs, Global};
use crate::error::{CommandError, Exit};
use crate::render::change;
use crate::session;
use crate::shell::{Shell, Tone};
use crate::table::counted;

/// Applies fixes, unless the result would have new errors.
pub(super) fn exec(args: &FixArgs, global: &Global, shell: &Shell) -> Result<Exit, CommandError> {
    let (workspace, report) = session::checked(global)?;
    let root = session::root(global)?;
    let changes = workspace
        .fix(&report, !args.r#unsafe, session::engine)
        .map_err(|error| CommandError::problems(error.to_string()).hint("nothing was changed; `runi check` shows the fixes"))?;
    for (path, text) in &changes.files {
        if args.dry_run {
            let before = std::fs::read_to_string(root.join(path)).unwrap_or_default();
            shell.data(&change::unified(path, &before, text));
        } else {
            change::replace(&root.join(path), text)?;
        }
    }
    let word = if args.dry_run { "Would fix" } else { "Fixed" };
    shell.status(
        Tone::Good,
        word,
        &format!("{} in {}", counted(changes.applied.len() as u64, "problem"), counted(changes.files.len() as u64, "file")),
    );
    Ok(if args.dry_run && !changes.files.is_empty() { Exit::Differences } else { Exit::Ok })
}
