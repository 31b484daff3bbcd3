//! E0029: misspelled keyword.

use crate::declare_code;
use crate::diagnostic::{Applicability, Diagnostic, Place};

declare_code!(
    /// A keyword that is spelled wrong.
    pub MISSPELLED_KEYWORD = "E0029", "misspelled-keyword", Error
);

/// The place is the word with its colon; `keyword` is what is meant.
#[must_use]
pub fn misspelled_keyword(place: Place, keyword: &str) -> Diagnostic {
    let range = place.text_range();
    let diagnostic = Diagnostic::new(&MISSPELLED_KEYWORD, place, "a keyword is misspelled").with_help(format!("write `{keyword}:`"));
    match range {
        Some(range) => diagnostic.with_fix(Applicability::Safe, format!("write `{keyword}:`"), range, format!("{keyword}:")),
        None => diagnostic,
    }
}
