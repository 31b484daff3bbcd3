//! Types: `name`, `name(…)`, `name<…>`.

use super::{MAX_DEPTH, Parser};
use crate::diagnostics::syntax as codes;
use crate::syntax::kind::SyntaxKind;

impl Parser<'_> {
    /// A type. The caller has seen its name.
    pub(super) fn data_type(&mut self) {
        self.trivia();
        self.start(SyntaxKind::Type);
        self.bump();
        if self.here(SyntaxKind::LParen) {
            self.arguments();
        } else if self.tokens.get(self.pos).is_some_and(|token| token.kind == SyntaxKind::LBracket) {
            self.square_brackets();
        } else if self.here(SyntaxKind::Less) {
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                self.too_deep();
            } else {
                self.type_arguments();
            }
            self.depth -= 1;
        }
        self.finish();
    }

    /// `enum[a, b]`, which is read as `enum(a, b)`.
    fn square_brackets(&mut self) {
        let open = self.range_of(self.next());
        self.start(SyntaxKind::ArgList);
        self.bump();
        while let Some(token) = self.next_here().filter(|token| !Self::ends_body(Some(*token))) {
            if matches!(token.kind, SyntaxKind::Comma | SyntaxKind::RBracket) {
                self.take();
            } else {
                self.trivia();
                self.start(SyntaxKind::Arg);
                self.wrap(SyntaxKind::Value);
                self.finish();
            }
            if token.kind == SyntaxKind::RBracket {
                break;
            }
        }
        self.finish();
        let range = open.cover(self.gap());
        self.problem(|place| codes::unexpected_text(place, "what belongs to a type stands in round brackets", "write `(` and `)`"), range);
    }

    /// `<t>`, `<k, v>`, `<a: t, b: t>`; line ends are free up to `>`.
    fn type_arguments(&mut self) {
        self.take();
        loop {
            let next = self.next();
            match next.map(|token| token.kind) {
                Some(SyntaxKind::Greater) => {
                    self.take();
                    return;
                }
                Some(SyntaxKind::Comma) => self.take(),
                Some(SyntaxKind::Ident | SyntaxKind::DoubleQuoted) => {
                    let index = self.next_index() + 1;
                    let after = self.tokens.get(index..).unwrap_or_default().iter().take(2).find(|token| !token.kind.is_trivia());
                    if after.is_some_and(|token| token.kind == SyntaxKind::Colon) {
                        self.wrap(SyntaxKind::Name);
                        self.take();
                    }
                    if self.at(SyntaxKind::Ident) {
                        self.data_type();
                    } else {
                        self.missing("a type", "write the type of the items: `list<string>`, `map<string, int64>`, `struct<id: string>`");
                        return;
                    }
                }
                _ => {
                    self.missing("`>`", "close the type: `list<string>`");
                    return;
                }
            }
        }
    }

    /// Takes a type that nests too deeply as one flat error.
    fn too_deep(&mut self) {
        let range = self.range_of(self.next());
        self.problem(codes::nested_too_deeply, range);
        self.trivia();
        self.start(SyntaxKind::Error);
        let mut open = 0_usize;
        while let Some(token) = self.next().filter(|token| !Self::ends_body(Some(*token)) && !token.line_start) {
            match token.kind {
                SyntaxKind::Less => open += 1,
                SyntaxKind::Greater => open = open.saturating_sub(1),
                _ => {}
            }
            self.take();
            if open == 0 {
                break;
            }
        }
        self.finish();
    }
}
