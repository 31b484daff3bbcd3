//! Drives the trees: workers read, decode and push; outputs are delivered to lanes and feeds.

use super::build::Built;
use super::context::RunContext;
use super::hub::Hub;
use super::lane::Piece;
use super::output::Output;
use super::progress::Progress;
use super::quarantine_lane::SetAside;
use super::query::QueryPlan;
use super::tree::Tree;
use crate::error::EngineError;
use crate::rows::Rows;
use crate::rules::keys::Position;
use crate::source::{InputFile, ReadOptions, SourceReader};
use crate::sql::QuerySession;
use futures::{FutureExt, StreamExt};
use runi_lang::ir::{NodeId, NodeKind, Pipeline};
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// Everything that tasks share.
pub(crate) struct Drive {
    pub(crate) pipeline: Arc<Pipeline>,
    pub(crate) context: Arc<RunContext>,
    pub(crate) trees: Vec<Tree>,
    pub(crate) waits_for: Vec<Vec<usize>>,
    pub(crate) tree_of: Vec<usize>,
    pub(crate) hubs: BTreeMap<NodeId, Hub>,
    pub(crate) sets: super::build::Sets,
    pub(crate) query_meters: BTreeMap<NodeId, Arc<super::meter::Meter>>,
    pub(crate) read: ReadOptions,
    pub(crate) workers: usize,
    pub(super) held_bytes: u64,
    pub(crate) progress: Arc<Progress>,
    /// Slot → the lane's way in; taken when the tree is done.
    sinks: Vec<Mutex<Option<mpsc::Sender<Piece>>>>,
    /// Slot → the tree that writes it.
    slot_tree: Vec<usize>,
    quarantine: Mutex<Option<mpsc::Sender<SetAside>>>,
    inputs: Mutex<Vec<(NodeId, Vec<InputFile>)>>,
    done: Vec<watch::Sender<bool>>,
}

/// How a run is driven.
pub(crate) struct Settings {
    pub(crate) pipeline: Arc<Pipeline>,
    pub(crate) context: Arc<RunContext>,
    pub(crate) read: ReadOptions,
    pub(crate) workers: usize,
    /// A keyed source of up to this many bytes is held until its keys are known.
    pub(crate) held_bytes: u64,
    pub(crate) progress: Arc<Progress>,
}

/// The ways into the lanes.
pub(crate) struct Ways {
    /// By slot.
    pub(crate) sinks: Vec<mpsc::Sender<Piece>>,
    pub(crate) quarantine: mpsc::Sender<SetAside>,
}

impl Drive {
    /// Puts a built run together; gives back what single tasks take.
    pub(crate) fn new(built: Built, ways: Ways, settings: Settings) -> (Self, Vec<Work>) {
        let Settings { pipeline, context, read, workers, held_bytes, progress } = settings;
        let Built { layout, trees, mut sources, mut plans, query_meters, hubs, sets, slots } = built;
        let works = trees
            .iter()
            .map(|tree| match (sources.remove(&tree.root), plans.remove(&tree.root)) {
                (Some(source), _) => Work::Source(source.reader()),
                (None, Some(plan)) => Work::Query(plan),
                (None, None) => Work::Nothing,
            })
            .collect();
        let slot_tree = slots
            .iter()
            .map(|(index, _)| pipeline.sinks.get(*index).and_then(|sink| layout.tree_of.get(sink.input.index())).copied().unwrap_or(0))
            .collect();
        let drive = Self {
            done: trees.iter().map(|_| watch::channel(false).0).collect(),
            waits_for: layout.trees.iter().map(|tree| tree.waits_for.clone()).collect(),
            tree_of: layout.tree_of,
            pipeline,
            context,
            trees,
            hubs,
            sets,
            query_meters,
            read,
            workers,
            held_bytes,
            progress,
            sinks: ways.sinks.into_iter().map(|sender| Mutex::new(Some(sender))).collect(),
            slot_tree,
            quarantine: Mutex::new(Some(ways.quarantine)),
            inputs: Mutex::new(Vec::new()),
        };
        (drive, works)
    }

    /// Runs every tree. The first failure stops the others.
    pub(crate) async fn run(self: &Arc<Self>, works: Vec<Work>) -> Result<(), EngineError> {
        let mut tasks = JoinSet::new();
        for (tree, work) in works.into_iter().enumerate() {
            let drive = Arc::clone(self);
            tasks.spawn(async move {
                // A panic below this point is a defect; the other trees must still see that this one is over.
                let result = AssertUnwindSafe(drive.tree(tree, work)).catch_unwind().await.unwrap_or_else(|_| {
                    Err(EngineError::Engine { context: "running".to_owned(), message: "a part of the engine gave up".to_owned() })
                });
                if result.is_err() {
                    drive.context.failed.store(true, Relaxed);
                }
                drive.end(tree, result)
            });
        }
        let mut first = Ok(());
        while let Some(ended) = tasks.join_next().await {
            let result =
                ended.unwrap_or_else(|error| Err(EngineError::Engine { context: "running".to_owned(), message: error.to_string() }));
            if first.is_ok() {
                first = result;
            }
        }
        self.quarantine.lock().unwrap_or_else(PoisonError::into_inner).take();
        first
    }

    /// Closes every way to the outside, whoever still works.
    pub(crate) fn abandon(&self) {
        self.context.failed.store(true, Relaxed);
        for sender in &self.sinks {
            sender.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
        self.quarantine.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// What was read, by source.
    pub(crate) fn take_inputs(&self) -> Vec<(NodeId, Vec<InputFile>)> {
        std::mem::take(&mut *self.inputs.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A tree is over, well or not: its lanes and feeds see their end, and who waits goes on.
    fn end(&self, tree: usize, result: Result<(), EngineError>) -> Result<(), EngineError> {
        let mut result = result;
        for (slot, owner) in self.slot_tree.iter().enumerate() {
            if *owner == tree
                && let Some(sender) = self.sinks.get(slot)
            {
                sender.lock().unwrap_or_else(PoisonError::into_inner).take();
            }
        }
        for (node, hub) in &self.hubs {
            if self.tree_of.get(node.index()) == Some(&tree) {
                result = result.and(hub.close());
            }
        }
        if let Some(done) = self.done.get(tree) {
            done.send_replace(true);
        }
        result
    }

    async fn tree(self: &Arc<Self>, tree: usize, work: Work) -> Result<(), EngineError> {
        for other in self.waits_for.get(tree).into_iter().flatten() {
            self.wait(*other).await;
        }
        match work {
            Work::Nothing => Ok(()),
            Work::Source(reader) => self.source(tree, reader).await,
            Work::Query(plan) => self.query(tree, plan).await,
        }
    }

    async fn wait(&self, tree: usize) {
        if let Some(done) = self.done.get(tree) {
            let mut done = done.subscribe();
            // The sender lives as long as `self`.
            let _ = done.wait_for(|done| *done).await;
        }
    }

    async fn source(self: &Arc<Self>, tree: usize, reader: SourceReader) -> Result<(), EngineError> {
        let root = self.root(tree)?;
        let read_twice = self.read_keys_first(tree, root, &reader).await?;
        let reader = Arc::new(reader);
        let mut workers = JoinSet::new();
        for worker in 0..self.workers {
            let (drive, reader) = (Arc::clone(self), Arc::clone(&reader));
            workers.spawn(async move {
                let result = drive.read(tree, worker, &reader).await;
                if result.is_err() {
                    drive.context.failed.store(true, Relaxed);
                }
                result
            });
        }
        let result = join(workers).await;
        // What looks like broken data may be a file that is being replaced.
        if read_twice || matches!(result, Err(EngineError::Engine { .. } | EngineError::BadInput { .. })) {
            reader.unchanged()?;
        }
        result?;
        if self.context.check()? {
            return Ok(());
        }
        let files = reader.finish()?;
        self.inputs.lock().unwrap_or_else(PoisonError::into_inner).push((root, files));
        self.release(tree).await?;
        self.know(tree);
        Ok(())
    }

    /// Every row has left the source of `tree`: the values that others refer to are known.
    fn know(&self, tree: usize) {
        for ((owner, column), (set, root)) in &self.sets {
            let open = *owner == tree && set.get().is_none();
            let collected = self.trees.get(*owner).filter(|_| open).and_then(|tree| tree.collected(*root, column));
            if let Some(values) = collected {
                let _ = set.set(values);
            }
        }
    }

    fn root(&self, tree: usize) -> Result<NodeId, EngineError> {
        self.trees
            .get(tree)
            .map(|tree| tree.root)
            .ok_or_else(|| EngineError::Engine { context: "running".to_owned(), message: "a tree is missing".to_owned() })
    }

    async fn read(&self, tree: usize, worker: usize, reader: &SourceReader) -> Result<(), EngineError> {
        let Some(compiled) = self.trees.get(tree) else { return Ok(()) };
        while !self.context.check()? {
            let Some(unit) = reader.next()? else { break };
            let seq = unit.seq();
            let decoded = unit.decode()?;
            let mut out = self.output();
            let mut first = 0;
            for (rows, failures) in &decoded.batches {
                compiled.push_source(rows, failures, &[], Position::new(seq, first), &self.context, &mut out)?;
                first += rows.len();
            }
            compiled.push_source(&empty(), &[], &decoded.malformed, Position::new(seq, first), &self.context, &mut out)?;
            self.progress.advance(decoded.records, reader.position());
            self.deliver(tree, worker, Some(seq), seq, out).await?;
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    async fn query(self: &Arc<Self>, tree: usize, plan: QueryPlan) -> Result<(), EngineError> {
        let root = self.root(tree)?;
        for (_, view) in self.views(root) {
            if self.hubs.get(&view).is_some_and(Hub::is_spooled)
                && let Some(producer) = self.tree_of.get(view.index())
            {
                self.wait(*producer).await;
            }
        }
        if self.context.check()? {
            return Ok(());
        }
        let name = self.pipeline.nodes.get(root.index()).map_or_else(String::new, |node| node.name.clone());
        let streams = plan.execute(&name).await?;
        let arrival = Arc::new(AtomicU64::new(0));
        let mut workers = JoinSet::new();
        for (partition, mut stream) in streams.into_iter().enumerate() {
            let (drive, arrival, name) = (Arc::clone(self), Arc::clone(&arrival), name.clone());
            workers.spawn(async move {
                let Some(compiled) = drive.trees.get(tree) else { return Ok(()) };
                while let Some(batch) = stream.next().await {
                    if drive.context.check()? {
                        break;
                    }
                    let batch = batch.map_err(|error| QuerySession::failure(&name, &error))?;
                    let seq = arrival.fetch_add(1, Relaxed);
                    let mut out = drive.output();
                    if let Some(meter) = drive.query_meters.get(&root) {
                        meter.passed(batch.num_rows());
                    }
                    compiled.push(root, &Rows { batch, origin: None }, Position::new(seq, 0), &drive.context, &mut out)?;
                    drive.deliver(tree, partition, None, seq, out).await?;
                }
                Ok(())
            });
        }
        join(workers).await?;
        self.release(tree).await
    }

    fn views(&self, node: NodeId) -> Vec<(String, NodeId)> {
        match self.pipeline.nodes.get(node.index()).map(|node| &node.kind) {
            Some(NodeKind::Query(query)) => query.views.clone(),
            _ => Vec::new(),
        }
    }

    fn output(&self) -> Output {
        Output {
            sinks: self.sinks.iter().map(|_| Vec::new()).collect(),
            feeds: self.pipeline.nodes.iter().map(|_| Vec::new()).collect(),
            quarantine: self.context.quarantine(),
        }
    }

    async fn deliver(&self, tree: usize, partition: usize, seq: Option<u64>, order: u64, out: Output) -> Result<(), EngineError> {
        let mut quarantine = out.quarantine;
        let batch = quarantine.finish()?;
        if batch.num_rows() > 0 {
            let sender = self.quarantine.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some(sender) = sender {
                sender.send(SetAside { tree, seq: order, batch }).await.map_err(|_| stopped())?;
            }
        }
        for (slot, batches) in out.sinks.into_iter().enumerate() {
            if self.slot_tree.get(slot) != Some(&tree) || (seq.is_none() && batches.is_empty()) {
                continue;
            }
            let sender = self.sinks.get(slot).and_then(|sender| sender.lock().unwrap_or_else(PoisonError::into_inner).clone());
            if let Some(sender) = sender {
                sender.send(Piece { seq, batches }).await.map_err(|_| stopped())?;
            }
        }
        for (node, batches) in out.feeds.into_iter().enumerate() {
            if !batches.is_empty()
                && let Some(hub) = self.hubs.get(&NodeId(node as u32))
            {
                hub.send(partition, batches).await?;
            }
        }
        Ok(())
    }

    /// Lets rows go that waited for others: found on a thread of their own, delivered as they come.
    async fn release(self: &Arc<Self>, tree: usize) -> Result<(), EngineError> {
        let waits = self.trees.get(tree).is_some_and(Tree::has_barrier);
        if !waits || self.context.check()? {
            return Ok(());
        }
        let (sender, mut receiver) = mpsc::channel::<Output>(2);
        let drive = Arc::clone(self);
        let work = tokio::task::spawn_blocking(move || {
            let Some(compiled) = drive.trees.get(tree) else { return Ok(()) };
            compiled.release(&drive.context, &|| drive.output(), &|| drive.know(tree), &mut |out| {
                drive.context.check()?;
                sender.blocking_send(out).map_err(|_| stopped())
            })
        });
        let mut order: u64 = 0;
        while let Some(out) = receiver.recv().await {
            // Behind everything that went straight through.
            self.deliver(tree, order as usize % self.workers.max(1), None, (1 << 48) + order, out).await?;
            order += 1;
        }
        work.await.unwrap_or_else(|error| Err(EngineError::Engine { context: "running".to_owned(), message: error.to_string() }))
    }
}

/// What a tree's task starts from.
pub(crate) enum Work {
    /// A source.
    Source(SourceReader),
    /// A `select`.
    Query(QueryPlan),
    /// A node that neither reads nor selects: there is none.
    Nothing,
}

pub(crate) async fn join(mut workers: JoinSet<Result<(), EngineError>>) -> Result<(), EngineError> {
    let mut first = Ok(());
    while let Some(ended) = workers.join_next().await {
        let result = ended.unwrap_or_else(|error| Err(EngineError::Engine { context: "running".to_owned(), message: error.to_string() }));
        if first.is_ok() {
            first = result;
        }
    }
    first
}

/// A writer is gone: its own error says why.
fn stopped() -> EngineError {
    EngineError::Engine { context: "writing".to_owned(), message: "a writer stopped".to_owned() }
}

fn empty() -> Rows {
    Rows { batch: arrow::array::RecordBatch::new_empty(Arc::new(arrow::datatypes::Schema::empty())), origin: None }
}

#[cfg(test)]
mod tests;
