//! A tree as a list of entries: what stands on lines of its own, with its comments.

use crate::syntax::{Problem, SyntaxKind, SyntaxNode, SyntaxToken};
use rowan::{NodeOrToken, TextRange};

/// A comment on a line of its own.
pub(super) struct Comment {
    pub(super) blank_before: bool,
    pub(super) text: String,
    /// Whether it was indented.
    pub(super) indented: bool,
}

/// What an entry is, as far as layout cares.
pub(super) enum Shape {
    /// Printed as it stands, indentation included.
    Broken,
    /// The keyword's line of an item; tags above it are entries of their own.
    Header(SyntaxNode),
    /// A docstring.
    Docstring,
    /// Any line that is a node.
    Node(SyntaxNode),
    /// `become`.
    Word,
}

/// One entry.
pub(super) struct Entry {
    pub(super) shape: Shape,
    /// Blanks before it, in characters.
    pub(super) indent: usize,
    pub(super) comments: Vec<Comment>,
    pub(super) blank_before: bool,
    /// The text as it stands, from its first to its last character.
    pub(super) raw: String,
    /// The column at which it stood.
    pub(super) column: usize,
    /// A comment behind it on its last line.
    pub(super) trailing: Option<String>,
    /// Whether it begins an item: a blank line stands before it.
    pub(super) begins_item: bool,
}

/// The entries of a file; the last one may have comments only.
pub(super) fn entries(root: &SyntaxNode, problems: &[Problem]) -> Vec<Entry> {
    let mut ranges: Vec<TextRange> = problems.iter().map(Problem::range).collect();
    ranges.sort_by_key(|range| range.start());
    let mut walk = Walk { problems: ranges, entries: Vec::new(), comments: Vec::new(), newlines: 1, column: 0, end: 0, fresh: true };
    walk.node(root, SyntaxKind::Root);
    let rest = std::mem::take(&mut walk.comments);
    if !rest.is_empty() {
        walk.entries.push(Entry {
            shape: Shape::Word,
            indent: 0,
            comments: rest,
            blank_before: false,
            raw: String::new(),
            column: 0,
            trailing: None,
            begins_item: false,
        });
    }
    walk.entries
}

struct Walk {
    problems: Vec<TextRange>,
    entries: Vec<Entry>,
    comments: Vec<Comment>,
    /// Line ends since the last thing that was no blank.
    newlines: usize,
    /// Characters since the last line end.
    column: usize,
    /// The column at which the last entry ended.
    end: usize,
    /// Whether nothing but blanks stands before this place on its line.
    fresh: bool,
}

impl Walk {
    fn node(&mut self, node: &SyntaxNode, item: SyntaxKind) {
        let header_end = header_range(node).map(|range| range.end());
        let mut above = true;
        let mut step = false;
        // Whether the last line names the table that follows.
        let mut named = false;
        for child in node.children_with_tokens() {
            let in_header = header_end.is_some_and(|end| child.text_range().end() <= end);
            match child {
                NodeOrToken::Token(token) if in_header && !is_keyword(&token) && !above => {}
                NodeOrToken::Token(token) if token.kind().is_trivia() => self.trivia(&token),
                NodeOrToken::Token(token) if is_keyword(&token) => {
                    let first = node.children().next().is_none_or(|tag| tag.text_range().start() > token.text_range().start());
                    above = false;
                    let indent = if node.kind() == SyntaxKind::Examples { 2 } else { 0 };
                    let text = header_text(node);
                    let range = header_range(node).unwrap_or(token.text_range());
                    let begins = first && node.kind() != SyntaxKind::Examples;
                    self.entry(Shape::Header(node.clone()), indent, text, range, begins);
                }
                NodeOrToken::Token(token) if token.kind() == SyntaxKind::Docstring => {
                    self.entry(Shape::Docstring, 2, token.text().to_owned(), token.text_range(), false);
                }
                NodeOrToken::Token(token) => self.entry(Shape::Word, 4, token.text().to_owned(), token.text_range(), false),
                NodeOrToken::Node(_) if in_header && !above => {}
                NodeOrToken::Node(child) => match child.kind() {
                    kind @ (SyntaxKind::Feature | SyntaxKind::Contract | SyntaxKind::Scenario | SyntaxKind::StepDef) => {
                        self.node(&child, kind);
                    }
                    SyntaxKind::Examples => self.node(&child, SyntaxKind::Examples),
                    kind => {
                        let indent = match (kind, item) {
                            (_, SyntaxKind::Root) => None,
                            (SyntaxKind::Error, _) => None,
                            (SyntaxKind::Tag, _) if above => Some(0),
                            (SyntaxKind::Tag, SyntaxKind::Scenario) => {
                                let name = tag_name(&child);
                                if step && is_body(&name) { Some(4) } else { Some(2) }
                            }
                            (SyntaxKind::Table, SyntaxKind::Examples) if named => Some(6),
                            (_, SyntaxKind::Examples) => Some(4),
                            _ => Some(2),
                        };
                        named = kind == SyntaxKind::TableName;
                        if kind == SyntaxKind::Tag && !above {
                            let name = tag_name(&child);
                            step = name == "step" || step && is_body(&name);
                        }
                        let begins =
                            above && kind == SyntaxKind::Tag && node.first_child().as_ref() == Some(&child) && item != SyntaxKind::Root;
                        let shape = if indent.is_none() { Shape::Broken } else { Shape::Node(child.clone()) };
                        self.entry(shape, indent.unwrap_or(0), child.text().to_string(), child.text_range(), begins);
                    }
                },
            }
        }
    }

    fn trivia(&mut self, token: &SyntaxToken) {
        match token.kind() {
            SyntaxKind::Newline => {
                self.newlines += 1;
                self.column = 0;
                self.fresh = true;
            }
            SyntaxKind::Comment if self.newlines == 0 && self.comments.is_empty() && !self.entries.is_empty() => {
                if let Some(entry) = self.entries.last_mut() {
                    entry.trailing = Some(token.text().trim_end().to_owned());
                }
            }
            SyntaxKind::Comment => {
                let blank_before = self.newlines > 1;
                let text = token.text().trim_end().to_owned();
                self.comments.push(Comment { blank_before, text, indented: self.column > 0 });
                self.newlines = 0;
            }
            _ => self.column += token.text().trim_start_matches('\u{feff}').chars().count(),
        }
    }

    fn entry(&mut self, shape: Shape, indent: usize, raw: String, range: TextRange, begins_item: bool) {
        let broken = self.is_broken(range) || matches!(shape, Shape::Broken);
        let (column, fresh) = (self.column, self.fresh);
        self.fresh = false;
        match raw.rfind('\n') {
            Some(at) => self.column = raw.get(at + 1..).unwrap_or_default().chars().count(),
            None => self.column += raw.chars().count(),
        }
        let gap = column.saturating_sub(std::mem::replace(&mut self.end, self.column));
        if broken
            && !fresh
            && let Some(entry) = self.entries.last_mut()
        {
            // It has to stay on its line, and so does what stands before it.
            entry.raw.push_str(&" ".repeat(gap));
            entry.raw.push_str(&raw);
            entry.shape = Shape::Broken;
            return;
        }
        self.entries.push(Entry {
            shape: if broken { Shape::Broken } else { shape },
            indent,
            comments: std::mem::take(&mut self.comments),
            blank_before: self.newlines > 1,
            raw,
            column,
            trailing: None,
            begins_item,
        });
        self.newlines = 0;
    }

    /// Whether a problem touches a range.
    fn is_broken(&self, range: TextRange) -> bool {
        let after = self.problems.partition_point(|problem| problem.start() <= range.end());
        self.problems.get(..after).unwrap_or_default().iter().any(|problem| problem.end() >= range.start())
    }
}

fn is_keyword(token: &SyntaxToken) -> bool {
    token.kind().is_keyword()
}

pub(super) fn tag_name(tag: &SyntaxNode) -> String {
    tag.first_token().map_or(String::new(), |token| token.text().trim_start_matches('@').to_owned())
}

/// Whether a tag belongs to the body of a step.
fn is_body(name: &str) -> bool {
    matches!(name, "when" | "then" | "do" | "on_fail" | "contract")
}

/// From the keyword of an item to the end of its line's parts.
fn header_range(node: &SyntaxNode) -> Option<TextRange> {
    let keyword = node.children_with_tokens().filter_map(NodeOrToken::into_token).find(is_keyword)?;
    let mut range = keyword.text_range();
    let start = range.start();
    for child in node.children().filter(|child| child.text_range().start() >= start) {
        match child.kind() {
            SyntaxKind::Title
            | SyntaxKind::Name
            | SyntaxKind::VersionSuffix
            | SyntaxKind::ParamList
            | SyntaxKind::Needs
            | SyntaxKind::Gives
            | SyntaxKind::ArgList => range = range.cover(child.text_range()),
            _ => break,
        }
    }
    Some(range)
}

fn header_text(node: &SyntaxNode) -> String {
    let Some(range) = header_range(node) else { return String::new() };
    node.text().slice(range - node.text_range().start()).to_string()
}
