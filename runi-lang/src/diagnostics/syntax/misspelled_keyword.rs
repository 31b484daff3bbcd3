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
    told(place, "a keyword is misspelled", &format!("{keyword}:"))
}

/// The place is the word `keyword`, after which the colon is missing.
#[must_use]
pub fn keyword_without_colon(place: Place, keyword: &str) -> Diagnostic {
    told(place, "a keyword lacks its colon", &format!("{keyword}:"))
}

/// The place is the line that should be `become`.
#[must_use]
pub fn misspelled_become(place: Place) -> Diagnostic {
    told(place, "the word between rows in and rows out is misspelled", "become")
}

fn told(place: Place, message: &str, right: &str) -> Diagnostic {
    let range = place.text_range();
    let diagnostic = Diagnostic::new(&MISSPELLED_KEYWORD, place, message).with_help(format!("write `{right}`"));
    match range {
        Some(range) => diagnostic.with_fix(Applicability::Safe, format!("write `{right}`"), range, right),
        None => diagnostic,
    }
}
