//! What a translation could not carry over.

use runi_lang::model::Contract;
use serde::Serialize;

/// Something that the other side cannot say, named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Loss {
    /// Where, in the terms of the source: a JSON pointer, `Struct.Field`, `table.column`.
    pub at: String,
    /// What is lost, and what stands there instead: "`oneOf` of 3 types is read as `string`".
    pub message: String,
    /// The line in the source, from 1, when it is a text.
    pub line: Option<u32>,
}

/// What an import gives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imported {
    /// The contracts, in the order of the source.
    pub contracts: Vec<Contract>,
    /// What they do not say.
    pub losses: Vec<Loss>,
    /// What they say, and how sure that is: of samples, and of anything else that had to be guessed.
    pub notes: Vec<Note>,
}

/// Something that a reader of the new contract should look at. Not lost: guessed, or only suggested.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Note {
    /// What it is about: `Contract` or `Contract.field`, so that it can be written beside it as a comment.
    pub at: String,
    /// A phrase: "336,776 rows: all fit; 4 distinct values".
    pub message: String,
}
