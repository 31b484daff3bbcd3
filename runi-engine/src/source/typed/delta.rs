//! Delta tables on the local disk: the log says which Parquet files are the table; they are read like any others.

use super::Fields;
use super::layout::Layout;
use super::parquet::{ParquetCutter, ParquetFile, TableName, footer};
use crate::error::EngineError;
use crate::source::files::{self, SourceFile};
use crate::source::{OpenSource, ReadOptions, SourceSpec, drift};
use arrow::datatypes::SchemaRef;
use deltalake_core::DeltaTableError;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use runi_lang::ir::Compression;
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

/// What the log says.
struct Log {
    version: u64,
    schema: SchemaRef,
    /// Files whose rows are the table's, in a stable order.
    files: Vec<Active>,
    column_mapping: bool,
}

struct Active {
    path: String,
    partition: HashMap<String, Option<String>>,
    has_deletions: bool,
}

/// A table that can be read.
struct Table {
    shown: String,
    root: PathBuf,
    log: Log,
}

/// Opens the newest version of a table.
///
/// # Errors
/// No table, one that uses what is not supported (deletion vectors, column mapping), or drift.
pub(in crate::source) fn open(spec: &SourceSpec<'_>, options: &ReadOptions) -> Result<OpenSource, EngineError> {
    let Table { shown, root, log } = table(spec)?;
    let (fields, drift) = Fields::of(spec, &shown, &log.schema)?;
    let drift = drift::settle(spec, drift)?;
    let mut parts = Vec::new();
    for active in log.files {
        let file = file(spec, &root, &shown, &active)?;
        let metadata = footer(spec, &file)?;
        let layout = Layout::new(&fields, metadata.schema(), &active.partition)?;
        parts.push(ParquetFile::new(spec, file, metadata, layout));
    }
    let cutter = ParquetCutter::new(parts, options, Some(TableName { shown, version: log.version }));
    Ok(OpenSource { schema: fields.schema, drift, bytes: Some(cutter.bytes), rows: Some(cutter.rows), cutter: Box::new(cutter) })
}

/// The footers of the newest version's files.
///
/// # Errors
/// As [`open`], drift left out.
pub(super) fn footers(spec: &SourceSpec<'_>) -> Result<Vec<ArrowReaderMetadata>, EngineError> {
    let Table { shown, root, log } = table(spec)?;
    log.files.iter().map(|active| footer(spec, &file(spec, &root, &shown, active)?)).collect()
}

/// Finds the table and reads its log; refuses what is not supported.
fn table(spec: &SourceSpec<'_>) -> Result<Table, EngineError> {
    let root = files::resolve(spec)?;
    let shown = files::show(spec.root, &root);
    let bad = |message: String| EngineError::BadInput { source_name: spec.name.to_owned(), file: shown.clone(), message };
    if !root.is_dir() {
        return Err(files::no_input(spec));
    }
    files::inside(spec, &root)?;
    if !root.join("_delta_log").is_dir() {
        return Err(bad("is not a Delta table: it has no `_delta_log`".to_owned()));
    }
    let log = load(&root)?.map_err(|error| bad(format!("cannot be read as a Delta table: {error}")))?;
    if log.column_mapping {
        return Err(bad("maps its columns to other names in its files, which is not supported".to_owned()));
    }
    if log.files.iter().any(|file| file.has_deletions) {
        return Err(bad(
            "has deletion vectors, which are not supported; rewrite its files first (`REORG TABLE … APPLY (PURGE)`)".to_owned()
        ));
    }
    Ok(Table { shown, root, log })
}

/// A file that the log names; it must lie inside the table.
fn file(spec: &SourceSpec<'_>, root: &Path, shown: &str, active: &Active) -> Result<SourceFile, EngineError> {
    let relative = Path::new(&active.path);
    if !relative.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        let message = format!("names the file `{}`, which lies outside of the table", active.path);
        return Err(EngineError::BadInput { source_name: spec.name.to_owned(), file: shown.to_owned(), message });
    }
    let path = root.join(relative);
    files::inside(spec, &path)?;
    let shown = files::show(spec.root, &path);
    SourceFile::stat(path, shown, Compression::None)
}

/// Reads the log on a thread of its own: the library is asynchronous, and the caller may be inside a runtime already.
fn load(root: &Path) -> Result<Result<Log, DeltaTableError>, EngineError> {
    let wrong = |message: &str| EngineError::Engine { context: format!("reading `{}`", root.display()), message: message.to_owned() };
    let root = root.canonicalize().map_err(EngineError::io("read", root))?;
    let reader = std::thread::Builder::new().name("delta-log".to_owned()).spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(EngineError::engine("reading a Delta log"))?;
        Ok(runtime.block_on(read(&root)))
    });
    let reader = reader.map_err(|error| wrong(&error.to_string()))?;
    reader.join().map_err(|_| wrong("the log's reader stopped"))?
}

async fn read(root: &Path) -> Result<Log, DeltaTableError> {
    let url = deltalake_core::ensure_table_uri(root.to_string_lossy())?;
    let table = deltalake_core::open_table(url).await?;
    let state = table.snapshot()?;
    let mut files: Vec<Active> = state
        .log_data()
        .iter()
        .map(|file| Active {
            path: file.path().into_owned(),
            partition: file.partition_values_map(),
            has_deletions: file.deletion_vector_descriptor().is_some(),
        })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let mapping = state.metadata().configuration().get("delta.columnMapping.mode");
    Ok(Log {
        version: state.version(),
        schema: state.snapshot().arrow_schema(),
        files,
        column_mapping: mapping.is_some_and(|mode| mode != "none"),
    })
}
