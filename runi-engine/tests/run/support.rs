//! A workspace in a temporary directory.

use runi_engine::record::{RunRecord, RunStatus, StageRecord};
use runi_engine::run::{RunOptions, RunOutcome, SecretOrigin, run};
use runi_engine::sql::DataFusionEngine;
use runi_lang::ir::Pipeline;
use runi_lang::workspace::Workspace;
use std::path::Path;
use std::sync::Arc;

/// The workspace.
pub(crate) struct Fixture {
    pub(crate) dir: tempfile::TempDir,
}

impl Fixture {
    /// Files by path; `Runi.toml` is added.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let fixture = Self { dir: tempfile::tempdir().unwrap() };
        fixture.write("Runi.toml", "[workspace]\nname = \"test\"\nedition = \"2026\"\n");
        for (path, text) in files {
            fixture.write(path, text);
        }
        fixture
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn root(&self) -> &Path {
        self.dir.path()
    }

    /// Every pipeline, in order. Panics with the diagnostics when there are errors.
    pub(crate) fn pipelines(&self) -> Vec<Pipeline> {
        let mut workspace = Workspace::open(self.root(), None).unwrap();
        let report = workspace.check(|| Arc::new(DataFusionEngine::new())).unwrap();
        assert!(!report.has_errors(), "{:#?}", report.diagnostics);
        workspace.pipelines(&DataFusionEngine::new(), &[]).unwrap()
    }

    /// The codes of every problem, in order.
    pub(crate) fn codes(&self) -> Vec<String> {
        let mut workspace = Workspace::open(self.root(), None).unwrap();
        let report = workspace.check(|| Arc::new(DataFusionEngine::new())).unwrap();
        report.diagnostics.into_iter().map(|diagnostic| diagnostic.code).collect()
    }

    /// Runs the only pipeline.
    pub(crate) fn outcome(&self, workers: usize) -> RunOutcome {
        let pipelines = self.pipelines();
        assert_eq!(pipelines.len(), 1);
        let mut options = RunOptions::new(self.root());
        options.workers = Some(workers);
        options.held_bytes = 1 << 20;
        options.secrets = pipelines[0].mask_key.iter().map(|key| (key.clone(), SecretOrigin::Test)).collect();
        run(&pipelines[0], &options)
    }

    /// Runs the only pipeline; it must succeed.
    pub(crate) fn run(&self, workers: usize) -> RunRecord {
        let outcome = self.outcome(workers);
        assert!(outcome.error.is_none() && outcome.record.status == RunStatus::Succeeded, "{:#?}", outcome);
        assert!(outcome.record.stages.iter().all(StageRecord::adds_up));
        outcome.record
    }

    /// The lines of a text output.
    pub(crate) fn lines(&self, path: &str) -> Vec<String> {
        std::fs::read_to_string(self.root().join(path)).unwrap().lines().map(str::to_owned).collect()
    }
}

/// The stage of this name.
pub(crate) fn stage<'a>(record: &'a RunRecord, name: &str) -> &'a StageRecord {
    let names: Vec<&str> = record.stages.iter().map(|stage| stage.name.as_str()).collect();
    record.stages.iter().find(|stage| stage.name == name).unwrap_or_else(|| panic!("no stage {name} in {names:?}"))
}

/// `in, passed, quarantined, filtered` of a stage.
pub(crate) fn doors(record: &RunRecord, name: &str) -> [u64; 4] {
    let stage = stage(record, name);
    [stage.rows_in, stage.passed, stage.quarantined, stage.filtered_rows()]
}
