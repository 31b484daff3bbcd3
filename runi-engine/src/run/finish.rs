//! The end of a run: doors add up, verdicts are spoken, outputs are published, alerts go out.

use super::alert::{Payload, send};
use super::build::Built;
use super::context::RunContext;
use super::drive::Drive;
use super::lane::Lane;
use super::meter::Meter;
use super::quarantine_lane::QuarantineLane;
use super::tree::NodeStage;
use super::verdict::{Counts, verdicts};
use crate::error::EngineError;
use crate::record::{AlertRecord, DriftRecord, FileRecord, RunError, RunRecord, RunStatus, StageRecord, VerdictRecord};
use crate::sink::{Noted, Published, SinkSpec, Staged};
use runi_lang::diagnostics::run::DRIFTED;
use runi_lang::ir::{NodeId, Pipeline};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// Every difference between a source and its contract that the policy lets pass.
pub(crate) fn drift(pipeline: &Pipeline, built: &Built) -> Vec<DriftRecord> {
    let name = |id: &NodeId| pipeline.nodes.get(id.index()).map_or_else(String::new, |node| node.name.clone());
    let one = |(id, source): (&NodeId, &crate::source::OpenSource)| {
        source.drift().iter().map(|drift| DriftRecord { source: name(id), message: drift.to_string() }).collect::<Vec<_>>()
    };
    built.sources.iter().flat_map(one).collect()
}

/// Opens every data sink: an unwritable place shows before rows flow.
pub(crate) fn open_lanes(pipeline: &Pipeline, context: &RunContext, built: &Built) -> Result<Vec<Lane>, EngineError> {
    let mut open = Vec::new();
    for (index, schema) in &built.slots {
        let Some(sink) = pipeline.sinks.get(*index) else { continue };
        let metadata = sink
            .contract
            .iter()
            .map(|binding| ("runi:contract".to_owned(), format!("{}@{}", binding.contract.name, binding.hash)))
            .collect();
        let spec = SinkSpec {
            name: &sink.name,
            connector: &sink.connector,
            append: sink.append,
            root: &context.root,
            schema: Arc::clone(schema),
            run_id: &context.run_id,
            metadata,
        };
        open.push((&sink.name, crate::sink::open(&spec)?));
    }
    open.into_iter().map(|(name, sink)| Lane::start(name, sink)).collect()
}

/// Adds up, judges and publishes. `noted` is to be forgotten when the record is in the log.
#[expect(clippy::too_many_arguments, reason = "the end of a run needs all that the run was made of")]
pub(crate) fn finish(
    pipeline: &Pipeline,
    context: &RunContext,
    drive: &Drive,
    driven: Result<(), EngineError>,
    lanes: Vec<Lane>,
    quarantine: QuarantineLane,
    record: &mut RunRecord,
    noted: &mut Option<Noted>,
) -> Result<(), EngineError> {
    let staged: Result<Vec<(String, Staged)>, EngineError> = lanes.into_iter().map(Lane::finish).collect();
    let set_aside = quarantine.finish();
    record.stages = stages(drive);
    record.inputs = inputs(pipeline, drive);
    // A writer's own error says more than the worker that met its closed door.
    let (staged, set_aside) = match (driven, staged, set_aside) {
        (Err(EngineError::Interrupted), _, _) => return Err(EngineError::Interrupted),
        (_, Err(error), _) | (_, _, Err(error)) => return Err(error),
        (Err(error), _, Ok(set_aside)) => {
            record.error = Some(RunError { code: error.code().to_owned(), message: error.to_string() });
            publish(set_aside, RunStatus::Failed, context, record, noted)?;
            return Err(error);
        }
        (Ok(()), Ok(staged), Ok(set_aside)) => (staged, set_aside),
    };
    if let Some(stage) = record.stages.iter().find(|stage| !stage.adds_up()) {
        let message = format!(
            "{} came in; {} passed, {} were set aside, {} were filtered, {} were consumed",
            stage.rows_in,
            stage.passed,
            stage.quarantined,
            stage.filtered_rows(),
            stage.consumed
        );
        return Err(EngineError::Doors { stage: stage.name.clone(), message });
    }
    record.verdicts = verdicts(&counts(pipeline, drive).borrow(pipeline))?;
    record.verdicts.extend(freshness(pipeline, context, drive));
    context.check()?;
    let holds = !record.misses();
    let (all, status) =
        if holds { (staged.into_iter().chain(set_aside).collect(), RunStatus::Succeeded) } else { (set_aside, RunStatus::Failed) };
    publish(all, status, context, record, noted)
}

/// Publishes outputs and writes down what they are. `status` is how the run ends when all goes well from here.
fn publish(
    outputs: Vec<(String, Staged)>,
    status: RunStatus,
    context: &RunContext,
    record: &mut RunRecord,
    noted: &mut Option<Noted>,
) -> Result<(), EngineError> {
    let (names, staged): (Vec<String>, Vec<Staged>) = outputs.into_iter().unzip();
    let shown = |path: &Path| path.strip_prefix(&context.root).unwrap_or(path).to_string_lossy().replace('\\', "/");
    let file = |(name, staged): (String, &Staged)| {
        let Published { path, bytes, digest, rows } = staged.published();
        FileRecord { name, path: shown(&path), bytes, digest, rows }
    };
    let files: Vec<FileRecord> = names.into_iter().zip(&staged).map(file).collect();
    // Should this process be killed meanwhile, the next one writes this into the log.
    let now = chrono::Utc::now();
    let meant = context.recorded.then(|| RunRecord {
        status,
        finished_at: crate::record::rfc3339(now),
        duration_ms: u64::try_from((now - context.evaluation.clock.0).num_milliseconds()).unwrap_or(0),
        outputs: files.clone(),
        ..record.clone()
    });
    (_, *noted) = crate::sink::publish_noted(staged, meant, &mut |_| {})?;
    record.outputs = files;
    Ok(())
}

fn inputs(pipeline: &Pipeline, drive: &Drive) -> Vec<FileRecord> {
    let mut read = drive.take_inputs();
    read.sort_by_key(|(node, _)| *node);
    read.into_iter()
        .flat_map(|(node, files)| {
            let name = pipeline.nodes.get(node.index()).map_or_else(String::new, |node| node.name.clone());
            files.into_iter().map(move |file| FileRecord {
                name: name.clone(),
                path: file.path,
                bytes: file.bytes,
                digest: file.digest,
                rows: file.records,
            })
        })
        .collect()
}

/// Every stage in the order of the scenario.
fn stages(drive: &Drive) -> Vec<StageRecord> {
    // Several parts of a stage may count at one door.
    let mut doors: Vec<&Arc<Meter>> = Vec::new();
    let mut nodes: Vec<&NodeStage> = drive.trees.iter().flat_map(|tree| tree.stages.values()).collect();
    nodes.sort_by_key(|stage| stage.id);
    for stage in nodes {
        let parts = stage.step.iter().map(|step| &step.meter).chain(stage.contract.iter().map(|contract| &contract.stage.meter));
        let ends = stage.checks.iter().map(|checks| &checks.meter).chain(stage.sinks.iter().map(|sink| &sink.meter));
        for meter in std::iter::once(&stage.meter).chain(parts).chain(ends) {
            if !doors.iter().any(|door| Arc::ptr_eq(door, meter)) {
                doors.push(meter);
            }
        }
    }
    doors.into_iter().map(|meter| meter.record()).collect()
}

struct OwnedCounts {
    nodes: Vec<Arc<Meter>>,
    rows: Vec<u64>,
    set_aside: Vec<u64>,
}

impl OwnedCounts {
    fn borrow<'a>(&'a self, pipeline: &'a Pipeline) -> Counts<'a> {
        Counts { pipeline, nodes: &self.nodes, rows: &self.rows, set_aside: &self.set_aside }
    }
}

fn counts(pipeline: &Pipeline, drive: &Drive) -> OwnedCounts {
    let mut owned = OwnedCounts { nodes: Vec::new(), rows: Vec::new(), set_aside: Vec::new() };
    for node in &pipeline.nodes {
        let tree = drive.tree_of.get(node.id.index()).and_then(|tree| drive.trees.get(*tree));
        let Some((tree, stage)) = tree.and_then(|tree| Some((tree, tree.stages.get(&node.id)?))) else { continue };
        owned.nodes.push(Arc::clone(&stage.meter));
        owned.rows.push(stage.rows_out.load(Relaxed));
        let meters = tree.stages.values().flat_map(|stage| {
            let own = std::iter::once(&stage.meter)
                .filter(|_| stage.step.is_none() || stage.step.as_ref().is_some_and(|s| !Arc::ptr_eq(&s.meter, &stage.meter)));
            let sinks = stage.sinks.iter().map(|sink| &sink.meter);
            let step = stage.step.iter().map(|step| &step.meter);
            let contract = stage.contract.iter().map(|c| &c.stage.meter).filter(|meter| !Arc::ptr_eq(meter, &stage.meter));
            own.chain(step).chain(contract).chain(stage.checks.iter().map(|c| &c.meter)).chain(sinks)
        });
        owned.set_aside.push(meters.map(|meter| meter.doors().2).sum());
    }
    owned
}

/// How fresh each source is whose contract asks. Stale rows are no bad rows: this is told, it does not fail the run.
fn freshness(pipeline: &Pipeline, context: &RunContext, drive: &Drive) -> Vec<VerdictRecord> {
    let stages = drive.trees.iter().filter_map(|tree| tree.stages.get(&tree.root));
    stages
        .filter_map(|stage| {
            let contract = &stage.contract.as_ref()?.stage;
            let age = contract.age(context)?;
            let name = pipeline.nodes.get(stage.id.index()).map_or("", |node| node.name.as_str());
            let observed = match age.observed_ms {
                Some(ms) => format!("{} old", runi_lang::model::Duration { ms: u64::try_from(ms).unwrap_or(0) / 1000 * 1000 }),
                None => "no row has a value".to_owned(),
            };
            Some(VerdictRecord {
                kind: "freshness".to_owned(),
                title: format!("the newest row of `{name}` is at most {} old", age.allowed),
                holds: age.holds(),
                observed,
            })
        })
        .collect()
}

/// Tells those who wait for a failure of a pipeline that it was not even begun, for these reasons.
///
/// Nothing goes into the log: there was no run. What could not be delivered is in the answer.
#[must_use]
pub fn alert_refused(pipeline: &Pipeline, reasons: &[String], root: &Path) -> Vec<AlertRecord> {
    let at = crate::record::rfc3339(chrono::Utc::now());
    let run_id = uuid::Uuid::now_v7().to_string();
    let payload = Payload {
        run_id: &run_id,
        scenario: &pipeline.scenario,
        environment: &pipeline.environment,
        on: "failure",
        at: &at,
        messages: reasons,
    };
    pipeline.alerts.iter().filter(|alert| matches!(alert.on.as_str(), "failure" | "any")).map(|alert| send(alert, &payload, root)).collect()
}

/// Sends every alert whose reason came up.
pub(crate) fn alerts(pipeline: &Pipeline, record: &RunRecord, root: &Path) -> Vec<AlertRecord> {
    let missed = |kind: &str| -> Vec<String> {
        let missed = record.verdicts.iter().filter(|verdict| verdict.kind == kind && !verdict.holds);
        missed.map(|verdict| format!("{}: {}", verdict.title, verdict.observed)).collect()
    };
    let set_aside = || -> Vec<String> {
        let stages = record.stages.iter().filter(|stage| stage.quarantined > 0);
        stages.map(|stage| format!("{} rows were set aside at `{}`", stage.quarantined, stage.name)).collect()
    };
    // What ended the run, when it is drift, or when it is anything else.
    let ended_by = |drift: bool| -> Vec<String> {
        let error = record.error.iter().filter(|error| (error.code == DRIFTED.id) == drift);
        error.map(|error| format!("{}: {}", error.code, error.message)).collect()
    };
    let reasons: [(&str, Vec<String>); 5] = [
        ("quality", [missed("quality"), missed("freshness")].concat()),
        ("assert", missed("assert")),
        ("invalid", set_aside()),
        ("drift", [record.drift.iter().map(|drift| drift.message.clone()).collect(), ended_by(true)].concat()),
        (
            "failure",
            if record.error.is_some() {
                [ended_by(true), ended_by(false)].concat()
            } else {
                [missed("quality"), missed("assert")].concat()
            },
        ),
    ];
    if record.status == RunStatus::Interrupted {
        return Vec::new();
    }
    let mut sent = Vec::new();
    for alert in &pipeline.alerts {
        for (on, messages) in &reasons {
            // Who asks for everything is told each reason once: a failure by itself only when nothing else says why.
            let told = *on == "failure" && (record.error.is_none() || !ended_by(true).is_empty());
            if messages.is_empty() || !(alert.on == *on || (alert.on == "any" && !told)) {
                continue;
            }
            let payload = Payload {
                run_id: &record.run_id,
                scenario: &record.scenario,
                environment: &record.environment,
                on,
                at: &record.finished_at,
                messages,
            };
            sent.push(send(alert, &payload, root));
        }
    }
    sent
}
