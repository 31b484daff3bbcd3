//! `runi diff`: what changed between two versions, what breaks, and for whom.

use crate::cli::{DiffArgs, DiffFormat, ExitOn, Global};
use crate::comparison::{self, Comparison};
use crate::error::{CommandError, Exit};
use crate::render::diff as human;
use crate::shell::{Shell, Tone};
use runi_lang::diff::render::{Markdown, github, json, markdown, sarif};
use runi_lang::diff::{Diff, Request};
use std::path::PathBuf;

/// Compares, and renders.
pub(super) fn exec(args: &DiffArgs, global: &Global, shell: &Shell) -> Result<Exit, CommandError> {
    let request = request(args)?;
    let options = comparison::Options {
        history: args.history.as_deref().map(comparison::history).transpose()?,
        with_data: args.with_data.clone(),
        live: args.live,
        today: args.today.as_deref().map(comparison::day).transpose()?,
    };
    let Comparison { diff, workspace, prefix, .. } = comparison::compare(&request, &options, global)?;
    match args.format {
        DiffFormat::Human => {
            let text = human::human(&diff, shell.colors_stdout(), global.verbose > 0);
            if !text.is_empty() {
                shell.data(&text);
            }
            let tone = match (diff.is_denied(), diff.uncompared().is_empty()) {
                (true, _) => Tone::Bad,
                (false, false) => Tone::Warn,
                (false, true) => Tone::Good,
            };
            shell.status(tone, "Compared", &human::summary(&diff));
        }
        DiffFormat::Markdown => {
            shell.data(&markdown(&diff, &Markdown { workspace, prefix, blob_url: args.blob_url.clone(), failures: Vec::new() }))
        }
        DiffFormat::Json => shell.data(&json(&diff)),
        DiffFormat::Sarif => shell.data(&sarif(&diff, &prefix)),
        DiffFormat::Github => shell.data(&github(&diff, &prefix)),
    }
    Ok(exit(&diff, args.exit_on))
}

fn exit(diff: &Diff, on: ExitOn) -> Exit {
    if diff.is_denied() {
        Exit::Problems
    } else if (diff.differs() || !diff.uncompared().is_empty()) && on == ExitOn::Differences {
        Exit::Differences
    } else {
        Exit::Ok
    }
}

fn request(args: &DiffArgs) -> Result<Request, CommandError> {
    Ok(match (args.sides.as_slice(), &args.against, args.staged) {
        (_, Some(revision), _) => Request::Range(revision.clone()),
        (_, None, true) => Request::Staged,
        ([], None, false) => Request::Branch,
        ([one], None, false) => Request::Range(one.clone()),
        ([before, after], None, false) => Request::Paths(PathBuf::from(before), PathBuf::from(after)),
        _ => return Err(CommandError::usage("a comparison has two sides")),
    })
}
