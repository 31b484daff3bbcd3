//! `E0103`: a name that no source and no earlier step has.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::names::suggest::suggest;

declare_code!(
    /// A name that no source and no earlier step has.
    pub UNKNOWN_VIEW = "E0103", "unknown-view", Error
);

/// `name` is no view at that point; `later` says that a step further down has it.
#[must_use]
pub fn unknown_view(place: Place, name: &str, known: &[String], later: bool) -> Diagnostic {
    let diagnostic = Diagnostic::new(&UNKNOWN_VIEW, place, format!("unknown source or step `{name}`"));
    if later {
        return diagnostic
            .with_label("stands further down")
            .with_help("a step reads sources and earlier steps only: move it below this name");
    }
    suggest(diagnostic.with_label("nothing above has this name"), name, known, "name a source or an earlier step of this scenario")
}
