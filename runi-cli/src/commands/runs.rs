//! `runi runs`: past runs from the log.

use crate::cli::{DataFormat, Global, RunsArgs};
use crate::error::{CommandError, Exit};
use crate::session;
use crate::shell::{Shell, Tone};
use crate::table::{self, count, duration};
use runi_engine::record::{Logged, Recovery, RunLog, RunRecord, RunStatus, StageKind};
use runi_lang::diagnostics::nearest;
use std::collections::BTreeSet;

/// Lists runs, newest first, or verifies the log.
pub(super) fn exec(args: &RunsArgs, global: &Global, shell: &Shell) -> Result<Exit, CommandError> {
    let root = session::root(global)?;
    let log = RunLog::at(&root);
    if args.verify {
        let problems = log.verify()?;
        for problem in &problems {
            shell.data(&format!("log.jsonl:{}: {}", problem.line, problem.message));
        }
        if problems.is_empty() {
            shell.status(Tone::Good, "Verified", "the run log's hash chain holds");
            return Ok(Exit::Ok);
        }
        return Ok(Exit::Differences);
    }
    let Logged { mut records, unreadable } = log.read()?;
    if unreadable > 0 {
        let lines = if unreadable == 1 { "1 line".to_owned() } else { format!("{unreadable} lines") };
        shell.status(Tone::Warn, "Unreadable", &format!("{lines} of `.runi/runs/log.jsonl`; `runi runs --verify` says which"));
    }
    let any = !records.is_empty();
    if let Some(scenario) = &args.scenario {
        records.retain(|record| record.slug == *scenario || record.scenario == *scenario || record.run_id.starts_with(scenario.as_str()));
    }
    // For a program an empty list is an answer.
    let unknown = any && records.is_empty() && args.format == DataFormat::Human;
    if let Some(wanted) = args.scenario.as_ref().filter(|_| unknown) {
        let known = log.records()?.into_iter().map(|record| record.slug).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
        let error = CommandError::usage(format!("no run in the log is of `{wanted}`"));
        return Err(error.hint(match nearest(wanted, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the log has runs of {}", known.iter().map(|slug| format!("`{slug}`")).collect::<Vec<_>>().join(", ")),
        }));
    }
    records.reverse();
    records.truncate(args.last.get());
    match args.format {
        DataFormat::Json => shell.data(&session::json(&records)?),
        DataFormat::Human if records.is_empty() => shell.status(Tone::Note, "Empty", "no run is in the log"),
        DataFormat::Human => shell.data(&list(&records)),
    }
    Ok(Exit::Ok)
}

/// How it ended, and what another command did about it.
fn status(record: &RunRecord) -> String {
    let status = match record.status {
        RunStatus::Succeeded => "succeeded",
        RunStatus::Failed => "failed",
        RunStatus::Interrupted => "interrupted",
    };
    match record.recovered.as_ref().map(|recovered| recovered.outcome) {
        None => status.to_owned(),
        Some(Recovery::Completed) => format!("{status}, killed and completed"),
        Some(Recovery::Undone) => format!("{status}, killed and undone"),
    }
}

fn list(records: &[RunRecord]) -> String {
    let rows: Vec<Vec<String>> = records
        .iter()
        .map(|record| {
            let read: u64 = record.stages.iter().filter(|stage| stage.kind == StageKind::Source).map(|stage| stage.rows_in).sum();
            let set_aside: u64 = record.stages.iter().map(|stage| stage.quarantined).sum();
            let written: u64 = record.outputs.iter().map(|output| output.rows).sum();
            vec![
                record.run_id.clone(),
                record.started_at.clone(),
                record.slug.clone(),
                status(record),
                count(read),
                count(set_aside),
                count(written),
                duration(record.duration_ms),
            ]
        })
        .collect();
    table::render(
        &["run", "started", "scenario", "status", "read", "quarantined", "written", "took"],
        &[false, false, false, false, true, true, true, true],
        &rows,
    )
}
