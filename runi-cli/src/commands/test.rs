//! `runi test`: goldens and examples.

use crate::cli::{DataFormat, Global, TestArgs};
use crate::error::{CommandError, Exit};
use crate::session;
use crate::shell::{Shell, Tone};
use crate::table::duration;
use runi_test::report::Outcome;
use runi_test::suite::{self, Selection};
use std::time::Instant;

/// Runs the tests and shows what differs.
pub(super) fn exec(args: &TestArgs, global: &Global, shell: &Shell) -> Result<Exit, CommandError> {
    let start = Instant::now();
    let Some((workspace, pipelines)) = session::pipelines(global, &[], shell)? else { return Ok(Exit::Problems) };
    let selection = Selection::of(&workspace, &args.names, args.update)?;
    let results = suite::run(&workspace, &pipelines, &*session::engine(), &session::root(global)?, &selection);
    if !args.names.is_empty() && results.is_empty() {
        return Err(CommandError::usage("nothing that is named has a golden or an example").hint("`runi test` runs all of them"));
    }
    let failed = results.iter().filter(|result| !result.is_ok()).count();
    match args.format {
        DataFormat::Json => shell.data(&session::json(&results)?),
        DataFormat::Human => results.iter().for_each(|result| shell.data(&result.human())),
    }
    let updated = results.iter().filter(|result| matches!(result.outcome, Outcome::Updated)).count();
    let took = duration(u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX));
    let tone = if failed == 0 { Tone::Good } else { Tone::Bad };
    let mut line = format!("{} passed, {failed} failed", results.len() - failed - updated);
    if updated > 0 {
        line.push_str(&format!(", {updated} updated"));
    }
    shell.status(tone, "Tested", &format!("{line} in {took}"));
    Ok(if failed == 0 { Exit::Ok } else { Exit::Problems })
}
