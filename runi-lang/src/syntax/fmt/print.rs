//! One entry's text: arguments, types, signatures, sentences, tables. `None` where it has to stay as it stands.

use crate::syntax::{SyntaxKind, SyntaxNode, SyntaxToken};
use rowan::NodeOrToken;

/// Prints a node on one line; `None` when a line end or a comment stands in it, or when a character would get lost.
pub(super) fn one_line(node: &SyntaxNode) -> Option<String> {
    let mut out = String::new();
    for token in tokens(node)? {
        let text = token.text();
        let parent = token.parent().map_or(SyntaxKind::Error, |parent| parent.kind());
        let verbatim = matches!(parent, SyntaxKind::Value | SyntaxKind::Default);
        let glued = |out: &String| out.is_empty() || out.ends_with(['(', '<', '[', ' ']);
        let space = match token.kind() {
            SyntaxKind::Comma | SyntaxKind::RParen | SyntaxKind::Colon | SyntaxKind::Greater if !verbatim => false,
            SyntaxKind::LParen | SyntaxKind::Less if !verbatim => false,
            SyntaxKind::Eq if parent == SyntaxKind::Arg => false,
            SyntaxKind::Eq if !verbatim => true,
            SyntaxKind::Punct | SyntaxKind::Number if parent == SyntaxKind::VersionSuffix => false,
            _ if after_equals(&token) => false,
            _ if verbatim => blank_before(&token) || !inside_value(&token),
            _ => true,
        };
        if space && !glued(&out) {
            out.push(' ');
        }
        out.push_str(text);
    }
    same(&out, &node.text().to_string()).then_some(out)
}

/// Whether SQL stands in a tag: its blanks are not ours.
pub(super) fn has_body(tag: &SyntaxNode) -> bool {
    tag.descendants().any(|node| node.kind() == SyntaxKind::Body)
}

/// Whether two texts differ in blanks only.
pub(super) fn same(a: &str, b: &str) -> bool {
    let solid = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    solid(a) == solid(b)
}

fn tokens(node: &SyntaxNode) -> Option<Vec<SyntaxToken>> {
    let mut all = Vec::new();
    for token in node.descendants_with_tokens().filter_map(NodeOrToken::into_token) {
        match token.kind() {
            SyntaxKind::Newline | SyntaxKind::Comment | SyntaxKind::SqlComment => return None,
            SyntaxKind::Whitespace => {}
            _ => all.push(token),
        }
    }
    Some(all)
}

fn blank_before(token: &SyntaxToken) -> bool {
    token.prev_token().is_some_and(|token| token.kind() == SyntaxKind::Whitespace)
}

/// Whether the token before this one is in the same value.
fn inside_value(token: &SyntaxToken) -> bool {
    token.prev_sibling_or_token().is_some()
}

/// Whether this is the first token after the `=` of an argument.
fn after_equals(token: &SyntaxToken) -> bool {
    let before = std::iter::successors(token.prev_token(), SyntaxToken::prev_token).find(|token| !token.kind().is_trivia());
    before.is_some_and(|token| token.kind() == SyntaxKind::Eq && token.parent().is_some_and(|parent| parent.kind() == SyntaxKind::Arg))
}

/// A field's line in parts: name, type, tags, description.
pub(super) fn field(node: &SyntaxNode) -> Option<[String; 4]> {
    let mut parts: [String; 4] = Default::default();
    let [name, ty, tags, description] = &mut parts;
    for child in node.children() {
        let text = one_line(&child)?;
        match child.kind() {
            SyntaxKind::Name => *name = text,
            SyntaxKind::Type => *ty = text,
            SyntaxKind::Tag if description.is_empty() => {
                if !tags.is_empty() {
                    tags.push(' ');
                }
                tags.push_str(&text);
            }
            SyntaxKind::Description if description.is_empty() => *description = text,
            _ => return None,
        }
    }
    same(&parts.concat(), &node.text().to_string()).then_some(parts)
}

/// The rows of a table, columns aligned.
pub(super) fn table(node: &SyntaxNode) -> Option<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for row in node.children() {
        let mut cells = Vec::new();
        let mut open = false;
        let mut cell = None;
        for token in row.children_with_tokens().filter_map(NodeOrToken::into_token) {
            match token.kind() {
                SyntaxKind::Pipe => {
                    if open {
                        cells.push(cell.take().unwrap_or_default());
                    }
                    open = true;
                }
                SyntaxKind::Cell => cell = Some(token.text().to_owned()),
                SyntaxKind::Comment => return None,
                _ => {}
            }
        }
        if cell.is_some() {
            return None;
        }
        rows.push(cells);
    }
    // A comment between rows keeps the table as it stands.
    if node.children_with_tokens().filter_map(NodeOrToken::into_token).any(|token| token.kind() == SyntaxKind::Comment) {
        return None;
    }
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let print = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!(" {cell:<width$} |"));
        format!("|{}", cells.collect::<String>())
    };
    Some(rows.iter().map(print).collect())
}

/// A sentence, or the line above a table.
pub(super) fn narration(node: &SyntaxNode) -> Option<String> {
    let text = node.text().to_string();
    let word = node.first_token()?.text().to_owned();
    let rest = text.get(word.len()..)?.trim();
    Some(if rest.is_empty() { word } else { format!("{word} {rest}") })
}
