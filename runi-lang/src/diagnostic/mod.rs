//! Problems as plain values: a code, places, help and fixes. Nothing here prints.
//!
//! The road of a diagnostic: a check builds one with the constructor of its own module under
//! [`crate::diagnostics`], a query returns it in a list, and the outermost caller resolves its
//! places and hands it to a renderer. A place in *another* file names an item rather than an
//! offset ([`At::Item`]), so that moving a line there never re-runs a check here.

mod place;
mod registry;
pub mod render;

pub use place::{At, ItemPath, Place};
pub use registry::Code;
pub use rowan::{TextRange, TextSize};

use serde::{Deserialize, Serialize};

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The workspace must not run: exit code 1.
    Error,
    /// Worth a look; does not decide the exit code unless it is denied.
    Warning,
    /// Something that a check counted or could not prove, said aloud.
    Note,
}

/// How far a fix may be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Applicability {
    /// Keeps the meaning; `runi fix` applies it.
    Safe,
    /// May change the meaning; shown, applied only on request.
    Unsafe,
    /// Shown only.
    DisplayOnly,
}

/// One replacement in one file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Edit {
    /// Workspace-relative path with `/`.
    pub path: String,
    /// The bytes that go away.
    #[serde(with = "place::range")]
    pub range: TextRange,
    /// The text that comes instead.
    pub text: String,
}

/// A machine-applicable answer to a diagnostic.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fix {
    /// What it does, imperative: "write `trade_id`".
    pub title: String,
    /// How far it may be trusted.
    pub applicability: Applicability,
    /// The edits; all or none.
    pub edits: Vec<Edit>,
}

/// A secondary place with a word on why it matters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// Why it matters, a phrase.
    pub message: String,
}

/// One problem of one file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Diagnostic {
    /// The stable code, such as `E0101`.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// One line, lower case, no full stop.
    pub message: String,
    /// The primary place.
    pub place: Place,
    /// A phrase under the primary span; empty means none.
    pub label: String,
    /// Secondary places.
    pub labels: Vec<Label>,
    /// Facts that explain the problem, each a sentence.
    pub notes: Vec<String>,
    /// The next step.
    pub help: Option<String>,
    /// Fixes, the best first.
    pub fixes: Vec<Fix>,
}

/// Bytes of one text of a diagnostic. Longer ones quote a name that nobody reads to its end.
const LONGEST: usize = 2_000;

/// `text`, cut in the middle where it is too long to be read.
fn shortened(text: String) -> String {
    if text.len() <= LONGEST {
        return text;
    }
    let head = text.floor_char_boundary(LONGEST / 2);
    let tail = text.ceil_char_boundary(text.len() - LONGEST / 4);
    format!("{} […] {}", text.get(..head).unwrap_or_default(), text.get(tail..).unwrap_or_default())
}

impl Diagnostic {
    /// A diagnostic with nothing but a code, a place and a message.
    #[must_use]
    pub fn new(code: &Code, place: Place, message: impl Into<String>) -> Self {
        Self {
            code: code.id.to_owned(),
            severity: code.severity,
            message: shortened(message.into()),
            place,
            label: String::new(),
            labels: Vec::new(),
            notes: Vec::new(),
            help: None,
            fixes: Vec::new(),
        }
    }

    /// Sets the phrase under the primary span.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = shortened(label.into());
        self
    }

    /// Adds a secondary place.
    #[must_use]
    pub fn with_secondary(mut self, place: Place, message: impl Into<String>) -> Self {
        self.labels.push(Label { place, message: shortened(message.into()) });
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(shortened(note.into()));
        self
    }

    /// Sets the next step.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(shortened(help.into()));
        self
    }

    /// Adds a fix of one edit in the file of the primary place.
    #[must_use]
    pub fn with_fix(mut self, applicability: Applicability, title: impl Into<String>, range: TextRange, text: impl Into<String>) -> Self {
        let path = self.place.path.clone();
        self.fixes.push(Fix { title: title.into(), applicability, edits: vec![Edit { path, range, text: text.into() }] });
        self
    }

    /// Whether this problem alone makes a command fail.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
