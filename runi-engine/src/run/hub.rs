//! The producing side of a feed.

use super::feed::{FeedInput, FeedTable, SpoolWriter};
use super::meter::Meter;
use crate::error::EngineError;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::sync::mpsc;

/// Batches that may wait for a `select`, per partition.
const DEPTH: usize = 4;

/// A view that `select`s read.
pub(crate) struct Hub {
    pub(crate) schema: SchemaRef,
    input: Arc<OnceLock<FeedInput>>,
    /// Scans of this view over all plans.
    pub(crate) scans: usize,
    /// The `select`s' meters: what leaves here, they consume.
    readers: Mutex<Vec<Arc<Meter>>>,
    way: Mutex<Way>,
}

enum Way {
    Undecided,
    Channels(Vec<mpsc::Sender<RecordBatch>>),
    Spool(Box<SpoolWriter>),
    Closed,
}

impl Hub {
    pub(crate) fn new(schema: SchemaRef) -> Self {
        Self { schema, input: Arc::new(OnceLock::new()), scans: 0, readers: Mutex::new(Vec::new()), way: Mutex::new(Way::Undecided) }
    }

    /// The consuming side.
    pub(crate) fn table(&self, partitions: usize, rows: Option<usize>) -> FeedTable {
        FeedTable::new(Arc::clone(&self.schema), Arc::clone(&self.input), partitions, rows)
    }

    /// A `select` reads this view.
    pub(crate) fn read_by(&self, meter: &Arc<Meter>) {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(meter));
    }

    /// Rows stream to the one scan there is.
    pub(crate) fn stream(&self, partitions: usize) {
        let (senders, receivers): (Vec<_>, Vec<_>) = (0..partitions).map(|_| mpsc::channel(DEPTH)).unzip();
        let receivers = receivers.into_iter().map(|receiver| Mutex::new(Some(receiver))).collect();
        if self.input.set(FeedInput::Channels(receivers)).is_ok() {
            *self.way.lock().unwrap_or_else(PoisonError::into_inner) = Way::Channels(senders);
        }
    }

    /// Rows are written down first.
    pub(crate) fn spool(&self, dir: &Path) -> Result<(), EngineError> {
        let writer = SpoolWriter::create(dir, &self.schema)?;
        if self.input.set(FeedInput::Spool(Arc::new(Mutex::new(None)))).is_ok() {
            *self.way.lock().unwrap_or_else(PoisonError::into_inner) = Way::Spool(Box::new(writer));
        }
        Ok(())
    }

    /// Whether readers must wait until [`Hub::close`].
    pub(crate) fn is_spooled(&self) -> bool {
        matches!(self.input.get(), Some(FeedInput::Spool(_)))
    }

    /// Hands batches over. A reader that has enough (`limit`) is no error.
    pub(crate) async fn send(&self, partition: usize, batches: Vec<RecordBatch>) -> Result<(), EngineError> {
        for batch in batches {
            for reader in self.readers.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                reader.consumed(batch.num_rows());
            }
            let sender = {
                let mut way = self.way.lock().unwrap_or_else(PoisonError::into_inner);
                match &mut *way {
                    Way::Channels(senders) => senders.get(partition % senders.len().max(1)).cloned(),
                    Way::Spool(writer) => {
                        writer.write(&batch)?;
                        None
                    }
                    Way::Undecided | Way::Closed => None,
                }
            };
            if let Some(sender) = sender {
                // A closed channel means that the reader needs no more rows.
                let _ = sender.send(batch).await;
            }
        }
        Ok(())
    }

    /// No more rows come.
    pub(crate) fn close(&self) -> Result<(), EngineError> {
        let mut way = self.way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Way::Spool(writer) = std::mem::replace(&mut *way, Way::Closed)
            && let Some(FeedInput::Spool(slot)) = self.input.get()
        {
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(writer.finish()?);
        }
        Ok(())
    }
}
