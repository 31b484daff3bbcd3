//! The command line, as clap reads it. Help texts live here, work does not.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Contracts, features and herds: checked, tested and run
#[derive(Debug, Parser)]
#[command(name = "runi", version, max_term_width = 100, disable_help_subcommand = true, propagate_version = true)]
#[command(
    after_help = "Exit codes: 0 ok, 1 problems found, 2 usage, 3 differences, 4 environment, 130 interrupted.\nStart with: runi init demo && runi -C demo run"
)]
pub(crate) struct Cli {
    /// What every command understands.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Run as if started in DIR
    #[arg(short = 'C', long = "directory", value_name = "DIR", global = true)]
    pub directory: Option<PathBuf>,
    /// Environment of Runi.toml
    #[arg(long, value_name = "NAME", global = true, env = "RUNI_ENV")]
    pub env: Option<String>,
    /// When to use colour (NO_COLOR is respected)
    #[arg(long, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN", global = true)]
    pub color: ColorChoice,
    /// Say nothing but data and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more (-vv: still more)
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Formats of diagnostics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiagnosticFormat {
    /// For people: source lines and arrows.
    Human,
    /// One line each.
    Concise,
    /// A JSON array.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// GitHub annotations.
    Github,
}

/// Formats of everything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DataFormat {
    /// For people.
    Human,
    /// JSON.
    Json,
}

/// A command.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lay down a new workspace
    Init(InitArgs),
    /// Check every contract, feature and herd; run nothing
    Check(CheckArgs),
    /// Bring files into the one canonical layout
    Fmt(FmtArgs),
    /// Apply the fixes that diagnostics offer
    Fix(FixArgs),
    /// Explain a diagnostic's code
    Explain(ExplainArgs),
    /// Run scenarios
    Run(RunArgs),
    /// Run goldens and examples
    Test(TestArgs),
    /// Show how a scenario will run
    Compile(CompileArgs),
    /// Tell what changed between two versions, what breaks, and for whom
    Diff(DiffArgs),
    /// Check, test and diff, as a pull request is reviewed
    Ci(CiArgs),
    /// Write a changelog from what changed
    Changelog(ChangelogArgs),
    /// Look at contracts
    #[command(subcommand)]
    Contract(ContractCommand),
    /// List past runs
    Runs(RunsArgs),
    /// Show where columns come from
    Lineage(LineageArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
}

/// `runi init`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  runi init\n  runi init demo --template empty")]
pub(crate) struct InitArgs {
    /// Directory to fill; made if it is not there
    #[arg(value_name = "DIR", default_value = ".")]
    pub path: PathBuf,
    /// Template to lay down
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub template: String,
    /// List the templates
    #[arg(long)]
    pub list: bool,
}

/// `runi check`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  runi check\n  runi check --format sarif > runi.sarif\n  runi check --env prod")]
pub(crate) struct CheckArgs {
    /// How to show problems
    #[arg(long, value_enum, default_value_t = DiagnosticFormat::Human, value_name = "FORMAT")]
    pub format: DiagnosticFormat,
    /// Fail on warnings too
    #[arg(long)]
    pub deny_warnings: bool,
    /// Print what was read, checked and taken from the cache
    #[arg(long)]
    pub stats: bool,
}

/// `runi fmt`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  runi fmt\n  runi fmt --check\n  runi fmt - --stdin-path a.dsl < a.dsl")]
pub(crate) struct FmtArgs {
    /// Files or directories; `-` reads stdin and writes stdout
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Change nothing; list the files that would change and exit with 3
    #[arg(long)]
    pub check: bool,
    /// The kind of file that stdin holds, by its name
    #[arg(long, value_name = "NAME", default_value = "stdin.dsl")]
    pub stdin_path: PathBuf,
}

/// `runi fix`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  runi fix\n  runi fix --dry-run")]
pub(crate) struct FixArgs {
    /// Show what would change
    #[arg(long)]
    pub dry_run: bool,
    /// Apply fixes that may change the meaning, too
    #[arg(long)]
    pub r#unsafe: bool,
}

/// `runi explain`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  runi explain E0102\n  runi explain F004\n  runi explain --list")]
pub(crate) struct ExplainArgs {
    /// A code, such as E0102
    #[arg(value_name = "CODE", required_unless_present = "list")]
    pub code: Option<String>,
    /// List every code
    #[arg(long)]
    pub list: bool,
}

/// `runi run`
#[derive(Debug, Args)]
#[command(
    after_help = "Selectors: a name or glob, @tag, layer:NAME, domain:NAME, +NAME (with what it reads), NAME+ (with what reads it).\n\nExamples:\n  runi run\n  runi run clean-flights --env prod\n  runi run +delays-by-carrier --format json"
)]
pub(crate) struct RunArgs {
    /// Scenarios to run; all when left out
    #[arg(value_name = "SCENARIO")]
    pub scenarios: Vec<String>,
    /// How to show the result
    #[arg(long, value_enum, default_value_t = DataFormat::Human, value_name = "FORMAT")]
    pub format: DataFormat,
    /// Workers per source (default: one per core; one alone for small inputs)
    #[arg(long, value_name = "N")]
    pub workers: Option<std::num::NonZeroUsize>,
    /// Memory for joins, sorts and aggregates before they spill, such as 512MB
    #[arg(long, value_name = "SIZE", default_value = "1GB", value_parser = bytes)]
    pub memory: usize,
    /// Run the other scenarios after one failed (those that read its outputs are left out)
    #[arg(long)]
    pub keep_going: bool,
}

/// `runi test`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  runi test\n  runi test normalize-emails\n  runi test --update")]
pub(crate) struct TestArgs {
    /// Scenarios or steps to test; all when left out
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Rewrite goldens with what came out
    #[arg(long)]
    pub update: bool,
    /// How to show the result
    #[arg(long, value_enum, default_value_t = DataFormat::Human, value_name = "FORMAT")]
    pub format: DataFormat,
}

/// What `runi compile` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Emit {
    /// The pipeline's stages, and the engine's plan of each `select`.
    Plan,
    /// Graphviz.
    Dot,
    /// Mermaid.
    Mermaid,
    /// The pipeline IR as JSON.
    Json,
}

/// `runi compile`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  runi compile clean-flights --emit plan\n  runi compile --emit mermaid > pipeline.mmd")]
pub(crate) struct CompileArgs {
    /// Scenarios to show; all when left out
    #[arg(value_name = "SCENARIO")]
    pub scenarios: Vec<String>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Emit::Plan, value_name = "WHAT")]
    pub emit: Emit,
}

/// Formats of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people: both versions with arrows.
    Human,
    /// For a pull request's comment.
    Markdown,
    /// One JSON object (docs/schemas/diff-v1.json).
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// GitHub annotations.
    Github,
}

/// What makes `runi diff` exit with something else than 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExitOn {
    /// 1 when a change is denied, 3 when anything differs.
    Differences,
    /// 1 when a change is denied, else 0.
    Denied,
}

/// `runi diff`
#[derive(Debug, Args)]
#[command(
    after_help = "Without BASE, the merge base with the default branch is compared with the working copy.\n\nExit codes: 0 nothing changes its meaning, 1 a change is denied, 3 changes that are not denied.\n\nExamples:\n  runi diff\n  runi diff --against v1.2.0 --history transitive\n  runi diff main..HEAD --format markdown > comment.md\n  runi diff --staged --exit-on denied\n  runi diff old/orders.contract new/orders.contract\n  runi diff --with-data prod --live"
)]
pub(crate) struct DiffArgs {
    /// BASE, BASE..HEAD, BASE...HEAD, or two directories or contract files
    #[arg(value_name = "BASE[..HEAD]", num_args = 0..=2)]
    pub sides: Vec<String>,
    /// Compare the working copy with this revision
    #[arg(long, value_name = "REF", conflicts_with_all = ["sides", "staged"])]
    pub against: Option<String>,
    /// Compare what is staged with HEAD
    #[arg(long, conflicts_with = "sides")]
    pub staged: bool,
    /// Compare contracts with more than the base: last, transitive (every tag), or since:TAG; without it, as each contract's @compatibility says
    #[arg(long, value_name = "HISTORY")]
    pub history: Option<String>,
    /// Ask the current data of an environment how many rows break a tightened promise
    #[arg(long, value_name = "ENV", num_args = 0..=1, default_missing_value = "")]
    pub with_data: Option<String>,
    /// Compare the declared columns of every source with the actual ones
    #[arg(long)]
    pub live: bool,
    /// How to show it
    #[arg(long, value_enum, default_value_t = DiffFormat::Human, value_name = "FORMAT")]
    pub format: DiffFormat,
    /// What exits with something else than 0
    #[arg(long, value_enum, default_value_t = ExitOn::Differences, value_name = "WHAT")]
    pub exit_on: ExitOn,
    /// Where files of the new version are shown, for links in Markdown
    #[arg(long, value_name = "URL")]
    pub blob_url: Option<String>,
    /// The day for which @accept and deprecations are judged, such as 2027-01-31; today when left out
    #[arg(long, value_name = "DATE")]
    pub today: Option<String>,
}

/// `runi ci`
#[derive(Debug, Args)]
#[command(
    after_help = "Runs what the GitHub action runs. On GitHub it prints annotations and appends to the job's summary; elsewhere it talks as usual.\n\nExit codes: 0 nothing to complain of, 1 an error, a failed test or a denied change.\n\nExamples:\n  runi ci\n  runi ci --base origin/main --out report"
)]
pub(crate) struct CiArgs {
    /// What to compare with; the merge base with the default branch when left out
    #[arg(long, value_name = "REF")]
    pub base: Option<String>,
    /// Where check.sarif, diff.sarif, diff.json, tests.json and comment.md go
    #[arg(long, value_name = "DIR", default_value = ".runi/ci")]
    pub out: PathBuf,
    /// Where files of the new version are shown, for links in the comment
    #[arg(long, value_name = "URL")]
    pub blob_url: Option<String>,
}

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

/// `runi contract gen`
#[derive(Debug, Args)]
#[command(
    after_help = "Formats: go, rust, json-schema, avro, protobuf, sql, odcs, csv, json, parquet, arrow.\nWhat a source cannot know (owner, keys, rules, …) stays in a contract that is there already.\n\nExamples:\n  runi contract gen models/order.go\n  runi contract gen src/models.rs --type Order --check\n  runi contract gen trades.parquet --name TradeRaw --out -"
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
    after_help = "Formats: odcs, json-schema, avro, protobuf, sql, arrow, markdown.\n\nExamples:\n  runi contract export TradeRaw --to odcs\n  runi contract export --to avro --out schemas\n  runi contract export TradeRaw --to sql --dialect postgres"
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

/// `runi contract validate`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  runi contract validate\n  runi contract validate TradeRaw --data trades.csv")]
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
pub(crate) struct ContractHashArgs {
    /// Contract; all when left out
    #[arg(value_name = "CONTRACT")]
    pub name: Option<String>,
    /// How to show it
    #[arg(long, value_enum, default_value_t = DataFormat::Human, value_name = "FORMAT")]
    pub format: DataFormat,
}

/// `runi contract history`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  runi contract history Orders\n  runi contract history Orders --from v1.2.0 --format json")]
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
    after_help = "Nothing is committed and no history is rewritten; the version becomes the one that going back demands.\n\nExamples:\n  runi contract rollback Orders 1.2.0\n  runi contract rollback Orders 3f2a91c --dry-run"
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
#[command(after_help = "Examples:\n  runi contract bump\n  runi contract bump Orders --against v1.2.0 --dry-run")]
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

/// `runi changelog`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  runi changelog\n  runi changelog v1.0.0..v1.1.0 --release 1.1.0\n  runi changelog --write")]
pub(crate) struct ChangelogArgs {
    /// BASE or BASE..HEAD; from the newest version's tag to the working copy when left out
    #[arg(value_name = "BASE[..HEAD]")]
    pub range: Option<String>,
    /// The version of the section; `Unreleased` when left out
    #[arg(long, value_name = "VERSION")]
    pub release: Option<String>,
    /// Put the section into this file instead of printing it
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "CHANGELOG.md")]
    pub write: Option<String>,
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

/// `runi runs`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  runi runs\n  runi runs clean-flights --last 5 --format json\n  runi runs --verify")]
pub(crate) struct RunsArgs {
    /// Scenario; all when left out
    #[arg(value_name = "SCENARIO")]
    pub scenario: Option<String>,
    /// The newest N
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub last: usize,
    /// Check the log's hash chain; exit with 3 when it is broken
    #[arg(long)]
    pub verify: bool,
    /// How to show them
    #[arg(long, value_enum, default_value_t = DataFormat::Human, value_name = "FORMAT")]
    pub format: DataFormat,
}

/// Formats of lineage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LineageFormat {
    /// For people.
    Human,
    /// JSON.
    Json,
    /// Graphviz.
    Dot,
    /// Mermaid.
    Mermaid,
}

/// `runi lineage`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  runi lineage\n  runi lineage clean-flights --column dep_delay\n  runi lineage --format dot | dot -Tsvg > lineage.svg"
)]
pub(crate) struct LineageArgs {
    /// Scenarios to show; all when left out
    #[arg(value_name = "SCENARIO")]
    pub scenarios: Vec<String>,
    /// Only this output column
    #[arg(long, value_name = "NAME")]
    pub column: Option<String>,
    /// How to show it
    #[arg(long, value_enum, default_value_t = LineageFormat::Human, value_name = "FORMAT")]
    pub format: LineageFormat,
}

/// `runi completions`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  runi completions bash > ~/.local/share/bash-completion/completions/runi")]
pub(crate) struct CompletionsArgs {
    /// Shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
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

/// `512MB`, `1GB`, `65536`.
fn bytes(text: &str) -> Result<usize, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor: usize = match unit.trim().to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "K" | "KB" | "KIB" => 1 << 10,
        "M" | "MB" | "MIB" => 1 << 20,
        "G" | "GB" | "GIB" => 1 << 30,
        _ => return Err("a size is a whole number and B, KB, MB or GB".to_owned()),
    };
    let size =
        number.parse::<usize>().ok().and_then(|number| number.checked_mul(factor)).ok_or("a size is a whole number and B, KB, MB or GB")?;
    if size < 16 << 20 { Err("at least 16MB are needed".to_owned()) } else { Ok(size) }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
