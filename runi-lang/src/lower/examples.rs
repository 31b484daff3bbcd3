//! `Examples:` blocks.

use super::args::arguments;
use super::context::{Context, Seen, child, title, tokens};
use super::sql::inside;
use crate::diagnostics::syntax as codes;
use crate::model::{Args, Examples, Spanned, Table, TableRow};
use crate::syntax::text::{unquote, without_comment};
use crate::syntax::{SyntaxKind, SyntaxNode, SyntaxToken};
use rowan::{NodeOrToken, TextRange, TextSize};

/// The examples of an item.
pub(super) fn of(cx: &mut Context<'_>, item: &SyntaxNode) -> Vec<Examples> {
    let mut all: Vec<Examples> = Vec::new();
    let mut seen = Seen::default();
    for node in item.children().filter(|child| child.kind() == SyntaxKind::Examples) {
        let Some(examples) = block(cx, &node) else { continue };
        if let Some(first) = seen.again(&examples.title.value, examples.title.range) {
            cx.duplicate(examples.title.range, &format!("the example \"{}\"", examples.title.value), first);
        }
        all.push(examples);
    }
    all
}

fn block(cx: &mut Context<'_>, node: &SyntaxNode) -> Option<Examples> {
    let title = title(node)?;
    let args = child(node, SyntaxKind::ArgList).map_or_else(Args::default, |list| arguments(&list));
    cx.repeated_args(&args);
    let (mut input, mut output): (Vec<Table>, Vec<Table>) = (Vec::new(), Vec::new());
    let mut outputs = false;
    let mut name: Option<Spanned<String>> = None;
    for part in node.children_with_tokens() {
        match part {
            NodeOrToken::Token(token) if token.kind() == SyntaxKind::BecomeKw => outputs = true,
            NodeOrToken::Node(line) if line.kind() == SyntaxKind::TableName => {
                let parts: Vec<SyntaxToken> = tokens(&line).collect();
                match parts.first().map(|word| word.text().to_owned()).as_deref() {
                    Some("Given") => outputs = false,
                    Some("Then") => outputs = true,
                    _ => {}
                }
                name = table_name(parts.get(1..).unwrap_or_default());
            }
            NodeOrToken::Node(rows) if rows.kind() == SyntaxKind::Table => {
                let Some(table) = table(cx, &rows, name.take()) else { continue };
                let side = if outputs { &mut output } else { &mut input };
                if let Some(first) = side.iter().find(|other| names_equal(other, &table)) {
                    let first = first.name.as_ref().map_or(first.range, |name| name.range);
                    cx.duplicate(table.name.as_ref().map_or(table.range, |name| name.range), "the table", first);
                    continue;
                }
                side.push(table);
            }
            _ => {}
        }
    }
    let missing = match (input.is_empty(), output.is_empty()) {
        (true, _) => Some(("the example has no rows in", "write a table of rows under the title")),
        (_, true) => Some(("the example has no rows out", "write `become` and a table of rows below the rows in")),
        _ => None,
    };
    if let Some((what, help)) = missing.filter(|_| !cx.damaged(node.text_range())) {
        let diagnostic = codes::incomplete_example(cx.place(title.range), what, help);
        cx.report(diagnostic);
    }
    Some(Examples { title, args, input, output, range: node.text_range() })
}

fn names_equal(a: &Table, b: &Table) -> bool {
    a.name.as_ref().map(|name| &name.value) == b.name.as_ref().map(|name| &name.value)
}

/// The code span of the line, its quoted text, or all of it.
fn table_name(parts: &[SyntaxToken]) -> Option<Spanned<String>> {
    if let Some(span) = parts.iter().find(|token| token.kind() == SyntaxKind::CodeSpan) {
        let name = inside(span);
        return Some(Spanned::new(name.text, name.range));
    }
    let prose = parts.first()?;
    // A comment may stand after the name, unless the name is quoted.
    let text = if prose.text().starts_with('"') { prose.text() } else { without_comment(prose.text()) };
    Some(Spanned::new(unquote(text), TextRange::at(prose.text_range().start(), TextSize::of(text))))
}

fn table(cx: &mut Context<'_>, node: &SyntaxNode, name: Option<Spanned<String>>) -> Option<Table> {
    let mut lines = node.children().filter(|child| child.kind() == SyntaxKind::TableRow);
    let first = lines.next()?;
    let mut header: Vec<Spanned<String>> = Vec::new();
    let mut seen = Seen::default();
    for cell in cells(&first) {
        let column = Spanned::new(cell.value.unwrap_or_default(), cell.range);
        if column.value.is_empty() {
            let diagnostic = codes::expected(cx.place(column.range), "the column's name", "the first row of a table names its columns");
            cx.report(diagnostic);
        } else if let Some(first) = seen.again(&column.value, column.range) {
            cx.duplicate(column.range, &format!("the column `{}`", column.value), first);
        }
        header.push(column);
    }
    let mut rows = Vec::new();
    for line in lines {
        let row = TableRow { cells: cells(&line), range: line.text_range() };
        if row.cells.len() == header.len() {
            rows.push(row);
        } else {
            let diagnostic = codes::table_width(cx.place(row.range), row.cells.len(), header.len(), cx.place(first.text_range()));
            cx.report(diagnostic);
        }
    }
    Some(Table { name, header, rows, range: node.text_range() })
}

/// What stands between the pipes; text after the last pipe is a cell too.
fn cells(row: &SyntaxNode) -> Vec<Spanned<Option<String>>> {
    let mut cells = Vec::new();
    let mut open: Option<TextRange> = None;
    let mut cell = None;
    for token in tokens(row) {
        if token.kind() == SyntaxKind::Pipe {
            if let Some(start) = open {
                let empty = || Spanned::new(None, TextRange::new(start.end(), token.text_range().start()));
                cells.push(cell.take().unwrap_or_else(empty));
            }
            open = Some(token.text_range());
        } else {
            let text = token.text();
            let quoted = text.len() > 1 && text.starts_with('"') && text.ends_with('"');
            let value = if quoted { Some(unquote(text)) } else { (text != "null").then(|| text.to_owned()) };
            cell = Some(Spanned::new(value, token.text_range()));
        }
    }
    cells.extend(cell);
    cells
}
