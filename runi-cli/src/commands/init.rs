//! `runi init`: a new workspace from a template.

use crate::cli::{Global, InitArgs};
use crate::error::{CommandError, Exit};
use crate::session;
use crate::shell::{Shell, Tone};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

/// One file of a template.
type TemplateFile = (&'static str, &'static str);

macro_rules! template {
    ($name:literal: $($file:literal),* $(,)?) => {
        &[$(($file, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../templates/", $name, "/", $file)))),*]
    };
}

/// Every template: name, what it is for, files.
pub(super) const TEMPLATES: &[(&str, &str, &[TemplateFile])] = &[
    (
        "default",
        "a small working workspace with data, a contract, a feature and a golden",
        template!(
            "default":
            ".github/workflows/runi.yml", ".gitignore", ".pre-commit-config.yaml", "README.md", "Runi.toml",
            "contracts/orders.contract", "data/orders.csv", "features/orders.dsl", "golden/orders.csv", "golden/sizes.jsonl",
        ),
    ),
    ("empty", "Runi.toml and empty folders", template!("empty": ".gitignore", "Runi.toml", "contracts/README.md", "features/README.md")),
];

/// Lays the files down; refuses to touch any that is there.
pub(super) fn exec(args: &InitArgs, global: &Global, shell: &Shell) -> Result<Exit, CommandError> {
    if args.list {
        let lines: Vec<String> = TEMPLATES.iter().map(|(name, about, _)| format!("{name:10} {about}")).collect();
        shell.data(&lines.join("\n"));
        return Ok(Exit::Ok);
    }
    let Some((_, _, files)) = TEMPLATES.iter().find(|(name, _, _)| *name == args.template) else {
        return Err(CommandError::usage(format!("there is no template `{}`", args.template)).hint("`runi init --list` lists them"));
    };
    let target = session::directory(global).join(&args.path);
    let there: Vec<&str> = files.iter().map(|(path, _)| *path).filter(|path| target.join(path).symlink_metadata().is_ok()).collect();
    if !there.is_empty() {
        return Err(CommandError::usage(format!("`{}` already has {}", target.display(), there.join(", ")))
            .hint("name another directory; nothing was written"));
    }
    for (path, text) in *files {
        write_new(&target.join(path), text)?;
    }
    shell.status(Tone::Good, "Created", &format!("a workspace in `{}` ({} files)", args.path.display(), files.len()));
    let place = if args.path == Path::new(".") { String::new() } else { format!(" -C {}", args.path.display()) };
    shell.status(Tone::Note, "Next", &format!("runi{place} check && runi{place} run && runi{place} test"));
    Ok(Exit::Ok)
}

fn write_new(path: &Path, text: &str) -> Result<(), CommandError> {
    let fail = CommandError::io("write", path);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(&fail)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(&fail)?;
    file.write_all(text.as_bytes()).map_err(&fail)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::path::PathBuf;

    fn files(folder: &Path, base: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            // What a run by hand left in the checkout is no part of the template.
            if path.ends_with(".runi") || path.ends_with("out") {
                continue;
            }
            match path.is_dir() {
                true => files(&path, base, found),
                false => found.push(path.strip_prefix(base).unwrap().to_string_lossy().replace('\\', "/")),
            }
        }
    }

    #[test]
    fn every_file_of_every_template_is_laid_down() {
        for (name, _, listed) in TEMPLATES {
            let base = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../templates").join(name);
            let mut found = Vec::new();
            files(&base, &base, &mut found);
            found.sort();
            let mut listed: Vec<&str> = listed.iter().map(|(path, _)| *path).collect();
            listed.sort_unstable();
            assert_eq!(found, listed, "{name}");
        }
    }
}
