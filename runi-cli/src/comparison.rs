//! What `runi diff`, `runi ci` and `runi changelog` begin with: two versions, compared; data asked when it is wanted.

use crate::cli::Global;
use crate::error::CommandError;
use crate::session;
use runi_lang::diff::{self, CompareOptions, Diff, LiveDrift, Pair, Request, RequestError};
use runi_lang::git::{GitError, Repository};
use runi_lang::ir::Pipeline;
use runi_lang::model::{Date, History, Version};
use runi_lang::workspace::{WorkingCopy, Workspace};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What else to look at.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// How far back contracts are compared, whatever they say.
    pub history: Option<History>,
    /// The environment whose data is asked; empty for the chosen one.
    pub with_data: Option<String>,
    /// Whether sources are compared with their declared columns.
    pub live: bool,
    /// The day; today when it is not named.
    pub today: Option<Date>,
}

/// A comparison and what its rendering needs.
pub(crate) struct Comparison {
    /// What was found.
    pub diff: Diff,
    /// The workspace's name.
    pub workspace: String,
    /// The workspace's directory in the repository, with `/` at the end.
    pub prefix: String,
    /// The workspace's version on the old side.
    pub version_before: Option<Version>,
}

/// Compares two versions.
pub(crate) fn compare(request: &Request, options: &Options, global: &Global) -> Result<Comparison, CommandError> {
    let root = root(request, global)?;
    let pair = request.open(&root)?;
    let today = options.today.unwrap_or_else(today);
    let mut diff = diff::compare(&pair, &CompareOptions { today, history: options.history.clone(), engine: &session::engine })?;
    if let Some(environment) = &options.with_data {
        let environment = if environment.is_empty() { global.env.clone() } else { Some(environment.clone()) };
        let (name, pipelines) = pipelines(&pair, environment.as_deref())?;
        runi_engine::probe::evidence(&mut diff, &pipelines, &name, &root);
    }
    if options.live {
        let (_, pipelines) = head_pipelines(&pair, global.env.as_deref())?;
        let level = pair.settings().level(LiveDrift::RULE);
        runi_engine::probe::drift(&mut diff, &pipelines, &root, level);
    }
    let prefix = pair.repository.as_ref().map_or_else(String::new, below);
    Ok(Comparison { diff, workspace: pair.head.manifest.name.clone(), prefix, version_before: pair.base.manifest.version })
}

/// A workspace's directory in its repository, with `/` at the end; nothing at the root, and where there is no repository.
pub(crate) fn prefix(root: &Path) -> String {
    Repository::discover(root).map_or_else(|_| String::new(), |repository| below(&repository))
}

fn below(repository: &Repository) -> String {
    match repository.prefix() {
        "" => String::new(),
        folder => format!("{folder}/"),
    }
}

/// Where the comparison takes place. A bare repository has no `Runi.toml` on the disk; two paths need no workspace around them.
fn root(request: &Request, global: &Global) -> Result<PathBuf, CommandError> {
    let start = session::directory(global);
    if let Some(root) = WorkingCopy::find(&start) {
        return Ok(root);
    }
    let is_bare = Repository::discover(&start).is_ok_and(|repository| repository.is_bare());
    if is_bare || matches!(request, Request::Paths(..)) { Ok(start) } else { session::root(global) }
}

/// The pipelines whose data is asked: those of the old side, which read and wrote what lies there, and those of the new one.
fn pipelines(pair: &Pair, environment: Option<&str>) -> Result<(String, Vec<Pipeline>), CommandError> {
    let (name, mut all) = head_pipelines(pair, environment)?;
    let mut workspace = Workspace::with_tree(Arc::clone(&pair.base.tree), environment)?;
    all.extend(built(&mut workspace)?);
    Ok((name, all))
}

fn head_pipelines(pair: &Pair, environment: Option<&str>) -> Result<(String, Vec<Pipeline>), CommandError> {
    let mut workspace = Workspace::with_tree(Arc::clone(&pair.head.tree), environment)?;
    let pipelines = built(&mut workspace)?;
    Ok((workspace.environment().name.clone(), pipelines))
}

/// What compiles of a workspace; the rest is reported by `runi check`.
fn built(workspace: &mut Workspace) -> Result<Vec<Pipeline>, CommandError> {
    workspace.check(session::engine)?;
    Ok(workspace.pipelines(&*session::engine(), &[])?)
}

/// `last`, `transitive` or `since:TAG`.
pub(crate) fn history(text: &str) -> Result<History, CommandError> {
    match text.split_once(':') {
        None if text == "last" => Ok(History::Last),
        None if text == "transitive" => Ok(History::Transitive),
        Some(("since", tag)) if !tag.is_empty() => Ok(History::Since(tag.to_owned())),
        _ => Err(CommandError::usage(format!("`{text}` is no history")).hint("write `last`, `transitive` or `since:TAG`")),
    }
}

/// A day of the command line.
pub(crate) fn day(text: &str) -> Result<Date, CommandError> {
    text.parse().map_err(|why| CommandError::usage(format!("`{text}`: {why}")))
}

/// Today, in UTC.
pub(crate) fn today() -> Date {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Date::of_unix(i64::try_from(since.as_secs()).unwrap_or_default())
}

impl From<RequestError> for CommandError {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::Git(error) => error.into(),
            RequestError::Open(error) => error.into(),
            RequestError::NotComparable(_) => Self::usage(error.to_string()).hint("name two workspaces or two contract files"),
            RequestError::Io { ref source, .. } => Self::environment(format!("{error}: {source}")),
        }
    }
}

impl From<GitError> for CommandError {
    fn from(error: GitError) -> Self {
        let said = if error.is_usage() { Self::usage(error.to_string()) } else { Self::environment(error.to_string()) };
        said.code(Some(error.code().id)).hint(error.help())
    }
}
