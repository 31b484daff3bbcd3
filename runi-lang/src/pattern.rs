//! `@matches`: what it means that a pattern takes a value.

use regex::{Error, Regex};

/// The pattern with its two anchors: it takes a text as a whole or not at all.
///
/// # Errors
/// What is no pattern by itself: `a)|(?:b` would be one between the anchors, and would take more than whole texts.
pub fn anchored(pattern: &str) -> Result<String, Error> {
    regex_syntax::parse(pattern).map_err(|error| Error::Syntax(error.to_string()))?;
    Ok(format!("^(?:{pattern})$"))
}

/// Compiles a pattern that must take whole values.
///
/// # Errors
/// What is no pattern, or one that is too large.
pub fn whole(pattern: &str) -> Result<Regex, Error> {
    Regex::new(&anchored(pattern)?)
}
