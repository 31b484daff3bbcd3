//! Delta tables on the local disk: a Parquet file beside the others, and a commit that makes it count.

use super::SinkSpec;
use super::place::sync_parent;
use super::schema_of;
use super::temp::TempFile;
use crate::error::EngineError;
use arrow::datatypes::FieldRef;
use deltalake_core::kernel::engine::arrow_conversion::TryIntoKernel;
use deltalake_core::kernel::transaction::{CommitBuilder, CommitProperties, PROTOCOL};
use deltalake_core::kernel::{Action, Add, StructType};
use deltalake_core::operations::create::CreateBuilder;
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use deltalake_core::table::state::DeltaTableState;
use deltalake_core::{DeltaResult, DeltaTable, DeltaTableBuilder, DeltaTableError, ensure_table_uri};
use std::collections::HashMap;
use std::future::Future;
use std::path::Path;
use uuid::Uuid;

/// What the commit will say, checked against the table before anything is encoded.
#[derive(Debug)]
pub(super) struct Commit {
    sink: String,
    uri: String,
    append: bool,
    schema: StructType,
    notes: HashMap<String, serde_json::Value>,
}

impl Commit {
    /// Compares the columns with those of the table, if there is one.
    pub(super) fn prepare(spec: &SinkSpec<'_>, target: &Path, fields: &[FieldRef]) -> Result<Self, EngineError> {
        let refused = |message: String| EngineError::Engine { context: format!("sink `{}`", spec.name), message };
        let schema: StructType = schema_of(fields, &[])
            .as_ref()
            .try_into_kernel()
            .map_err(|error| refused(format!("a Delta table cannot hold these columns: {error}")))?;
        let uri = target.to_str().ok_or_else(|| refused("the path of a Delta table must be UTF-8".to_owned()))?.to_owned();
        let mut notes: HashMap<_, _> = spec.metadata.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect();
        notes.insert("runi.run".to_owned(), spec.run_id.into());
        let commit = Self { sink: spec.name.to_owned(), uri, append: spec.append, schema, notes };
        block_on(commit.check())?.map_err(refused)?;
        Ok(commit)
    }

    async fn check(&self) -> Result<(), String> {
        let Some(table) = load(&self.uri).await.map_err(|error| error.to_string())? else { return Ok(()) };
        let state = table.snapshot().map_err(|error| error.to_string())?;
        writable(state)?;
        fits(&self.schema, &state.schema())
    }

    /// Gives the file its name in the table and commits it.
    pub(super) fn publish(&self, target: &Path, temp: &mut TempFile, rows: u64, bytes: u64) -> Result<(), EngineError> {
        let add = if rows == 0 {
            None
        } else {
            let name = format!("part-00000-{}-c000.snappy.parquet", Uuid::now_v7());
            let path = target.join(&name);
            // Until the commit nothing refers to this file, and readers do not see it.
            temp.persist(&path).map_err(EngineError::io("rename", &path))?;
            sync_parent(&path).map_err(EngineError::io("write", &path))?;
            Some((add(name, rows, bytes), path))
        };
        let (action, path) = add.unzip();
        let committed = block_on(self.commit(action))
            .and_then(|outcome| outcome.map_err(|message| EngineError::Engine { context: format!("sink `{}`", self.sink), message }));
        if committed.is_err()
            && let Some(path) = path
        {
            let _ = std::fs::remove_file(path);
        }
        committed
    }

    async fn commit(&self, add: Option<Add>) -> Result<(), String> {
        let said = |error: DeltaTableError| error.to_string();
        let adds = add.map(Action::Add);
        let properties = CommitProperties::default().with_metadata(self.notes.clone());
        let Some(table) = load(&self.uri).await.map_err(said)? else {
            let uri = ensure_table_uri(&self.uri).map_err(said)?;
            let create = CreateBuilder::new().with_location(uri.as_str()).with_columns(self.schema.fields().cloned()).with_actions(adds);
            return create.with_commit_properties(properties).await.map(drop).map_err(said);
        };
        let state = table.snapshot().map_err(said)?;
        // The table may have changed since the sink was opened.
        writable(state)?;
        fits(&self.schema, &state.schema())?;
        let mut actions: Vec<Action> = Vec::new();
        if !self.append {
            actions.extend(state.log_data().iter().map(|file| Action::Remove(file.remove_action(true))));
        }
        actions.extend(adds);
        if actions.is_empty() {
            return Ok(());
        }
        let mode = if self.append { SaveMode::Append } else { SaveMode::Overwrite };
        let operation = DeltaOperation::Write { mode, partition_by: None, predicate: None };
        CommitBuilder::from(properties).with_actions(actions).build(Some(state), table.log_store(), operation).await.map(drop).map_err(said)
    }
}

/// The table, if there is one.
async fn load(uri: &str) -> DeltaResult<Option<DeltaTable>> {
    let mut table = DeltaTableBuilder::from_url(ensure_table_uri(uri)?)?.build()?;
    if !table.verify_deltatable_existence().await? {
        return Ok(None);
    }
    table.load().await?;
    Ok(Some(table))
}

/// Refuses tables that ask more of a writer than this one does.
fn writable(state: &DeltaTableState) -> Result<(), String> {
    PROTOCOL.can_write_to(state.snapshot()).map_err(|error| error.to_string())?;
    if let Some(column) = state.metadata().partition_columns().first() {
        return Err(format!("the table is partitioned by `{column}`; only unpartitioned tables can be written"));
    }
    let configuration = state.metadata().configuration();
    if let Some(key) = configuration.keys().find(|key| key.starts_with("delta.constraints.")) {
        return Err(format!("the table has the constraint `{key}`, which this sink cannot check"));
    }
    if configuration.get("delta.columnMapping.mode").is_some_and(|mode| mode != "none") {
        return Err("the table maps column names, which this sink does not write".to_owned());
    }
    for field in state.schema().fields() {
        if let Some(key) = ["delta.invariants", "delta.generationExpression"].iter().find(|key| field.metadata().contains_key(**key)) {
            return Err(format!("column `{}` of the table has `{key}`, which this sink cannot check", field.name()));
        }
    }
    Ok(())
}

/// Whether rows of the schema `ours` are rows of the table.
fn fits(ours: &StructType, table: &StructType) -> Result<(), String> {
    let mut differences = Vec::new();
    for field in ours.fields() {
        match table.field(field.name()) {
            None => differences.push(format!("`{}` is not a column of the table", field.name())),
            Some(column) if column.data_type() != field.data_type() => {
                differences.push(format!("`{}` is {} in the table and {} here", field.name(), column.data_type(), field.data_type()));
            }
            Some(column) if field.is_nullable() && !column.is_nullable() => {
                differences.push(format!("`{}` may not be null in the table and may be here", field.name()));
            }
            Some(_) => {}
        }
    }
    for column in table.fields() {
        if ours.field(column.name()).is_none() {
            differences.push(format!("the table's column `{}` is not written", column.name()));
        }
    }
    if differences.is_empty() { Ok(()) } else { Err(format!("the columns are not those of the table: {}", differences.join("; "))) }
}

fn add(path: String, rows: u64, bytes: u64) -> Add {
    Add {
        path,
        partition_values: HashMap::new(),
        size: i64::try_from(bytes).unwrap_or(i64::MAX),
        modification_time: chrono::Utc::now().timestamp_millis(),
        data_change: true,
        stats: Some(format!("{{\"numRecords\":{rows}}}")),
        tags: None,
        deletion_vector: None,
        base_row_id: None,
        default_row_commit_version: None,
        clustering_provider: None,
    }
}

/// Runs a future to its end on a thread of its own, since the caller may be inside a runtime already.
fn block_on<F>(future: F) -> Result<F::Output, EngineError>
where
    F: Future + Send,
    F::Output: Send,
{
    let failed = |message: String| EngineError::Engine { context: "Delta".to_owned(), message };
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
            runtime.map(|runtime| runtime.block_on(future))
        });
        match thread.join() {
            Ok(outcome) => outcome.map_err(|error| failed(error.to_string())),
            Err(_) => Err(failed("the library panicked".to_owned())),
        }
    })
}
