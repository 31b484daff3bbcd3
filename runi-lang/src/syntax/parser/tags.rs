//! A tag: its arguments, its title, its body, its `as`, `when` and `otherwise`.

use super::Parser;
use crate::diagnostics::syntax as codes;
use crate::syntax::FileKind;
use crate::syntax::kind::SyntaxKind;
use crate::syntax::lexer::begins_field;
use crate::syntax::tags::{Home, Shape, meant, shape};

impl Parser<'_> {
    /// The keyword of the item that the tag here describes, when it stands above one: `@module`, `@herd` and bare
    /// words that the language does not know, up to a `Scenario:` or `Step:`.
    pub(super) fn item_below(&mut self) -> Option<SyntaxKind> {
        let mut index = self.next_index();
        let (known_to, known) = self.above;
        if index < known_to {
            return known;
        }
        let mut found = None;
        while let Some(token) = self.tokens.get(index).copied() {
            index += 1;
            if token.kind.is_trivia() {
                continue;
            }
            if token.kind != SyntaxKind::TagName {
                if matches!(token.kind, SyntaxKind::ScenarioKw | SyntaxKind::StepKw) {
                    found = Some(token.kind);
                }
                break;
            }
            let name = self.token_text(token).get(1..).unwrap_or_default();
            let start = index;
            while self
                .tokens
                .get(index)
                .is_some_and(|token| token.kind.is_trivia() || !token.line_start && token.kind != SyntaxKind::TagName)
            {
                index += 1;
            }
            let bare = self.tokens.get(start..index).unwrap_or_default().iter().all(|token| token.kind.is_trivia());
            let misspelt = || meant(name, |homes| homes.contains(&Home::Above)).is_some();
            let above = matches!(name, "module" | "herd" | "accept") || shape(name).is_none() && (bare || misspelt());
            if !above {
                break;
            }
        }
        self.above = (index, found);
        found
    }

    pub(super) fn tag(&mut self, parent: SyntaxKind) {
        self.start(SyntaxKind::Tag);
        let name = self.next().map_or("", |token| self.token_text(token)).get(1..).unwrap_or_default();
        let at_home = |homes: &[Home]| match parent {
            SyntaxKind::Scenario => homes.contains(&Home::Scenario) || homes.contains(&Home::Step),
            SyntaxKind::StepDef => homes.contains(&Home::Step),
            SyntaxKind::Contract => homes.contains(&Home::Contract),
            _ => false,
        };
        let known = shape(name).or_else(|| meant(name, at_home).and_then(shape));
        self.bump();
        let touching = self.tokens.get(self.pos).is_some_and(|token| token.kind == SyntaxKind::LParen);
        let spaced = matches!(known, Some(Shape::Args | Shape::Named | Shape::Routed)) && self.here(SyntaxKind::LParen);
        if touching || spaced {
            self.arguments();
        }
        if parent == SyntaxKind::Field {
            self.finish();
            return;
        }
        let bare = !touching && !spaced;
        match known {
            Some(Shape::Args | Shape::Named) if bare && self.bare_arguments(known == Some(Shape::Args)) => {}
            Some(Shape::Body) => self.titled_body(false),
            Some(Shape::Named | Shape::Routed) => self.suffixes(),
            Some(Shape::Args) => {}
            None => {
                if self.next_here().is_some_and(|token| !Self::ends_body(Some(token))) {
                    self.titled_body(parent == SyntaxKind::Contract);
                }
            }
        }
        if self.next_here().is_some_and(|token| !Self::ends_body(Some(token))) {
            self.unexpected("text after the tag", "a tag ends with its arguments; the next thing begins a new line");
        }
        self.finish();
    }

    /// `@key id`, `@step name=A`: arguments up to the end of the line that lack their brackets. Names alone are taken only where the
    /// tag has nothing after its arguments.
    fn bare_arguments(&mut self, words: bool) -> bool {
        let Some(first) = self.next_here().filter(|token| !Self::ends_body(Some(*token))) else { return false };
        let named = first.kind == SyntaxKind::Ident && self.second_here(SyntaxKind::Eq);
        if !(named || words && matches!(first.kind, SyntaxKind::Ident | SyntaxKind::Number | SyntaxKind::DoubleQuoted)) {
            return false;
        }
        let tag = self.tokens.get(..self.pos).unwrap_or_default().iter().rev().find(|token| token.kind == SyntaxKind::TagName);
        let tag = tag.map_or("", |token| self.token_text(*token));
        self.trivia();
        self.start(SyntaxKind::ArgList);
        self.argument_items(true);
        self.finish();
        let start = first.start as usize;
        let end = usize::from(self.gap().start());
        let text = self.text.get(start..end).unwrap_or_default();
        let range = self.range_of(Some(first)).cover(self.gap());
        self.problem(|place| codes::arguments_without_brackets(place, tag, text), range);
        true
    }

    /// `"title": body`, or a body.
    fn titled_body(&mut self, one_line: bool) {
        if self.here(SyntaxKind::DoubleQuoted) && self.colon_after_next() {
            self.wrap(SyntaxKind::TagTitle);
            self.take();
        } else if self.here(SyntaxKind::Colon) {
            self.take();
        }
        let next = if one_line { self.next_here() } else { self.next() };
        if Self::ends_body(next) {
            let range = self.gap();
            self.problem(codes::missing_body, range);
        } else {
            self.body(one_line);
        }
    }

    /// Whether a single colon follows the next token.
    fn colon_after_next(&self) -> bool {
        let mut colons = 0;
        let mut index = self.next_index() + 1;
        while let Some(token) = self.tokens.get(index) {
            match token.kind {
                SyntaxKind::Colon => colons += 1,
                SyntaxKind::Whitespace if colons == 0 => {}
                _ => break,
            }
            index += 1;
        }
        colons == 1
    }

    /// `as name`, `when …`, `otherwise`; the next line may hold them.
    fn suffixes(&mut self) {
        while let Some(token) = self.next().filter(|token| token.kind == SyntaxKind::Ident) {
            match self.token_text(token) {
                "as" => {
                    self.trivia();
                    self.start(SyntaxKind::Alias);
                    self.take();
                    if self.here(SyntaxKind::Ident) {
                        self.wrap(SyntaxKind::Name);
                    } else {
                        self.missing("a name after `as`", "write `as name`; other parts of the scenario call it by that name");
                    }
                    self.finish();
                }
                word if word == "when" || near_when(word) => {
                    if word != "when" {
                        let range = self.range_of(self.next());
                        self.problem(|place| codes::unexpected_text(place, "text after the tag", "did you mean `when`?"), range);
                    }
                    self.trivia();
                    self.start(SyntaxKind::Route);
                    self.take();
                    if Self::ends_body(self.next()) {
                        let range = self.gap();
                        self.problem(codes::missing_body, range);
                    } else {
                        self.body(false);
                    }
                    self.finish();
                }
                "otherwise" => {
                    self.trivia();
                    self.start(SyntaxKind::Route);
                    self.take();
                    self.finish();
                }
                _ => return,
            }
        }
    }

    /// `(value, name=value, …)`: what a tag is given, or what a type is made of, such as `(18, 6)`.
    pub(super) fn arguments(&mut self) {
        self.trivia();
        self.start(SyntaxKind::ArgList);
        self.take();
        self.argument_items(false);
        if self.at(SyntaxKind::RParen) {
            self.take();
        }
        self.finish();
    }

    /// Arguments up to the closing bracket, or up to the end of the line.
    pub(super) fn argument_items(&mut self, one_line: bool) {
        loop {
            let next = if one_line { self.next_here() } else { self.next() };
            match next.map(|token| token.kind) {
                Some(SyntaxKind::RParen) | None => return,
                Some(SyntaxKind::Comma) => self.take(),
                Some(_) if self.ends_list(next) => return,
                Some(_) => {
                    self.trivia();
                    self.argument(one_line);
                }
            }
        }
    }

    /// Whether a list of arguments was cut off before this token.
    fn ends_list(&self, next: Option<super::Token>) -> bool {
        let Some(token) = next.filter(|token| token.line_start) else { return next.is_none() };
        let field = || self.kind == FileKind::Contract && begins_field(self.text.get(token.start as usize..).unwrap_or_default());
        Self::ends_body(next) || field()
    }

    fn argument(&mut self, one_line: bool) {
        self.start(SyntaxKind::Arg);
        let after = self.tokens.get(self.pos + 1..).unwrap_or_default().iter().take(2).find(|token| !token.kind.is_trivia());
        let named = self.at(SyntaxKind::Ident) && after.is_some_and(|token| token.kind == SyntaxKind::Eq) && !self.double_equals();
        if named {
            self.wrap(SyntaxKind::Name);
            self.take();
        }
        let mut depth = 0_usize;
        let mut empty = true;
        loop {
            let next = if one_line { self.next_here() } else { self.next() };
            let Some(token) = next.filter(|_| !self.ends_list(next)) else { break };
            match token.kind {
                SyntaxKind::Comma | SyntaxKind::RParen if depth == 0 => break,
                SyntaxKind::LParen | SyntaxKind::LBracket => depth += 1,
                SyntaxKind::RParen | SyntaxKind::RBracket => depth = depth.saturating_sub(1),
                _ => {}
            }
            if !empty && depth == 0 && token.kind == SyntaxKind::Ident && self.second_here(SyntaxKind::Eq) {
                self.missing("`,`", "arguments are parted by commas: `@tag(a=1, b=2)`");
                break;
            }
            self.trivia();
            if empty {
                self.start(SyntaxKind::Value);
                empty = false;
            }
            self.bump();
        }
        if empty {
            self.missing("a value", "an argument is `name=value`");
        } else {
            self.finish();
        }
        self.finish();
    }

    /// Whether `==` follows the next token.
    fn double_equals(&self) -> bool {
        let index = self.next_index() + 1;
        let kinds: Vec<SyntaxKind> = self.tokens.get(index..).unwrap_or_default().iter().take(3).map(|token| token.kind).collect();
        matches!(kinds.as_slice(), [SyntaxKind::Eq, SyntaxKind::Eq, ..] | [SyntaxKind::Whitespace, SyntaxKind::Eq, SyntaxKind::Eq])
    }
}

/// Whether a word between a tag and an expression is `when`, written slightly wrong.
fn near_when(word: &str) -> bool {
    word.len() > 2
        && word.len() < 6
        && !matches!(word, "as" | "otherwise")
        && strsim::damerau_levenshtein(&word.to_lowercase(), "when") <= 1
}
