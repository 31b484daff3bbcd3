//! Contracts as text: what [`crate::lower`] reads back as the same value.
//!
//! The text is written plainly, laid out by the formatter, and read again before it is given away. So a value that the
//! language cannot say (a name with a line end, a `"""` in a docstring) is an error, and never a file that says something else.

mod contract;
mod difference;
mod text;

pub use text::{argument, prose, text, words};

use super::{FileKind, fmt, parse};
use crate::lower;
use crate::model::{Contract, Field};

/// A part of a contract that the language cannot say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{at}` cannot be written in a contract: {why}")]
pub struct Unwritable {
    /// The part: `Trade`, `Trade.price`, `Trade @owner`.
    pub at: String,
    /// What stands in the way.
    pub why: String,
}

impl Unwritable {
    fn new(at: impl Into<String>, why: impl Into<String>) -> Self {
        // A name with a line end would tear the message.
        Self { at: words(&at.into()), why: why.into() }
    }
}

/// The canonical text of a contract: formatting it changes nothing, and reading it gives a contract equal to this one.
///
/// # Errors
/// The first part that the language cannot say.
pub fn contract(contract: &Contract) -> Result<String, Unwritable> {
    file(std::slice::from_ref(contract))
}

/// A field's line, without indentation and alignment.
///
/// # Errors
/// The field has something that the language cannot say.
pub fn field(field: &Field) -> Result<String, Unwritable> {
    let text = contract(&Contract { fields: vec![field.clone()], ..Contract::new("C") })?;
    Ok(text.lines().last().unwrap_or_default().trim().to_owned())
}

/// The canonical text of a file of several contracts.
///
/// # Errors
/// The first part that the language cannot say; two contracts of one name.
pub fn file(contracts: &[Contract]) -> Result<String, Unwritable> {
    let mut plain = String::new();
    for contract in contracts {
        contract::write(&mut plain, contract)?;
    }
    let text = fmt::format(&plain, FileKind::Contract);
    let (read, diagnostics) = lower::contracts("", &parse(&text, FileKind::Contract));
    difference::find(contracts, &read.contracts)?;
    match diagnostics.first() {
        None => Ok(text),
        Some(problem) => {
            let line = problem.place.text_range().and_then(|range| text.get(..usize::from(range.start())));
            let line = line.map_or(0, |before| before.matches('\n').count());
            let at = text.lines().nth(line).unwrap_or_default().trim();
            Err(Unwritable::new(at, problem.message.clone()))
        }
    }
}
