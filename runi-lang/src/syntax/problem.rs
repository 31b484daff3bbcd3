//! What the parser has to say: diagnostics that do not know their file yet.

use crate::diagnostic::{At, Diagnostic, TextRange};

/// A problem of one text. [`Problem::into_diagnostic`] says which file it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem(Diagnostic);

impl Problem {
    pub(crate) fn new(diagnostic: Diagnostic) -> Self {
        Self(diagnostic)
    }

    /// The stable code, such as `E0006`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// One line, lower case, no full stop.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where it is; empty at the start for a problem of the whole text.
    #[must_use]
    pub fn range(&self) -> TextRange {
        match self.0.place.at {
            At::Range(range) => range,
            At::Item(_) | At::File => TextRange::default(),
        }
    }

    /// The problem as a diagnostic of the file at `path`.
    #[must_use]
    pub fn into_diagnostic(mut self, path: &str) -> Diagnostic {
        path.clone_into(&mut self.0.place.path);
        for fix in &mut self.0.fixes {
            for edit in &mut fix.edits {
                path.clone_into(&mut edit.path);
            }
        }
        for label in &mut self.0.labels {
            path.clone_into(&mut label.place.path);
        }
        self.0
    }
}
