//! `runi compile`: how a scenario will run, without running it.

use crate::cli::{CompileArgs, Emit, Global};
use crate::error::{CommandError, Exit};
use crate::render::{dot, graph, mermaid, plan};
use crate::session;
use crate::shell::Shell;

/// Prints the pipelines.
pub(super) fn exec(args: &CompileArgs, global: &Global, shell: &Shell) -> Result<Exit, CommandError> {
    let Some((_, pipelines)) = session::pipelines(global, &args.scenarios, args.emit == Emit::Json, shell)? else {
        return Ok(Exit::Problems);
    };
    let graphs = || pipelines.iter().map(graph::of).collect::<Vec<_>>();
    match args.emit {
        Emit::Plan => shell.data(&pipelines.iter().map(plan::render).collect::<Vec<_>>().join("\n")),
        Emit::Dot => shell.data(&dot::render(&graphs())),
        Emit::Mermaid => shell.data(&mermaid::render(&graphs())),
        Emit::Json => shell.data(&session::json(&pipelines)?),
    }
    Ok(Exit::Ok)
}
