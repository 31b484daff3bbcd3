//! Sinks: batches become files, and a file is either wholly there or not there at all.
//!
//! ```text
//! open      the output is locked, a temporary file is made beside it
//! write     batches are encoded; a digest is taken of the bytes as they pass
//! finish    flushed and synced: staged, not visible yet
//! publish   renamed over the target (Delta: committed); all sinks of a run, or none
//! ```
//!
//! Until `publish` the previous output is untouched, whatever happens. What a dead run leaves
//! behind is found through the journals under `.runi/tmp` and removed by [`sweep`]; a publish that
//! was cut short is completed by [`recover`], so that all outputs are those of one run.
//! The same rows give the same bytes, however they were cut into batches.

mod arrow_ipc;
mod block;
mod columns;
mod csv;
mod delta;
mod encode;
mod intent;
mod json;
mod lock;
mod output;
mod parquet;
mod place;
mod publish;
mod temp;

use crate::error::EngineError;
use arrow::array::RecordBatch;
use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use encode::{Encoded, Encoder};
use lock::OutputLock;
use runi_lang::ir::Connector;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use temp::TempFile;

pub(crate) use intent::Noted;
pub use intent::{Recovered, recover};
pub(crate) use place::file as output_file;
pub(crate) use publish::publish_noted;
pub use publish::{PublishStep, Published, Staged, publish_all, publish_observed};
pub(crate) use temp::TempDirectory;

/// What to write, and where.
#[derive(Debug, Clone)]
pub struct SinkSpec<'a> {
    /// The sink's name, for messages.
    pub name: &'a str,
    /// How to write.
    pub connector: &'a Connector,
    /// Whether rows are added to those that are there; Delta tables only.
    pub append: bool,
    /// The workspace. Relative paths start here and may not lead out of it.
    pub root: &'a Path,
    /// What is written. Batches have these columns in this order; their types may differ in
    /// representation (views, dictionaries), never in meaning.
    pub schema: SchemaRef,
    /// The run, for the commit log of a Delta table; never part of a file's bytes.
    pub run_id: &'a str,
    /// Goes to the key-value metadata of Parquet and Arrow files, in this order.
    pub metadata: Vec<(String, String)>,
}

/// A sink that takes batches. Dropping it removes what it wrote.
pub struct OpenSink {
    name: String,
    fields: Vec<FieldRef>,
    target: PathBuf,
    encoder: Box<dyn Encoder>,
    commit: Option<delta::Commit>,
    rows: u64,
    // The order matters: the temporary file goes before the lock does.
    temp: TempFile,
    lock: OutputLock,
}

/// What dead runs left, and what became of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Publishes that were cut short.
    pub publishes: Recovered,
    /// Unfinished files that were removed.
    pub files: usize,
}

/// Completes what dead runs of the workspace meant to publish, and removes what else they left behind in it and beside
/// its outputs.
///
/// # Errors
/// As [`recover`]; [`EngineError::Io`] when a leftover cannot be removed.
pub fn sweep(root: &Path) -> Result<Swept, EngineError> {
    let publishes = recover(root)?;
    let files = temp::sweep(root, |path| Ok(intent::needed(root)?.contains(path)))?;
    Ok(Swept { publishes, files })
}

/// Locks the output and makes a temporary file beside it.
///
/// # Errors
/// [`EngineError::Busy`] when another run (or sink) writes the same output; [`EngineError::Io`] when
/// the place cannot be written; [`EngineError::Engine`] when the format cannot hold the columns.
pub fn open(spec: &SinkSpec<'_>) -> Result<OpenSink, EngineError> {
    let is_table = matches!(spec.connector, Connector::Delta { .. });
    if spec.append && !is_table {
        return Err(EngineError::Engine {
            context: format!("sink `{}`", spec.name),
            message: format!("`mode=append` needs a Delta table; a {} file can only be overwritten", spec.connector.type_name()),
        });
    }
    let target =
        if is_table { place::directory(spec.root, spec.connector.path())? } else { place::file(spec.root, spec.connector.path())? };
    let lock = OutputLock::take(spec.root, &target)?;
    intent::settle(spec.root, &target)?;
    let beside = if is_table { target.join("part.parquet") } else { target.clone() };
    let (temp, file) = TempFile::create(spec.root, &beside)?;
    let output = output::Output::new(file);
    let (fields, encoder, commit): (_, Box<dyn Encoder>, _) = match spec.connector {
        Connector::Csv { path, delimiter, header, quote, nulls, compression } => {
            let dialect = csv::Dialect { delimiter: *delimiter, header: *header, quote: *quote, nulls: nulls.clone() };
            let fields = columns::text_fields(&spec.schema);
            let packed = output::Packed::new(output, output::codec(*compression, path)).map_err(EngineError::io("write", &target))?;
            let encoder = csv::CsvEncoder::new(packed, dialect, &fields).map_err(|fault| fault.at(spec.name, &target))?;
            (fields, Box::new(encoder), None)
        }
        Connector::Json { path, compression } => {
            let fields = columns::text_fields(&spec.schema);
            let packed = output::Packed::new(output, output::codec(*compression, path)).map_err(EngineError::io("write", &target))?;
            let encoder = json::JsonEncoder::new(packed, &fields);
            (fields, Box::new(encoder), None)
        }
        Connector::Parquet { .. } => {
            let fields = columns::parquet_fields(&spec.schema);
            let encoder = parquet::ParquetEncoder::new(output, &fields, &spec.metadata).map_err(|fault| fault.at(spec.name, &target))?;
            (fields, Box::new(encoder), None)
        }
        Connector::Arrow { .. } => {
            let fields = columns::arrow_fields(&spec.schema);
            let encoder = arrow_ipc::ArrowEncoder::new(output, &fields, &spec.metadata).map_err(|fault| fault.at(spec.name, &target))?;
            (fields, Box::new(encoder), None)
        }
        Connector::Delta { .. } => {
            let fields = columns::delta_fields(&spec.schema)
                .map_err(|message| EngineError::Engine { context: format!("sink `{}`", spec.name), message })?;
            let commit = delta::Commit::prepare(spec, &target, &fields)?;
            let encoder = parquet::ParquetEncoder::new(output, &fields, &[]).map_err(|fault| fault.at(spec.name, &target))?;
            (fields, Box::new(encoder), Some(commit))
        }
    };
    Ok(OpenSink { name: spec.name.to_owned(), fields, target, encoder, commit, rows: 0, temp, lock })
}

impl OpenSink {
    /// Encodes a batch. After an error the sink is of no further use.
    ///
    /// # Errors
    /// [`EngineError::Io`] when bytes cannot be written (a full disk), [`EngineError::Engine`] when the
    /// batch does not fit the schema that the sink was opened with.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let columns =
            columns::conform(&self.fields, batch, self.encoder.takes_views()).map_err(|fault| fault.at(&self.name, &self.target))?;
        self.encoder.write(columns, batch.num_rows()).map_err(|fault| fault.at(&self.name, &self.target))?;
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    /// Rows written so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Ends the file and makes it durable under its temporary name.
    ///
    /// # Errors
    /// As [`OpenSink::write`].
    pub fn finish(self) -> Result<Staged, EngineError> {
        let Encoded { bytes, digest } = self.encoder.finish().map_err(|fault| fault.at(&self.name, &self.target))?;
        Ok(Staged::new(self.target, self.rows, bytes, digest, self.commit, self.temp, self.lock))
    }
}

impl std::fmt::Debug for OpenSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenSink").field("name", &self.name).field("target", &self.target).field("rows", &self.rows).finish_non_exhaustive()
    }
}

/// A schema of these fields.
fn schema_of(fields: &[FieldRef], metadata: &[(String, String)]) -> SchemaRef {
    Arc::new(Schema::new_with_metadata(fields.to_vec(), metadata.iter().cloned().collect()))
}
