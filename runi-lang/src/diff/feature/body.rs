//! The body of a step: guards, actions, promises. Inline steps and reusable ones are compared alike.

use super::meaning::{self, Place, Views, relate, relate_all, relate_queries};
use super::scenario::Renamed;
use super::{Compare, brief, words};
use crate::diagnostic::TextRange;
use crate::diff::rule::Rule;
use crate::diff::rules::{V001, V002, V003, V004, V005, V006, V007, V008, V009, V010, V016, V017, W006, W007, W008, W009, W017, W018};
use crate::model::{Action, DoBlock, OnFail, Spanned, Sql, StepKind};
use crate::schema::Schema;
use crate::sql::{Relation, same_tokens, token_form};
use std::collections::BTreeMap;

/// What is known of the place where a body stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Ground {
    /// The columns that reach it.
    pub(super) input: Place,
    /// The views of a `select`, before and after.
    pub(super) views: (Option<Views>, Option<Views>),
    /// The columns of a `select`'s output.
    pub(super) output: Place,
    /// Views that have another name now.
    pub(super) renamed: Renamed,
}

/// A promise or a check: its title and condition.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) title: Option<&'a str>,
    pub(super) sql: &'a Sql,
}

/// The rules of one kind of condition.
#[derive(Debug)]
pub(super) struct Kind {
    what: &'static str,
    added: &'static Rule,
    removed: &'static Rule,
    tightened: &'static Rule,
    loosened: &'static Rule,
    changed: &'static Rule,
}

/// `@then`.
pub(super) const PROMISES: Kind =
    Kind { what: "the promise", added: &V001, removed: &V002, tightened: &V003, loosened: &V004, changed: &V005 };
/// The checks of `Then` lines.
pub(super) const CHECKS: Kind = Kind { what: "the check", added: &V006, removed: &V007, tightened: &V008, loosened: &V009, changed: &V010 };

/// Compares two bodies of the step `part`.
pub(super) fn compare(compare: &mut Compare<'_>, part: &str, old: &StepKind, new: &StepKind, ground: &Ground) {
    guards(compare, part, old, new, &ground.input);
    let end = actions(compare, part, &old.actions, &new.actions, ground);
    promises(compare, part, &PROMISES, &said(old), &said(new), &end);
}

fn said(body: &StepKind) -> Vec<Said<'_>> {
    body.then.iter().map(|promise| Said { title: promise.title.as_ref().map(|title| title.value.as_str()), sql: &promise.sql }).collect()
}

/// How a relation is told, for conditions that choose.
pub(super) fn told(relation: Relation) -> &'static str {
    match relation {
        Relation::Tighter => ", which is narrower",
        Relation::Looser => ", which is wider",
        Relation::Same | Relation::Reordered | Relation::Mixed | Relation::Different => "",
    }
}

fn guards(compare: &mut Compare<'_>, part: &str, old: &StepKind, new: &StepKind, place: &Place) {
    let texts = |body: &StepKind| body.when.iter().map(|promise| brief(&promise.sql.text)).collect::<Vec<_>>().join("`, `");
    let all = |body: &StepKind| -> Option<TextRange> {
        let (first, last) = (body.when.first()?, body.when.last()?);
        Some(first.sql.range.cover(last.sql.range))
    };
    let (before, after): (Vec<&str>, Vec<&str>) =
        (old.when.iter().map(|when| when.sql.text.as_str()).collect(), new.when.iter().map(|when| when.sql.text.as_str()).collect());
    let relation = relate_all(compare.engine, &before, &after, place);
    let (was, is) = (texts(old), texts(new));
    let (rule, message) = match relation {
        Relation::Same => return,
        Relation::Reordered => (&W017, format!("the guard `{is}` asks in another order than `{was}`")),
        _ if before.is_empty() => (&W007, format!("only rows with `{is}` are chosen, were all rows")),
        _ if after.is_empty() => (&W007, format!("all rows are chosen, were those with `{was}`")),
        _ => (&W007, format!("rows are chosen by `{is}`, were by `{was}`{}", told(relation))),
    };
    compare.note(rule, part, message, all(old), all(new));
}

/// Compares actions; gives the place after the last.
fn actions(compare: &mut Compare<'_>, part: &str, old: &[DoBlock], new: &[DoBlock], ground: &Ground) -> Place {
    let engine = compare.engine;
    let bindings = &ground.input.bindings;
    let schemas = |blocks: &[DoBlock], first: &Option<Schema>| {
        let mut schemas = vec![first.clone()];
        for block in blocks {
            let next = schemas.last().and_then(Option::as_ref).and_then(|schema| meaning::after(engine, schema, &block.action, bindings));
            schemas.push(next);
        }
        schemas
    };
    let (before, after) = (schemas(old, &ground.input.before), schemas(new, &ground.input.after));
    let place = |was: usize, is: usize| Place {
        before: before.get(was).cloned().flatten(),
        after: after.get(is).cloned().flatten(),
        bindings: bindings.clone(),
    };
    // The same words mean something else where a view's name went over to another view.
    let same = |(was, is): &(&DoBlock, &DoBlock)| {
        same_tokens(&text(&was.action), &text(&is.action)) && !meaning::names_one_of(&text(&was.action), &ground.renamed)
    };
    let head = old.iter().zip(new).take_while(same).count();
    let most = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(most).take_while(same).count();
    let (was_end, is_end) = (old.len() - tail, new.len() - tail);
    for at in 0..(was_end - head).max(is_end - head) {
        let (was_at, is_at) = ((head + at).min(was_end), (head + at).min(is_end));
        match (old.get(was_at).filter(|_| was_at < was_end), new.get(is_at).filter(|_| is_at < is_end)) {
            (Some(was), Some(is)) => action(compare, part, was, is, &place(was_at, is_at), ground),
            (Some(was), None) => {
                let message = format!("`{}` was removed", brief(&text(&was.action)));
                compare.note(rule_of(&was.action), part, message, Some(was.range), None);
            }
            (None, Some(is)) => {
                let message = format!("`{}` was added", brief(&text(&is.action)));
                compare.note(rule_of(&is.action), part, message, None, Some(is.range));
            }
            (None, None) => {}
        }
    }
    let is_query = |blocks: &[DoBlock]| blocks.iter().any(|block| matches!(block.action, Action::Query(_)));
    let end = place(old.len(), new.len());
    Place {
        before: if is_query(old) { ground.output.before.clone() } else { end.before },
        after: if is_query(new) { ground.output.after.clone() } else { end.after },
        bindings: end.bindings,
    }
}

/// The rule for an action that came, went or became another kind.
fn rule_of(action: &Action) -> &'static Rule {
    match action {
        Action::DropWhere(_) | Action::KeepWhere(_) => &W008,
        Action::Query(_) => &W009,
        _ => &W006,
    }
}

fn action(compare: &mut Compare<'_>, part: &str, was: &DoBlock, is: &DoBlock, place: &Place, ground: &Ground) {
    let engine = compare.engine;
    let (rule, relation): (&'static Rule, Relation) = match (&was.action, &is.action) {
        (Action::Assign(old), Action::Assign(new)) => return assignments(compare, part, old, new, place),
        (Action::DropWhere(old), Action::DropWhere(new)) | (Action::KeepWhere(old), Action::KeepWhere(new)) => {
            (&W008, relate(engine, &old.text, &new.text, place))
        }
        (Action::Query(old), Action::Query(new)) => {
            let views = (ground.views.0.as_ref(), ground.views.1.as_ref());
            (&W009, relate_queries(engine, &old.text, &new.text, views, &place.bindings, &ground.renamed))
        }
        (Action::Rename(old), Action::Rename(new)) => (&W006, same_set(&pairs(old), &pairs(new))),
        (Action::DropColumns(old), Action::DropColumns(new)) => (&W006, same_set(&names(old), &names(new))),
        (Action::KeepColumns(old), Action::KeepColumns(new)) => {
            (&W006, if names(old) == names(new) { Relation::Same } else { Relation::Different })
        }
        (Action::Broken, Action::Broken) => return,
        (_, new) => (rule_of(new), Relation::Different),
    };
    let (old, new) = (brief(&text(&was.action)), brief(&text(&is.action)));
    let both_query = matches!((&was.action, &is.action), (Action::Query(_), Action::Query(_)));
    let message = match relation {
        Relation::Same => return,
        Relation::Reordered => format!("`{new}` asks in another order than `{old}`"),
        _ if both_query => select_message(&text(&was.action), &text(&is.action)),
        _ => format!("`{new}`, was `{old}`{}", told(relation)),
    };
    let rule = if relation == Relation::Reordered { &W017 } else { rule };
    compare.note(rule, part, message, Some(was.range), Some(is.range));
}

/// Where two long texts begin to differ.
fn select_message(old: &str, new: &str) -> String {
    let (old, new) = (words(old), words(new));
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - same;
    let tail = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let between = |words: &[String]| {
        let end = words.len() - tail;
        brief(&words.get(same..end).unwrap_or_default().join(" "))
    };
    match (between(&old), between(&new)) {
        // Layout and comments are no change, but this text is read with other names or schemas now.
        (was, is) if was.is_empty() && is.is_empty() => "the `select` reads the same and means something else now".to_owned(),
        (was, is) if was.is_empty() => format!("the `select` has `{is}` more"),
        (was, is) if is.is_empty() => format!("the `select` has `{was}` no more"),
        (was, is) => format!("the `select` says `{is}`, said `{was}`"),
    }
}

fn names(list: &[Spanned<String>]) -> Vec<String> {
    list.iter().map(|name| name.value.clone()).collect()
}

fn pairs(list: &[(Spanned<String>, Spanned<String>)]) -> Vec<String> {
    list.iter().map(|(from, to)| format!("{} to {}", from.value, to.value)).collect()
}

fn same_set(old: &[String], new: &[String]) -> Relation {
    let sorted = |list: &[String]| {
        let mut list = list.to_vec();
        list.sort_unstable();
        list
    };
    if sorted(old) == sorted(new) { Relation::Same } else { Relation::Different }
}

type Assignment = (Spanned<String>, Sql);

/// Assignments of one `@do` happen at once, so they are compared by their targets.
fn assignments(compare: &mut Compare<'_>, part: &str, old: &[Assignment], new: &[Assignment], place: &Place) {
    let by_target = |list: &[Assignment]| -> BTreeMap<String, Assignment> {
        list.iter().map(|assignment| (assignment.0.value.clone(), assignment.clone())).collect()
    };
    let (before, after) = (by_target(old), by_target(new));
    for (target, (name, sql)) in &before {
        let Some((new_name, new_sql)) = after.get(target) else {
            let message = format!("`{target}` is not assigned any more, was `{}`", brief(&sql.text));
            compare.note(&W006, part, message, Some(name.range.cover(sql.range)), None);
            continue;
        };
        let ranges = (Some(name.range.cover(sql.range)), Some(new_name.range.cover(new_sql.range)));
        let (was, is) = (brief(&sql.text), brief(&new_sql.text));
        match relate(compare.engine, &sql.text, &new_sql.text, place) {
            Relation::Same => {}
            Relation::Reordered => {
                compare.note(&W017, part, format!("`{target} = {is}` asks in another order than `{was}`"), ranges.0, ranges.1);
            }
            _ => {
                compare.note(&W006, part, format!("`{target}` is now `{is}`, was `{was}`"), ranges.0, ranges.1);
            }
        }
    }
    for (target, (name, sql)) in after.iter().filter(|(target, _)| !before.contains_key(*target)) {
        let message = format!("`{target}` is now assigned `{}`", brief(&sql.text));
        compare.note(&W006, part, message, None, Some(name.range.cover(sql.range)));
    }
}

/// An action as a reader would write it.
fn text(action: &Action) -> String {
    match action {
        Action::Assign(list) => list.iter().map(|(name, sql)| format!("{} = {}", name.value, sql.text)).collect::<Vec<_>>().join(", "),
        Action::Rename(list) => format!("rename {}", pairs(list).join(", ")),
        Action::DropColumns(list) => format!("drop {}", names(list).join(", ")),
        Action::KeepColumns(list) => format!("keep {}", names(list).join(", ")),
        Action::DropWhere(sql) => format!("drop where {}", sql.text),
        Action::KeepWhere(sql) => format!("keep where {}", sql.text),
        Action::Query(sql) => sql.text.clone(),
        Action::Broken => String::new(),
    }
}

/// An action by its tokens.
pub(super) fn token_text(action: &Action) -> String {
    token_form(&text(action))
}

/// Compares promises or checks: first those that mean the same, then those of one title, then by their order.
pub(super) fn promises(compare: &mut Compare<'_>, part: &str, kind: &Kind, old: &[Said<'_>], new: &[Said<'_>], place: &Place) {
    let engine = compare.engine;
    let mut left: Vec<Said<'_>> = new.to_vec();
    let mut open: Vec<Said<'_>> = Vec::new();
    for was in old {
        let same = |is: &Said<'_>| relate(engine, &was.sql.text, &is.sql.text, place) == Relation::Same;
        let at = left.iter().position(|is| is.title == was.title && same(is)).or_else(|| left.iter().position(same));
        match at.map(|at| left.remove(at)) {
            Some(is) if is.title != was.title => {
                let name =
                    |said: &Said<'_>| said.title.map_or_else(|| format!("`{}`", brief(&said.sql.text)), |title| format!("\"{title}\""));
                let message = format!("{} {} was called {}", kind.what, name(&is), name(was));
                compare.note(&W018, part, message, Some(was.sql.range), Some(is.sql.range));
            }
            Some(_) => {}
            None => open.push(*was),
        }
    }
    let mut unpaired = Vec::new();
    for was in open {
        match left.iter().position(|is| is.title.is_some() && is.title == was.title) {
            Some(at) => changed(compare, part, kind, &was, &left.remove(at), place),
            None => unpaired.push(was),
        }
    }
    // What is left has other words and another title. As many as there were: each took the place of one.
    if unpaired.len() == left.len() {
        for (was, is) in unpaired.iter().zip(&left) {
            changed(compare, part, kind, was, is, place);
        }
        return;
    }
    for was in &unpaired {
        compare.note(kind.removed, part, format!("{} `{}` was removed", kind.what, brief(&was.sql.text)), Some(was.sql.range), None);
    }
    for is in &left {
        compare.note(kind.added, part, format!("{} `{}` was added", kind.what, brief(&is.sql.text)), None, Some(is.sql.range));
    }
}

fn changed(compare: &mut Compare<'_>, part: &str, kind: &Kind, was: &Said<'_>, is: &Said<'_>, place: &Place) {
    let (old, new) = (brief(&was.sql.text), brief(&is.sql.text));
    let relation = relate(compare.engine, &was.sql.text, &is.sql.text, place);
    let (rule, message) = match relation {
        Relation::Same => return,
        Relation::Reordered => (&W017, format!("{} `{new}` asks in another order than `{old}`", kind.what)),
        Relation::Tighter => (kind.tightened, format!("{} is now `{new}`, was `{old}`, which let more rows pass", kind.what)),
        Relation::Looser => (kind.loosened, format!("{} is now `{new}`, was `{old}`, which let fewer rows pass", kind.what)),
        Relation::Mixed | Relation::Different => (kind.changed, format!("{} is now `{new}`, was `{old}`", kind.what)),
    };
    compare.note(rule, part, message, Some(was.sql.range), Some(is.sql.range));
}

/// Compares what a broken promise does.
pub(super) fn on_fail(
    compare: &mut Compare<'_>,
    part: &str,
    old: (Option<&Spanned<OnFail>>, TextRange),
    new: (Option<&Spanned<OnFail>>, TextRange),
) {
    let value = |on_fail: Option<&Spanned<OnFail>>| on_fail.map_or(OnFail::default(), |on_fail| on_fail.value);
    let word = |on_fail| match on_fail {
        OnFail::Warn => "counted and kept",
        OnFail::Quarantine => "set aside",
        OnFail::Fail => "the end of the run",
    };
    let (was, is) = (value(old.0), value(new.0));
    let rule = match is.cmp(&was) {
        std::cmp::Ordering::Less => &V016,
        std::cmp::Ordering::Greater => &V017,
        std::cmp::Ordering::Equal => return,
    };
    let message = format!("a row that breaks a promise is now {}, was {}", word(is), word(was));
    let range = |(on_fail, step): (Option<&Spanned<OnFail>>, TextRange)| on_fail.map_or(step, |on_fail| on_fail.range);
    compare.note(rule, part, message, Some(range(old)), Some(range(new)));
}
