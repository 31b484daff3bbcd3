//! `runi contract …`: the life of a contract.

use super::{DataFormat, DiagnosticFormat};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `runi contract …`
#[derive(Debug, Subcommand)]
pub(crate) enum ContractCommand {
    /// Check contracts, and with --data files against one
    Validate(ContractValidateArgs),
    /// Print the digest of each contract
    Hash(ContractHashArgs),
    /// Print every contract with owner, version and fields
    Catalog(ContractCatalogArgs),
    /// Make contracts from sources, schemas and samples of other formats
    #[command(visible_alias = "import")]
    Gen(ContractGenArgs),
    /// Write contracts in another format
    Export(ContractExportArgs),
    /// List every version of a contract, from git
    History(ContractHistoryArgs),
    /// Write an earlier version of a contract as a new change
    Rollback(ContractRollbackArgs),
    /// Raise versions as the changes since the base demand
    Bump(ContractBumpArgs),
}

/// `runi contract validate`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  runi contract validate\n  runi contract validate OrderRaw --data data/orders.csv")]
pub(crate) struct ContractValidateArgs {
    /// Contract; all when left out
    #[arg(value_name = "CONTRACT")]
    pub name: Option<String>,
    /// A file whose rows are checked against the contract
    #[arg(long, value_name = "FILE", requires = "name")]
    pub data: Option<String>,
    /// A cell that means null in a CSV file; may be repeated
    #[arg(long, value_name = "TOKEN")]
    pub null: Vec<String>,
    /// How to show problems
    #[arg(long, value_enum, default_value_t = DiagnosticFormat::Human, value_name = "FORMAT")]
    pub format: DiagnosticFormat,
}

/// `runi contract hash`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  runi contract hash\n  runi contract hash Order --format json")]
pub(crate) struct ContractHashArgs {
    /// Contract; all when left out
    #[arg(value_name = "CONTRACT")]
    pub name: Option<String>,
    /// How to show it
    #[arg(long, value_enum, default_value_t = DataFormat::Human, value_name = "FORMAT")]
    pub format: DataFormat,
}

/// Formats of the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CatalogFormat {
    /// For people.
    Human,
    /// JSON.
    Json,
    /// One HTML page to browse.
    Html,
}

/// `runi contract catalog`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  runi contract catalog\n  runi contract catalog --format html > catalog.html")]
pub(crate) struct ContractCatalogArgs {
    /// How to show it
    #[arg(long, value_enum, default_value_t = CatalogFormat::Human, value_name = "FORMAT")]
    pub format: CatalogFormat,
}

/// `runi contract gen`
#[derive(Debug, Args)]
#[command(
    after_help = "Formats: go, rust, json-schema, avro, protobuf, sql, odcs, csv, json, parquet, arrow.\nWhat a source cannot know (owner, keys, rules, …) stays in a contract that is there already.\n\nExamples:\n  runi contract gen models/order.go\n  runi contract gen src/models.rs --type Order --check\n  runi contract gen data/orders.csv --name OrderRaw --check"
)]
pub(crate) struct ContractGenArgs {
    /// Files to read; `-` is stdin
    #[arg(value_name = "SOURCE", required = true)]
    pub sources: Vec<PathBuf>,
    /// What the sources are written in; guessed from their names when left out
    #[arg(long, value_name = "FORMAT", value_parser = import_format)]
    pub from: Option<runi_interop::import::Format>,
    /// Type of the source that becomes a contract; may be repeated (default: all that are not part of others)
    #[arg(long = "type", value_name = "NAME")]
    pub types: Vec<String>,
    /// Name of the contract, when there is one only
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// SQL dialect of the source, when it does not tell
    #[arg(long, value_name = "NAME")]
    pub dialect: Option<String>,
    /// Read only the first N rows of a sample; then nothing is said to be required or unique
    #[arg(long, value_name = "N")]
    pub rows: Option<u64>,
    /// Directory for the files; `-` prints them (default: where the contract is, or contracts/)
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write nothing; show where contracts differ from their sources and exit with 3
    #[arg(long, conflicts_with = "force")]
    pub check: bool,
    /// Change files that are there already
    #[arg(long)]
    pub force: bool,
    /// How to show the result
    #[arg(long, value_enum, default_value_t = DataFormat::Human, value_name = "FORMAT")]
    pub format: DataFormat,
}

/// `runi contract export`
#[derive(Debug, Args)]
#[command(
    after_help = "Formats: odcs, json-schema, avro, protobuf, sql, arrow, markdown.\n\nExamples:\n  runi contract export OrderRaw --to odcs\n  runi contract export --to avro --out schemas\n  runi contract export OrderRaw --to sql --dialect postgres"
)]
pub(crate) struct ContractExportArgs {
    /// Contracts; all when left out
    #[arg(value_name = "CONTRACT")]
    pub names: Vec<String>,
    /// What to write
    #[arg(long, value_name = "FORMAT", value_parser = export_format)]
    pub to: runi_interop::export::Format,
    /// SQL dialect: postgres, snowflake, bigquery, …
    #[arg(long, value_name = "NAME")]
    pub dialect: Option<String>,
    /// Directory for the files; `-` prints them, as happens to a single one anyway
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// How to show the result
    #[arg(long, value_enum, default_value_t = DataFormat::Human, value_name = "FORMAT")]
    pub format: DataFormat,
}

/// `runi contract history`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  runi contract history Order\n  runi contract history Order --from v1.2.0 --format json")]
pub(crate) struct ContractHistoryArgs {
    /// Contract; it may be gone by now
    #[arg(value_name = "CONTRACT")]
    pub name: String,
    /// The newest commit to look at; HEAD when left out
    #[arg(long, value_name = "REF")]
    pub from: Option<String>,
    /// How to show it
    #[arg(long, value_enum, default_value_t = DataFormat::Human, value_name = "FORMAT")]
    pub format: DataFormat,
}

/// `runi contract rollback`
#[derive(Debug, Args)]
#[command(
    after_help = "Nothing is committed and no history is rewritten; the version becomes the one that going back demands.\n\nExamples:\n  runi contract rollback Order 1.1.0\n  runi contract rollback Order 3f2a91c --dry-run"
)]
pub(crate) struct ContractRollbackArgs {
    /// Contract
    #[arg(value_name = "CONTRACT")]
    pub name: String,
    /// Its version, or the commit that brought it
    #[arg(value_name = "VERSION")]
    pub to: String,
    /// Show what would change; exit with 3 when something would
    #[arg(long)]
    pub dry_run: bool,
}

/// `runi contract bump`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  runi contract bump\n  runi contract bump Order --against v1.2.0 --dry-run")]
pub(crate) struct ContractBumpArgs {
    /// Contracts; all that changed when left out
    #[arg(value_name = "CONTRACT")]
    pub names: Vec<String>,
    /// What to compare with; the merge base with the default branch when left out
    #[arg(long, value_name = "REF")]
    pub against: Option<String>,
    /// Show what would change; exit with 3 when something would
    #[arg(long)]
    pub dry_run: bool,
}

/// A format that contracts come from.
fn import_format(text: &str) -> Result<runi_interop::import::Format, String> {
    use runi_interop::import::Format;
    named(text, Format::ALL, Format::name)
}

/// A format that contracts go to.
fn export_format(text: &str) -> Result<runi_interop::export::Format, String> {
    use runi_interop::export::Format;
    named(text, Format::ALL, Format::name)
}

fn named<F: Copy>(text: &str, all: &[F], name: impl Fn(F) -> &'static str) -> Result<F, String> {
    let names: Vec<&str> = all.iter().map(|format| name(*format)).collect();
    all.iter().copied().find(|format| name(*format) == text).ok_or_else(|| {
        match runi_lang::diagnostics::nearest(text, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("one of {}", names.join(", ")),
        }
    })
}
