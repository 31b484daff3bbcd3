//! The one canonical layout.
//!
//! Works on the lines of a tree: each tag, field, sentence and table is an entry with the comments above and behind
//! it. Entries move to their indentation; `@when`, `@then`, `@do` are put in this order; columns are aligned. SQL,
//! prose and docstrings only shift. What the parser complained about stays as it is.
//!
//! Two guards make a loss impossible: an entry that would lose a character is printed as it stands, and a result that
//! does not hold exactly the tokens of the original is thrown away.

mod entry;
mod layout;
mod print;

use super::{FileKind, SyntaxKind, SyntaxNode, parse};
use rowan::NodeOrToken;

/// The canonical form of a text. Formatting it again changes nothing.
#[must_use]
pub fn format(text: &str, kind: FileKind) -> String {
    let parsed = parse(text, kind);
    let tree = parsed.syntax();
    if tree.text_range().len() < rowan::TextSize::of(text) {
        return text.to_owned();
    }
    let result = layout::print(entry::entries(&tree, &parsed.problems));
    let again = parse(&result, kind);
    if again.problems.len() == parsed.problems.len() && tokens(&again.syntax()) == tokens(&tree) { result } else { text.to_owned() }
}

/// Every token that means something, with the node that it is in; the order is left out, because tags may move.
fn tokens(tree: &SyntaxNode) -> Vec<(SyntaxKind, SyntaxKind, String)> {
    let mut tokens: Vec<_> = tree
        .descendants_with_tokens()
        .filter_map(NodeOrToken::into_token)
        .filter(|token| !matches!(token.kind(), SyntaxKind::Whitespace | SyntaxKind::Newline))
        .map(|token| {
            // Shifting a docstring or a long comment changes the blanks in it; comments may end up in another node.
            let text = match token.kind() {
                SyntaxKind::Docstring | SyntaxKind::SqlComment => token.text().split_whitespace().collect::<Vec<_>>().join(" "),
                _ => token.text().trim_end().to_owned(),
            };
            let parent = token.parent().filter(|_| token.kind() != SyntaxKind::Comment).map_or(SyntaxKind::Root, |node| node.kind());
            (parent, token.kind(), text)
        })
        .collect();
    tokens.sort();
    tokens
}
