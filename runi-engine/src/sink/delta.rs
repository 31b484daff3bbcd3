//! Delta tables on the local disk: a Parquet file beside the others, and a commit that makes it count.

use super::SinkSpec;
use super::place::sync_parent;
use super::schema_of;
use super::temp::PREFIX;
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
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// The key of a commit's notes under which it can be found again.
const ID: &str = "runi.commit";

/// What the commit will say, checked against the table before anything is encoded.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct Commit {
    sink: String,
    uri: String,
    append: bool,
    schema: StructType,
    notes: HashMap<String, serde_json::Value>,
    id: Uuid,
    /// The table's version when the sink was opened; the commit comes after it.
    since: Option<u64>,
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
        let id = Uuid::now_v7();
        notes.insert("runi.run".to_owned(), spec.run_id.into());
        notes.insert(ID.to_owned(), id.to_string().into());
        let mut commit = Self { sink: spec.name.to_owned(), uri, append: spec.append, schema, notes, id, since: None };
        commit.since = block_on(commit.check())?.map_err(refused)?;
        if commit.since.is_none() {
            empty(target)?;
        }
        Ok(commit)
    }

    /// The version of the table, if there is one and rows like these may go into it.
    async fn check(&self) -> Result<Option<u64>, String> {
        let Some(table) = load(&self.uri).await.map_err(|error| error.to_string())? else { return Ok(None) };
        let state = table.snapshot().map_err(|error| error.to_string())?;
        writable(state)?;
        fits(&self.schema, &state.schema())?;
        Ok(Some(state.version()))
    }

    /// The table's directory.
    pub(super) fn table(&self) -> PathBuf {
        PathBuf::from(&self.uri)
    }

    /// The file that the commit adds when there are rows. Readers do not see it before.
    pub(super) fn part(&self) -> PathBuf {
        Path::new(&self.uri).join(self.part_name())
    }

    fn part_name(&self) -> String {
        format!("part-00000-{}-c000.snappy.parquet", self.id)
    }

    /// Whether the table's log has this commit already.
    pub(super) fn is_done(&self) -> Result<bool, EngineError> {
        Ok(self.entry()?.is_some())
    }

    /// Whether the commit is certainly not in the table's log. A log that is no directory holds none; of one that cannot be read nobody knows.
    pub(super) fn is_absent(&self) -> bool {
        match self.entry() {
            Ok(entry) => entry.is_none(),
            Err(EngineError::Io { source, .. }) => source.kind() == std::io::ErrorKind::NotADirectory,
            Err(_) => false,
        }
    }

    /// The file of the table's log that holds this commit.
    fn entry(&self) -> Result<Option<PathBuf>, EngineError> {
        let log = Path::new(&self.uri).join("_delta_log");
        let entries = match std::fs::read_dir(&log) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(EngineError::io("read", log)(error)),
        };
        let mark = format!("\"{ID}\":\"{}\"", self.id);
        for entry in entries {
            let path = entry.map_err(EngineError::io("read", &log))?.path();
            let version = path.file_stem().and_then(|stem| stem.to_str()?.parse::<u64>().ok());
            let is_commit = path.extension().is_some_and(|extension| extension == "json");
            let later = version.is_some_and(|version| self.since.is_none_or(|since| version > since));
            if is_commit && later && std::fs::read_to_string(&path).map_err(EngineError::io("read", &path))?.contains(&mark) {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }

    /// Makes the rows of [`Commit::part`] count, or, without rows, the table as empty as it shall be. It is on the disk when this
    /// returns.
    ///
    /// The library tidies up after it has written a commit (checkpoints); a failure of that is none of the commit, which counts.
    pub(super) fn commit(&self, rows: u64, bytes: u64) -> Result<(), EngineError> {
        let action = (rows > 0).then(|| add(self.part_name(), rows, bytes));
        let written = block_on(self.write(action)).and_then(|written| written.map_err(|refusal| refusal.at(self)));
        match (written, self.entry()) {
            (Ok(()), entry) => entry?.map_or(Ok(()), |entry| durable(&entry)),
            (Err(error), Ok(Some(entry))) => {
                tracing::warn!(table = %self.uri, %error, "the commit is made; what follows it failed");
                durable(&entry)
            }
            (Err(error), _) => Err(error),
        }
    }

    async fn write(&self, add: Option<Add>) -> Result<(), Refusal> {
        let said = Refusal::Library;
        let adds = add.map(Action::Add);
        let properties = CommitProperties::default().with_metadata(self.notes.clone());
        let Some(table) = load(&self.uri).await.map_err(said)? else {
            let uri = ensure_table_uri(&self.uri).map_err(said)?;
            let create = CreateBuilder::new().with_location(uri.as_str()).with_columns(self.schema.fields().cloned()).with_actions(adds);
            return create.with_commit_properties(properties).await.map(drop).map_err(said);
        };
        let state = table.snapshot().map_err(said)?;
        // The table may have changed since the sink was opened.
        writable(state).and_then(|()| fits(&self.schema, &state.schema())).map_err(Refusal::Unfit)?;
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

/// Why a commit was not made.
enum Refusal {
    /// The table asks for something else.
    Unfit(String),
    /// The library says so.
    Library(DeltaTableError),
}

impl Refusal {
    /// A full disk is the machine's, whatever wraps it.
    fn at(self, commit: &Commit) -> EngineError {
        let message = match self {
            Self::Unfit(message) => message,
            Self::Library(error) => {
                if let Some(source) = of_the_system(&error) {
                    return EngineError::Io { action: "write", path: commit.table(), source };
                }
                error.to_string()
            }
        };
        EngineError::Engine { context: format!("sink `{}`", commit.sink), message }
    }
}

/// The error of the operating system behind a library's, if there is one.
fn of_the_system(error: &(dyn std::error::Error + 'static)) -> Option<std::io::Error> {
    let mut behind = Some(error);
    while let Some(error) = behind {
        let found = error.downcast_ref::<std::io::Error>();
        if let Some(number) = found.and_then(std::io::Error::raw_os_error) {
            return Some(std::io::Error::from_raw_os_error(number));
        }
        // What an I/O error wraps is not its source but that one's.
        let inner = found.and_then(std::io::Error::get_ref).map(|inner| inner as &(dyn std::error::Error + 'static));
        behind = inner.or_else(|| error.source());
    }
    None
}

/// Puts a file of the log and its name on the disk; the library leaves that to the system.
fn durable(entry: &Path) -> Result<(), EngineError> {
    let synced = std::fs::File::open(entry).and_then(|file| file.sync_all()).and_then(|()| sync_parent(entry));
    // The log itself may be new.
    let synced = synced.and_then(|()| entry.parent().map_or(Ok(()), sync_parent));
    synced.map_err(EngineError::io("write", entry))
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

/// Refuses a directory that is no table and has files: a table's readers and cleaners take what lies there for its own.
fn empty(directory: &Path) -> Result<(), EngineError> {
    for entry in std::fs::read_dir(directory).map_err(EngineError::io("read", directory))? {
        let name = entry.map_err(EngineError::io("read", directory))?.file_name();
        let name = name.to_string_lossy();
        // What a killed run left is swept; an empty log is that of a table that never came to be.
        let nobodys = name.starts_with(PREFIX) || name == "_delta_log" && is_empty(&directory.join("_delta_log"));
        if !nobodys {
            let why = format!("the directory holds `{name}` and is no Delta table; give the table a directory of its own");
            return Err(EngineError::io("write", directory)(std::io::Error::new(std::io::ErrorKind::DirectoryNotEmpty, why)));
        }
    }
    Ok(())
}

fn is_empty(directory: &Path) -> bool {
    std::fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_none())
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
