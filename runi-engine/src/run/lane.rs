//! Lanes: one thread per output, which puts batches in order and encodes them.
//!
//! Workers finish pieces of a source out of order; a lane holds a piece back until those before it
//! are written, so that an output lists rows as its source does. The channel is bounded: a slow
//! writer slows the readers, memory stays flat.

use crate::error::EngineError;
use crate::sink::{OpenSink, Staged};
use arrow::array::RecordBatch;
use std::collections::BTreeMap;
use std::thread::JoinHandle;
use tokio::sync::mpsc;

/// Pieces that may wait for a writer.
const DEPTH: usize = 4;

/// One piece for an output.
pub(crate) struct Piece {
    /// Its place among the pieces of the tree, without gaps from 0; `None`: as it comes.
    pub(crate) seq: Option<u64>,
    /// Its rows.
    pub(crate) batches: Vec<RecordBatch>,
}

/// An output being written.
pub(crate) struct Lane {
    sender: mpsc::Sender<Piece>,
    name: String,
    thread: JoinHandle<Result<Staged, EngineError>>,
}

impl Lane {
    /// Starts the writer.
    pub(crate) fn start(name: &str, sink: OpenSink) -> Result<Self, EngineError> {
        let (sender, receiver) = mpsc::channel(DEPTH);
        let thread = std::thread::Builder::new()
            .name(format!("sink-{name}"))
            .spawn(move || write_all(receiver, sink))
            .map_err(EngineError::engine("starting a writer"))?;
        Ok(Self { sender, name: name.to_owned(), thread })
    }

    /// A way in.
    pub(crate) fn sender(&self) -> mpsc::Sender<Piece> {
        self.sender.clone()
    }

    /// Everything was sent: waits for the writer. Other senders must be gone.
    pub(crate) fn finish(self) -> Result<(String, Staged), EngineError> {
        drop(self.sender);
        let staged = self
            .thread
            .join()
            .unwrap_or_else(|_| Err(EngineError::Engine { context: "writing".to_owned(), message: "the writer stopped".to_owned() }));
        Ok((self.name, staged?))
    }
}

fn write_all(mut receiver: mpsc::Receiver<Piece>, mut sink: OpenSink) -> Result<Staged, EngineError> {
    let mut waiting: BTreeMap<u64, Vec<RecordBatch>> = BTreeMap::new();
    let mut next = 0;
    while let Some(piece) = receiver.blocking_recv() {
        match piece.seq {
            None => write(&mut sink, &piece.batches)?,
            Some(seq) => {
                waiting.insert(seq, piece.batches);
                while let Some(batches) = waiting.remove(&next) {
                    write(&mut sink, &batches)?;
                    next += 1;
                }
            }
        }
    }
    // Gaps are left only by a run that failed; its outputs are dropped anyway.
    for batches in waiting.into_values() {
        write(&mut sink, &batches)?;
    }
    sink.finish()
}

fn write(sink: &mut OpenSink, batches: &[RecordBatch]) -> Result<(), EngineError> {
    batches.iter().filter(|batch| batch.num_rows() > 0).try_for_each(|batch| sink.write(batch))
}
