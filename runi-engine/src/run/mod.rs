//! Running a pipeline: the graph, its counted doors, its verdict.
//!
//! [`run`] compiles the pipeline (`build`), drives its trees (`drive`), adds up every stage's doors,
//! evaluates thresholds and assertions (`verdict`), publishes the outputs or leaves the earlier ones
//! as they were, and appends a record to the run log.
//!
//! Outputs are published only when everything held: rows were read, promises kept, thresholds met.
//! The quarantine is published in any case but an interruption, since it says why.

mod alert;
mod build;
mod compact;
mod context;
mod contract_stage;
mod drive;
mod feed;
mod finish;
mod finite;
mod held;
mod hub;
mod keys_first;
mod lane;
mod layout;
mod meter;
mod output;
mod progress;
mod quarantine_lane;
mod query;
mod secret;
mod sink_stage;
mod step_stage;
mod tree;
mod verdict;

pub use finish::alert_refused;
pub use progress::Progress;
pub use secret::{SecretOrigin, SecretOrigins, mask_key};

use crate::error::EngineError;
use crate::quarantine::SourcePrivacy;
use crate::record::{RunError, RunLog, RunRecord, RunStatus};
use crate::sink::Noted;
use crate::source::ReadOptions;
use crate::sql::{Evaluation, QuerySession, RunClock, SessionOptions};
use context::RunContext;
use drive::{Drive, Settings, Ways};
use runi_lang::ir::{NodeKind, Pipeline};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How to run.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// The workspace.
    pub root: PathBuf,
    /// Workers per source; `None`: one per core, and one alone for small inputs, whose outputs are then in a fixed order
    /// also behind joins and aggregates.
    pub workers: Option<usize>,
    /// Bytes that joins, sorts and aggregates may use before they spill to disk. A value that a function makes may take a 64th of it
    /// (from 1 to 16 MiB), the values of one batch a quarter (from 16 to 256 MiB).
    pub memory_limit: usize,
    /// A keyed source of up to this many bytes is held in memory until its keys are known; a larger one is read for its keys first.
    pub held_bytes: u64,
    /// Where secrets come from.
    pub secrets: SecretOrigins,
    /// Set it to stop the run.
    pub interrupt: Arc<AtomicBool>,
    /// Watch it to see how far the run is.
    pub progress: Arc<Progress>,
    /// Whether the run goes into the log under `.runi/`, alerts are sent, and what a killed run left is completed. Tests say no.
    pub recorded: bool,
}

impl RunOptions {
    /// The defaults for a workspace.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            workers: None,
            memory_limit: 1 << 30,
            held_bytes: 64 << 20,
            secrets: SecretOrigins::new(),
            interrupt: Arc::new(AtomicBool::new(false)),
            progress: Arc::new(Progress::default()),
            recorded: true,
        }
    }
}

/// What a run came to.
#[derive(Debug)]
pub struct RunOutcome {
    /// What goes into the log.
    pub record: RunRecord,
    /// Why it failed, when it did not only miss a threshold or an assertion.
    pub error: Option<EngineError>,
    /// The log could not be written, or not what became of the alerts; the run itself is as `record` says.
    pub log_error: Option<EngineError>,
}

/// Inputs of at most this many bytes in all are run by one worker.
const SMALL_BYTES: u64 = 4 << 20;

/// Runs one pipeline from start to end. Never panics; every failure is in the outcome.
#[must_use]
pub fn run(pipeline: &Pipeline, options: &RunOptions) -> RunOutcome {
    let started = Instant::now();
    let clock = RunClock::now();
    let mut record = RunRecord {
        run_id: uuid::Uuid::now_v7().to_string(),
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        feature: pipeline.feature.clone(),
        scenario: pipeline.scenario.clone(),
        slug: pipeline.slug.clone(),
        environment: pipeline.environment.clone(),
        status: RunStatus::Failed,
        error: None,
        started_at: crate::record::rfc3339(clock.0),
        finished_at: String::new(),
        duration_ms: 0,
        stages: Vec::new(),
        drift: Vec::new(),
        verdicts: Vec::new(),
        alerts: Vec::new(),
        contracts: contracts(pipeline),
        lineage: pipeline.lineage.clone(),
        inputs: Vec::new(),
        outputs: Vec::new(),
        recovered: None,
    };
    let mut noted = None;
    let result = attempt(pipeline, options, clock, &mut record, &mut noted);
    record.status = match &result {
        Ok(()) if !record.misses() => RunStatus::Succeeded,
        Err(EngineError::Interrupted) => RunStatus::Interrupted,
        Ok(()) | Err(_) => RunStatus::Failed,
    };
    let error = result.err();
    record.error = error.as_ref().map(|error| RunError { code: error.code().to_owned(), message: error.to_string() });
    record.finished_at = crate::record::rfc3339(RunClock::now().0);
    record.duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let log = RunLog::at(&options.root);
    let mut log_error = if options.recorded { log.append(&record).err() } else { None };
    // Only now: had this process been killed before, the next run would have written the record.
    if let Some(noted) = noted {
        noted.forget();
    }
    // Last, since an address may take its time to answer.
    if options.recorded {
        record.alerts = finish::alerts(pipeline, &record, &options.root);
        if log_error.is_none() && !record.alerts.is_empty() {
            log_error = log.append_alerts(&record.run_id, &record.alerts).err();
        }
    }
    RunOutcome { record, error, log_error }
}

fn contracts(pipeline: &Pipeline) -> BTreeMap<String, String> {
    let sources = pipeline.nodes.iter().filter_map(|node| match &node.kind {
        NodeKind::Source(source) => source.contract.as_ref(),
        NodeKind::Rows(_) | NodeKind::Query(_) => None,
    });
    let steps = pipeline.nodes.iter().filter_map(|node| node.contract.as_ref());
    let sinks = pipeline.sinks.iter().filter_map(|sink| sink.contract.as_ref());
    sources.chain(steps).chain(sinks).map(|binding| (binding.contract.name.clone(), binding.hash.clone())).collect()
}

fn attempt(
    pipeline: &Pipeline,
    options: &RunOptions,
    clock: RunClock,
    record: &mut RunRecord,
    noted: &mut Option<Noted>,
) -> Result<(), EngineError> {
    // Before anything is read: a source may be an output of the run that was killed. A test changes nothing of the workspace.
    if options.recorded {
        crate::sink::recover(&options.root)?;
    }
    let mask_key = match &pipeline.mask_key {
        Some(reference) => Some(secret::mask_key(reference, &options.secrets, &options.root)?),
        None => None,
    };
    let spools = crate::sink::TempDirectory::create(&options.root)?;
    let context = Arc::new(RunContext {
        run_id: record.run_id.clone(),
        scenario: pipeline.scenario.clone(),
        root: options.root.clone(),
        spool_dir: spools.path().to_path_buf(),
        evaluation: Evaluation::new(clock, options.memory_limit),
        mask_key,
        raw_quarantine: pipeline.raw_quarantine,
        recorded: options.recorded,
        privacy: Arc::new(SourcePrivacy::of(pipeline)),
        interrupt: Arc::clone(&options.interrupt),
        failed: AtomicBool::new(false),
    });
    let workers = options.workers.unwrap_or_else(|| workers_for(pipeline, options));
    let read = ReadOptions::default();
    let limits = SessionOptions {
        target_partitions: workers,
        batch_size: read.batch_rows,
        memory_limit: Some(options.memory_limit),
        spill_directory: Some(context.spool_dir.clone()),
    };
    let session = QuerySession::new(clock, &limits)?;
    let built = build::build(pipeline, &context, &session, &read, workers)?;
    record.drift = finish::drift(pipeline, &built);
    let lanes = finish::open_lanes(pipeline, &context, &built)?;
    let quarantine = quarantine_lane::QuarantineLane::start(pipeline, &context)?;
    let ways = Ways { sinks: lanes.iter().map(lane::Lane::sender).collect(), quarantine: quarantine.sender() };
    let settings = Settings {
        pipeline: Arc::new(pipeline.clone()),
        context: Arc::clone(&context),
        read,
        workers,
        held_bytes: options.held_bytes,
        progress: Arc::clone(&options.progress),
    };
    let (drive, works) = Drive::new(built, ways, settings);
    let drive = Arc::new(drive);
    // Workers have threads of their own, also when there is one: this thread stays free to give up on them.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        // Expressions are evaluated as deep as they nest.
        .thread_stack_size(16 << 20)
        .enable_all()
        .build()
        .map_err(EngineError::engine("starting the workers"))?;
    let (patience, over) = patience(&options.interrupt)?;
    let driven = runtime.block_on(async {
        tokio::select! {
            driven = drive.run(works) => driven,
            () = patience.notified() => Err(EngineError::Interrupted),
        }
    });
    over.store(true, Relaxed);
    match driven {
        // A worker deep in a join looks up only when it has a batch. It is left behind: nothing that it does is published.
        Err(EngineError::Interrupted) => {
            drive.abandon();
            runtime.shutdown_background();
        }
        _ => drop(runtime),
    }
    finish::finish(pipeline, &context, &drive, driven, lanes, quarantine, record, noted)
}

/// How long workers may take to notice a signal.
const GRACE: Duration = Duration::from_secs(2);

/// Told when a signal came and the workers did not notice it in time. Set the flag when they are done.
fn patience(interrupt: &Arc<AtomicBool>) -> Result<(Arc<Notify>, Arc<AtomicBool>), EngineError> {
    let (told, over) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
    let (interrupt, notify, done) = (Arc::clone(interrupt), Arc::clone(&told), Arc::clone(&over));
    let watch = move || {
        let mut since: Option<Instant> = None;
        while !done.load(Relaxed) {
            std::thread::sleep(Duration::from_millis(20));
            if interrupt.load(Relaxed) && since.get_or_insert_with(Instant::now).elapsed() > GRACE {
                notify.notify_one();
                return;
            }
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(watch).map_err(EngineError::engine("starting a thread"))?;
    Ok((told, over))
}

/// One worker for small inputs, else one per core.
fn workers_for(pipeline: &Pipeline, options: &RunOptions) -> usize {
    let sources = pipeline.nodes.iter().filter_map(|node| match &node.kind {
        NodeKind::Source(source) => Some(&source.connector),
        NodeKind::Rows(_) | NodeKind::Query(_) => None,
    });
    let bytes: u64 = sources.map(|connector| size(connector, &options.root)).sum();
    if bytes <= SMALL_BYTES { 1 } else { std::thread::available_parallelism().map_or(1, usize::from) }
}

/// Bytes under a source's path; of a glob, those below its last directory without wildcards.
fn size(connector: &runi_lang::ir::Connector, root: &Path) -> u64 {
    let literal: PathBuf = Path::new(connector.path())
        .components()
        .take_while(|part| !part.as_os_str().to_string_lossy().contains(['*', '?', '[', '{']))
        .collect();
    let mut bytes = 0;
    add_bytes(&root.join(literal), &mut bytes);
    bytes
}

/// Adds up what lies below `path`, and stops once it is no longer small.
fn add_bytes(path: &Path, bytes: &mut u64) {
    match std::fs::metadata(path) {
        Ok(found) if found.is_file() => *bytes = bytes.saturating_add(found.len()),
        Ok(_) => {
            for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
                if *bytes <= SMALL_BYTES {
                    // Empty files and directories cost as much time to visit as others.
                    *bytes += 64;
                    add_bytes(&entry.path(), bytes);
                }
            }
        }
        // What is missing is reported when it is opened.
        Err(_) => {}
    }
}
