//! E0011: wrong kind of file.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// An item in a file of the wrong kind.
    pub WRONG_FILE = "E0011", "wrong-file", Error
);

/// `keyword` (with its colon) begins an item that belongs in the other kind of file.
#[must_use]
pub fn wrong_file(place: Place, keyword: &str) -> Diagnostic {
    let home = if keyword.eq_ignore_ascii_case("Contract:") { ".contract" } else { ".dsl" };
    Diagnostic::new(&WRONG_FILE, place, format!("`{keyword}` belongs in a `{home}` file"))
        .with_help(format!("move this item to a `{home}` file"))
}
