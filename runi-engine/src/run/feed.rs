//! Feeds: how rows reach a `select`.
//!
//! A view that one query reads once is a bounded channel: rows stream, memory stays flat. A view that
//! is read twice, or by several queries, is a spool: written once to a temporary Arrow file, read as
//! often as needed. Channels alone could deadlock as soon as two of them start at one producer and
//! meet in one join; see `docs/adr/0002-own-row-pipeline.md`.

use super::compact::compact;
use crate::error::EngineError;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::ipc::reader::FileReader;
use arrow::ipc::writer::FileWriter;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result as DfResult, Statistics};
use datafusion::datasource::TableType;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::Expr;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties, ReplaceChildrenOptions,
};
use futures::StreamExt;
use std::fmt;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::sync::mpsc;

/// Bytes of a cell that has no fixed size: a guess, of which only the order of magnitude matters to a join.
const TEXT: usize = 40;

/// One view of a scenario as DataFusion sees it.
#[derive(Debug)]
pub(crate) struct FeedTable {
    schema: SchemaRef,
    input: Arc<OnceLock<FeedInput>>,
    partitions: usize,
    /// An estimate, so that joins build on the small side.
    rows: Option<usize>,
}

/// Where a feed's rows are.
pub(crate) enum FeedInput {
    /// One receiver per partition; each can be taken once.
    Channels(Vec<Mutex<Option<mpsc::Receiver<RecordBatch>>>>),
    /// A finished spool.
    Spool(Arc<Mutex<Option<Spooled>>>),
}

impl fmt::Debug for FeedInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Channels(_) => "channels",
            Self::Spool(_) => "spool",
        })
    }
}

/// A complete spool file; it goes away with the value.
#[derive(Debug, Clone)]
pub(crate) struct Spooled {
    path: Arc<tempfile::TempPath>,
    batches: usize,
}

/// A spool that is being written.
pub(crate) struct SpoolWriter {
    writer: FileWriter<BufWriter<File>>,
    path: tempfile::TempPath,
    shown: PathBuf,
    batches: usize,
}

impl SpoolWriter {
    /// A new spool in `dir`.
    pub(crate) fn create(dir: &std::path::Path, schema: &SchemaRef) -> Result<Self, EngineError> {
        std::fs::create_dir_all(dir).map_err(EngineError::io("create", dir))?;
        let file = tempfile::Builder::new().prefix("spool-").tempfile_in(dir).map_err(EngineError::io("create", dir))?;
        let (file, path) = file.into_parts();
        let shown = path.to_path_buf();
        let writer = FileWriter::try_new(BufWriter::with_capacity(1 << 18, file), schema).map_err(EngineError::engine("spooling rows"))?;
        Ok(Self { writer, path, shown, batches: 0 })
    }

    /// Adds a batch.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.batches += 1;
        self.writer.write(batch).map_err(|error| spool_error(&self.shown, error))
    }

    /// Everything is there.
    pub(crate) fn finish(mut self) -> Result<Spooled, EngineError> {
        self.writer.finish().map_err(|error| spool_error(&self.shown, error))?;
        Ok(Spooled { path: Arc::new(self.path), batches: self.batches })
    }
}

fn spool_error(path: &std::path::Path, error: arrow::error::ArrowError) -> EngineError {
    match error {
        arrow::error::ArrowError::IoError(_, source) => EngineError::io("write", path)(source),
        other => EngineError::Engine { context: "spooling rows".to_owned(), message: other.to_string() },
    }
}

impl Spooled {
    /// All batches, in any order. The file goes away with `self`; an open reader keeps its content.
    pub(crate) fn reader(&self) -> Result<FileReader<BufReader<File>>, EngineError> {
        let file = File::open(&**self.path).map_err(EngineError::io("read", self.path.to_path_buf()))?;
        FileReader::try_new(BufReader::with_capacity(1 << 18, file), None).map_err(EngineError::engine("reading a spool"))
    }

    /// Every `of`-th batch, starting with `part`.
    pub(crate) fn read(
        &self,
        part: usize,
        of: usize,
    ) -> Result<impl Iterator<Item = Result<RecordBatch, arrow::error::ArrowError>> + use<>, EngineError> {
        let path = Arc::clone(&self.path);
        let mut reader = self.reader()?;
        let indices = (part..self.batches).step_by(of.max(1));
        Ok(indices.map_while(move |index| {
            let _alive = &path;
            match reader.set_index(index) {
                Ok(()) => reader.next(),
                Err(error) => Some(Err(error)),
            }
        }))
    }
}

impl FeedTable {
    /// A table over `input`.
    pub(crate) fn new(schema: SchemaRef, input: Arc<OnceLock<FeedInput>>, partitions: usize, rows: Option<usize>) -> Self {
        Self { schema, input, partitions: partitions.max(1), rows }
    }
}

#[async_trait::async_trait]
impl TableProvider for FeedTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    async fn scan(
        &self,
        _state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        _limit: Option<usize>,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let schema = match projection {
            Some(columns) => Arc::new(self.schema.project(columns)?),
            None => Arc::clone(&self.schema),
        };
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(self.partitions),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Ok(Arc::new(FeedExec {
            input: Arc::clone(&self.input),
            projection: projection.cloned(),
            schema,
            partitions: self.partitions,
            rows: self.rows,
            properties: Arc::new(properties),
        }))
    }
}

/// Reads a feed.
#[derive(Debug)]
struct FeedExec {
    input: Arc<OnceLock<FeedInput>>,
    projection: Option<Vec<usize>>,
    schema: SchemaRef,
    partitions: usize,
    rows: Option<usize>,
    properties: Arc<PlanProperties>,
}

impl DisplayAs for FeedExec {
    fn fmt_as(&self, _t: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FeedExec: partitions={}", self.partitions)
    }
}

impl ExecutionPlan for FeedExec {
    fn name(&self) -> &'static str {
        "FeedExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(&self, _f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> DfResult<TreeNodeRecursion>) -> DfResult<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _options: ReplaceChildrenOptions,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        if children.is_empty() { Ok(self) } else { Err(DataFusionError::Internal("a feed has no children".to_owned())) }
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> DfResult<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, partition: usize, _context: Arc<TaskContext>) -> DfResult<SendableRecordBatchStream> {
        let projection = self.projection.clone();
        let project = move |batch: RecordBatch| match &projection {
            Some(columns) => batch.project(columns).and_then(compact).map_err(DataFusionError::from),
            None => compact(batch).map_err(DataFusionError::from),
        };
        let input = self.input.get().ok_or_else(|| DataFusionError::Internal("a feed was read before it was laid".to_owned()))?;
        let stream: SendableRecordBatchStream = match input {
            FeedInput::Channels(channels) => {
                let taken = channels.get(partition).and_then(|slot| slot.lock().unwrap_or_else(PoisonError::into_inner).take());
                let receiver = taken.ok_or_else(|| DataFusionError::Internal("a streamed view was read twice".to_owned()))?;
                let batches =
                    futures::stream::unfold(receiver, |mut receiver| async move { receiver.recv().await.map(|batch| (batch, receiver)) });
                Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches.map(project)))
            }
            FeedInput::Spool(spool) => {
                let spool = spool.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let spool = spool.ok_or_else(|| DataFusionError::Internal("a spool was read before it was complete".to_owned()))?;
                let batches = spool.read(partition, self.partitions).map_err(|error| DataFusionError::External(Box::new(error)))?;
                let batches = futures::stream::iter(batches.map(move |batch| batch.map_err(DataFusionError::from).and_then(&project)));
                Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches))
            }
        };
        Ok(stream)
    }

    fn statistics_from_inputs(
        &self,
        _inputs: &[Arc<Statistics>],
        args: &datafusion::physical_plan::statistics::StatisticsArgs,
    ) -> DfResult<Arc<Statistics>> {
        let mut statistics = Statistics::new_unknown(&self.schema);
        if let Some(rows) = self.rows {
            let rows = if args.partition().is_some() { rows / self.partitions } else { rows };
            statistics.num_rows = Precision::Inexact(rows);
            let row: usize =
                self.schema.fields().iter().map(|field| if field.data_type().primitive_width().is_some() { 8 } else { TEXT }).sum();
            statistics.total_byte_size = Precision::Inexact(rows.saturating_mul(row.max(8)));
        }
        Ok(Arc::new(statistics))
    }
}
