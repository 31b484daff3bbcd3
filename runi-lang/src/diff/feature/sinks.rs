//! Sinks: where rows go, which of them, in which form, under which promise.

use super::meaning::{Place, relate};
use super::scenario::{Plans, Renamed, arg, arguments_told, meant, node, now_called, source_name, step_name, views};
use super::{Compare, body, brief};
use crate::check::tidy;
use crate::diff::rule::Verdict;
use crate::diff::rules::{R001, R002, R003, R004, R005, R006, R007, R008, R009, R010, W017};
use crate::model::{Scenario, Sink, SinkRoute};
use crate::sql::Relation;
use crate::workspace::summary::snake_case;

/// Which sink of the new version is which of the old one, by position.
pub(super) type Matched = Vec<(usize, usize)>;

/// Arguments that have a rule of their own.
const OWN: &[&str] = &["type", "path", "table", "contract", "name", "mode", "on"];

/// Compares sinks; gives those that are in both versions.
pub(super) fn compare(compare: &mut Compare<'_>, old: &Scenario, new: &Scenario, renamed: &Renamed, plans: Plans<'_>) -> Matched {
    let matched = matched(old, new);
    for was in old.sinks.iter().enumerate().filter(|(at, _)| !matched.iter().any(|(was, _)| was == at)).map(|(_, sink)| sink) {
        let name = name(was);
        compare.note(&R002, &name, format!("the sink `{name}` was removed{}", at(was)), Some(was.range), None);
    }
    for is in new.sinks.iter().enumerate().filter(|(at, _)| !matched.iter().any(|(_, is)| is == at)).map(|(_, sink)| sink) {
        let name = name(is);
        compare.note(&R001, &name, format!("the sink `{name}` was added{}", at(is)), None, Some(is.range));
    }
    for (was_at, is_at) in &matched {
        let (Some(was), Some(is)) = (old.sinks.get(*was_at), new.sinks.get(*is_at)) else { continue };
        place(compare, was, is);
        promise(compare, was, is);
        route(compare, (old, was), (new, is), renamed, plans);
    }
    switch_order(compare, old, new, &matched);
    matched
}

/// Sinks with a condition are asked in order, so one that is asked earlier takes rows from another.
fn switch_order(compare: &mut Compare<'_>, old: &Scenario, new: &Scenario, matched: &Matched) {
    let when = |sink: &Sink| matches!(sink.route, SinkRoute::When(_));
    let pairs = matched.iter().filter_map(|(was_at, is_at)| Some((*was_at, *is_at, old.sinks.get(*was_at)?, new.sinks.get(*is_at)?)));
    let pairs: Vec<_> = pairs.filter(|(_, _, was, is)| when(was) && when(is)).collect();
    for (was_at, is_at, was, is) in &pairs {
        let overtaken =
            pairs.iter().find(|(other_was, other_is, _, other)| other_was < was_at && other_is > is_at && other.after == is.after);
        if let Some((_, _, _, other)) = overtaken {
            let message = format!("the sink `{}` is now asked before `{}`, was after it", name(is), name(other));
            compare.note(&R005, &name(is), message, Some(was.range), Some(is.range));
        }
    }
}

/// The name of a sink, without the number of a repeat.
pub(in crate::diff) fn name(sink: &Sink) -> String {
    if let Some(name) = arg(&sink.args, "name") {
        return name.to_owned();
    }
    if sink.route == SinkRoute::Invalid {
        return "invalid".to_owned();
    }
    if let Some(contract) = arg(&sink.args, "contract") {
        return snake_case(contract);
    }
    let path = target(sink).unwrap_or_else(|| "sink".to_owned());
    let file = path.trim_end_matches('/').rsplit('/').next().unwrap_or(&path);
    file.split('.').find(|part| !part.is_empty()).unwrap_or("sink").to_owned()
}

/// Where a sink writes, in one spelling.
fn target(sink: &Sink) -> Option<String> {
    arg(&sink.args, "path").map(tidy).or_else(|| arg(&sink.args, "table").map(str::to_owned))
}

fn at(sink: &Sink) -> String {
    target(sink).map_or_else(String::new, |target| format!("; it writes `{target}`"))
}

/// A sink keeps its place and may get another name, or keeps its name and may get another place.
fn matched(old: &Scenario, new: &Scenario) -> Matched {
    type Same = fn(&Sink, &Sink) -> bool;
    let both: Same = |was, is| target(was) == target(is) && name(was) == name(is);
    let place: Same = |was, is| target(was).is_some() && target(was) == target(is);
    let called: Same = |was, is| name(was) == name(is) && (was.route == SinkRoute::Invalid) == (is.route == SinkRoute::Invalid);
    let mut matched = Matched::new();
    for same in [both, place, called] {
        for (was_at, was) in old.sinks.iter().enumerate() {
            if matched.iter().any(|(was, _)| *was == was_at) {
                continue;
            }
            let free = |is_at: &usize| !matched.iter().any(|(_, is)| is == is_at);
            let found = new.sinks.iter().enumerate().find(|(is_at, is)| free(is_at) && same(was, is)).map(|(is_at, _)| is_at);
            matched.extend(found.map(|is_at| (was_at, is_at)));
        }
    }
    matched.sort_unstable();
    matched
}

fn place(compare: &mut Compare<'_>, was: &Sink, is: &Sink) {
    let (part, ranges) = (name(is), (Some(was.range), Some(is.range)));
    let explicit = |sink: &Sink| arg(&sink.args, "name").is_some() || arg(&sink.args, "contract").is_none();
    if name(was) != part && (explicit(was) || explicit(is)) && target(was) == target(is) {
        compare.note(&R010, &part, format!("the sink `{part}` was called `{}`", name(was)), ranges.0, ranges.1);
    }
    if target(was) != target(is) {
        let word = |sink: &Sink| target(sink).map_or_else(|| "nowhere".to_owned(), |target| format!("`{target}`"));
        compare.note(&R003, &part, format!("the sink `{part}` now writes {}, wrote {}", word(is), word(was)), ranges.0, ranges.1);
    }
    let ty = |sink: &Sink| arg(&sink.args, "type").unwrap_or_default().to_owned();
    if ty(was) != ty(is) {
        compare.note(&R004, &part, format!("the sink `{part}` now writes `{}`, wrote `{}`", ty(is), ty(was)), ranges.0, ranges.1);
    }
    let appends = |sink: &Sink| arg(&sink.args, "mode") == Some("append");
    match (appends(was), appends(is)) {
        (false, true) => {
            compare.note(&R007, &part, format!("the sink `{part}` now appends, replaced what was there"), ranges.0, ranges.1);
        }
        (true, false) => {
            compare.note(&R007, &part, format!("the sink `{part}` now replaces what is there, appended"), ranges.0, ranges.1);
        }
        _ => {}
    }
    let (before, after) = (meant(&was.args, OWN), meant(&is.args, OWN));
    if before != after {
        let message = format!("the sink `{part}` is written in another way: {}", arguments_told(&before, &after));
        compare.note(&R008, &part, message, ranges.0, ranges.1);
    }
}

fn promise(compare: &mut Compare<'_>, was: &Sink, is: &Sink) {
    let (before, after) = (arg(&was.args, "contract"), arg(&is.args, "contract"));
    if before == after {
        return;
    }
    let part = name(is);
    let word = |contract: Option<&str>| contract.map_or_else(|| "none".to_owned(), |contract| format!("`{contract}`"));
    let message = format!("the contract of the sink `{part}` is now {}, was {}", word(after), word(before));
    if let Some(change) = compare.note(&R006, &part, message, Some(was.range), Some(is.range))
        && before.is_none()
    {
        change.consumer = Verdict::Review;
    }
}

fn route(compare: &mut Compare<'_>, (old, was): (&Scenario, &Sink), (new, is): (&Scenario, &Sink), renamed: &Renamed, plans: Plans<'_>) {
    let (part, ranges) = (name(is), (Some(was.range), Some(is.range)));
    let view = |scenario: &Scenario, sink: &Sink| match sink.after {
        0 => scenario.sources.first().map(source_name),
        after => scenario.steps.get(after - 1).map(|step| step_name(step).to_owned()),
    };
    let last = |scenario: &Scenario, sink: &Sink| sink.after > 0 && sink.after == scenario.steps.len();
    let (from, to) = (view(old, was), view(new, is));
    if let (Some(from), Some(to)) = (&from, &to)
        && was.route != SinkRoute::Invalid
        && !(last(old, was) && last(new, is))
        && now_called(renamed, from) != *to
        && views(new).contains(&now_called(renamed, from))
        && views(old).iter().any(|view| now_called(renamed, view) == *to)
    {
        compare.note(&R009, &part, format!("the sink `{part}` now takes the rows of `{to}`, took those of `{from}`"), ranges.0, ranges.1);
    }
    let schema = |plan, view: &Option<String>| node(plan, view.as_deref()?).map(|node| node.schema.clone());
    let word = |route: &SinkRoute| match route {
        SinkRoute::All => "every row".to_owned(),
        SinkRoute::When(sql) => format!("rows with `{}`", brief(&sql.text)),
        SinkRoute::Otherwise => "all other rows".to_owned(),
        SinkRoute::Invalid => "the quarantine".to_owned(),
    };
    let relation = match (&was.route, &is.route) {
        (SinkRoute::When(before), SinkRoute::When(after)) => {
            let place = Place { before: schema(plans.0, &from), after: schema(plans.1, &to), ..Place::default() };
            relate(compare.engine, &before.text, &after.text, &place)
        }
        (before, after) if before == after => Relation::Same,
        (SinkRoute::All, SinkRoute::When(_)) => Relation::Tighter,
        (SinkRoute::When(_), SinkRoute::All) => Relation::Looser,
        _ => Relation::Different,
    };
    let (before, after) = (word(&was.route), word(&is.route));
    match relation {
        Relation::Same => {}
        Relation::Reordered => {
            compare.note(&W017, &part, format!("the condition of the sink `{part}` asks in another order"), ranges.0, ranges.1);
        }
        _ => {
            let message = format!("the sink `{part}` now gets {after}, got {before}{}", body::told(relation));
            compare.note(&R005, &part, message, ranges.0, ranges.1);
        }
    }
}
