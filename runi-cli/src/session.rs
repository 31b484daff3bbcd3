//! What most commands begin with: the workspace, checked, and the engine, made when it is needed.

use crate::cli::{DiagnosticFormat, Global};
use crate::error::{CommandError, Exit};
use crate::human::Human;
use crate::shell::{Shell, Tone};
use crate::table::counted;
use runi_engine::run::{SecretOrigin, SecretOrigins};
use runi_engine::sql::DataFusionEngine;
use runi_lang::diagnostic::{Severity, render};
use runi_lang::ir::Pipeline;
use runi_lang::select::SelectError;
use runi_lang::sql::SqlEngine;
use runi_lang::workspace::{OpenError, Report, Runnable, SecretSource, WorkingCopy, Workspace};
use serde::Serialize;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

/// Where the command starts.
pub(crate) fn directory(global: &Global) -> PathBuf {
    global.directory.clone().unwrap_or_else(|| PathBuf::from("."))
}

/// The workspace's root.
pub(crate) fn root(global: &Global) -> Result<PathBuf, CommandError> {
    let start = directory(global);
    if !start.is_dir() {
        return Err(CommandError::usage(format!("`{}` is not a directory", start.display())));
    }
    WorkingCopy::find(&start).ok_or_else(|| OpenError::NotAWorkspace(start).into())
}

/// The workspace in the chosen environment.
pub(crate) fn open(global: &Global) -> Result<Workspace, CommandError> {
    let start = directory(global);
    if !start.is_dir() {
        return Err(CommandError::usage(format!("`{}` is not a directory", start.display())));
    }
    Ok(Workspace::open(&start, global.env.as_deref())?)
}

/// The engine behind SQL: one for the process, made when it is first asked for.
pub(crate) fn engine() -> Arc<dyn SqlEngine> {
    static ENGINE: LazyLock<Arc<DataFusionEngine>> = LazyLock::new(Arc::default);
    Arc::<DataFusionEngine>::clone(&ENGINE)
}

/// The workspace, checked.
pub(crate) fn checked(global: &Global) -> Result<(Workspace, Report), CommandError> {
    let mut workspace = open(global)?;
    let report = workspace.check(engine)?;
    Ok((workspace, report))
}

/// Pipelines of the selected scenarios in the order in which they run. Errors in what is selected are shown, and there is none then.
pub(crate) fn pipelines(global: &Global, selectors: &[String], shell: &Shell) -> Result<Option<(Workspace, Vec<Pipeline>)>, CommandError> {
    let (workspace, selected) = selected(global, selectors, shell)?;
    Ok(selected.is_ready().then_some((workspace, selected.pipelines)))
}

/// The selected scenarios, ready to run or not. What stands against them is shown.
pub(crate) fn selected(global: &Global, selectors: &[String], shell: &Shell) -> Result<(Workspace, Runnable), CommandError> {
    let (workspace, mut report) = checked(global)?;
    let selected = workspace.runnable(&*engine(), &report, selectors)?;
    if selected.is_ready() {
        for draft in &selected.drafts {
            shell.status(Tone::Note, "Draft", &format!("`{draft}` has neither sources nor sinks yet: there is nothing to run"));
        }
    } else {
        report.diagnostics.clone_from(&selected.errors);
        show(&report, DiagnosticFormat::Human, shell);
        shell.status(Tone::Bad, "Stopped", "nothing was run; `runi check` shows everything");
    }
    Ok((workspace, selected))
}

/// Where the environment's secrets come from, for the engine.
pub(crate) fn secrets(workspace: &Workspace, pipeline: &Pipeline) -> SecretOrigins {
    let origin = |reference: &String| {
        let origin = match workspace.environment().secret(reference)? {
            SecretSource::Env(name) => SecretOrigin::Variable(name),
            SecretSource::File(path) => SecretOrigin::File(path.into()),
            SecretSource::Generate => SecretOrigin::Generated,
        };
        Some((reference.clone(), origin))
    };
    pipeline.mask_key.iter().filter_map(origin).collect()
}

/// Shows every problem: machine formats on stdout, the view for people on stderr.
pub(crate) fn show(report: &Report, format: DiagnosticFormat, shell: &Shell) {
    match format {
        DiagnosticFormat::Json => shell.data(&render::json(&report.diagnostics, &report.sources)),
        DiagnosticFormat::Sarif => shell.data(&render::sarif(&report.diagnostics, &report.sources, "")),
        DiagnosticFormat::Github => shell.data(&render::github(&report.diagnostics, &report.sources, "")),
        DiagnosticFormat::Concise => shell.data(&render::concise(&report.diagnostics, &report.sources)),
        DiagnosticFormat::Human => {
            let human = Human::new(shell.colors_stderr(), 110);
            let source = |path: &str| report.sources.get(path).map(|text| text.to_string());
            for diagnostic in &report.diagnostics {
                shell.talk(&format!("{}\n", human.render(diagnostic, &source).trim_end()));
            }
            for (path, count) in &report.hidden {
                shell.talk(&format!("{path}: {count} more problems are not shown"));
            }
        }
    }
}

/// `1 error, 2 warnings`.
pub(crate) fn problems(report: &Report) -> String {
    let count = |severity, unit| counted(report.count(severity) as u64, unit);
    format!("{}, {}", count(Severity::Error, "error"), count(Severity::Warning, "warning"))
}

/// Errors are problems; warnings too, when they are denied.
pub(crate) fn verdict(report: &Report, deny_warnings: bool) -> Exit {
    if report.has_errors() || (deny_warnings && report.count(Severity::Warning) > 0) { Exit::Problems } else { Exit::Ok }
}

/// Pretty JSON.
pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> Result<String, CommandError> {
    serde_json::to_string_pretty(value).map_err(|error| CommandError::environment(format!("cannot write JSON: {error}")))
}

impl From<OpenError> for CommandError {
    fn from(error: OpenError) -> Self {
        match &error {
            OpenError::NotAWorkspace(_) => Self::usage(error.to_string()).hint("`runi init` makes a workspace; `-C DIR` names one"),
            OpenError::UnknownEnvironment { .. } => {
                Self::usage(error.to_string()).hint("add `[env.NAME]` to Runi.toml, or choose another `--env`")
            }
            OpenError::Io { source, .. } => Self::environment(format!("{error}: {source}")),
        }
    }
}

impl From<SelectError> for CommandError {
    fn from(error: SelectError) -> Self {
        if let SelectError::Cycle(_) = &error {
            return Self::problems(error.to_string()).hint("one of them must read something else");
        }
        let hint = match &error {
            SelectError::NoMatch { near: Some(near), .. } => format!("did you mean `{near}`?"),
            _ => "`runi compile --emit plan` lists every scenario".to_owned(),
        };
        Self::usage(error.to_string()).hint(hint)
    }
}
