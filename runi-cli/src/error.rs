//! Failures at the boundary: what to say, what to do next, and which exit code.

use runi_engine::error::{Blame, EngineError};
use runi_interop::{ExportError, ImportError};
use runi_lang::state::Unusable;
use std::path::Path;
use std::process::ExitCode;

/// How a command ended: whose move it is, and so the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing to complain of: 0.
    Ok,
    /// Problems were found in the workspace or its data: 1.
    Problems,
    /// The command line asks for something that is not there: 2.
    Usage,
    /// Something is not as it should be laid out or recorded (`fmt --check`, a broken log): 3.
    Differences,
    /// The machine did not play along: 4.
    Environment,
    /// Stopped by a signal: 130.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Ok => 0,
            Exit::Problems => 1,
            Exit::Usage => 2,
            Exit::Differences => 3,
            Exit::Environment => 4,
            Exit::Interrupted => 130,
        })
    }
}

/// A command that could not do its work.
#[derive(Debug)]
pub(crate) struct CommandError {
    /// Whose move it is.
    pub exit: Exit,
    /// A stable code, where there is one.
    pub code: Option<String>,
    /// What happened.
    pub message: String,
    /// What to do next.
    pub hints: Vec<String>,
}

impl CommandError {
    fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, code: None, message: message.into(), hints: Vec::new() }
    }

    /// The workspace or its data do not let it be done.
    pub(crate) fn problems(message: impl Into<String>) -> Self {
        Self::new(Exit::Problems, message)
    }

    /// The command line asks for something that is not there.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// The machine does not play along.
    pub(crate) fn environment(message: impl Into<String>) -> Self {
        Self::new(Exit::Environment, message)
    }

    /// A file or directory cannot be read, written, …: for `map_err`.
    pub(crate) fn io(what: &str, path: impl AsRef<Path>) -> impl Fn(std::io::Error) -> Self {
        move |error| Self::environment(format!("cannot {what} `{}`: {error}", path.as_ref().display()))
    }

    /// Adds a stable code.
    pub(crate) fn code(mut self, code: Option<&str>) -> Self {
        self.code = code.map(str::to_owned);
        self
    }

    /// Adds a next step.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds where to read more of a code.
    fn explained(self, code: &str) -> Self {
        self.code(Some(code)).hint(format!("run `runi explain {code}` to read more"))
    }
}

impl From<EngineError> for CommandError {
    fn from(error: EngineError) -> Self {
        let exit = match error.blame() {
            Blame::Data => Exit::Problems,
            Blame::Environment => Exit::Environment,
            Blame::Interrupted => Exit::Interrupted,
        };
        Self::new(exit, error.to_string()).explained(error.code())
    }
}

impl From<Unusable> for CommandError {
    fn from(unusable: Unusable) -> Self {
        EngineError::unusable(unusable).into()
    }
}

impl From<ImportError> for CommandError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Sample(error) => error.into(),
            other => Self::problems(other.to_string()).explained(other.code()),
        }
    }
}

impl From<ExportError> for CommandError {
    fn from(error: ExportError) -> Self {
        Self::problems(error.to_string())
    }
}

/// Shows a clap error (or its help) as clap would, with our exit codes.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    if error.use_stderr() { Exit::Usage.into() } else { Exit::Ok.into() }
}
