//! Text to tokens, line by line and in one pass.
//!
//! What a line is follows from how it begins: a keyword, a tag, a narration word, a docstring, a table row, or
//! anything else (a contract's field, or more of a body). Every byte lands in exactly one token.
//!
//! Brackets make line ends free. A bracket that is still open where a tag, a keyword or a contract's field begins a line was forgotten:
//! the lines since then are read again, each by itself, so that a broken query never eats the next step. No line is
//! read more than twice.

mod code;
mod words;

pub(super) use words::field as begins_field;

use super::FileKind;
use super::kind::SyntaxKind;
use super::problem::Problem;
use super::text::without_comment;
use crate::diagnostic::Place;
use crate::diagnostics::syntax as codes;
use rowan::{TextRange, TextSize};

/// A token. Its text is the next `len` bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: SyntaxKind,
    pub(super) start: u32,
    pub(super) len: u32,
    /// Whether a logical line begins here (inside brackets none does).
    pub(super) line_start: bool,
}

/// Splits a text. The tokens' lengths add up to the text's.
pub(super) fn lex(text: &str, kind: FileKind) -> (Vec<Token>, Vec<Problem>) {
    let mut lexer = Lexer {
        text,
        kind,
        pos: 0,
        tokens: Vec::with_capacity(text.len() / 4 + 1),
        problems: Vec::new(),
        in_examples: false,
        strict_until: 0,
        reported_until: 0,
        line: 0..0,
        no_docstring_end: usize::MAX,
        no_comment_end: usize::MAX,
        open: Vec::new(),
        crossed: None,
    };
    if text.starts_with('\u{feff}') {
        lexer.push(SyntaxKind::Whitespace, '\u{feff}'.len_utf8(), false);
    }
    while lexer.pos < text.len() {
        lexer.line();
    }
    (lexer.tokens, lexer.problems)
}

/// Where the first free line end inside an open bracket stands, to come back to when the bracket never closes.
struct Crossing {
    pos: usize,
    tokens: usize,
    problems: usize,
}

struct Lexer<'a> {
    text: &'a str,
    kind: FileKind,
    pos: usize,
    tokens: Vec<Token>,
    problems: Vec<Problem>,
    in_examples: bool,
    /// Before this offset line ends are never free.
    strict_until: usize,
    /// Brackets before this offset are part of a bracket that was reported.
    reported_until: usize,
    /// Where `line_end` was last found, so that a long line is searched once.
    line: std::ops::Range<usize>,
    /// From this offset on there is no `"""`.
    no_docstring_end: usize,
    /// From this offset on there is no `*/`.
    no_comment_end: usize,
    /// Offsets of the open brackets.
    open: Vec<usize>,
    crossed: Option<Crossing>,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.pos..).unwrap_or_default()
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.pos + ahead).copied()
    }

    /// The offset of the end of the current line, without its line end.
    fn line_end(&mut self) -> usize {
        if self.line.contains(&self.pos) {
            return self.line.end;
        }
        let end = self.rest().find(['\n', '\r']).map_or(self.text.len(), |at| self.pos + at);
        self.line = self.pos..end;
        self.line.end
    }

    /// The rest of the line, without its line end.
    fn current_line(&mut self) -> &'a str {
        let end = self.line_end();
        self.text.get(self.pos..end).unwrap_or_default()
    }

    fn push(&mut self, kind: SyntaxKind, len: usize, line_start: bool) {
        if len > 0 {
            self.tokens.push(Token { kind, start: offset(self.pos), len: offset(len), line_start });
            self.pos += len;
        }
    }

    fn problem(&mut self, build: impl FnOnce(Place) -> crate::diagnostic::Diagnostic, start: usize, len: usize) {
        let range = TextRange::at(TextSize::new(offset(start)), TextSize::new(offset(len)));
        self.problems.push(Problem::new(build(Place::range("", range))));
    }

    fn blanks(&mut self) {
        let len = self.rest().find(|c: char| !is_blank(c)).unwrap_or(self.text.len() - self.pos);
        self.push(SyntaxKind::Whitespace, len, false);
    }

    /// A line end, if one is here.
    fn newline(&mut self) -> bool {
        let len = match (self.byte(0), self.byte(1)) {
            (Some(b'\r'), Some(b'\n')) => 2,
            (Some(b'\n' | b'\r'), _) => 1,
            _ => return false,
        };
        self.push(SyntaxKind::Newline, len, false);
        true
    }

    /// One logical line, its line end included.
    fn line(&mut self) {
        self.blanks();
        if self.newline() {
            return;
        }
        if self.byte(0) == Some(b'#') {
            let len = self.line_end() - self.pos;
            self.push(SyntaxKind::Comment, len, false);
            self.newline();
            return;
        }
        if self.rest().starts_with("\"\"\"") {
            self.docstring();
            self.code(false);
            return;
        }
        if let Some((kind, len)) = words::keyword(self.rest()) {
            self.push(kind, len, true);
            self.header(kind);
            return;
        }
        if let Some((kind, len, wanted)) = words::misspelled_keyword(self.rest(), self.kind) {
            let start = self.pos;
            self.problem(|place| codes::misspelled_keyword(place, wanted), start, len);
            self.push(kind, len, true);
            self.header(kind);
            return;
        }
        if let Some((kind, len, wanted)) = words::keyword_without_colon(self.rest(), self.kind) {
            let start = self.pos;
            self.problem(|place| codes::keyword_without_colon(place, wanted), start, len);
            self.push(kind, len, true);
            self.header(kind);
            return;
        }
        if let Some(len) = words::narration(self.rest()) {
            self.push(SyntaxKind::NarrationKw, len, true);
            self.prose(true);
            return;
        }
        if self.in_examples {
            if self.byte(0) == Some(b'|') {
                self.table_row();
                return;
            }
            if without_comment(self.current_line()) == "become" {
                self.push(SyntaxKind::BecomeKw, "become".len(), true);
                self.code(false);
                return;
            }
            if words::misspelled_become(without_comment(self.current_line())) {
                let (start, len) = (self.pos, without_comment(self.current_line()).len());
                self.problem(codes::misspelled_become, start, len);
                self.push(SyntaxKind::BecomeKw, len, true);
                self.code(false);
                return;
            }
        }
        if words::tag(self.rest()).is_some() {
            self.in_examples = false;
        }
        self.code(true);
    }

    fn docstring(&mut self) {
        let start = self.pos;
        let body = self.text.get(start + 3..).unwrap_or_default();
        let close = if start >= self.no_docstring_end { None } else { body.find("\"\"\"") };
        let len = match close {
            Some(at) => at + 6,
            None => {
                self.no_docstring_end = start.min(self.no_docstring_end);
                self.problem(codes::unclosed_docstring, start, 3);
                self.line_end() - start
            }
        };
        self.push(SyntaxKind::Docstring, len, true);
    }

    /// What follows a keyword on its line.
    fn header(&mut self, kind: SyntaxKind) {
        self.in_examples = kind == SyntaxKind::ExamplesKw;
        match kind {
            SyntaxKind::FeatureKw | SyntaxKind::ScenarioKw => self.prose(false),
            SyntaxKind::ExamplesKw => {
                self.blanks();
                let line = self.current_line();
                let title = words::arguments_of_examples(line).map_or(line, |at| line.get(..at).unwrap_or_default());
                let len = title.trim_end_matches(is_blank).len();
                self.push(SyntaxKind::Prose, len, false);
                self.code(false);
            }
            _ => self.code(false),
        }
    }

    /// The rest of a line that means nothing to the compiler, except for code spans.
    fn prose(&mut self, spans: bool) {
        self.blanks();
        let line = self.current_line();
        let end = self.pos + line.trim_end_matches(is_blank).len();
        while self.pos < end {
            let rest = self.text.get(self.pos..end).unwrap_or_default();
            let span = if spans { words::code_span(rest) } else { None };
            match span {
                Some((at, len)) => {
                    self.push(SyntaxKind::Prose, at, false);
                    self.push(SyntaxKind::CodeSpan, len, false);
                }
                None => self.push(SyntaxKind::Prose, end - self.pos, false),
            }
        }
        self.blanks();
        self.newline();
    }

    fn table_row(&mut self) {
        let mut first = true;
        loop {
            self.blanks();
            if self.newline() || self.pos >= self.text.len() {
                return;
            }
            if self.byte(0) == Some(b'|') {
                self.push(SyntaxKind::Pipe, 1, first);
                first = false;
                continue;
            }
            let line = self.current_line();
            let len = words::cell(line);
            self.push(SyntaxKind::Cell, len, false);
        }
    }
}

/// Blanks inside a line; a byte order mark is one.
pub(super) fn is_blank(c: char) -> bool {
    !matches!(c, '\n' | '\r') && (c.is_whitespace() || c == '\u{feff}')
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
