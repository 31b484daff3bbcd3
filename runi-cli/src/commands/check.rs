//! `runi check`: every problem of every file, before a byte of data is read.

use crate::cli::{CheckArgs, DiagnosticFormat, Global};
use crate::comparison;
use crate::error::{CommandError, Exit};
use crate::session;
use crate::shell::{Shell, Tone};
use crate::table::{counted, duration};
use std::time::Instant;

/// Checks the workspace and shows what it found.
pub(super) fn exec(args: &CheckArgs, global: &Global, shell: &Shell) -> Result<Exit, CommandError> {
    let start = Instant::now();
    let (_, report) = session::checked(global)?;
    session::show(&report, args.format, &comparison::prefix(&session::root(global)?), shell);
    let exit = session::verdict(&report, args.deny_warnings);
    if args.format == DiagnosticFormat::Human {
        let took = duration(u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX));
        let files = counted(report.stats.files as u64, "file");
        let promises = match report.promises.total {
            0 => String::new(),
            total => format!(", {} of {total} promises are not checked", total - report.promises.checked),
        };
        let tone = if exit == Exit::Ok { Tone::Good } else { Tone::Bad };
        shell.status(tone, "Checked", &format!("{files} in {took}: {}{promises}", session::problems(&report)));
    }
    if args.stats {
        let stats = report.stats;
        let line =
            format!("parsed {}, summarised {}, checked {}, from the cache {}", stats.parsed, stats.summarised, stats.checked, stats.cached);
        shell.status(Tone::Note, "Work", &line);
    }
    Ok(exit)
}
