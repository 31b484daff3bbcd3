//! Sources of others to contracts: one function for every format.

pub mod arrow;
pub mod avro;
mod code;
mod go;
pub mod json_schema;
pub mod odcs;
pub mod protobuf;
mod rust;
mod sample;
pub mod sql;

use crate::settle::settle;
use crate::{ImportError, Imported};
use std::borrow::Cow;
use std::path::Path;

/// Sources above this size are refused.
pub(crate) const MAX_BYTES: usize = 64 << 20;
/// Fields of a source, once every named type was put where it is used.
pub(crate) const MAX_PARTS: usize = 20_000;

/// What a source is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Go structs.
    Go,
    /// Rust structs.
    Rust,
    /// JSON Schema.
    JsonSchema,
    /// Avro schemas (`.avsc`).
    Avro,
    /// Protocol Buffers (`.proto`).
    Protobuf,
    /// `create table` statements.
    Sql,
    /// Open Data Contract Standard, YAML.
    Odcs,
    /// Rows of CSV.
    Csv,
    /// Rows of JSON, one object a line.
    Json,
    /// Rows of Parquet.
    Parquet,
    /// Rows of Arrow IPC.
    Arrow,
}

impl Format {
    /// Every format, in the order in which help lists them.
    pub const ALL: &'static [Self] = &[
        Self::Go,
        Self::Rust,
        Self::JsonSchema,
        Self::Avro,
        Self::Protobuf,
        Self::Sql,
        Self::Odcs,
        Self::Csv,
        Self::Json,
        Self::Parquet,
        Self::Arrow,
    ];

    /// The word for it on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Go => "go",
            Self::Rust => "rust",
            Self::JsonSchema => "json-schema",
            Self::Avro => "avro",
            Self::Protobuf => "protobuf",
            Self::Sql => "sql",
            Self::Odcs => "odcs",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
        }
    }

    /// Whether a source holds rows, from which types are guessed. Rows are read from [`Input::path`], a part at a time.
    #[must_use]
    pub fn is_sample(self) -> bool {
        matches!(self, Self::Csv | Self::Json | Self::Parquet | Self::Arrow)
    }

    /// The format of a file by its name. `.json` alone says nothing: JSON Schemas and rows are both called so.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_ascii_lowercase();
        let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
        let ends = |ending: &[&str]| ending.iter().any(|ending| name.ends_with(ending));
        Some(match () {
            () if ends(&[".schema.json", ".jsonschema"]) => Self::JsonSchema,
            () if ends(&[".go"]) => Self::Go,
            () if ends(&[".rs"]) => Self::Rust,
            () if ends(&[".avsc", ".avpr"]) => Self::Avro,
            () if ends(&[".proto"]) => Self::Protobuf,
            () if ends(&[".sql", ".ddl"]) => Self::Sql,
            () if ends(&[".yaml", ".yml"]) => Self::Odcs,
            () if ends(&[".csv", ".tsv"]) => Self::Csv,
            () if ends(&[".jsonl", ".ndjson"]) => Self::Json,
            () if ends(&[".parquet"]) => Self::Parquet,
            () if ends(&[".arrow", ".arrows", ".feather", ".ipc"]) => Self::Arrow,
            () => return None,
        })
    }

    /// The format of a file by its name and, where that is not enough, by its first bytes.
    #[must_use]
    pub fn guess(path: &str, head: &[u8]) -> Option<Self> {
        if let Some(format) = Self::of(path) {
            return Some(format);
        }
        let name = path.to_ascii_lowercase();
        // Only rows are packed; of what is packed the head says nothing.
        if [".json.gz", ".json.zst"].iter().any(|ending| name.ends_with(ending)) {
            return Some(Self::Json);
        }
        if !name.ends_with(".json") {
            return None;
        }
        let text = String::from_utf8_lossy(head);
        let says = |key: &str| text.contains(&format!("\"{key}\""));
        Some(match () {
            () if says("$schema") || says("$defs") || says("definitions") || (says("type") && says("properties")) => Self::JsonSchema,
            () if says("type") && says("fields") && says("name") => Self::Avro,
            () => Self::Json,
        })
    }
}

/// What to read.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// What the source is called in messages: the path as the user wrote it, with `/`.
    pub name: &'a str,
    /// The source itself; empty for samples.
    pub bytes: &'a [u8],
    /// Where it lies, when it is a file: samples are read from here, and files that it includes are looked for beside it.
    pub path: Option<&'a Path>,
    /// What the user asked for.
    pub options: &'a Options,
}

/// What a user asks of an import.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// Types of the source that become contracts, by their names there; empty means all that are not part of others.
    pub types: Vec<String>,
    /// Contracts that are there already: a type of such a name stays a contract when it becomes part of another type.
    pub known: Vec<String>,
    /// The contract's name, when the source gives one contract only.
    pub name: Option<String>,
    /// The SQL dialect, when the source does not tell: `postgres`, `snowflake`, `bigquery`, …
    pub dialect: Option<String>,
    /// How many rows of a sample are read, from the first on; all of them when left out.
    pub rows: Option<u64>,
}

/// Reads a source.
///
/// # Errors
/// The source is not what the format demands, is too large, or says something that no contract can.
pub fn import(format: Format, input: &Input<'_>) -> Result<Imported, ImportError> {
    if input.bytes.len() > MAX_BYTES {
        let message = format!("it has {} MiB; an import reads up to {}", input.bytes.len() >> 20, MAX_BYTES >> 20);
        return Err(ImportError::TooLarge { format: format.name(), message });
    }
    let imported = match format {
        // These ask the compiler themselves: what a tag cannot say is an error at its place.
        Format::Go => return go::import(input),
        Format::Rust => return rust::import(input),
        Format::JsonSchema => json_schema::from(input),
        Format::Odcs => odcs::from(input),
        Format::Avro => avro::from(input),
        Format::Protobuf => protobuf::from(input),
        Format::Sql => sql::from(input),
        Format::Csv | Format::Json | Format::Parquet | Format::Arrow => sample::from(format, input),
    }?;
    settle(imported, input)
}

/// The text of a source.
fn text<'b>(format: &'static str, bytes: &'b [u8]) -> Result<Cow<'b, str>, ImportError> {
    if bytes.contains(&0) {
        return Err(ImportError::unreadable(format, "it is no text: it holds zero bytes", None));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes.get(..error.valid_up_to()).map(|before| before.iter().filter(|byte| **byte == b'\n').count());
        ImportError::unreadable(format, "it is no UTF-8 text", line.and_then(|line| u32::try_from(line + 1).ok()))
    })?;
    // A byte order mark becomes as many blanks, so that offsets stay.
    Ok(text.strip_prefix('\u{feff}').map_or(Cow::Borrowed(text), |rest| Cow::Owned(format!("   {rest}"))))
}
