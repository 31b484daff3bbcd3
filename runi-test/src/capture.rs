//! A run whose sinks are captured.

use crate::report::SetAside;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::ipc::reader::FileReader;
use runi_engine::error::EngineError;
use runi_engine::record::RunRecord;
use runi_engine::run::{RunOptions, SecretOrigin, run};
use runi_lang::ir::{Connector, NodeId, NodeKind, Origin, Pipeline, Route, SinkNode};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

/// The name under which the quarantine is captured.
pub const INVALID: &str = "invalid";

/// What a captured run gave.
#[derive(Debug)]
pub struct Captured {
    /// Its record; it is in no log.
    pub record: RunRecord,
    /// Sink name → rows; what was set aside stands under each of `quarantines`.
    pub sinks: BTreeMap<String, (SchemaRef, Vec<RecordBatch>)>,
    /// The names of the quarantine: [`INVALID`], and those of the sinks that receive it.
    pub quarantines: BTreeSet<String>,
}

impl Captured {
    /// The rows that were set aside, in order.
    #[must_use]
    pub fn set_aside(&self) -> Vec<SetAside> {
        let batches = self.sinks.get(INVALID).map(|(_, batches)| batches.as_slice()).unwrap_or_default();
        let rows = |batch: &RecordBatch| -> Vec<SetAside> {
            (0..batch.num_rows())
                .map(|row| {
                    let one = |name: &str| listed(batch, name, row).into_iter().next();
                    SetAside {
                        stage: one("stage").unwrap_or_default(),
                        source: one("source"),
                        row: one("row").and_then(|row| row.parse().ok()),
                        rules: listed(batch, "rules", row),
                        errors: listed(batch, "errors", row),
                    }
                })
                .collect()
        };
        batches.iter().flat_map(rows).collect()
    }
}

/// The texts of a cell of the quarantine: those of a list, or the one that it is; none for null.
pub(crate) fn listed(batch: &RecordBatch, name: &str, row: usize) -> Vec<String> {
    let Some(column) = batch.column_by_name(name).filter(|column| !column.is_null(row)) else { return Vec::new() };
    let values = match column.data_type() {
        DataType::List(_) => column.as_list::<i32>().value(row),
        _ => column.slice(row, 1),
    };
    crate::table::texts(&values).unwrap_or_default().into_iter().flatten().collect()
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
    let invalid = pipeline.sinks.iter().filter(|sink| sink.route == Route::Invalid).map(|sink| sink.name.clone());
    let quarantines: BTreeSet<String> = invalid.chain([INVALID.to_owned()]).collect();
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
    let set_aside = sinks.get(INVALID).cloned();
    for name in &quarantines {
        sinks.extend(set_aside.clone().map(|rows| (name.clone(), rows)));
    }
    Ok(Captured { record: outcome.record, sinks, quarantines })
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
