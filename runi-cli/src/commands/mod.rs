//! One file per command: each parses nothing, decides nothing that a library could decide, and renders.

mod changelog;
mod check;
mod ci;
mod compile;
mod completions;
mod contract;
mod diff;
mod explain;
mod fix;
mod fmt;
mod init;
mod lineage;
mod run;
mod runs;
mod test;

use crate::cli::{Cli, Command, ContractCommand};
use crate::error::{CommandError, Exit};
use crate::shell::Shell;

/// Calls the command that was asked for.
pub(crate) fn dispatch(cli: &Cli, shell: &Shell) -> Result<Exit, CommandError> {
    let global = &cli.global;
    match &cli.command {
        Command::Init(args) => init::exec(args, global, shell),
        Command::Check(args) => check::exec(args, global, shell),
        Command::Fmt(args) => fmt::exec(args, global, shell),
        Command::Fix(args) => fix::exec(args, global, shell),
        Command::Explain(args) => explain::exec(args, shell),
        Command::Run(args) => run::exec(args, global, shell),
        Command::Test(args) => test::exec(args, global, shell),
        Command::Compile(args) => compile::exec(args, global, shell),
        Command::Diff(args) => diff::exec(args, global, shell),
        Command::Ci(args) => ci::exec(args, global, shell),
        Command::Changelog(args) => changelog::exec(args, global, shell),
        Command::Contract(ContractCommand::Validate(args)) => contract::validate::exec(args, global, shell),
        Command::Contract(ContractCommand::Hash(args)) => contract::hash::exec(args, global, shell),
        Command::Contract(ContractCommand::History(args)) => contract::history::exec(args, global, shell),
        Command::Contract(ContractCommand::Rollback(args)) => contract::rollback::exec(args, global, shell),
        Command::Contract(ContractCommand::Bump(args)) => contract::bump::exec(args, global, shell),
        Command::Contract(ContractCommand::Catalog(args)) => contract::catalog::exec(args, global, shell),
        Command::Contract(ContractCommand::Gen(args)) => contract::generate::exec(args, global, shell),
        Command::Contract(ContractCommand::Export(args)) => contract::export::exec(args, global, shell),
        Command::Runs(args) => runs::exec(args, global, shell),
        Command::Lineage(args) => lineage::exec(args, global, shell),
        Command::Completions(args) => completions::exec(args, shell),
    }
}
