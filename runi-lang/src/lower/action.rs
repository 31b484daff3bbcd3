//! What a `@do` does.

use super::args::TagNode;
use super::context::{Context, Seen, near};
use super::sql::BodyText;
use crate::diagnostics::syntax as codes;
use crate::model::{Action, DoBlock, Spanned, Sql, StepKind};
use crate::syntax::text::unquote;
use crate::syntax::{SyntaxKind, SyntaxToken};
use rowan::TextRange;

const FORMS: &str = "write `column = expression`, `rename a to b`, `drop a, b`, `keep a, b`, `drop where e`, `keep where e`, or a query that begins with `select` or `with`";

/// Reads a `@do`. A missing body was reported by the parser.
pub(super) fn block(cx: &mut Context<'_>, tag: &TagNode) -> Option<DoBlock> {
    let body = BodyText::new(&tag.body()?);
    let range = body.all().range;
    let action = if tag.body_is_broken() { Action::Broken } else { action(cx, &body).unwrap_or(Action::Broken) };
    Some(DoBlock { title: tag.title(), action, range })
}

/// What begins an action that is no assignment.
const VERBS: [&str; 5] = ["select", "with", "rename", "drop", "keep"];

fn is_word(token: Option<&SyntaxToken>, word: &str) -> bool {
    token.is_some_and(|token| token.kind() == SyntaxKind::Ident && token.text().eq_ignore_ascii_case(word))
}

/// The verb that begins some tokens, unless it is a column that is assigned.
fn verb(tokens: &[SyntaxToken]) -> Option<&'static str> {
    if tokens.get(1).is_some_and(|token| token.kind() == SyntaxKind::Eq) {
        return None;
    }
    VERBS.into_iter().find(|verb| is_word(tokens.first(), verb))
}

/// `(select …) intersect (select …)`.
fn is_bracketed_query(tokens: &[SyntaxToken]) -> bool {
    let inner = tokens.iter().position(|token| token.kind() != SyntaxKind::LParen);
    inner.is_some_and(|at| at > 0 && ["select", "with"].iter().any(|verb| is_word(tokens.get(at), verb)))
}

fn action(cx: &mut Context<'_>, body: &BodyText) -> Option<Action> {
    let tokens: Vec<SyntaxToken> = body.tokens.iter().filter(|token| token.kind() != SyntaxKind::SqlComment).cloned().collect();
    if is_bracketed_query(&tokens) {
        return Some(Action::Query(body.all()));
    }
    let verb = verb(&tokens);
    match verb {
        Some("select" | "with") => Some(Action::Query(body.all())),
        Some(word @ ("drop" | "keep")) if is_word(tokens.get(1), "where") => {
            let (Some(first), Some(last)) = (tokens.get(2), tokens.last()) else {
                unreadable(cx, body.all().range, &format!("`{word} where` lacks its condition"));
                return None;
            };
            let sql = body.part(first, last);
            Some(if word == "drop" { Action::DropWhere(sql) } else { Action::KeepWhere(sql) })
        }
        Some(word) => columns(cx, body, word, tokens.get(1..).unwrap_or_default()),
        None => assignments(cx, body, &tokens),
    }
}

fn unreadable(cx: &mut Context<'_>, range: TextRange, message: &str) {
    let diagnostic = codes::unreadable_action(cx.place(range), message, FORMS);
    cx.report(diagnostic);
}

/// Splits at the commas that stand outside brackets.
fn split(tokens: &[SyntaxToken]) -> Vec<&[SyntaxToken]> {
    let mut depth = 0_usize;
    tokens
        .split(|token| {
            match token.kind() {
                SyntaxKind::LParen | SyntaxKind::LBracket => depth += 1,
                SyntaxKind::RParen | SyntaxKind::RBracket => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && token.kind() == SyntaxKind::Comma
        })
        .collect()
}

fn cover(tokens: &[SyntaxToken]) -> Option<TextRange> {
    Some(tokens.first()?.text_range().cover(tokens.last()?.text_range()))
}

/// A column's name, or `$param`.
fn target(token: &SyntaxToken) -> Option<Spanned<String>> {
    let text = match token.kind() {
        SyntaxKind::Ident | SyntaxKind::Param => token.text().to_owned(),
        SyntaxKind::DoubleQuoted => unquote(token.text()),
        _ => return None,
    };
    Some(Spanned::new(text, token.text_range()))
}

/// `rename a to b, …`, `drop a, …`, `keep a, …`.
fn columns(cx: &mut Context<'_>, body: &BodyText, word: &str, tokens: &[SyntaxToken]) -> Option<Action> {
    let whole = body.all().range;
    let mut pairs = Vec::new();
    let mut names: Vec<Spanned<String>> = Vec::new();
    for part in split(tokens) {
        let range = cover(part).unwrap_or(whole);
        if mixed(cx, part, range) {
            return None;
        }
        match (word, part) {
            ("rename", [from, to_word, to]) if is_word(Some(to_word), "to") => match (target(from), target(to)) {
                (Some(from), Some(to)) => {
                    names.push(from.clone());
                    pairs.push((from, to));
                }
                _ => {
                    unreadable(cx, range, "this is no pair of columns");
                    return None;
                }
            },
            ("drop" | "keep", [name]) if target(name).is_some() => names.extend(target(name)),
            ("rename", _) => {
                unreadable(cx, range, "`rename` needs `old to new`");
                return None;
            }
            _ => {
                unreadable(cx, range, &format!("`{word}` needs columns, or `where` and a condition"));
                return None;
            }
        }
    }
    let mut seen = Seen::default();
    for name in &names {
        if let Some(first) = seen.again(&name.value, name.range) {
            cx.duplicate(name.range, &format!("the column `{}`", name.value), first);
        }
    }
    Some(match word {
        "rename" => Action::Rename(pairs),
        "drop" => Action::DropColumns(names),
        _ => Action::KeepColumns(names),
    })
}

/// Reports a part that begins another kind of action than the one before it.
fn mixed(cx: &mut Context<'_>, part: &[SyntaxToken], range: TextRange) -> bool {
    let assigns = part.get(1).is_some_and(|token| token.kind() == SyntaxKind::Eq);
    let verb = verb(part).filter(|_| part.len() > 1);
    let Some(found) = verb.or_else(|| assigns.then_some("column = expression")) else { return false };
    let diagnostic = codes::mixed_actions(cx.place(range), found);
    cx.report(diagnostic);
    true
}

/// `column = expression, …`.
fn assignments(cx: &mut Context<'_>, body: &BodyText, tokens: &[SyntaxToken]) -> Option<Action> {
    let mut result: Vec<(Spanned<String>, Sql)> = Vec::new();
    let mut seen = Seen::default();
    let mut broken = false;
    for part in split(tokens) {
        let range = cover(part).unwrap_or(body.all().range);
        if verb(part).is_some() {
            mixed(cx, part, range);
            broken = true;
            continue;
        }
        let equals = |at: usize| part.get(at).is_some_and(|token| token.kind() == SyntaxKind::Eq);
        let name = part.first().and_then(target);
        match (name, part.get(2), part.last()) {
            (Some(name), Some(first), Some(last)) if equals(1) && !equals(2) => {
                if let Some(first) = seen.again(&name.value, name.range) {
                    let diagnostic = codes::assigned_twice(cx.place(name.range), &name.value, cx.place(first));
                    cx.report(diagnostic);
                    continue;
                }
                result.push((name, body.part(first, last)));
            }
            (Some(name), _, _) if equals(1) && !equals(2) => {
                unreadable(cx, range, &format!("`{}` lacks its expression", name.value));
                broken = true;
            }
            _ => {
                match part.first().and_then(|word| near(word.text(), VERBS)).filter(|_| part.len() > 1 && !equals(1)) {
                    Some(verb) => {
                        let diagnostic = codes::misspelled_action(cx.place(range), verb);
                        cx.report(diagnostic);
                    }
                    None => unreadable(cx, range, "this is no action"),
                }
                // The parts after it are as likely the rest of what was meant here.
                return None;
            }
        }
    }
    (!broken).then_some(Action::Assign(result))
}

/// Reports what the parts of a body forbid each other, and takes the smaller part out, so that no later check says it again.
pub(super) fn check(cx: &mut Context<'_>, body: &mut StepKind) {
    let is_query = |block: &DoBlock| matches!(block.action, Action::Query(_));
    if let Some(query) = body.actions.iter().position(is_query)
        && body.actions.len() > 1
    {
        for block in body.actions.iter().enumerate().filter(|(index, _)| *index != query).map(|(_, block)| block) {
            let diagnostic = codes::query_not_alone(cx.place(block.range));
            cx.report(diagnostic);
        }
        body.actions.swap(0, query);
        body.actions.truncate(1);
    }
    let Some(when) = body.when.first() else { return };
    let mut refused = false;
    for block in &body.actions {
        let when = cx.place(when.sql.range);
        let place = cx.place(block.range);
        let diagnostic = match &block.action {
            Action::Query(_) => codes::guarded_query(when, place),
            Action::Rename(_) => codes::guarded_shape_change(place, "rename", when),
            Action::DropColumns(_) => codes::guarded_shape_change(place, "drop", when),
            Action::KeepColumns(_) => codes::guarded_shape_change(place, "keep", when),
            Action::Assign(_) | Action::DropWhere(_) | Action::KeepWhere(_) | Action::Broken => continue,
        };
        cx.report(diagnostic);
        refused = true;
    }
    if refused {
        body.when.clear();
    }
}
