//! `runi run`: scenarios in order, each with its doors, verdicts and outputs.

use crate::cli::{DataFormat, Global, RunArgs};
use crate::error::{CommandError, Exit};
use crate::progress::Bar;
use crate::render::run::human;
use crate::session;
use crate::shell::{Shell, Tone};
use runi_engine::record::{RunRecord, RunStatus};
use runi_engine::run::{Progress, RunOptions, alert_refused, run};
use runi_lang::select::Graph;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Runs what is selected.
pub(super) fn exec(args: &RunArgs, global: &Global, shell: &Shell) -> Result<Exit, CommandError> {
    let (workspace, selected) = session::selected(global, &args.scenarios, shell)?;
    let root = session::root(global)?;
    if !selected.is_ready() {
        for pipeline in &selected.pipelines {
            let reasons = selected.lacks(pipeline);
            let sent = if reasons.is_empty() { Vec::new() } else { alert_refused(pipeline, &reasons, &root) };
            for (target, error) in sent.into_iter().filter_map(|alert| Some((alert.target, alert.error?))) {
                shell.status(Tone::Warn, "Alert", &format!("`{target}` was not told: {error}"));
            }
        }
        return Ok(Exit::Problems);
    }
    let pipelines = selected.pipelines;
    let swept = runi_engine::sink::sweep(&root)?;
    if swept.publishes.completed > 0 {
        shell.status(Tone::Note, "Completed", "the outputs of a run that was killed while it published them; `runi runs` lists it");
    }
    if swept.publishes.undone > 0 {
        shell.status(Tone::Warn, "Undone", "the outputs of a run that was killed while it published them: one of its files is gone");
    }
    if swept.files > 0 {
        shell.status(Tone::Note, "Swept", &format!("{} unfinished files of runs that were killed", swept.files));
    }
    let interrupt = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupt);
    // A second handler cannot be set; the first one does the same.
    let _ = ctrlc::set_handler(move || {
        if flag.swap(true, Relaxed) {
            std::process::exit(130);
        }
    });
    let facts: Vec<_> = workspace.scenarios().map(|(_, facts)| facts.clone()).collect();
    let graph = Graph::new(&facts);
    let mut skipped: BTreeSet<String> = BTreeSet::new();
    let mut records: Vec<RunRecord> = Vec::new();
    let mut failure: Option<CommandError> = None;
    let mut failed = false;
    for pipeline in &pipelines {
        if skipped.contains(&pipeline.slug) {
            shell.status(Tone::Warn, "Left out", &format!("{}: something that it reads was not published", pipeline.slug));
            continue;
        }
        let mut options = RunOptions::new(&root);
        options.workers = args.workers.map(usize::from);
        options.memory_limit = args.memory;
        options.secrets = session::secrets(&workspace, pipeline);
        options.interrupt = Arc::clone(&interrupt);
        options.progress = Arc::new(Progress::default());
        let outcome = {
            let _bar = Bar::watch(shell, &pipeline.slug, &options.progress);
            run(pipeline, &options)
        };
        if args.format == DataFormat::Human {
            shell.data(&human(&outcome.record));
        }
        let ok = outcome.record.status == RunStatus::Succeeded;
        records.push(outcome.record);
        if let Some(error) = outcome.log_error {
            shell.failure(&error.into());
            failed = true;
        }
        if let Some(error) = outcome.error {
            let error = CommandError::from(error);
            shell.failure(&error);
            failure.get_or_insert(error);
        }
        if interrupt.load(Relaxed) {
            break;
        }
        if !ok {
            failed = true;
            if !args.keep_going {
                break;
            }
            let start: Vec<usize> = facts.iter().enumerate().filter(|(_, facts)| facts.slug == pipeline.slug).map(|(at, _)| at).collect();
            skipped.extend(graph.reachable(&start, false).into_iter().filter_map(|at| facts.get(at)).map(|facts| facts.slug.clone()));
        }
    }
    if args.format == DataFormat::Json {
        shell.data(&session::json(&records)?);
    }
    if interrupt.load(Relaxed) {
        return Ok(Exit::Interrupted);
    }
    match failure {
        Some(error) => Ok(error.exit),
        None if failed => Ok(Exit::Problems),
        None => Ok(Exit::Ok),
    }
}
