//! The command line, as clap reads it. Help texts live here, work does not.

mod contract;
mod review;
mod running;
mod workspace;

pub(crate) use contract::*;
pub(crate) use review::*;
pub(crate) use running::*;
pub(crate) use workspace::*;

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
    /// Make, check, export and version contracts
    #[command(subcommand)]
    Contract(ContractCommand),
    /// List past runs
    Runs(RunsArgs),
    /// Show where columns come from
    Lineage(LineageArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
