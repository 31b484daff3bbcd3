//! `runi fmt`: the one canonical layout.

use crate::cli::{FmtArgs, Global};
use crate::error::{CommandError, Exit};
use crate::render::change::replace;
use crate::session;
use crate::shell::{Shell, Tone};
use runi_lang::syntax::{self, FileKind};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Formats files in place, or stdin to stdout.
pub(super) fn exec(args: &FmtArgs, global: &Global, shell: &Shell) -> Result<Exit, CommandError> {
    if args.paths.iter().any(|path| path == Path::new("-")) {
        return stdin(args, shell);
    }
    let start = session::directory(global);
    let files = if args.paths.is_empty() { workspace_files(global)? } else { named_files(&args.paths, &start)? };
    let mut changed = 0;
    for path in &files {
        let bytes = std::fs::read(path).map_err(CommandError::io("read", path))?;
        let Some(kind) = FileKind::of(&path.to_string_lossy()) else {
            return Err(CommandError::usage(format!("`{}` is neither a .contract nor a .dsl file", path.display())));
        };
        let Ok(text) = String::from_utf8(bytes) else {
            shell.status(Tone::Warn, "Skipped", &format!("{} is not UTF-8", path.display()));
            continue;
        };
        let formatted = syntax::fmt::format(&text, kind);
        if formatted == text {
            continue;
        }
        changed += 1;
        if args.check {
            shell.data(&path.display().to_string());
        } else {
            replace(path, &formatted)?;
            shell.status(Tone::Good, "Formatted", &path.display().to_string());
        }
    }
    if args.check && changed > 0 {
        shell.status(Tone::Bad, "Unformatted", &format!("{changed} of {} files; `runi fmt` lays them out", files.len()));
        return Ok(Exit::Differences);
    }
    Ok(Exit::Ok)
}

fn stdin(args: &FmtArgs, shell: &Shell) -> Result<Exit, CommandError> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|error| CommandError::environment(format!("cannot read stdin: {error}")))?;
    let kind = FileKind::of(&args.stdin_path.to_string_lossy())
        .ok_or_else(|| CommandError::usage("--stdin-path must end in .contract or .dsl"))?;
    let formatted = syntax::fmt::format(&text, kind);
    if args.check {
        return Ok(if formatted == text { Exit::Ok } else { Exit::Differences });
    }
    shell.data(&formatted);
    Ok(Exit::Ok)
}

fn workspace_files(global: &Global) -> Result<Vec<PathBuf>, CommandError> {
    let (workspace, _) = session::checked(global)?;
    let root = session::root(global)?;
    Ok(workspace.paths().filter(|path| FileKind::of(path).is_some()).map(|path| root.join(path)).collect())
}

fn named_files(paths: &[PathBuf], start: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let mut files = Vec::new();
    for path in paths {
        let path = start.join(path);
        if path.is_dir() {
            walk(&path, &mut files)?;
        } else if path.is_file() {
            files.push(path);
        } else {
            return Err(CommandError::usage(format!("`{}` is not there", path.display())));
        }
    }
    files.sort();
    Ok(files)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), CommandError> {
    let fail = CommandError::io("list", folder);
    for entry in std::fs::read_dir(folder).map_err(&fail)? {
        let entry = entry.map_err(&fail)?;
        let kind = entry.file_type().map_err(&fail)?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if kind.is_dir() && !hidden {
            walk(&entry.path(), files)?;
        } else if kind.is_file() && FileKind::of(&entry.path().to_string_lossy()).is_some() {
            files.push(entry.path());
        }
    }
    Ok(())
}
