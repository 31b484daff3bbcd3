//! E0007: unclosed docstring or comment.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A docstring or comment that nothing closes.
    pub UNCLOSED_BLOCK = "E0007", "unclosed-block", Error
);

/// `"""` without its partner.
#[must_use]
pub fn unclosed_docstring(place: Place) -> Diagnostic {
    Diagnostic::new(&UNCLOSED_BLOCK, place, "the docstring is never closed").with_label("opened here").with_help("close it with `\"\"\"`")
}

/// `/*` without its partner.
#[must_use]
pub fn unclosed_comment(place: Place) -> Diagnostic {
    Diagnostic::new(&UNCLOSED_BLOCK, place, "the SQL comment is never closed").with_label("opened here").with_help("close it with `*/`")
}
