//! `E0405`: an `otherwise` that has nothing to be other than.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// An `otherwise` that has nothing to be other than.
    pub OTHERWISE_WITHOUT_SWITCH = "E0405", "otherwise-without-switch", Error
);

/// `message` says whether there is no `when`, or a second `otherwise`.
#[must_use]
pub fn otherwise_without_switch(place: Place, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&OTHERWISE_WITHOUT_SWITCH, place, message)
        .with_label("`otherwise`")
        .with_help("`otherwise` takes what no `when` sink of the same step took: use it once, beside a `when`")
}
