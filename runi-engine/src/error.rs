//! What can go wrong while a pipeline runs, with stable codes.

use runi_lang::state::Unusable;
use std::path::PathBuf;

/// Who has to act; decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The data or the workspace: exit code 1.
    Data,
    /// The machine: a path that cannot be written, a missing file, a dead peer: exit code 4.
    Environment,
    /// Stopped by a signal: exit code 130.
    Interrupted,
}

/// A failed run.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A path could not be read or written.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// `read`, `write`, `create`, `rename`, `lock` …
        action: &'static str,
        /// Which path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A source names no file.
    #[error("source `{source_name}`: no file matches `{pattern}`{}", nearest.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default())]
    NoInput {
        /// The view's name.
        source_name: String,
        /// Path or glob.
        pattern: String,
        /// A file of a similar name, when there is one.
        nearest: Option<String>,
    },
    /// A file is not what its source says.
    #[error("source `{source_name}`: `{file}` {message}")]
    BadInput {
        /// The view's name.
        source_name: String,
        /// The file.
        file: String,
        /// What is wrong, a phrase that follows the file's name.
        message: String,
    },
    /// A file was written while it was read, so that what was read is no one state of it.
    #[error(
        "source `{source_name}`: `{file}` was changed while it was read; every earlier output is as it was, run again when its writer is done"
    )]
    Changed {
        /// The view's name.
        source_name: String,
        /// The file.
        file: String,
    },
    /// A source's columns are not its contract's, and the policy is to fail.
    #[error("source `{source_name}`: the columns are not those of contract `{contract}`: {details}")]
    Drift {
        /// The view's name.
        source_name: String,
        /// The contract.
        contract: String,
        /// Every difference.
        details: String,
    },
    /// A row broke a rule whose policy is `fail`.
    #[error("stage `{stage}`: {message}")]
    RuleFailed {
        /// The stage.
        stage: String,
        /// The rule and the first row.
        message: String,
    },
    /// A `select` failed on data.
    #[error("step `{stage}` failed: {message}")]
    Query {
        /// The step.
        stage: String,
        /// The expression and, where it is known, the value's place.
        message: String,
    },
    /// A counted door did not add up: a bug of the engine, never of the data.
    #[error("stage `{stage}` lost rows: {message}")]
    Doors {
        /// The stage.
        stage: String,
        /// The sums.
        message: String,
    },
    /// A secret is not there.
    #[error("secret `{reference}`: {message}")]
    Secret {
        /// `secret://…`.
        reference: String,
        /// What to set.
        message: String,
    },
    /// Another run is writing the same output.
    #[error("`{}` is being written by another run", path.display())]
    Busy {
        /// The output.
        path: PathBuf,
    },
    /// A run was killed while it published, and what it began can neither be completed nor undone.
    #[error(
        "a run was killed while it published its outputs, and the rest cannot be done: {code}: {message}; when that is mended, the next run \
         completes it; without `{}` the outputs stay as they are now",
        path.display()
    )]
    Unfinished {
        /// The intent.
        path: PathBuf,
        /// The code of what stands in the way.
        code: &'static str,
        /// What stands in the way.
        message: String,
    },
    /// What claims to be a publish that was cut short would write where no publish of this workspace may.
    #[error(
        "`{}` says that a run was killed while it published, and would {deed}, which only a note that this user's own run wrote may ask for; \
         nothing was done; if you do not know where it comes from, remove it: then the outputs stay as they are, and the next run goes on",
        path.display()
    )]
    Untrusted {
        /// The intent.
        path: PathBuf,
        /// What it would do, a phrase after "would".
        deed: String,
    },
    /// A publish failed, and what it had begun could not be put back.
    #[error("{error}; and {} could not be put back as {} before: {what}; the next run tries again to complete the publish or to undo it",
        list(paths), if paths.len() == 1 { "it was" } else { "they were" })]
    NotPutBack {
        /// Why the publish failed.
        error: Box<EngineError>,
        /// Which outputs are not as they were.
        paths: Vec<PathBuf>,
        /// Why the first of them is not.
        what: String,
    },
    /// Stopped by a signal.
    #[error("interrupted; every earlier output is as it was")]
    Interrupted,
    /// Anything that DataFusion, Arrow, Parquet or Delta say and nothing above covers.
    #[error("{context}: {message}")]
    Engine {
        /// What was being done.
        context: String,
        /// What the library said.
        message: String,
    },
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| format!("`{}`", path.display())).collect::<Vec<_>>().join(", ")
}

impl EngineError {
    /// The stable code (`runi explain` knows it).
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "E0801",
            Self::NoInput { .. } => "E0802",
            Self::BadInput { .. } => "E0803",
            Self::Drift { .. } => "E0804",
            Self::RuleFailed { .. } => "E0805",
            Self::Query { .. } => "E0806",
            Self::Doors { .. } => "E0807",
            Self::Secret { .. } => "E0808",
            Self::Busy { .. } => "E0809",
            Self::Interrupted => "E0810",
            Self::Engine { .. } => "E0811",
            Self::Unfinished { .. } => "E0812",
            Self::Changed { .. } => "E0813",
            Self::Untrusted { .. } => "E0814",
            Self::NotPutBack { .. } => "E0815",
        }
    }

    /// Who has to act.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::Io { .. }
            | Self::NoInput { .. }
            | Self::Changed { .. }
            | Self::Secret { .. }
            | Self::Busy { .. }
            | Self::Untrusted { .. }
            | Self::NotPutBack { .. }
            | Self::Unfinished { .. } => Blame::Environment,
            Self::Interrupted => Blame::Interrupted,
            _ => Blame::Data,
        }
    }

    /// Wraps an I/O error with what was being done.
    pub fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }

    /// A place under `.runi` that is not taken: for `map_err`.
    #[must_use]
    pub fn unusable(Unusable { path, source }: Unusable) -> Self {
        Self::Io { action: "use", path, source }
    }

    /// Wraps any library's error with what was being done.
    pub fn engine<E: std::fmt::Display>(context: impl Into<String>) -> impl FnOnce(E) -> Self {
        let context = context.into();
        move |error| Self::Engine { context, message: error.to_string() }
    }
}
