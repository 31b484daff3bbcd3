//! Failures at the boundary: what to say, what to do next, and which exit code.

use runi_engine::error::{Blame, EngineError};
use runi_interop::{ExportError, ImportError};
use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Nothing to complain of.
    Ok,
    /// Problems were found, and shown.
    Problems,
    /// Something is not as it should be laid out or recorded (`fmt --check`, a broken log).
    Differences,
    /// The machine did not play along; already said.
    Environment,
    /// Stopped by a signal.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Ok => 0,
            Exit::Problems => 1,
            Exit::Differences => 3,
            Exit::Environment => 4,
            Exit::Interrupted => 130,
        })
    }
}

/// Whose move it is; decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The workspace or its data: 1.
    Problems,
    /// The command line: 2.
    Usage,
    /// The machine: 4.
    Environment,
    /// A signal: 130.
    Interrupted,
}

/// A command that could not do its work.
#[derive(Debug)]
pub(crate) struct CommandError {
    /// Whose move it is.
    pub kind: Kind,
    /// A stable code, where there is one.
    pub code: Option<String>,
    /// What happened.
    pub message: String,
    /// What to do next.
    pub hints: Vec<String>,
}

impl CommandError {
    /// The command line asks for something that is not there.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { kind: Kind::Usage, code: None, message: message.into(), hints: Vec::new() }
    }

    /// The machine does not play along.
    pub(crate) fn environment(message: impl Into<String>) -> Self {
        Self { kind: Kind::Environment, code: None, message: message.into(), hints: Vec::new() }
    }

    /// Adds a next step.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The exit code.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self.kind {
            Kind::Problems => 1,
            Kind::Usage => 2,
            Kind::Environment => 4,
            Kind::Interrupted => 130,
        })
    }
}

impl From<EngineError> for CommandError {
    fn from(error: EngineError) -> Self {
        let kind = match error.blame() {
            Blame::Data => Kind::Problems,
            Blame::Environment => Kind::Environment,
            Blame::Interrupted => Kind::Interrupted,
        };
        let code = error.code().to_owned();
        let hint = format!("run `runi explain {code}` to read more");
        Self { kind, code: Some(code), message: error.to_string(), hints: vec![hint] }
    }
}

impl From<ImportError> for CommandError {
    fn from(error: ImportError) -> Self {
        let code = error.code().to_owned();
        match error {
            ImportError::Sample(error) => error.into(),
            other => {
                let hint = format!("run `runi explain {code}` to read more");
                Self { kind: Kind::Problems, code: Some(code), message: other.to_string(), hints: vec![hint] }
            }
        }
    }
}

impl From<ExportError> for CommandError {
    fn from(error: ExportError) -> Self {
        Self { kind: Kind::Problems, code: None, message: error.to_string(), hints: Vec::new() }
    }
}

/// Shows a clap error (or its help) as clap would, with our exit codes.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}
