//! Commands about pipelines and their runs: `run`, `test`, `compile`, `runs`, `lineage`.

use super::DataFormat;
use clap::{Args, ValueEnum};
use std::num::NonZeroUsize;

/// `runi run`
#[derive(Debug, Args)]
#[command(
    after_help = "Selectors: a name or glob, @tag, layer:NAME, domain:NAME, +NAME (with what it reads), NAME+ (with what reads it).\n\nExamples:\n  runi run\n  runi run clean-orders --env prod\n  runi run +clean-orders --format json"
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
    /// Memory for joins, sorts and aggregates before they spill, such as 512MB; values that functions make are bounded by it too
    #[arg(long, value_name = "SIZE", default_value = "1GB", value_parser = bytes)]
    pub memory: usize,
    /// Run the other scenarios after one failed (those that read its outputs are left out)
    #[arg(long)]
    pub keep_going: bool,
}

/// `runi test`
#[derive(Debug, Args)]
#[command(
    after_help = "Selectors: a step's name; of scenarios a name or glob, @tag, layer:NAME, domain:NAME, +NAME (with what it reads), NAME+ (with what reads it).\n\nExamples:\n  runi test\n  runi test clean-orders\n  runi test layer:silver\n  runi test --update"
)]
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
#[command(after_help = "Examples:\n  runi compile clean-orders --emit plan\n  runi compile --emit mermaid > pipeline.mmd")]
pub(crate) struct CompileArgs {
    /// Scenarios to show; all when left out
    #[arg(value_name = "SCENARIO")]
    pub scenarios: Vec<String>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Emit::Plan, value_name = "WHAT")]
    pub emit: Emit,
}

/// `runi runs`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  runi runs\n  runi runs clean-orders --last 5 --format json\n  runi runs --verify")]
pub(crate) struct RunsArgs {
    /// Scenario; all when left out
    #[arg(value_name = "SCENARIO")]
    pub scenario: Option<String>,
    /// The newest N
    #[arg(long, value_name = "N", default_value = "20")]
    pub last: NonZeroUsize,
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
    after_help = "Examples:\n  runi lineage\n  runi lineage clean-orders --column amount\n  runi lineage --format dot | dot -Tsvg > lineage.svg"
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
