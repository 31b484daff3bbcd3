//! Tokens to a green tree. Items end where the next keyword begins, so one broken item never hides another.

mod examples;
mod items;
mod steps;
mod tags;
mod types;

use super::kind::SyntaxKind;
use super::lexer::{Token, lex};
use super::problem::Problem;
use super::{FileKind, Parse};
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::syntax as codes;
use rowan::{GreenNodeBuilder, TextRange, TextSize};

/// How many problems one file reports before it only counts.
pub const MAX_PROBLEMS: usize = 50;

/// How deep types may nest.
const MAX_DEPTH: usize = 128;

/// Parses a text. Never fails: what fits nowhere is in `Error` nodes, and in the list of problems.
///
/// A text of more than 4 GiB, which no offset could reach, gives the tree of its beginning.
#[must_use]
pub fn parse(text: &str, kind: FileKind) -> Parse {
    let text = reachable(text);
    let (tokens, problems) = lex(text, kind);
    let mut parser =
        Parser { text, kind, tokens, pos: 0, builder: GreenNodeBuilder::new(), problems, more: 0, depth: 0, unfit: None, above: (0, None) };
    parser.more = parser.problems.len().saturating_sub(MAX_PROBLEMS);
    parser.problems.truncate(MAX_PROBLEMS);
    parser.root();
    let Parser { builder, mut problems, more, .. } = parser;
    problems.sort_by_key(|problem| (problem.range().start(), problem.range().end()));
    if more > 0 {
        problems.push(Problem::new(codes::too_many_problems(Place::file(""), more)));
    }
    Parse { green: builder.finish(), problems }
}

/// As much of the text as 32-bit offsets can name.
fn reachable(text: &str) -> &str {
    let limit = u32::MAX as usize - 1;
    if text.len() <= limit {
        return text;
    }
    let mut end = limit;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

struct Parser<'a> {
    text: &'a str,
    kind: FileKind,
    tokens: Vec<Token>,
    pos: usize,
    builder: GreenNodeBuilder<'static>,
    problems: Vec<Problem>,
    /// Problems beyond [`MAX_PROBLEMS`].
    more: usize,
    depth: usize,
    /// Where a run of lines that fit nowhere ends so far.
    unfit: Option<usize>,
    /// What the tags from here up to a token describe: the answer of [`Parser::item_below`], remembered.
    above: (usize, Option<SyntaxKind>),
}

impl<'a> Parser<'a> {
    fn start(&mut self, kind: SyntaxKind) {
        self.builder.start_node(kind.into());
    }

    fn finish(&mut self) {
        self.builder.finish_node();
    }

    fn token_text(&self, token: Token) -> &'a str {
        let start = token.start as usize;
        self.text.get(start..start + token.len as usize).unwrap_or_default()
    }

    /// Takes the next token, trivia or not.
    fn bump(&mut self) {
        if let Some(token) = self.tokens.get(self.pos).copied() {
            self.builder.token(token.kind.into(), self.token_text(token));
            self.pos += 1;
        }
    }

    /// Takes trivia.
    fn trivia(&mut self) {
        while self.tokens.get(self.pos).is_some_and(|token| token.kind.is_trivia()) {
            self.bump();
        }
    }

    /// Takes trivia and the token after it.
    fn take(&mut self) {
        self.trivia();
        self.bump();
    }

    /// Where the next token stands that is not trivia.
    fn next_index(&self) -> usize {
        let mut index = self.pos;
        while self.tokens.get(index).is_some_and(|token| token.kind.is_trivia()) {
            index += 1;
        }
        index
    }

    /// The next token that is not trivia.
    fn next(&self) -> Option<Token> {
        self.tokens.get(self.next_index()).copied()
    }

    fn at(&self, kind: SyntaxKind) -> bool {
        self.next().is_some_and(|token| token.kind == kind)
    }

    /// The next token, if it belongs to the logical line that began already.
    fn next_here(&self) -> Option<Token> {
        self.next().filter(|token| !token.line_start)
    }

    fn here(&self, kind: SyntaxKind) -> bool {
        self.next_here().is_some_and(|token| token.kind == kind)
    }

    /// Whether the token after the next one has this kind and stands on the same logical line.
    fn second_here(&self, kind: SyntaxKind) -> bool {
        let mut after = self.tokens.get(self.next_index() + 1..).unwrap_or_default().iter();
        after.find(|token| !token.kind.is_trivia()).is_some_and(|token| !token.line_start && token.kind == kind)
    }

    fn here_word(&self, word: &str) -> bool {
        self.next_here().is_some_and(|token| token.kind == SyntaxKind::Ident && self.token_text(token) == word)
    }

    /// Whether a body ends before this token.
    fn ends_body(token: Option<Token>) -> bool {
        token.is_none_or(|token| {
            token.kind.is_keyword()
                || matches!(
                    token.kind,
                    SyntaxKind::TagName | SyntaxKind::NarrationKw | SyntaxKind::Docstring | SyntaxKind::Pipe | SyntaxKind::BecomeKw
                )
        })
    }

    fn problem(&mut self, build: impl FnOnce(Place) -> Diagnostic, range: TextRange) {
        if self.problems.len() >= MAX_PROBLEMS {
            self.more += 1;
            return;
        }
        self.problems.push(Problem::new(build(Place::range("", range))));
    }

    /// The bytes of a token; at the end of the text, its last byte.
    fn range_of(&self, token: Option<Token>) -> TextRange {
        match token {
            Some(token) => TextRange::at(TextSize::new(token.start), TextSize::new(token.len)),
            None => TextRange::empty(TextSize::new(u32::try_from(self.text.len()).unwrap_or(u32::MAX))),
        }
    }

    /// The place right after the last token that is not trivia: where something is missing.
    fn gap(&self) -> TextRange {
        let last = self.tokens.get(..self.pos).unwrap_or_default().iter().rev().find(|token| !token.kind.is_trivia());
        TextRange::empty(last.map_or(TextSize::new(0), |token| TextSize::new(token.start + token.len)))
    }

    /// Reports what is missing here, and how it is written.
    fn missing(&mut self, what: &str, help: &str) {
        let range = self.gap();
        self.problem(|place| codes::expected(place, what, help), range);
    }

    /// As [`Parser::unexpected`]; lines of one run are one problem.
    fn unexpected_run(&mut self, what: &str, help: &str) {
        let (known, more) = (self.problems.len(), self.more);
        let again = self.unfit == Some(self.next_index());
        self.unexpected(what, help);
        if again {
            self.problems.truncate(known);
            self.more = more;
        }
        self.unfit = Some(self.next_index());
    }

    /// Takes the rest of the logical line into an error node and reports it once.
    fn unexpected(&mut self, what: &str, help: &str) {
        let first = self.next();
        self.trivia();
        let start = self.range_of(first);
        let mut end = start;
        self.start(SyntaxKind::Error);
        loop {
            end = end.cover(self.range_of(self.next()));
            self.take();
            let next = self.next_here();
            if Self::ends_body(next) {
                break;
            }
        }
        self.finish();
        self.problem(|place| codes::unexpected_text(place, what, help), start.cover(end));
    }

    /// Takes the next token as a node of its own.
    fn wrap(&mut self, kind: SyntaxKind) {
        self.trivia();
        self.start(kind);
        self.bump();
        self.finish();
    }

    /// Takes everything up to the end of the body that begins here. `one_line`: up to the end of the logical line.
    fn body(&mut self, one_line: bool) {
        self.trivia();
        self.start(SyntaxKind::Body);
        loop {
            self.take();
            let next = if one_line { self.next_here() } else { self.next() };
            if let Some(tag) = next.filter(|token| self.inside_sql(*token)) {
                let (range, text) = (self.range_of(next), self.token_text(tag));
                self.problem(|place| codes::not_in_sql(place, text), range);
                continue;
            }
            if Self::ends_body(next) || self.tag_without_at().is_some() {
                break;
            }
        }
        self.finish();
    }

    /// The tag that the line which begins here lacks the `@` of: `step(…)`, `do …`. No SQL begins a line so.
    fn tag_without_at(&self) -> Option<&'a str> {
        let token = self.next().filter(|token| token.line_start && token.kind == SyntaxKind::Ident)?;
        let word = self.token_text(token);
        let after = self.tokens.get(self.next_index() + 1).map(|token| token.kind);
        let called = matches!(word, "source" | "step" | "sink" | "quality" | "alert" | "golden") && after == Some(SyntaxKind::LParen);
        (called || word == "do").then_some(word)
    }

    /// Whether a tag's name stands where SQL needs a value: after an operator, a comma or an opening bracket, in mid-line.
    fn inside_sql(&self, token: Token) -> bool {
        let before = self.tokens.get(..self.pos).unwrap_or_default().iter().rev().find(|token| !token.kind.is_trivia());
        let wants_more = before.is_some_and(|before| {
            matches!(
                before.kind,
                SyntaxKind::Comma | SyntaxKind::Eq | SyntaxKind::Less | SyntaxKind::Greater | SyntaxKind::LParen | SyntaxKind::Punct
            )
        });
        token.kind == SyntaxKind::TagName && !token.line_start && wants_more
    }
}
