//! Tokens of tags, signatures, fields and SQL.

use super::{Crossing, Lexer, is_blank, words};
use crate::diagnostics::syntax as codes;
use crate::syntax::FileKind;
use crate::syntax::kind::SyntaxKind;
use crate::syntax::problem::Problem;

impl Lexer<'_> {
    /// Tokens up to the end of the logical line, its line end included.
    pub(super) fn code(&mut self, mut line_start: bool) {
        self.open.clear();
        self.crossed = None;
        loop {
            self.blanks();
            if self.pos >= self.text.len() {
                if self.give_up_brackets() {
                    continue;
                }
                return;
            }
            if matches!(self.byte(0), Some(b'\n' | b'\r')) {
                if self.open.is_empty() || self.pos < self.strict_until {
                    self.newline();
                    return;
                }
                if self.crossed.is_none() {
                    self.crossed = Some(Crossing { pos: self.pos, tokens: self.tokens.len(), problems: self.problems.len() });
                }
                self.newline();
                self.blanks();
                let field = || self.kind == FileKind::Contract && words::field(self.rest());
                let item = words::tag(self.rest()).is_some() || words::keyword(self.rest()).is_some() || field();
                if item && !self.give_up_brackets() {
                    return;
                }
                continue;
            }
            self.code_token(line_start);
            line_start = false;
        }
    }

    /// Goes back to the first line end after the outermost open bracket; from there on, lines end where they end.
    fn give_up_brackets(&mut self) -> bool {
        let Some(bracket) = self.open.first().copied() else { return false };
        let crossed = self.crossed.take();
        if let Some(crossing) = &crossed {
            self.strict_until = self.pos;
            self.pos = crossing.pos;
            self.tokens.truncate(crossing.tokens);
            self.problems.truncate(crossing.problems);
        }
        self.open.clear();
        // A quote that never closes has swallowed the bracket that would have.
        let swallowed = |problem: &Problem| problem.code() == codes::UNCLOSED_QUOTE.id && usize::from(problem.range().start()) > bracket;
        let swallowed = self.problems.iter().any(swallowed);
        if bracket >= self.reported_until && !swallowed {
            let found = self.text.as_bytes().get(bracket).copied().unwrap_or(b'(');
            self.problem(|place| codes::unclosed_bracket(place, char::from(found)), bracket, 1);
        }
        self.reported_until = self.strict_until;
        crossed.is_some()
    }

    fn code_token(&mut self, line_start: bool) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return };
        let start = self.pos;
        match first {
            '#' if self.after_blank() => {
                let len = self.line_end() - start;
                self.push(SyntaxKind::Comment, len, line_start);
            }
            '-' if rest.starts_with("--") => {
                let len = self.line_end() - start;
                self.push(SyntaxKind::SqlComment, len, line_start);
            }
            '/' if rest.starts_with("/*") => self.block_comment(line_start),
            '"' => self.quoted(b'"', SyntaxKind::DoubleQuoted, line_start),
            '\'' => self.quoted(b'\'', SyntaxKind::SingleQuoted, line_start),
            '(' | '[' | '{' => {
                self.open.push(start);
                self.push(if first == '(' { SyntaxKind::LParen } else { SyntaxKind::LBracket }, 1, line_start);
            }
            ')' | ']' | '}' => {
                self.open.pop();
                if self.open.is_empty() {
                    self.crossed = None;
                }
                self.push(if first == ')' { SyntaxKind::RParen } else { SyntaxKind::RBracket }, 1, line_start);
            }
            ',' => self.push(SyntaxKind::Comma, 1, line_start),
            ':' => self.push(SyntaxKind::Colon, 1, line_start),
            '=' => self.push(SyntaxKind::Eq, 1, line_start),
            '<' => self.push(SyntaxKind::Less, 1, line_start),
            '>' => self.push(SyntaxKind::Greater, 1, line_start),
            '@' if words::tag(rest).is_some() => self.push(SyntaxKind::TagName, words::tag(rest).unwrap_or(1), line_start),
            '$' if rest.get(1..).is_some_and(|name| name.starts_with(|c: char| c.is_alphabetic() || c == '_')) => {
                let len = rest.get(1..).and_then(|name| name.find(|c: char| !words::is_word(c))).map_or(rest.len(), |at| at + 1);
                self.push(SyntaxKind::Param, len, line_start);
            }
            '0'..='9' => {
                let len = number(rest);
                self.push(SyntaxKind::Number, len, line_start);
            }
            _ if first.is_alphabetic() || first == '_' => {
                let len = rest.find(|c: char| !words::is_word(c)).unwrap_or(rest.len());
                self.push(SyntaxKind::Ident, len, line_start);
            }
            _ => self.push(SyntaxKind::Punct, first.len_utf8(), line_start),
        }
    }

    /// Whether a blank or a line end stands before this place.
    fn after_blank(&self) -> bool {
        self.text.get(..self.pos).and_then(|before| before.chars().next_back()).is_none_or(|c| matches!(c, '\n' | '\r') || is_blank(c))
    }

    fn quoted(&mut self, quote: u8, kind: SyntaxKind, line_start: bool) {
        let start = self.pos;
        let inner = self.text.get(start + 1..).unwrap_or_default();
        let len = match words::quote_end(inner, quote) {
            Some(end) => end + 2,
            None => {
                let len = self.current_line().trim_end_matches(is_blank).len();
                self.problem(|place| codes::unclosed_quote(place, char::from(quote)), start, len);
                len
            }
        };
        self.push(kind, len, line_start);
    }

    fn block_comment(&mut self, line_start: bool) {
        let start = self.pos;
        let inner = self.text.get(start + 2..).unwrap_or_default();
        let close = if start >= self.no_comment_end { None } else { inner.find("*/") };
        let len = match close {
            Some(at) => at + 4,
            None => {
                self.no_comment_end = start.min(self.no_comment_end);
                self.problem(codes::unclosed_comment, start, 2);
                self.line_end() - start
            }
        };
        self.push(SyntaxKind::SqlComment, len, line_start);
    }
}

/// Digits and whatever sticks to them: `10`, `0.5`, `1.2.0`, `15m`, `1e6`.
fn number(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut len = 0;
    while let Some(byte) = bytes.get(len) {
        let point = *byte == b'.' && bytes.get(len + 1).is_some_and(u8::is_ascii_digit);
        if !(byte.is_ascii_alphanumeric() || *byte == b'_' || point) {
            break;
        }
        len += 1;
    }
    len
}
