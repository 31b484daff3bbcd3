//! What lowering carries along, and how it looks at nodes.

use super::args::{self, TagNode};
use crate::diagnostic::{Diagnostic, Place};
pub(super) use crate::diagnostics::nearest_word as near;
use crate::diagnostics::syntax as codes;
use crate::model::{Spanned, Spans};
use crate::syntax::text::dedent;
use crate::syntax::{MAX_PROBLEMS, Parse, SyntaxKind, SyntaxNode, SyntaxToken};
use rowan::{TextRange, TextSize};
use rustc_hash::FxHashMap;

/// The file's path and its diagnostics so far.
pub(super) struct Context<'a> {
    path: &'a str,
    diagnostics: Vec<Diagnostic>,
    /// How many the parser found.
    parsed: usize,
    /// Where each of them begins, in order.
    broken: Vec<TextSize>,
    /// How many are not shown.
    more: usize,
    /// A tag with an argument that it does not have: what it lacks is not said too.
    pub(super) misnamed: Option<TextRange>,
}

impl<'a> Context<'a> {
    pub(super) fn new(path: &'a str, parse: &Parse) -> Self {
        let diagnostics: Vec<Diagnostic> = parse.problems.iter().cloned().map(|problem| problem.into_diagnostic(path)).collect();
        let parsed = diagnostics.len();
        let mut broken: Vec<TextSize> = parse.problems.iter().map(|problem| problem.range().start()).collect();
        broken.sort_unstable();
        Self { path, diagnostics, parsed, broken, more: 0, misnamed: None }
    }

    /// The parser's problems and at most as many again, with a count of the rest.
    pub(super) fn finish(mut self) -> Vec<Diagnostic> {
        if self.more > 0 {
            self.diagnostics.retain(|diagnostic| diagnostic.code != codes::TOO_MANY_PROBLEMS.id);
            self.diagnostics.push(codes::too_many_problems(Place::file(self.path), self.more));
        }
        self.diagnostics
    }

    pub(super) fn place(&self, range: TextRange) -> Place {
        Place::range(self.path, range)
    }

    /// Whether the parser reported something in this range: what it lacks then is not said too.
    pub(super) fn damaged(&self, range: TextRange) -> bool {
        let first = self.broken.partition_point(|start| *start < range.start());
        self.broken.get(first).is_some_and(|start| *start <= range.end())
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < self.parsed + MAX_PROBLEMS {
            self.diagnostics.push(diagnostic);
        } else {
            self.more += 1;
        }
    }

    pub(super) fn duplicate(&mut self, range: TextRange, what: &str, first: TextRange) {
        let diagnostic = codes::duplicate(self.place(range), what, self.place(first));
        self.report(diagnostic);
    }

    pub(super) fn misplaced(&mut self, tag: &TagNode, help: &str) {
        let diagnostic = codes::misplaced_tag(self.place(tag.name_range), &format!("@{}", tag.name), help);
        self.report(diagnostic);
    }

    pub(super) fn invalid(&mut self, value: &Spanned<String>, what: &str, wanted: &str) {
        let diagnostic = codes::invalid_value(self.place(value.range), what, &value.value, wanted);
        self.report(diagnostic);
    }

    /// Notes where an item stands. A second one of that key is reported and refused.
    pub(super) fn declare(&mut self, spans: &mut Spans, key: String, range: TextRange, what: &str) -> bool {
        match spans.get(&key) {
            Some(first) => {
                let name = key.rsplit('/').next().unwrap_or_default();
                self.duplicate(range, &format!("{what} `{name}`"), first);
                false
            }
            None => {
                spans.0.insert(key, range);
                true
            }
        }
    }
}

/// Where each word of a list was first seen.
#[derive(Default)]
pub(super) struct Seen(FxHashMap<String, TextRange>);

impl Seen {
    /// Notes a word; where it stood before, if it did.
    pub(super) fn again(&mut self, word: &str, range: TextRange) -> Option<TextRange> {
        match self.0.get(word) {
            Some(first) => Some(*first),
            None => {
                self.0.insert(word.to_owned(), range);
                None
            }
        }
    }
}

/// The first child of a kind.
pub(super) fn child(node: &SyntaxNode, kind: SyntaxKind) -> Option<SyntaxNode> {
    node.children().find(|child| child.kind() == kind)
}

/// The tokens right below a node that mean something.
pub(super) fn tokens(node: &SyntaxNode) -> impl Iterator<Item = SyntaxToken> {
    node.children_with_tokens().filter_map(rowan::NodeOrToken::into_token).filter(|token| !token.kind().is_trivia())
}

/// The name below a node.
pub(super) fn name(node: &SyntaxNode) -> Option<Spanned<String>> {
    let token = child(node, SyntaxKind::Name)?.first_token()?;
    Some(Spanned::new(crate::syntax::text::unquote(token.text()), token.text_range()))
}

/// The title below a node.
pub(super) fn title(node: &SyntaxNode) -> Option<Spanned<String>> {
    let title = child(node, SyntaxKind::Title)?;
    Some(Spanned::new(title.text().to_string(), title.text_range()))
}

/// The docstring right below a node.
pub(super) fn doc(node: &SyntaxNode) -> String {
    tokens(node).find(|token| token.kind() == SyntaxKind::Docstring).map_or(String::new(), |token| dedent(token.text()))
}

/// The tags right below a node.
pub(super) fn tags(node: &SyntaxNode) -> Vec<TagNode> {
    node.children().filter(|child| child.kind() == SyntaxKind::Tag).filter_map(|child| args::tag(&child)).collect()
}
