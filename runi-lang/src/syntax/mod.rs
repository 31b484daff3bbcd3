//! Files to lossless trees, and trees to canonical text. Knows neither salsa nor SQL.
//!
//! [`parse`] never fails: every text has a tree whose text is that text, and a list of problems. One grammar serves
//! `.contract` and `.dsl` files; [`FileKind`] only decides which items are at home.
//!
//! What `language.md` leaves open is decided so:
//!
//! - **Tags above an item.** `@module`, `@herd` and bare words such as `@nightly` (no arguments, no body, not a tag
//!   that the language knows) belong to the `Scenario:` or `Step:` that follows them; every other tag looks up.
//! - **Round brackets after `@when`, `@then`, `@do`, `@rule`, `@assert`** are arguments only when they touch the tag:
//!   `@rule(on_fail=warn) "t": e` has arguments, `@then (a or b)` has none.
//! - **Quotes.** In `"…"`, `\"` and `\\` stand for the character; any other backslash stands for itself, so regular
//!   expressions need no doubling. SQL's own doubling (`"a""b"`, `'it''s'`) works too.
//! - **Titles are prose**: no comment can follow the name of a feature, a scenario or an example.
//! - **Examples.** In a scenario, `Given trades` (or `And trades`) above a table names the view that it fills;
//!   `become` or `Then x` turns to what comes out, and `Then x`/`And x` names the sink (or `invalid`) of the next
//!   table. The name is the code span of the line, its quoted text, or all of it. A narration line that no table
//!   follows ends the block. Cells are `null` when empty or bare `null`; `"…"` keeps blanks, pipes and the word null.
//! - **SQL comments** (`--`, `/* */`) stay in the SQL; `#` comments are blanked out of it.

mod decode;
pub mod fmt;
pub mod kind;
mod lexer;
mod parser;
mod problem;
pub mod properties;
pub(crate) mod tags;
pub(crate) mod text;
pub mod write;

pub use decode::{MAX_BYTES, decode};
pub use kind::{SyntaxElement, SyntaxKind, SyntaxNode, SyntaxToken};
pub use parser::{MAX_PROBLEMS, parse};
pub use problem::Problem;
pub use rowan::GreenNode;

/// What a file is for, by its extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// `*.contract`.
    Contract,
    /// `*.dsl`.
    Feature,
}

impl FileKind {
    /// The kind of the file at this path, by its extension.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        match path.rsplit_once('.')?.1 {
            "contract" => Some(Self::Contract),
            "dsl" => Some(Self::Feature),
            _ => None,
        }
    }
}

/// A tree and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parse {
    /// The tree; shared and immutable.
    pub green: GreenNode,
    /// At most [`MAX_PROBLEMS`] and one that counts the rest, in order.
    pub problems: Vec<Problem>,
}

impl Parse {
    /// The tree with parents and offsets.
    #[must_use]
    pub fn syntax(&self) -> SyntaxNode {
        SyntaxNode::new_root(self.green.clone())
    }
}
