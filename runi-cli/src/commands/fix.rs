//! `runi fix`: the fixes that diagnostics offer.

use crate::cli::{FixArgs, Global};
use crate::error::{CommandError, Exit};
use crate::render::change;
use crate::session;
use crate::shell::{Shell, Tone};
use crate::table::counted;

/// Applies fixes, those left out that would give new errors.
pub(super) fn exec(args: &FixArgs, global: &Global, shell: &Shell) -> Result<Exit, CommandError> {
    let (workspace, report) = session::checked(global)?;
    let root = session::root(global)?;
    let changes = workspace.fix(&report, !args.r#unsafe, session::engine)?;
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
    for title in &changes.refused {
        shell.status(Tone::Warn, "Left out", &format!("{title}: its file would have new errors"));
    }
    if changes.unasked > 0 {
        let fixes = counted(changes.unasked as u64, "fix");
        shell.status(
            Tone::Note,
            "Not asked",
            &format!("{fixes} may change what is computed: `runi check` shows them, `--unsafe` applies them"),
        );
    }
    Ok(if args.dry_run && !changes.files.is_empty() { Exit::Differences } else { Exit::Ok })
}
