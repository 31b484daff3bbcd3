//! `runi completions`: a script for a shell.

use crate::cli::{Cli, CompletionsArgs};
use crate::error::{CommandError, Exit};
use crate::shell::Shell;
use clap::CommandFactory;

/// Prints the script.
pub(super) fn exec(args: &CompletionsArgs, shell: &Shell) -> Result<Exit, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "runi", &mut script);
    shell.data(&String::from_utf8_lossy(&script));
    Ok(Exit::Ok)
}
