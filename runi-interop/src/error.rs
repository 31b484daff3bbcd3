//! Why a file of another format cannot become a contract.

use runi_engine::error::EngineError;
use runi_lang::diagnostic::Code;
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
    /// Parts of the input are not what its format demands.
    #[error("{format}: {}", list(problems))]
    Malformed {
        /// The format, as people call it.
        format: &'static str,
        /// Every such part, in the order of the text; at least one.
        problems: Vec<Problem>,
    },
    /// The input is larger or deeper than an import reads.
    #[error("{format}: {message}")]
    TooLarge {
        /// The format, as people call it.
        format: &'static str,
        /// Which limit, and what is beyond it.
        message: String,
    },
    /// A sample could not be read.
    #[error(transparent)]
    Sample(#[from] EngineError),
}

/// A part of a document that is not what its format demands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where, from 1, when it is known.
    pub line: Option<u32>,
    /// What is wrong with which part: "`schema[0].name` is a number, where the format has a text".
    pub message: String,
}

/// Problems that are shown; more of them say nothing new.
const SHOWN: usize = 50;

/// One line for each problem.
fn list(problems: &[Problem]) -> String {
    let line = |problem: &Problem| match problem.line {
        Some(line) => format!("line {line}: {}", problem.message),
        None => problem.message.clone(),
    };
    let mut lines: Vec<String> = problems.iter().take(SHOWN).map(line).collect();
    if problems.len() > SHOWN {
        lines.push(format!("and {} more", problems.len() - SHOWN));
    }
    lines.join("\n")
}

impl ImportError {
    /// The input is not what its format demands.
    pub fn unreadable(format: &'static str, message: impl Into<String>, line: Option<u32>) -> Self {
        Self::Unreadable { format, message: message.into(), line }
    }

    /// The stable code (`runi explain` knows it).
    #[must_use]
    pub fn code(&self) -> &'static str {
        let code: &Code = match self {
            Self::Unreadable { .. } | Self::Malformed { .. } => &interop::FOREIGN_UNREADABLE,
            Self::TooLarge { .. } => &interop::FOREIGN_TOO_LARGE,
            Self::Sample(error) => return error.code(),
        };
        code.id
    }
}
