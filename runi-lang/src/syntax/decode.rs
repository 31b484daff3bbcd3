//! Bytes to text, with one clear problem where they are not text.

use super::problem::Problem;
use crate::diagnostic::Place;
use crate::diagnostics::syntax as codes;
use rowan::{TextRange, TextSize};
use std::borrow::Cow;

/// Files above this size are refused: nobody writes them, and trees would not fit the memory.
pub const MAX_BYTES: usize = 256 * 1024 * 1024;

/// The text of a file. A file that is no text (UTF-16, zero bytes, too large) comes back empty; single bad bytes
/// become `�`, so that the rest is still checked.
#[must_use]
pub fn decode(bytes: &[u8]) -> (Cow<'_, str>, Option<Problem>) {
    let refuse = |diagnostic| (Cow::Borrowed(""), Some(Problem::new(diagnostic)));
    if bytes.len() > MAX_BYTES {
        return refuse(codes::file_too_large(Place::file(""), bytes.len()));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return refuse(codes::binary_file(Place::file(""), "it is UTF-16 text"));
    }
    if bytes.contains(&0) {
        return refuse(codes::binary_file(Place::file(""), "it holds zero bytes"));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), None),
        Err(error) => {
            // Everything before the bad byte is valid, so the offset is the same in the repaired text.
            let at = u32::try_from(error.valid_up_to()).unwrap_or(u32::MAX);
            let range = TextRange::at(TextSize::new(at), TextSize::of('\u{fffd}'));
            let problem = Problem::new(codes::not_utf8(Place::range("", range), at));
            (String::from_utf8_lossy(bytes), Some(problem))
        }
    }
}
