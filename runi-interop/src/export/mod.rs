//! Contracts to the formats of others: one function for every format.

mod json_schema;
mod odcs;

use crate::{ExportError, Loss};
use runi_lang::model::Contract;
use serde::Serialize;

/// What contracts are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Open Data Contract Standard, YAML.
    Odcs,
    /// JSON Schema.
    JsonSchema,
    /// Avro schemas (`.avsc`).
    Avro,
    /// Protocol Buffers (`.proto`).
    Protobuf,
    /// `create table` statements.
    Sql,
    /// An Arrow schema, as JSON with its metadata.
    Arrow,
    /// Markdown for people.
    Markdown,
}

impl Format {
    /// Every format, in the order in which help lists them.
    pub const ALL: &'static [Self] = &[Self::Odcs, Self::JsonSchema, Self::Avro, Self::Protobuf, Self::Sql, Self::Arrow, Self::Markdown];

    /// The word for it on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Odcs => "odcs",
            Self::JsonSchema => "json-schema",
            Self::Avro => "avro",
            Self::Protobuf => "protobuf",
            Self::Sql => "sql",
            Self::Arrow => "arrow",
            Self::Markdown => "markdown",
        }
    }
}

/// What a user asks of an export.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// The SQL dialect: `postgres`, `snowflake`, `bigquery`, …; ANSI when left out.
    pub dialect: Option<String>,
}

/// A file that an export gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutFile {
    /// Its name, relative, with `/`: `trade.avsc`.
    pub name: String,
    /// Its bytes: text in every format so far.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

/// What an export gives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exported {
    /// The files, in the order of the contracts.
    pub files: Vec<OutFile>,
    /// What they do not say.
    pub losses: Vec<Loss>,
}

/// Writes contracts.
///
/// # Errors
/// The format cannot say a contract at all. What it cannot say in part is a loss.
pub fn export(format: Format, contracts: &[Contract], options: &Options) -> Result<Exported, ExportError> {
    let _ = options;
    match format {
        Format::JsonSchema => json_schema::export(contracts),
        Format::Odcs => odcs::export(contracts),
        _ => Err(ExportError { format: format.name(), message: "this format is not written yet".to_owned() }),
    }
}
