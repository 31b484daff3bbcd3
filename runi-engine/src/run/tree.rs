//! One tree: a source or a `select`, and every row-level stage below it.
//!
//! Work is synchronous and free of I/O: a piece of rows goes in, an [`Output`] comes out. A stage
//! whose contract has keys is a barrier: its rows wait until all were seen, then go on in order.

use super::context::RunContext;
use super::contract_stage::ContractStage;
use super::held::{Held, HeldRows};
use super::meter::Meter;
use super::output::Output;
use super::sink_stage::SinkStage;
use super::step_stage::StepStage;
use crate::error::EngineError;
use crate::rows::{CellFailures, Malformed, Rows};
use crate::rules::keys::Position;
use crate::rules::references::ReferenceSet;
use arrow::datatypes::SchemaRef;
use runi_lang::ir::NodeId;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

/// A compiled tree.
pub(crate) struct Tree {
    pub(crate) root: NodeId,
    pub(crate) stages: BTreeMap<NodeId, NodeStage>,
}

/// Everything that hangs on one node.
pub(crate) struct NodeStage {
    pub(crate) id: NodeId,
    /// What the node counts for `read`, `valid` and `invalid`.
    pub(crate) meter: Arc<Meter>,
    /// A row-level step, or the promises over a `select`'s output.
    pub(crate) step: Option<StepStage>,
    /// The source's contract, or the one that a step names.
    pub(crate) contract: Option<Keyed>,
    /// `Then`-line checks: they hold for the rows that reach the sinks.
    pub(crate) checks: Option<StepStage>,
    pub(crate) sinks: Vec<SinkStage>,
    pub(crate) children: Vec<NodeId>,
    /// Whether a `select` reads this view.
    pub(crate) fed: bool,
    /// Columns that the quarantine masks.
    pub(crate) sensitive: Vec<String>,
    /// Columns that other contracts refer to.
    pub(crate) collects: Vec<Collect>,
    /// Rows that left the node.
    pub(crate) rows_out: AtomicU64,
}

/// The values of one column in the rows that leave a node.
pub(crate) struct Collect {
    column: String,
    at: usize,
    values: Mutex<ReferenceSet>,
}

impl Collect {
    pub(crate) fn new(column: &str, schema: &SchemaRef) -> Result<Self, EngineError> {
        let at = schema.index_of(column).map_err(EngineError::engine("a referenced column"))?;
        Ok(Self { column: column.to_owned(), at, values: Mutex::new(ReferenceSet::new(schema.field(at).data_type())?) })
    }

    fn add(&self, rows: &Rows) -> Result<(), EngineError> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner).add(rows.batch.column(self.at))
    }
}

/// A contract and the rows that wait at it.
pub(crate) struct Keyed {
    pub(crate) stage: ContractStage,
    held: Mutex<HeldRows>,
}

impl Keyed {
    pub(crate) fn new(stage: ContractStage) -> Self {
        Self { stage, held: Mutex::default() }
    }

    /// Rows that pass now; `None`: they wait.
    pub(crate) fn enter(
        &self,
        rows: &Rows,
        failures: &[CellFailures],
        at: Position,
        context: &RunContext,
        out: &mut Output,
    ) -> Result<Option<Rows>, EngineError> {
        let meter = Arc::clone(&self.stage.meter);
        meter.timed(|| {
            meter.came_in(rows.len());
            let mut verdicts = self.stage.mark(rows, failures)?;
            if self.stage.is_barrier() {
                self.stage.gather(rows, at)?;
                let held = Held { position: at, rows: rows.clone(), verdicts: Some(verdicts) };
                let dir = self.stage.may_spool().then_some(context.spool_dir.as_path());
                self.held.lock().unwrap_or_else(PoisonError::into_inner).push(held, dir)?;
                return Ok(None);
            }
            self.stage.mark_duplicates(rows, at, &mut verdicts)?;
            self.stage.split(rows, &verdicts, context, out).map(Some)
        })
    }

    /// All rows came: gives those that pass to `next`, in order, each batch with the output that it begins.
    pub(crate) fn release(
        &self,
        context: &RunContext,
        fresh: &dyn Fn() -> Output,
        next: &mut dyn FnMut(Position, Rows, Output) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        self.stage.seal()?;
        let mut held = std::mem::take(&mut *self.held.lock().unwrap_or_else(PoisonError::into_inner));
        if self.stage.refers_to_itself() {
            self.stage.meter.timed(|| self.settle(held.in_memory()))?;
        }
        held.drain(&mut |held| {
            let mut out = fresh();
            let rows = self.stage.meter.timed(|| {
                let mut verdicts = match held.verdicts {
                    Some(verdicts) => verdicts,
                    None => self.stage.mark(&held.rows, &[])?,
                };
                self.stage.mark_waiting(&held.rows, held.position, &mut verdicts)?;
                self.stage.split(&held.rows, &verdicts, context, &mut out)
            })?;
            next(held.position, rows, out)
        })
    }

    /// Finds the rows of a source that refer to none of its valid rows. A source's rows all wait in memory.
    fn settle(&self, held: &mut [Held]) -> Result<(), EngineError> {
        let mut waiting = Vec::with_capacity(held.len());
        for held in held {
            if let Some(verdicts) = &mut held.verdicts {
                self.stage.mark_duplicates(&held.rows, held.position, verdicts)?;
                waiting.push((&held.rows.batch, verdicts));
            }
        }
        self.stage.mark_own(&mut waiting)
    }
}

impl Tree {
    fn stage(&self, id: NodeId) -> Result<&NodeStage, EngineError> {
        self.stages
            .get(&id)
            .ok_or_else(|| EngineError::Engine { context: "running a tree".to_owned(), message: "a node is missing".to_owned() })
    }

    /// A decoded piece of the root source.
    pub(crate) fn push_source(
        &self,
        rows: &Rows,
        failures: &[CellFailures],
        malformed: &[Malformed],
        at: Position,
        context: &RunContext,
        out: &mut Output,
    ) -> Result<(), EngineError> {
        let root = self.stage(self.root)?;
        if !malformed.is_empty() {
            root.meter.came_in(malformed.len());
            root.meter.quarantined(malformed.len());
            root.meter.malformed(malformed.len());
            let binding = root.contract.as_ref().map(|contract| &*contract.stage.binding);
            for record in malformed {
                out.quarantine.push_malformed(
                    root.meter.name(),
                    binding,
                    root.meter.name(),
                    record,
                    !root.sensitive.is_empty(),
                    context.raw_quarantine,
                );
            }
        }
        if rows.is_empty() {
            return Ok(());
        }
        match &root.contract {
            None => {
                root.meter.came_in(rows.len());
                root.meter.passed(rows.len());
                self.leave(root, rows, at, context, out)
            }
            Some(contract) => match contract.enter(rows, failures, at, context, out)? {
                Some(rows) => self.leave(root, &rows, at, context, out),
                None => Ok(()),
            },
        }
    }

    /// Rows enter `id`: its step, then its contract, then everything below.
    pub(crate) fn push(&self, id: NodeId, rows: &Rows, at: Position, context: &RunContext, out: &mut Output) -> Result<(), EngineError> {
        let stage = self.stage(id)?;
        let rows = match &stage.step {
            Some(step) => step.apply(rows.clone(), context, out)?,
            None => rows.clone(),
        };
        match &stage.contract {
            None => self.leave(stage, &rows, at, context, out),
            Some(contract) => match contract.enter(&rows, &[], at, context, out)? {
                Some(rows) => self.leave(stage, &rows, at, context, out),
                None => Ok(()),
            },
        }
    }

    /// Rows leave a node: to feeds, to row-level steps, to sinks.
    fn leave(&self, stage: &NodeStage, rows: &Rows, at: Position, context: &RunContext, out: &mut Output) -> Result<(), EngineError> {
        stage.rows_out.fetch_add(rows.len() as u64, Relaxed);
        if rows.is_empty() {
            return Ok(());
        }
        stage.collects.iter().try_for_each(|collect| collect.add(rows))?;
        if stage.fed
            && let Some(feed) = out.feeds.get_mut(stage.id.index())
        {
            feed.push(rows.batch.clone());
        }
        for child in &stage.children {
            self.push(*child, rows, at, context, out)?;
        }
        if stage.sinks.is_empty() {
            return Ok(());
        }
        let rows = match &stage.checks {
            Some(checks) => checks.apply(rows.clone(), context, out)?,
            None => rows.clone(),
        };
        super::sink_stage::distribute(&stage.sinks, rows, at, context, out)
    }

    /// The values of `column` that left `node`; there once.
    pub(crate) fn collected(&self, node: NodeId, column: &str) -> Option<ReferenceSet> {
        let collect = self.stages.get(&node)?.collects.iter().find(|collect| collect.column == column)?;
        let mut values = collect.values.lock().unwrap_or_else(PoisonError::into_inner);
        let empty = ReferenceSet::new(&arrow::datatypes::DataType::Utf8View).ok()?;
        Some(std::mem::replace(&mut *values, empty))
    }

    /// Whether some stage of this tree makes rows wait.
    pub(crate) fn has_barrier(&self) -> bool {
        let sinks = |stage: &NodeStage| stage.sinks.iter().any(|sink| sink.contract.as_ref().is_some_and(|c| c.stage.is_barrier()));
        self.stages.values().any(|stage| stage.contract.as_ref().is_some_and(|c| c.stage.is_barrier()) || sinks(stage))
    }

    /// All rows of the root came: lets those go that wait, parents before children. `deliver` gets one output a batch;
    /// `known` is told when the last row has left the root.
    pub(crate) fn release(
        &self,
        context: &RunContext,
        fresh: &dyn Fn() -> Output,
        known: &dyn Fn(),
        deliver: &mut dyn FnMut(Output) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        for stage in self.stages.values() {
            if let Some(contract) = &stage.contract {
                contract.release(context, fresh, &mut |at, rows, mut out| {
                    self.leave(stage, &rows, at, context, &mut out)?;
                    deliver(out)
                })?;
            }
            if stage.id == self.root {
                known();
            }
            for sink in &stage.sinks {
                let Some(contract) = &sink.contract else { continue };
                contract.release(context, fresh, &mut |_, rows, mut out| {
                    sink.write(&rows, &mut out)?;
                    deliver(out)
                })?;
            }
        }
        Ok(())
    }
}
