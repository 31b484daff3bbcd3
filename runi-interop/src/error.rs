//! Why a file of another format cannot become a contract.

use runi_engine::error::EngineError;
use runi_lang::diagnostic::{Code, Diagnostic};
use runi_lang::diagnostics::interop;

/// An import that gives no contract at all. What an import gives only in part is a [`crate::Loss`].
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The input is not what its format demands.
    #[error("{format}{}: {message}", line.map(|line| format!(", line {line}")).unwrap_or_default())]
    Unreadable {
        /// The format, as people call it: `Avro`, `Protobuf`, `SQL`.
        format: &'static str,
        /// What is wrong.
        message: String,
        /// Where, from 1, when it is known.
        line: Option<u32>,
    },
    /// The input is sound, and has nothing that could be a contract.
    #[error("{format}: {message}")]
    Nothing {
        /// The format, as people call it.
        format: &'static str,
        /// What is not there.
        message: String,
    },
    /// The input is larger or deeper than an import reads.
    #[error("{format}: {message}")]
    TooLarge {
        /// The format, as people call it.
        format: &'static str,
        /// Which limit, and what is beyond it.
        message: String,
    },
    /// Places in the source that say what no contract can. Never empty.
    #[error("{}", diagnostics.first().map_or("the source cannot be read", |first| first.message.as_str()))]
    Source {
        /// Every problem, in the order of the source; their path is the input's name.
        diagnostics: Vec<Diagnostic>,
    },
    /// A sample could not be read.
    #[error(transparent)]
    Sample(#[from] EngineError),
}

impl ImportError {
    /// The input is not what its format demands.
    pub fn unreadable(format: &'static str, message: impl Into<String>, line: Option<u32>) -> Self {
        Self::Unreadable { format, message: message.into(), line }
    }

    /// The input has nothing that could be a contract.
    pub fn nothing(format: &'static str, message: impl Into<String>) -> Self {
        Self::Nothing { format, message: message.into() }
    }

    /// The stable code (`runi explain` knows it).
    #[must_use]
    pub fn code(&self) -> &str {
        let code: &Code = match self {
            Self::Unreadable { .. } | Self::Nothing { .. } => &interop::FOREIGN_UNREADABLE,
            Self::TooLarge { .. } => &interop::FOREIGN_TOO_LARGE,
            Self::Source { diagnostics } => return diagnostics.first().map_or(interop::FOREIGN_UNREADABLE.id, |first| &first.code),
            Self::Sample(error) => return error.code(),
        };
        code.id
    }
}

/// An export that gives nothing. What an export gives only in part is a [`crate::Loss`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{format}: {message}")]
pub struct ExportError {
    /// The format, as people call it.
    pub format: &'static str,
    /// What the format cannot say at all.
    pub message: String,
}
