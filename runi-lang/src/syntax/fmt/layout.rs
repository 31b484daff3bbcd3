//! Entries to text: order, alignment, indentation, blank lines.

use super::entry::{Entry, Shape, tag_name};
use super::print;
use crate::syntax::{SyntaxKind, SyntaxNode};

/// Types wider than this do not push the other fields' tags to the right.
const WIDEST_TYPE: usize = 16;

/// A tag with a body, in parts.
struct Bodied {
    /// `@when`, with its arguments.
    head: String,
    /// `"title":`, or nothing.
    title: String,
    body: String,
    /// The column at which the body stood.
    column: usize,
}

/// What is printed for an entry.
enum Text {
    /// Lines, the first one without indentation.
    Ready(String),
    Field([String; 4]),
    Bodied(Bodied),
}

/// The canonical text of some entries.
pub(super) fn print(mut entries: Vec<Entry>) -> String {
    order(&mut entries);
    let texts: Vec<Text> = entries.iter().map(text).collect();
    let mut lines: Vec<String> = vec![String::new(); entries.len()];
    let mut index = 0;
    while index < entries.len() {
        let end = run_end(&texts, &entries, index);
        let (Some(group), Some(owners), Some(out)) = (texts.get(index..end), entries.get(index..end), lines.get_mut(index..end)) else {
            break;
        };
        align(group, owners, out);
        index = end;
    }
    assemble(&entries, &lines)
}

/// Puts `@when`, `@then`, `@do` of one step into this order, each with its comments.
fn order(entries: &mut [Entry]) {
    let rank = |entry: &Entry| match &entry.shape {
        Shape::Node(node) if node.kind() == SyntaxKind::Tag => match tag_name(node).as_str() {
            "when" => Some(0),
            "then" => Some(1),
            "do" => Some(2),
            "on_fail" | "contract" if entry.indent == 4 => Some(3),
            _ => None,
        },
        _ => None,
    };
    let mut start = 0;
    while start < entries.len() {
        let length = entries.iter().skip(start).take_while(|entry| rank(entry).is_some()).count();
        if let Some(run) = entries.get_mut(start..start + length) {
            let blanks: Vec<bool> = run.iter().map(|entry| entry.blank_before).collect();
            run.sort_by_key(rank);
            for (entry, blank) in run.iter_mut().zip(blanks) {
                entry.blank_before = blank;
            }
        }
        start += length.max(1);
    }
}

fn text(entry: &Entry) -> Text {
    let ready = match &entry.shape {
        Shape::Broken => Some(entry.raw.clone()),
        Shape::Word => Some(entry.raw.trim().to_owned()),
        Shape::Docstring => None,
        Shape::Header(node) => header(node, &entry.raw),
        Shape::Node(node) => match node.kind() {
            SyntaxKind::Field => match print::field(node) {
                Some(parts) => return Text::Field(parts),
                None => None,
            },
            SyntaxKind::Tag => match bodied(node, entry) {
                Some(parts) => return Text::Bodied(parts),
                None if print::has_body(node) => None,
                None => print::one_line(node),
            },
            SyntaxKind::Narration | SyntaxKind::TableName => print::narration(node),
            SyntaxKind::Table => print::table(node).map(|rows| rows.join(&format!("\n{}", " ".repeat(entry.indent)))),
            _ => None,
        },
    };
    Text::Ready(ready.unwrap_or_else(|| shift(&entry.raw, entry.column, entry.indent, matches!(entry.shape, Shape::Docstring))))
}

fn header(node: &SyntaxNode, raw: &str) -> Option<String> {
    let mut out = String::new();
    let mut started = false;
    for child in node.children_with_tokens() {
        let text = match child {
            rowan::NodeOrToken::Token(token) if token.kind().is_keyword() => {
                started = true;
                token.text().to_owned()
            }
            rowan::NodeOrToken::Token(token) if started && token.kind() == SyntaxKind::Ident => token.text().to_owned(),
            rowan::NodeOrToken::Node(part) if started => match part.kind() {
                SyntaxKind::Title => part.text().to_string(),
                SyntaxKind::Name | SyntaxKind::Needs | SyntaxKind::Gives | SyntaxKind::ArgList => print::one_line(&part)?,
                SyntaxKind::VersionSuffix | SyntaxKind::ParamList => {
                    out.push_str(&print::one_line(&part)?);
                    continue;
                }
                _ => break,
            },
            rowan::NodeOrToken::Token(token) if started && !token.kind().is_trivia() => break,
            _ => continue,
        };
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&text);
    }
    (!raw.contains('\n') && print::same(&out, raw)).then_some(out)
}

/// The parts of a tag that ends with a body.
fn bodied(tag: &SyntaxNode, entry: &Entry) -> Option<Bodied> {
    let mut parts = Bodied { head: String::new(), title: String::new(), body: String::new(), column: 0 };
    let mut route = None;
    for child in tag.children() {
        match child.kind() {
            SyntaxKind::ArgList => parts.head.push_str(&print::one_line(&child)?),
            SyntaxKind::TagTitle => parts.title = format!("{}:", child.text()),
            SyntaxKind::Body => route = Some(child),
            SyntaxKind::Route => {
                route = child.children().find(|part| part.kind() == SyntaxKind::Body);
                parts.title = "when".to_owned();
            }
            _ => return None,
        }
    }
    let body = route?;
    let name = tag.first_token()?.text().to_owned();
    parts.head = format!("{name}{}", parts.head);
    parts.body = body.text().to_string();
    let start = usize::from(body.text_range().start() - tag.text_range().start());
    let before = entry.raw.get(..start)?;
    parts.column = match before.rsplit_once('\n') {
        Some((_, line)) => line.chars().count(),
        None => entry.column + before.chars().count(),
    };
    let whole = format!("{}{}{}", parts.head, parts.title, parts.body);
    (!before.contains('#') && print::same(&whole, &entry.raw)).then_some(parts)
}

/// Where the run of entries ends that are aligned together.
fn run_end(texts: &[Text], entries: &[Entry], start: usize) -> usize {
    let indent = entries.get(start).map(|entry| entry.indent);
    let same = |index: usize| match (texts.get(start), texts.get(index)) {
        (Some(Text::Field(_)), Some(Text::Field(_))) => true,
        (Some(Text::Bodied(first)), Some(Text::Bodied(other))) => {
            is_promise(first) && is_promise(other) || is_rule(first) && first.head == other.head
        }
        _ => false,
    };
    let follows = |index: usize| same(index) && entries.get(index).map(|entry| entry.indent) == indent;
    (start + 1..texts.len()).find(|index| !follows(*index)).unwrap_or(texts.len())
}

fn is_promise(tag: &Bodied) -> bool {
    matches!(tag.head.as_str(), "@when" | "@then" | "@do")
}

fn is_rule(tag: &Bodied) -> bool {
    tag.head.starts_with("@rule") || tag.head.starts_with("@assert")
}

fn width(text: &str) -> usize {
    text.chars().count()
}

fn align(texts: &[Text], entries: &[Entry], out: &mut [String]) {
    let fields = || texts.iter().filter_map(|text| if let Text::Field(parts) = text { Some(parts) } else { None });
    let tags = || texts.iter().filter_map(|text| if let Text::Bodied(parts) = text { Some(parts) } else { None });
    let names = fields().map(|[name, ..]| width(name)).max().unwrap_or(0);
    let types = fields().map(|[_, ty, ..]| width(ty)).filter(|width| *width <= WIDEST_TYPE).max().unwrap_or(0);
    let labels = fields().filter(|parts| !parts[3].is_empty()).map(|[_, _, tags, _]| width(tags)).max().unwrap_or(0);
    let heads = tags().filter(|tag| is_promise(tag)).map(|_| "@when".len()).max().unwrap_or(0);
    let titles = tags().map(|tag| width(&tag.title)).max().unwrap_or(0);
    for ((text, entry), out) in texts.iter().zip(entries).zip(out) {
        *out = match text {
            Text::Ready(text) => text.clone(),
            Text::Field([name, ty, tags, description]) => {
                let mut line = format!("{name:<names$}  {ty:<types$}");
                if !tags.is_empty() || !description.is_empty() {
                    line.push_str("  ");
                    line.push_str(tags);
                }
                if !description.is_empty() {
                    let gap = labels.saturating_sub(width(tags)) + if labels == 0 { 0 } else { 2 };
                    line.push_str(&" ".repeat(gap));
                    line.push_str(description);
                }
                line.trim_end().to_owned()
            }
            Text::Bodied(tag) => {
                let heads = if is_promise(tag) { heads } else { 0 };
                let mut line = format!("{:<heads$} ", tag.head);
                if !tag.title.is_empty() {
                    line.push_str(&tag.title);
                    line.push_str(&" ".repeat(titles.saturating_sub(width(&tag.title)) + 1));
                }
                let column = entry.indent + width(&line);
                line.push_str(&shift(&tag.body, tag.column, column, false));
                line
            }
        };
    }
}

/// Moves the lines after the first as the first one moves. `whole`: all of them, or none.
fn shift(text: &str, from: usize, to: usize, whole: bool) -> String {
    let blanks = |line: &str| line.chars().take_while(|c| *c == ' ' || *c == '\t').count();
    let mut lines = text.lines();
    let mut out = lines.next().unwrap_or_default().trim_end_matches([' ', '\t']).to_owned();
    let rest: Vec<&str> = lines.collect();
    let back = from.saturating_sub(to);
    let stuck = whole && rest.iter().any(|line| !line.trim().is_empty() && blanks(line) < back);
    for line in rest {
        out.push('\n');
        let line = line.trim_end_matches([' ', '\t']);
        if line.is_empty() || stuck {
            out.push_str(line);
        } else if to >= from {
            out.push_str(&" ".repeat(to - from));
            out.push_str(line);
        } else {
            out.push_str(line.get(blanks(line).min(back)..).unwrap_or(line));
        }
    }
    out
}

fn assemble(entries: &[Entry], lines: &[String]) -> String {
    let mut out = String::new();
    let mut line = |blank: bool, indent: usize, text: &str| {
        if blank && !out.is_empty() {
            out.push('\n');
        }
        if !text.is_empty() {
            out.push_str(&" ".repeat(indent));
        }
        out.push_str(text);
        out.push('\n');
    };
    for (index, (entry, text)) in entries.iter().zip(lines).enumerate() {
        let last = text.is_empty();
        let mut blank = entry.begins_item;
        for comment in &entry.comments {
            let indented = comment.indented && index > 0;
            let indent = match (indented, &entry.shape) {
                (true, _) if entry.begins_item || last => 2,
                (_, Shape::Broken) => {
                    if indented {
                        2
                    } else {
                        0
                    }
                }
                _ if last => 0,
                _ => entry.indent,
            };
            // Comments of the item above stay with it.
            let own = !(entry.begins_item && indented);
            line(comment.blank_before || blank && own, indent, &comment.text);
            blank = blank && !own;
        }
        if last {
            continue;
        }
        let indent = if matches!(entry.shape, Shape::Broken) { entry.column } else { entry.indent };
        let text = match &entry.trailing {
            Some(comment) => format!("{text}  {comment}"),
            None => text.clone(),
        };
        line(entry.blank_before || blank, indent, &text);
    }
    out
}
