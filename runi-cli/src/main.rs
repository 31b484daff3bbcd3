//! The `runi` binary: parses the command line, calls the libraries, renders what they say.

mod cli;
mod commands;
mod comparison;
mod error;
mod human;
mod progress;
mod render;
mod session;
mod shell;
mod table;

use clap::Parser;
use std::process::ExitCode;

/// glibc grows the heap of every thread but the first one page at a time, with a system call each: a third of a warm `check`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The planner goes as deep as expressions nest, which our own limits bound; the usual stacks are too small for that.
/// Memory is taken only as far as it is used.
const STACK: usize = 64 << 20;

fn main() -> ExitCode {
    // There is no pool yet that could refuse.
    let _ = rayon::ThreadPoolBuilder::new().stack_size(STACK).build_global();
    let worker = std::thread::Builder::new().name("main".to_owned()).stack_size(STACK).spawn(command);
    match worker.map(std::thread::JoinHandle::join) {
        Ok(Ok(code)) => code,
        // It has said why it panicked.
        Ok(Err(_)) => ExitCode::from(101),
        Err(_) => command(),
    }
}

fn command() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return error::usage(&error),
    };
    let shell = shell::Shell::new(&cli.global);
    let code = match commands::dispatch(&cli, &shell) {
        Ok(code) => code.into(),
        Err(error) => shell.failure(&error),
    };
    shell.ended(code)
}
