//! What Go and Rust have in common: named types, their members, and what tags and attributes say of them.
//!
//! A language's reader turns a file into [`Decl`]s; [`resolve`] turns these into contracts, whatever the language was.

mod bounds;
mod chosen;
mod columns;
mod members;
mod nested;
mod resolve;
mod said;
mod words;

pub(super) use resolve::resolve;
pub(super) use said::{Bound, Said, Say};
pub(super) use words::{Value, contract_word, field_word, items};

use crate::Loss;
use runi_lang::diagnostic::{Diagnostic, TextRange, TextSize};
use runi_lang::types::DataType;

/// Types nest at most so deep.
pub(super) const MAX_DEPTH: usize = 100;

/// What a file of a program declares.
#[derive(Debug, Default)]
pub(super) struct Source {
    /// The types, in the order of the file.
    pub(super) decls: Vec<Decl>,
    /// The members of structs without a name.
    pub(super) inline: Vec<Vec<Member>>,
    /// What was passed over while reading.
    pub(super) losses: Vec<Loss>,
    /// What cannot be right.
    pub(super) problems: Vec<Diagnostic>,
}

/// A named type.
#[derive(Debug)]
pub(super) struct Decl {
    /// Its name there.
    pub(super) name: String,
    /// The name that its contract gets instead.
    pub(super) contract: Option<String>,
    /// Where the name stands.
    pub(super) range: TextRange,
    /// Its documentation.
    pub(super) doc: String,
    /// What its attributes say of the contract.
    pub(super) said: Vec<Said>,
    /// What it is.
    pub(super) kind: Kind,
    /// Whether it stands in another file of the same package: it may be used, and becomes no contract.
    pub(super) foreign: bool,
}

/// What a named type is.
#[derive(Debug)]
pub(super) enum Kind {
    /// Fields.
    Struct(Vec<Member>),
    /// One of some texts.
    Enum(Vec<String>),
    /// Another name of a type.
    Alias(Shape),
    /// Something that no column can hold, in words: "an interface".
    Other(&'static str),
}

/// A field.
#[derive(Debug)]
pub(super) struct Member {
    /// The column.
    pub(super) column: String,
    /// Whether a tag gave that name.
    pub(super) renamed: bool,
    /// The field's name in the source.
    pub(super) name: String,
    /// Where that stands.
    pub(super) range: TextRange,
    /// Its type.
    pub(super) shape: Shape,
    /// Whether it may be missing, whatever its type says.
    pub(super) optional: bool,
    /// Whether its own fields stand in its place.
    pub(super) flatten: bool,
    /// What its tags and attributes say.
    pub(super) said: Vec<Said>,
    /// Its documentation.
    pub(super) doc: String,
}

/// A type as the source writes it.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    /// A type with a counterpart.
    Known(DataType),
    /// A type whose values have a form: `uuid`.
    Formatted(&'static str),
    /// A whole number of a unit: `ns`.
    Counted(&'static str),
    /// Something that may be missing.
    Optional(Box<Shape>),
    /// Many.
    List(Box<Shape>),
    /// Keys and values.
    Map(Box<Shape>, Box<Shape>),
    /// A struct without a name: the members of the anonymous declaration of this number.
    Inline(usize),
    /// A named type of this package.
    Named(String),
    /// A type that a contract cannot say: what stands there instead, and why that is less.
    Less(Box<Shape>, String),
    /// A type that no column can hold: why the field is left out.
    None(String),
}

/// Where a text is cut into lines, so that a loss can name its line.
pub(super) struct Lines(Vec<u32>);

impl Lines {
    pub(super) fn new(text: &str) -> Self {
        Self(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| u32::try_from(at).unwrap_or(u32::MAX)).collect())
    }

    /// The line of an offset, from 1.
    pub(super) fn of(&self, at: TextSize) -> u32 {
        let before = self.0.partition_point(|end| *end < u32::from(at));
        u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
    }
}

/// Bytes of a source as a range.
pub(super) fn range(start: usize, end: usize) -> TextRange {
    let size = |at: usize| TextSize::new(u32::try_from(at).unwrap_or(u32::MAX));
    TextRange::new(size(start), size(end.max(start)))
}
