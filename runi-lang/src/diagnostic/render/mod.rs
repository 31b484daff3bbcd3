//! One renderer per format; each turns resolved diagnostics into text.
//!
//! A renderer is a pure function of diagnostics and the texts that they speak of. The view for
//! people at a terminal is drawn by the command line, which knows colours and widths.

mod concise;
mod github;
mod json;
mod paths;
mod position;
mod sarif;

pub use concise::concise;
pub use github::{github, github_data, github_property};
pub use json::{json, json_value};
pub(crate) use paths::behind;
pub use position::{LineIndex, Position};
pub use sarif::sarif;
pub(crate) use sarif::{artifact, log, uri};

use super::{Place, Severity};
use position::Positions;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where renderers find the texts of files.
pub trait Sources {
    /// The text of a file; without one, its places are shown without lines.
    fn text(&self, path: &str) -> Option<&str>;
}

impl Sources for BTreeMap<String, Arc<str>> {
    fn text(&self, path: &str) -> Option<&str> {
        self.get(path).map(AsRef::as_ref)
    }
}

/// The word for a severity.
fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// Start and end of a place, when it has a range in a known text.
fn span(positions: &mut Positions<'_>, place: &Place) -> Option<(Position, Position)> {
    let range = place.text_range()?;
    let index = positions.of(&place.path)?;
    Some((index.position(range.start()), index.position(range.end())))
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::diagnostic::{Applicability, Diagnostic, TextRange};
    use crate::diagnostics::workspace::{UNKNOWN_KEY, UNUSED_REBIND};

    /// A file whose second line has a wide character before the problem, and one problem without a range.
    pub(crate) fn samples() -> (Vec<Diagnostic>, BTreeMap<String, Arc<str>>) {
        let text = "[workspace]\n\"é\" = 1; nmae = 2\n";
        let start = text.find("nmae").map(|at| at as u32).unwrap_or_default();
        let range = TextRange::new(start.into(), (start + 4).into());
        let first = Diagnostic::new(&UNKNOWN_KEY, Place::range("Runi.toml", range), "no key `nmae`, 100%")
            .with_label("did you mean `name`?")
            .with_secondary(Place::range("Runi.toml", TextRange::new(0.into(), 11.into())), "in this table")
            .with_help("write `name`")
            .with_fix(Applicability::Safe, "write `name`", range, "name");
        let second = Diagnostic::new(&UNUSED_REBIND, Place::file("gone.dsl"), "two\nlines");
        (vec![first, second], BTreeMap::from([("Runi.toml".to_owned(), Arc::from(text))]))
    }
}
