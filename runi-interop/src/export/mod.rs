//! Contracts to the formats of others: one function for every format.

pub mod arrow;
pub mod avro;
mod json_schema;
pub mod markdown;
mod odcs;
pub mod protobuf;
pub mod sql;

use crate::build;
use crate::{Dialect, ExportError, Loss};
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
    match format {
        Format::Odcs => one_each(contracts, "odcs.yaml", odcs::export),
        Format::JsonSchema => one_each(contracts, "schema.json", json_schema::export),
        Format::Avro => one_each(contracts, "avsc", |contract| Ok(avro::export(std::slice::from_ref(contract), None))),
        Format::Arrow => one_each(contracts, "arrow.json", |contract| Ok(arrow::export(contract))),
        Format::Markdown => one_each(contracts, "md", |contract| Ok(markdown::export(contract))),
        Format::Protobuf => Ok(Exported::of("contracts.proto".to_owned(), protobuf::export(contracts))),
        Format::Sql => {
            let dialect = options.dialect.as_deref().map_or(Ok(Dialect::default()), Dialect::named);
            let dialect = dialect.map_err(|message| ExportError { format: format.name(), message })?;
            Ok(Exported::of("contracts.sql".to_owned(), sql::export(contracts, dialect)))
        }
    }
}

/// A text, and what it does not say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Written {
    /// The text.
    pub text: String,
    /// What is lost.
    pub losses: Vec<Loss>,
}

impl Exported {
    fn of(name: String, written: Written) -> Self {
        Self { files: vec![OutFile { name, bytes: written.text.into_bytes() }], losses: written.losses }
    }
}

/// One file for each contract, called after it.
fn one_each(
    contracts: &[Contract],
    extension: &str,
    write: impl Fn(&Contract) -> Result<Written, ExportError>,
) -> Result<Exported, ExportError> {
    let mut names = build::Names::default();
    let mut exported = Exported::default();
    for contract in contracts {
        let written = write(contract)?;
        let name = format!("{}.{extension}", names.unique(build::file_name(&contract.name)));
        exported.files.push(OutFile { name, bytes: written.text.into_bytes() });
        exported.losses.extend(written.losses);
    }
    Ok(exported)
}
