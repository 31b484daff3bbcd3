//! Features, contracts, scenarios and steps, and the lines inside them.

use super::Parser;
use crate::diagnostics::syntax as codes;
use crate::syntax::FileKind;
use crate::syntax::kind::SyntaxKind;
use crate::syntax::tags::{Home, of};
use crate::types::NAMES;
use rowan::TextRange;

const NO_LINE: &str = "this line is neither a tag nor narration";

const EXAMPLES_HELP: &str = "put `Examples:` under the `Step:` or `Scenario:` that they show";

impl Parser<'_> {
    pub(super) fn root(&mut self) {
        self.start(SyntaxKind::Root);
        while let Some(token) = self.next() {
            self.trivia();
            match token.kind {
                SyntaxKind::FeatureKw => self.item(SyntaxKind::Feature, SyntaxKind::FeatureKw),
                SyntaxKind::ContractKw => self.item(SyntaxKind::Contract, SyntaxKind::ContractKw),
                SyntaxKind::ScenarioKw => self.item(SyntaxKind::Scenario, SyntaxKind::ScenarioKw),
                SyntaxKind::StepKw => self.item(SyntaxKind::StepDef, SyntaxKind::StepKw),
                SyntaxKind::TagName => match self.item_below() {
                    Some(SyntaxKind::ScenarioKw) => self.item(SyntaxKind::Scenario, SyntaxKind::ScenarioKw),
                    Some(_) => self.item(SyntaxKind::StepDef, SyntaxKind::StepKw),
                    None => {
                        let (range, word) = (self.range_of(Some(token)), self.token_text(token));
                        let help = match word {
                            "@module" | "@herd" => "it stands right above a scenario or a step",
                            _ => "a tag stands under the item that it describes",
                        };
                        self.problem(|place| codes::misplaced_tag(place, word, help), range);
                        self.tag(SyntaxKind::Root);
                    }
                },
                SyntaxKind::ExamplesKw => {
                    let range = self.range_of(Some(token));
                    self.problem(|place| codes::unexpected_text(place, "examples outside a step or scenario", EXAMPLES_HELP), range);
                    self.examples();
                }
                _ => self.unexpected_run("text before the first item", self.first_item()),
            }
        }
        self.trivia();
        self.finish();
    }

    fn first_item(&self) -> &'static str {
        match self.kind {
            FileKind::Contract => "a contract file begins with `Contract: Name`",
            FileKind::Feature => "a feature file begins with `Feature: name`, a scenario with `Scenario: name`",
        }
    }

    fn item(&mut self, node: SyntaxKind, keyword: SyntaxKind) {
        self.start(node);
        while self.at(SyntaxKind::TagName) {
            self.trivia();
            self.tag(SyntaxKind::Root);
        }
        let wrong = (keyword == SyntaxKind::ContractKw) != (self.kind == FileKind::Contract);
        if wrong {
            let token = self.next();
            let word = token.map_or("", |token| self.token_text(token));
            let range = self.range_of(token);
            self.problem(|place| codes::wrong_file(place, word), range);
        }
        self.take();
        match keyword {
            SyntaxKind::ContractKw => self.contract_name(),
            SyntaxKind::StepKw => self.signature(),
            _ => self.title(),
        }
        self.lines(node);
        self.finish();
    }

    /// The prose after a keyword.
    pub(super) fn title(&mut self) {
        if self.here(SyntaxKind::Prose) {
            self.wrap(SyntaxKind::Title);
        } else {
            self.missing("a name", "write what it is about, on the same line");
        }
    }

    fn contract_name(&mut self) {
        if self.here(SyntaxKind::Ident) {
            self.wrap(SyntaxKind::Name);
            if self.next_here().is_some() {
                self.unexpected("text after the contract's name", "a contract's name is one word of letters, digits and `_`");
            }
        } else if self.next_here().is_some() {
            self.unexpected("this is not a contract's name", "a contract's name is one word of letters, digits and `_`");
        } else {
            let range = self.gap();
            self.problem(codes::contract_name_missing, range);
        }
    }

    /// What belongs to an item, up to the next one.
    fn lines(&mut self, node: SyntaxKind) {
        let mut documented = false;
        while let Some(token) = self.next() {
            let ends = token.kind.is_keyword() && token.kind != SyntaxKind::ExamplesKw;
            if ends || token.kind == SyntaxKind::TagName && self.item_below().is_some() {
                return;
            }
            self.trivia();
            match token.kind {
                SyntaxKind::TagName => self.tag(node),
                SyntaxKind::Docstring if !documented => {
                    documented = true;
                    self.bump();
                }
                SyntaxKind::Docstring => self.unexpected("a second docstring", "an item has one docstring, right under its name"),
                SyntaxKind::NarrationKw if node == SyntaxKind::Scenario => self.narration(SyntaxKind::Narration),
                SyntaxKind::NarrationKw => self.unexpected("narration outside a scenario", "narration belongs under a `Scenario:`"),
                SyntaxKind::ExamplesKw if matches!(node, SyntaxKind::Scenario | SyntaxKind::StepDef) => self.examples(),
                SyntaxKind::ExamplesKw => {
                    let range = self.range_of(Some(token));
                    self.problem(|place| codes::unexpected_text(place, "examples outside a step or scenario", EXAMPLES_HELP), range);
                    self.examples();
                }
                SyntaxKind::Ident | SyntaxKind::DoubleQuoted if node == SyntaxKind::Contract && token.line_start => self.field(),
                _ if self.tag_without_at().is_some() => {
                    let help = format!("did you mean the tag `@{}`?", self.tag_without_at().unwrap_or_default());
                    self.unexpected(NO_LINE, &help);
                }
                _ if node == SyntaxKind::Feature => {
                    self.unexpected_run(NO_LINE, "begin with `Scenario:` or `Step:`; prose stands in a docstring");
                }
                _ => self.unexpected(
                    NO_LINE,
                    match node {
                        SyntaxKind::Contract => "a contract holds fields (`name type @tags`) and tags",
                        _ => "begin the line with a tag (`@step(…)`) or with `Given`, `When`, `Then`, `And` or `But`",
                    },
                ),
            }
        }
    }

    /// A line of prose with its code spans.
    pub(super) fn narration(&mut self, node: SyntaxKind) {
        self.start(node);
        self.take();
        while self.next_here().is_some_and(|token| matches!(token.kind, SyntaxKind::Prose | SyntaxKind::CodeSpan)) {
            self.take();
        }
        self.finish();
    }

    /// Whether a field's line begins with a type, so that its name is what is missing.
    fn is_type_alone(&self, word: &str) -> bool {
        let mut after = self.tokens.get(self.next_index() + 1..).unwrap_or_default().iter();
        let second = after.find(|token| !token.kind.is_trivia()).filter(|token| !token.line_start);
        let ends = [SyntaxKind::TagName, SyntaxKind::DoubleQuoted, SyntaxKind::LParen, SyntaxKind::Less];
        NAMES.contains(&word) && second.is_none_or(|token| ends.contains(&token.kind))
    }

    /// A field's line without the name: all of it is set aside, and one thing said.
    fn nameless_field(&mut self) {
        let start = TextRange::empty(self.range_of(self.next()).start());
        self.trivia();
        self.start(SyntaxKind::Error);
        self.take();
        while self.next_here().is_some() {
            self.take();
        }
        self.finish();
        self.problem(codes::field_name_missing, start);
    }

    /// `name type @tag … "description"`.
    fn field(&mut self) {
        let word = self.next().map_or("", |token| self.token_text(token));
        let tag = of(Home::Contract).any(|tag| tag == word);
        if tag && (self.second_here(SyntaxKind::LParen) || self.second_here(SyntaxKind::DoubleQuoted)) {
            self.unexpected("this is no part of a field", &format!("did you mean the tag `@{word}`?"));
            return;
        }
        if self.is_type_alone(word) {
            self.nameless_field();
            return;
        }
        self.start(SyntaxKind::Field);
        self.wrap(SyntaxKind::Name);
        if self.here(SyntaxKind::Colon) {
            let range = self.range_of(self.next());
            self.problem(codes::colon_after_name, range);
            self.take();
        }
        let sign = self.next_here().filter(|token| matches!(token.kind, SyntaxKind::Eq | SyntaxKind::Punct | SyntaxKind::Comma));
        if let Some(sign) = sign.filter(|_| self.second_here(SyntaxKind::Ident)) {
            let range = self.range_of(Some(sign));
            self.problem(codes::sign_before_type, range);
            self.trivia();
            self.start(SyntaxKind::Error);
            self.bump();
            self.finish();
        }
        if self.here(SyntaxKind::Ident) {
            self.data_type();
        } else if self.next_here().is_none_or(|token| matches!(token.kind, SyntaxKind::TagName | SyntaxKind::DoubleQuoted)) {
            let range = self.gap();
            self.problem(|place| codes::expected(place, "the field's type", "a field is `name type`, such as `id string`"), range);
        } else {
            self.unexpected("this is no part of a field", "a field is `name type`, then its tags and its description");
        }
        while let Some(token) = self.next_here() {
            match token.kind {
                SyntaxKind::TagName => {
                    self.trivia();
                    self.tag(SyntaxKind::Field);
                }
                SyntaxKind::DoubleQuoted => self.wrap(SyntaxKind::Description),
                _ => self.unexpected(
                    "this is no part of a field",
                    "after its type a field has tags (`@required`) and a description in double quotes",
                ),
            }
        }
        self.finish();
    }
}
