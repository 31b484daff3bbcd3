//! The quarantine's lane: one thread that orders what was set aside and writes it to every
//! `on=invalid` sink, or, when a scenario has none, to a file of its own: no row vanishes.

use super::context::RunContext;
use crate::error::EngineError;
use crate::sink::{OpenSink, SinkSpec, Staged};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use runi_lang::ir::{Compression, Connector, Pipeline, Route, SinkNode};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::mpsc;

/// Bytes that are kept in memory so that they can be written in order. Beyond, what stands first goes out: workers are seldom far
/// apart, so that a large quarantine is in order too, but for pieces that were very late.
const ORDERED_BYTES: usize = 16 << 20;

/// What was set aside in one piece of one tree.
pub(crate) struct SetAside {
    pub(crate) tree: usize,
    pub(crate) seq: u64,
    pub(crate) batch: RecordBatch,
}

/// The lane.
pub(crate) struct QuarantineLane {
    sender: mpsc::Sender<SetAside>,
    thread: JoinHandle<Result<Vec<(String, Staged)>, EngineError>>,
}

impl QuarantineLane {
    /// Starts the writer.
    pub(crate) fn start(pipeline: &Pipeline, context: &Arc<RunContext>) -> Result<Self, EngineError> {
        let (sender, receiver) = mpsc::channel(16);
        let declared: Vec<SinkNode> = pipeline.sinks.iter().filter(|sink| sink.route == Route::Invalid).cloned().collect();
        let context = Arc::clone(context);
        let mut writer = Writer { declared, slug: pipeline.slug.clone(), context, open: Vec::new(), schema: crate::quarantine::schema() };
        // A declared quarantine appears in every run, also when it is empty; a broken path shows before rows flow.
        writer.open_declared()?;
        let thread = std::thread::Builder::new()
            .name("quarantine".to_owned())
            .spawn(move || writer.run(receiver))
            .map_err(EngineError::engine("starting a writer"))?;
        Ok(Self { sender, thread })
    }

    /// A way in.
    pub(crate) fn sender(&self) -> mpsc::Sender<SetAside> {
        self.sender.clone()
    }

    /// Everything was sent: waits for the writer. Other senders must be gone.
    pub(crate) fn finish(self) -> Result<Vec<(String, Staged)>, EngineError> {
        drop(self.sender);
        self.thread.join().unwrap_or_else(|_| {
            Err(EngineError::Engine { context: "writing the quarantine".to_owned(), message: "the writer stopped".to_owned() })
        })
    }
}

struct Writer {
    declared: Vec<SinkNode>,
    slug: String,
    context: Arc<RunContext>,
    open: Vec<(String, OpenSink, bool)>,
    schema: SchemaRef,
}

impl Writer {
    fn open_declared(&mut self) -> Result<(), EngineError> {
        for sink in std::mem::take(&mut self.declared) {
            self.open(&sink.name, &sink.connector, sink.append)?;
        }
        Ok(())
    }

    fn open(&mut self, name: &str, connector: &Connector, append: bool) -> Result<(), EngineError> {
        let flat = matches!(connector, Connector::Csv { .. });
        let schema = if flat {
            crate::quarantine::flatten(&RecordBatch::new_empty(Arc::clone(&self.schema)))?.schema()
        } else {
            Arc::clone(&self.schema)
        };
        let spec =
            SinkSpec { name, connector, append, root: &self.context.root, schema, run_id: &self.context.run_id, metadata: Vec::new() };
        self.open.push((name.to_owned(), crate::sink::open(&spec)?, flat));
        Ok(())
    }

    fn run(mut self, mut receiver: mpsc::Receiver<SetAside>) -> Result<Vec<(String, Staged)>, EngineError> {
        let mut kept: BTreeMap<(usize, u64, usize), RecordBatch> = BTreeMap::new();
        let (mut bytes, mut arrival) = (0, 0);
        while let Some(piece) = receiver.blocking_recv() {
            bytes += piece.batch.get_array_memory_size();
            arrival += 1;
            kept.insert((piece.tree, piece.seq, arrival), piece.batch);
            while bytes > ORDERED_BYTES {
                let Some((_, first)) = kept.pop_first() else { break };
                bytes -= first.get_array_memory_size();
                self.write(&first)?;
            }
        }
        for batch in kept.into_values() {
            self.write(&batch)?;
        }
        self.open.into_iter().map(|(name, sink, _)| Ok((name, sink.finish()?))).collect()
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        if self.open.is_empty() {
            let path = format!(".runi/quarantine/{}/{}.jsonl", self.slug, self.context.run_id);
            self.open("quarantine", &Connector::Json { path, compression: Compression::None }, false)?;
        }
        for (_, sink, flat) in &mut self.open {
            if *flat { sink.write(&crate::quarantine::flatten(batch)?)? } else { sink.write(batch)? }
        }
        Ok(())
    }
}
