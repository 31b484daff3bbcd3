//! Commands that compare versions: `diff`, `ci`, `changelog`.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

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
