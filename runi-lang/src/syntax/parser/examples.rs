//! `Examples:` blocks and their tables.

use super::Parser;
use crate::syntax::kind::SyntaxKind;

impl Parser<'_> {
    pub(super) fn examples(&mut self) {
        self.start(SyntaxKind::Examples);
        self.take();
        self.title();
        if self.here_word("with") {
            self.take();
            self.trivia();
            self.start(SyntaxKind::ArgList);
            self.argument_items(true);
            self.finish();
        }
        if self.next_here().is_some_and(|token| !Self::ends_body(Some(token))) {
            self.unexpected("text after the title", "arguments follow the title as `with name=value, …`");
        }
        while let Some(token) = self.next() {
            match token.kind {
                SyntaxKind::Pipe => {
                    self.trivia();
                    self.table();
                }
                SyntaxKind::BecomeKw => {
                    self.take();
                    if self.next_here().is_some() {
                        self.unexpected("text after `become`", "`become` stands alone on its line");
                    }
                }
                SyntaxKind::NarrationKw if self.table_follows_line() => {
                    self.trivia();
                    self.narration(SyntaxKind::TableName);
                }
                SyntaxKind::Ident | SyntaxKind::Punct | SyntaxKind::DoubleQuoted | SyntaxKind::Number | SyntaxKind::Cell => {
                    self.unexpected(
                        "this is no part of the examples",
                        "rows begin with `|`; `become` stands alone between rows in and rows out",
                    );
                }
                _ => break,
            }
        }
        self.finish();
    }

    /// Whether a table row is the first thing after this line.
    fn table_follows_line(&self) -> bool {
        let mut tokens = self.tokens.get(self.next_index() + 1..).unwrap_or_default().iter();
        tokens
            .find(|token| !token.kind.is_trivia() && !matches!(token.kind, SyntaxKind::Prose | SyntaxKind::CodeSpan))
            .is_some_and(|token| token.kind == SyntaxKind::Pipe)
    }

    fn table(&mut self) {
        self.start(SyntaxKind::Table);
        while self.at(SyntaxKind::Pipe) {
            self.trivia();
            self.start(SyntaxKind::TableRow);
            self.bump();
            while self.next_here().is_some_and(|token| matches!(token.kind, SyntaxKind::Pipe | SyntaxKind::Cell)) {
                self.take();
            }
            self.finish();
        }
        self.finish();
    }
}
