//! `runi changelog`: what people who use the data must know, from the meaning of what changed.

use crate::cli::{ChangelogArgs, Global};
use crate::comparison::{self, Comparison};
use crate::error::{CommandError, Exit};
use crate::render::change;
use crate::session;
use crate::shell::{Shell, Tone};
use runi_lang::diff::Request;
use runi_lang::diff::render::{UNRELEASED, changelog, insert_section};
use runi_lang::git::Repository;
use runi_lang::model::History;

/// Prints a section of the changelog, or puts it into the file.
pub(super) fn exec(args: &ChangelogArgs, global: &Global, shell: &Shell) -> Result<Exit, CommandError> {
    let range = match &args.range {
        Some(range) => range.clone(),
        None => last_version(global)?,
    };
    // What changed between the two, whatever the versions before them were promised.
    let options = comparison::Options { history: Some(History::Last), ..comparison::Options::default() };
    let Comparison { diff, .. } = comparison::compare(&Request::Range(range.clone()), &options, global)?;
    let day = args.release.as_ref().map(|_| comparison::today().to_string());
    let section = changelog(&diff, args.release.as_deref().unwrap_or(UNRELEASED), day.as_deref());
    let Some(file) = &args.write else {
        shell.data(&section);
        return Ok(Exit::Ok);
    };
    let root = session::root(global)?;
    let path = root.join(file);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(CommandError::io("read", &path)(error)),
    };
    change::replace(&path, insert_section(&text, &section))?;
    shell.status(Tone::Good, "Wrote", &format!("{file}, what changed since {range}"));
    Ok(Exit::Ok)
}

/// The newest version's tag that HEAD comes after.
fn last_version(global: &Global) -> Result<String, CommandError> {
    let repository = Repository::discover(&session::root(global)?)?;
    let tag = repository.newest_version(&repository.head_commit()?)?;
    tag.map(|tag| tag.name).ok_or_else(|| {
        CommandError::usage("no tag names a version that HEAD comes after").hint("name what to compare with: `runi changelog BASE..HEAD`")
    })
}
