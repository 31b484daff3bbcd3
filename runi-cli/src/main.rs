//! The `runi` binary: parses the command line, calls the libraries, renders what they say.

mod cli;
mod commands;
mod error;
mod human;
mod progress;
mod render;
mod session;
mod shell;
mod table;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return error::usage(&error),
    };
    let shell = shell::Shell::new(&cli.global);
    match commands::dispatch(&cli, &shell) {
        Ok(code) => code.into(),
        Err(error) => shell.failure(&error),
    }
}
