//! SQL out of the tree: the file's own bytes, comments blanked.

use super::args::TagNode;
use super::context::Context;
use crate::model::{Promise, Sql};
use crate::syntax::{SyntaxKind, SyntaxNode, SyntaxToken};
use rowan::{TextRange, TextSize};

/// A body's tokens without trivia, and its text with each `#` comment as blanks, so that offsets stay.
pub(super) struct BodyText {
    pub(super) tokens: Vec<SyntaxToken>,
    text: String,
    range: TextRange,
}

impl BodyText {
    pub(super) fn new(body: &SyntaxNode) -> Self {
        let mut text = String::with_capacity(usize::from(body.text_range().len()));
        let mut tokens = Vec::new();
        for token in body.children_with_tokens().filter_map(rowan::NodeOrToken::into_token) {
            if token.kind() == SyntaxKind::Comment {
                text.extend(std::iter::repeat_n(' ', token.text().len()));
            } else {
                text.push_str(token.text());
            }
            if !token.kind().is_trivia() {
                tokens.push(token);
            }
        }
        Self { tokens, text, range: body.text_range() }
    }

    /// All of it.
    pub(super) fn all(&self) -> Sql {
        Sql { text: self.text.clone(), range: self.range }
    }

    /// From one of its tokens to another.
    pub(super) fn part(&self, first: &SyntaxToken, last: &SyntaxToken) -> Sql {
        let range = first.text_range().cover(last.text_range());
        let local = range - self.range.start();
        let text = self.text.get(usize::from(local.start())..usize::from(local.end())).unwrap_or_default();
        Sql { text: text.to_owned(), range }
    }
}

/// The SQL of a body.
pub(super) fn sql(body: &SyntaxNode) -> Sql {
    BodyText::new(body).all()
}

/// The SQL of a body on one line, without comments: for contracts, whose meaning does not depend on layout.
pub(super) fn one_line(body: &SyntaxNode) -> String {
    let mut text = String::new();
    let mut gap = false;
    for token in body.children_with_tokens().filter_map(rowan::NodeOrToken::into_token) {
        match token.kind() {
            kind if kind.is_trivia() || kind == SyntaxKind::SqlComment => gap = true,
            _ => {
                if gap && !text.is_empty() {
                    text.push(' ');
                }
                gap = false;
                text.push_str(token.text());
            }
        }
    }
    text
}

/// The text between the quotes of a token.
pub(super) fn inside(token: &SyntaxToken) -> Sql {
    let one = TextSize::new(1);
    let range = token.text_range();
    let text = token.text();
    let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
    let trimmed = inner.trim_start();
    let start = range.start() + one + TextSize::of(inner) - TextSize::of(trimmed);
    let trimmed = trimmed.trim_end();
    Sql { text: trimmed.to_owned(), range: TextRange::at(start, TextSize::of(trimmed)) }
}

impl Context<'_> {
    /// `"title": expression`. A missing expression was reported by the parser.
    pub(super) fn promise(&mut self, tag: &TagNode) -> Option<Promise> {
        if tag.body_is_broken() {
            return None;
        }
        Some(Promise { title: tag.title(), sql: sql(&tag.body()?) })
    }
}
