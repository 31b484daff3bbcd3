//! `E0315`: a field whose name must not come back.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// A field whose name must not come back.
    pub RESERVED_NAME = "E0315", "reserved-name", Error
);

/// `name` is listed in `@reserved`.
#[must_use]
pub fn reserved_name(place: Place, name: &str) -> Diagnostic {
    Diagnostic::new(&RESERVED_NAME, place, format!("the name `{name}` is reserved"))
        .with_label("was used for something else once")
        .with_help("choose another name, or take it out of `@reserved`")
}
