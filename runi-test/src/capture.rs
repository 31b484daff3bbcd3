//! A run whose sinks are captured.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::ipc::reader::FileReader;
use runi_engine::error::EngineError;
use runi_engine::record::RunRecord;
use runi_engine::run::{RunOptions, SecretOrigin, run};
use runi_lang::ir::{Connector, NodeId, NodeKind, Origin, Pipeline, Route, SinkNode};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

/// The name under which the quarantine is captured.
pub const INVALID: &str = "invalid";

/// What a captured run gave.
#[derive(Debug)]
pub struct Captured {
    /// Its record; it is in no log.
    pub record: RunRecord,
    /// Sink name → rows; [`INVALID`] → what was set aside.
    pub sinks: BTreeMap<String, (SchemaRef, Vec<RecordBatch>)>,
}

/// Runs `pipeline` with other inputs (`view → connector`) and captured sinks.
///
/// Thresholds, assertions and alerts are left out: they speak of real data. Keyed masks use a fixed, public key, so that
/// goldens are the same on every machine.
///
/// # Errors
/// The run failed, or its captured output cannot be read.
pub fn capture(pipeline: &Pipeline, inputs: &BTreeMap<String, Connector>, root: &Path) -> Result<Captured, EngineError> {
    let dir = tempfile::tempdir().map_err(EngineError::io("create", std::env::temp_dir()))?;
    let path = |name: &str| dir.path().join(format!("{}.arrow", blake(name))).to_string_lossy().replace('\\', "/");
    let mut pipeline = pipeline.clone();
    for node in &mut pipeline.nodes {
        if let (NodeKind::Source(source), Some(connector)) = (&mut node.kind, inputs.get(&node.name)) {
            source.connector = connector.clone();
        }
    }
    pipeline.sinks.retain(|sink| sink.route != Route::Invalid);
    for sink in &mut pipeline.sinks {
        sink.connector = Connector::Arrow { path: path(&sink.name) };
        sink.append = false;
    }
    pipeline.sinks.push(SinkNode {
        name: INVALID.to_owned(),
        input: NodeId(0),
        route: Route::Invalid,
        connector: Connector::Arrow { path: path(INVALID) },
        append: false,
        contract: None,
        columns: Vec::new(),
        origin: Origin::default(),
    });
    pipeline.quality.clear();
    pipeline.asserts.clear();
    pipeline.alerts.clear();
    let mut options = RunOptions::new(root);
    options.workers = Some(1);
    options.recorded = false;
    options.secrets = pipeline.mask_key.iter().map(|reference| (reference.clone(), SecretOrigin::Test)).collect();
    let outcome = run(&pipeline, &options);
    if let Some(error) = outcome.error {
        return Err(error);
    }
    let mut sinks = BTreeMap::new();
    for sink in &pipeline.sinks {
        sinks.insert(sink.name.clone(), read(Path::new(sink.connector.path()))?);
    }
    Ok(Captured { record: outcome.record, sinks })
}

fn blake(name: &str) -> String {
    // Names may hold anything; a file name may not.
    name.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn read(path: &Path) -> Result<(SchemaRef, Vec<RecordBatch>), EngineError> {
    let file = File::open(path).map_err(EngineError::io("read", path))?;
    let reader = FileReader::try_new(file, None).map_err(EngineError::engine("reading a captured sink"))?;
    let schema = reader.schema();
    let batches = reader.collect::<Result<Vec<_>, _>>().map_err(EngineError::engine("reading a captured sink"))?;
    Ok((schema, batches))
}
