//! Commands about the files of a workspace: `init`, `check`, `fmt`, `fix`, `explain`, `completions`.

use super::DiagnosticFormat;
use clap::Args;
use std::path::PathBuf;

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
#[command(after_help = "Examples:\n  runi fmt\n  runi fmt --check\n  runi fmt - --stdin-path orders.dsl < features/orders.dsl")]
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
    /// Show what would change; exit with 3 when something would
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

/// `runi completions`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  runi completions bash > ~/.local/share/bash-completion/completions/runi")]
pub(crate) struct CompletionsArgs {
    /// Shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}
