//! The signature of a reusable step.

use super::Parser;
use crate::syntax::kind::SyntaxKind;

impl Parser<'_> {
    /// `Name@2(a: t = 1, …) needs c t, … gives c t, …`; `needs` and `gives` may begin their own lines.
    pub(super) fn signature(&mut self) {
        if self.here(SyntaxKind::Ident) {
            self.wrap(SyntaxKind::Name);
        } else {
            self.missing("the step's name", "write `Step: Name(parameter: type)`");
        }
        if self.next_here().is_some_and(|token| token.kind == SyntaxKind::Punct && self.token_text(token) == "@") {
            self.trivia();
            self.start(SyntaxKind::VersionSuffix);
            self.bump();
            if self.here(SyntaxKind::Number) {
                self.take();
            } else {
                self.missing("a version number after `@`", "write `Step: Name@2`");
            }
            self.finish();
        }
        if self.here(SyntaxKind::LParen) {
            self.parameters();
        }
        while let Some(word) = self.next().filter(|token| token.kind == SyntaxKind::Ident).map(|token| self.token_text(token)) {
            match word {
                "needs" => self.columns(SyntaxKind::Needs),
                "gives" => self.columns(SyntaxKind::Gives),
                _ => break,
            }
        }
        if self.next_here().is_some() {
            self.unexpected(
                "this is no part of a signature",
                "a signature is `Step: Name(param: type) needs column type gives column type`",
            );
        }
    }

    fn parameters(&mut self) {
        self.trivia();
        self.start(SyntaxKind::ParamList);
        self.take();
        loop {
            let next = self.next();
            match next.map(|token| token.kind) {
                Some(SyntaxKind::RParen) => {
                    self.take();
                    break;
                }
                Some(SyntaxKind::Comma) => self.take(),
                Some(SyntaxKind::Ident | SyntaxKind::Param) => self.parameter(),
                _ if Self::ends_body(next) => break,
                _ => {
                    self.missing(
                        "a parameter, `name: type`",
                        "a parameter is `name: type`, such as `rate: decimal(4, 2)` or `column: column<string>`",
                    );
                    self.skip_to_separator();
                }
            }
        }
        self.finish();
    }

    fn parameter(&mut self) {
        self.trivia();
        self.start(SyntaxKind::ParamDecl);
        self.wrap(SyntaxKind::Name);
        if self.at(SyntaxKind::Colon) {
            self.take();
        }
        if self.at(SyntaxKind::Ident) {
            self.data_type();
        } else {
            self.missing("the parameter's type", "a parameter is `name: type`, such as `rate: decimal(4, 2)` or `column: column<string>`");
        }
        if self.at(SyntaxKind::Eq) {
            self.take();
            self.trivia();
            self.start(SyntaxKind::Default);
            self.skip_tokens();
            self.finish();
        }
        if !matches!(self.next().map(|token| token.kind), Some(SyntaxKind::Comma | SyntaxKind::RParen)) && !Self::ends_body(self.next()) {
            self.missing("`,` or `)`", "parameters are parted by commas and end with a bracket: `(a: string, b: int64)`");
            self.skip_to_separator();
        }
        self.finish();
    }

    fn skip_to_separator(&mut self) {
        self.trivia();
        self.start(SyntaxKind::Error);
        self.skip_tokens();
        self.finish();
    }

    /// Takes tokens up to a comma or bracket that belongs to the list around them.
    fn skip_tokens(&mut self) {
        let mut depth = 0_usize;
        while let Some(token) = self.next().filter(|token| !Self::ends_body(Some(*token))) {
            match token.kind {
                SyntaxKind::Comma | SyntaxKind::RParen if depth == 0 => return,
                SyntaxKind::LParen | SyntaxKind::LBracket => depth += 1,
                SyntaxKind::RParen | SyntaxKind::RBracket => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.take();
        }
    }

    /// `needs a t, b t`.
    fn columns(&mut self, node: SyntaxKind) {
        self.trivia();
        self.start(node);
        self.bump();
        loop {
            if !matches!(self.next_here().map(|token| token.kind), Some(SyntaxKind::Ident | SyntaxKind::DoubleQuoted)) {
                self.missing("a column, `name type`", "list the columns: `needs price float64, quantity int64`");
                break;
            }
            self.trivia();
            self.start(SyntaxKind::ColumnDecl);
            self.wrap(SyntaxKind::Name);
            if self.here(SyntaxKind::Colon) {
                self.take();
            }
            if self.here(SyntaxKind::Ident) {
                self.data_type();
            } else {
                self.missing("the column's type", "list the columns with their types: `needs price float64, quantity int64`");
            }
            self.finish();
            if !self.here(SyntaxKind::Comma) {
                break;
            }
            self.take();
        }
        self.finish();
    }
}
