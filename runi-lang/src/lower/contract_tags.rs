//! The tags of a contract.

use super::args::{TagNode, word};
use super::context::{Context, Seen};
use super::sql::one_line;
use crate::model::{
    Accept, Compatibility, Contract, Duplicates, Freshness, History, Key, OnFail, Owner, Reference, Renamed, Rule, Spanned, Spans,
};
use crate::syntax::tags::{Home, homes, of};
use rustc_hash::FxHashMap;

/// Classification levels, in order.
pub(super) const LEVELS: &[&str] = &["public", "internal", "confidential", "restricted"];

/// Tags that a contract may have more than once.
const REPEATABLE: &[&str] = &["unique", "rule", "references", "renamed_from", "reserved", "accept"];

/// What was seen of a contract's tags so far.
#[derive(Default)]
pub(super) struct Memory {
    counts: FxHashMap<String, usize>,
    rules: Seen,
}

pub(super) fn tag(cx: &mut Context<'_>, tag: &TagNode, contract: &mut Contract, spans: &mut Spans, memory: &mut Memory) {
    let known: Vec<&str> = of(Home::Contract).collect();
    if !known.contains(&tag.name.as_str()) {
        match homes(&tag.name) {
            Some(homes) if homes.contains(&Home::Field) => cx.misplaced(tag, "a field's tags stand on the field's own line"),
            Some(_) => cx.misplaced(tag, "this tag belongs in a feature file"),
            None => {
                if let Some(meant) = cx.unknown_tag(tag, &known) {
                    self::tag(cx, &tag.renamed(meant), contract, spans, memory);
                }
            }
        }
        return;
    }
    let key = format!("{}/@{}", contract.name, tag.name);
    if !REPEATABLE.contains(&tag.name.as_str()) {
        if let Some(first) = spans.get(&key) {
            cx.duplicate(tag.name_range, &format!("`@{}`", tag.name), first);
            return;
        }
        spans.0.insert(key, tag.range());
    } else {
        let count = memory.counts.entry(tag.name.clone()).or_insert(0_usize);
        *count += 1;
        let key = if *count == 1 { key } else { format!("{key}#{count}") };
        spans.0.insert(key, tag.range());
    }
    match tag.name.as_str() {
        "version" => {
            cx.check_args(tag, 1, &[]);
            if let Some(value) = required(cx, tag, "a version", "@version(1.0.0)") {
                contract.version = cx.parsed(&value, "version").map(|version| version.value);
            }
        }
        "owner" => {
            cx.check_args(tag, 1, &["contact"]);
            if let Some(name) = required(cx, tag, "a team or person", "@owner(team, contact=\"team@example.com\")") {
                let contact = cx.text_arg(tag, "contact").map(|contact| contact.value);
                contract.owner = Some(Owner { name: word(&name).value, contact });
            }
        }
        "classification" => {
            cx.check_args(tag, 1, &[]);
            if let Some(value) = required(cx, tag, "a level", "@classification(internal)") {
                contract.classification = cx.choice(&value, "classification", LEVELS).map(|level| level.value);
            }
        }
        "compliance" => {
            cx.check_args(tag, usize::MAX, &[]);
            contract.compliance = names(cx, tag, "a regulation", "@compliance(GDPR)").into_iter().map(|name| name.value).collect();
        }
        "compatibility" => compatibility(cx, tag, contract),
        "key" | "unique" => contract.keys.extend(set_key(cx, tag)),
        "rule" => rule(cx, tag, contract, spans, &mut memory.rules),
        "references" => contract.references.extend(reference(cx, tag)),
        "freshness" => contract.freshness = freshness(cx, tag),
        "retention" => {
            cx.check_args(tag, 1, &[]);
            if let Some(value) = required(cx, tag, "how long rows are kept", "@retention(730d)") {
                contract.retention = cx.parsed(&value, "duration").map(|duration| duration.value);
            }
        }
        "deprecated" => contract.deprecated = Some(deprecated(cx, tag)),
        "renamed_from" => contract.renamed.extend(renamed(cx, tag)),
        "reserved" => {
            cx.check_args(tag, usize::MAX, &[]);
            contract.reserved.extend(names(cx, tag, "a name", "@reserved(old_name)").into_iter().map(|name| name.value));
        }
        "accept" => contract.accepted.extend(accept(cx, tag)),
        "on_fail" => {
            cx.check_args(tag, 1, &[]);
            if let Some(value) = required(cx, tag, "a policy", "@on_fail(quarantine)")
                && let Some(policy) = cx.policy(&value)
            {
                contract.on_fail = policy;
            }
        }
        "drift" => drift(cx, tag, contract),
        _ => {}
    }
}

/// The last day of something that goes away, when it is named.
pub(super) fn deprecated(cx: &mut Context<'_>, tag: &TagNode) -> Option<crate::model::Date> {
    cx.check_args(tag, 0, &["until"]);
    tag.args.named("until").and_then(|value| cx.parsed(value, "date")).map(|date| date.value)
}

/// The first positional argument; its lack is reported.
pub(super) fn required(cx: &mut Context<'_>, tag: &TagNode, what: &str, example: &str) -> Option<Spanned<crate::model::ArgValue>> {
    let value = tag.args.positional().next().cloned();
    if value.is_none() {
        cx.missing_argument(tag, what, example);
    }
    value
}

/// All positional arguments; at least one.
pub(super) fn names(cx: &mut Context<'_>, tag: &TagNode, what: &str, example: &str) -> Vec<Spanned<String>> {
    let mut names: Vec<Spanned<String>> = Vec::new();
    let mut seen = Seen::default();
    for name in tag.args.positional().map(word) {
        match seen.again(&name.value, name.range) {
            Some(first) => cx.duplicate(name.range, &format!("`{}`", name.value), first),
            None => names.push(name),
        }
    }
    if names.is_empty() {
        cx.missing_argument(tag, what, example);
    }
    names
}

fn compatibility(cx: &mut Context<'_>, tag: &TagNode, contract: &mut Contract) {
    // `full; history=last` is one argument for the parser, because `;` is no separator elsewhere.
    let split = tag.args.positional().next().and_then(|value| {
        let (mode, rest) = value.value.as_str().split_once(';')?;
        let history = rest.trim().strip_prefix("history")?.trim_start().strip_prefix('=')?;
        Some((value.range, mode.trim().to_owned(), history.trim().to_owned()))
    });
    cx.check_args(tag, 1, &["history"]);
    let bare = |text: String, range| Spanned::new(crate::model::ArgValue::Word(text), range);
    let (mode, history) = match split {
        Some((range, mode, history)) => (Some(bare(mode, range)), Some(bare(history, range))),
        None => (tag.args.positional().next().cloned(), tag.args.named("history").cloned()),
    };
    let mut result = Compatibility::default();
    match mode {
        Some(mode) => {
            if let Some(mode) = cx.choice(&mode, "compatibility", &["consumer", "producer", "full", "none"]) {
                result.mode = mode.value;
            }
        }
        None if history.is_none() => cx.missing_argument(tag, "a side", "@compatibility(full)"),
        None => {}
    }
    if let Some(history) = history {
        let text = history.value.as_str();
        if let Some(since) = text.strip_prefix("since:").or_else(|| text.strip_prefix("since ")) {
            result.history = History::Since(since.trim().to_owned());
        } else if let Some(known) = cx.choice(&history, "history", &["last", "transitive"]) {
            result.history = if known.value == "last" { History::Last } else { History::Transitive };
        }
    }
    contract.compatibility = result;
}

/// The columns and policies of `@key` and `@unique`.
fn set_key(cx: &mut Context<'_>, tag: &TagNode) -> Option<Key> {
    cx.check_args(tag, usize::MAX, &["duplicates", "on_fail"]);
    let example = format!("@{}(column)", tag.name);
    let columns: Vec<String> = names(cx, tag, "a column", &example).into_iter().map(|name| name.value).collect();
    let key = Key { columns, primary: tag.name == "key", duplicates: duplicates(cx, tag), on_fail: cx.on_fail(tag) };
    (!key.columns.is_empty()).then_some(key)
}

pub(super) fn duplicates(cx: &mut Context<'_>, tag: &TagNode) -> Duplicates {
    let choice = tag.args.named("duplicates").and_then(|value| cx.choice(value, "way with duplicates", &["reject_all", "keep_first"]));
    match choice {
        Some(word) if word.value == "keep_first" => Duplicates::KeepFirst,
        _ => Duplicates::RejectAll,
    }
}

fn rule(cx: &mut Context<'_>, tag: &TagNode, contract: &mut Contract, spans: &mut Spans, titles: &mut Seen) {
    cx.check_args(tag, 0, &["on_fail"]);
    let on_fail = cx.on_fail(tag);
    let Some(body) = tag.body() else { return };
    let range = body.text_range();
    let sql = one_line(&body);
    let title = tag.title();
    let key = format!("{}/rule/{}", contract.name, contract.rules.len());
    spans.0.insert(format!("{key}/sql"), range);
    spans.0.insert(key, title.as_ref().map_or(range, |title| title.range));
    if let Some(title) = &title
        && let Some(first) = titles.again(&title.value, title.range)
    {
        cx.duplicate(title.range, &format!("the rule \"{}\"", title.value), first);
    }
    let title = title.map_or_else(|| sql.clone(), |title| title.value);
    contract.rules.push(Rule { title, sql, on_fail });
}

fn reference(cx: &mut Context<'_>, tag: &TagNode) -> Option<Reference> {
    const EXAMPLE: &str = "@references(column, Contract.column)";
    cx.check_args(tag, 2, &["on_fail"]);
    let on_fail = cx.on_fail(tag);
    let parts: Vec<Spanned<String>> = tag.args.positional().take(2).map(word).collect();
    let [column, target] = parts.as_slice() else {
        cx.missing_argument(tag, "a column and another contract's column", EXAMPLE);
        return None;
    };
    let Some((contract, field)) = target.value.split_once('.').filter(|(a, b)| !a.is_empty() && !b.is_empty()) else {
        cx.invalid(target, "column of a contract", EXAMPLE);
        return None;
    };
    Some(Reference { column: column.value.clone(), contract: contract.to_owned(), target: field.to_owned(), on_fail })
}

fn freshness(cx: &mut Context<'_>, tag: &TagNode) -> Option<Freshness> {
    const EXAMPLE: &str = "@freshness(15m, on=column)";
    cx.check_args(tag, 1, &["on"]);
    let within = required(cx, tag, "how old the newest row may be", EXAMPLE)?;
    let within = cx.parsed(&within, "duration")?.value;
    match cx.text_arg(tag, "on") {
        Some(column) => Some(Freshness { within, column: column.value }),
        None => {
            cx.missing_argument(tag, "`on=`, a timestamp column", EXAMPLE);
            None
        }
    }
}

fn renamed(cx: &mut Context<'_>, tag: &TagNode) -> Option<Renamed> {
    const EXAMPLE: &str = "@renamed_from(old, to=new, until=2027-03-31)";
    cx.check_args(tag, 1, &["to", "until"]);
    let from = required(cx, tag, "the old name", EXAMPLE)?;
    let until = tag.args.named("until").and_then(|value| cx.parsed(value, "date")).map(|date| date.value);
    match cx.text_arg(tag, "to") {
        Some(to) => Some(Renamed { from: word(&from).value, to: to.value, until }),
        None => {
            cx.missing_argument(tag, "`to=`, the field of today", EXAMPLE);
            None
        }
    }
}

/// `@accept`, of a contract or above a scenario or step.
pub(super) fn accept(cx: &mut Context<'_>, tag: &TagNode) -> Option<Accept> {
    const EXAMPLE: &str = "@accept(F004, on=field, until=2027-01-31, because=\"why\", by=\"@who\")";
    cx.check_args(tag, 1, &["on", "until", "because", "by"]);
    let rule = word(&required(cx, tag, "the rule that is broken", EXAMPLE)?).value;
    let on = cx.text_arg(tag, "on").map(|field| field.value);
    for (name, what) in [("until", "`until=`, a date"), ("because", "`because=`, a reason"), ("by", "`by=`, who answers for it")] {
        if tag.args.named(name).is_none() {
            cx.missing_argument(tag, what, EXAMPLE);
            return None;
        }
    }
    let until = tag.args.named("until").and_then(|value| cx.parsed(value, "date"))?.value;
    Some(Accept { rule, on, until, because: cx.text_arg(tag, "because")?.value, by: cx.text_arg(tag, "by")?.value })
}

fn drift(cx: &mut Context<'_>, tag: &TagNode, contract: &mut Contract) {
    const KNOWN: &[&str] = &["missing", "extra", "retyped", "reordered"];
    cx.check_args(tag, 0, KNOWN);
    if tag.args.items.is_empty() {
        cx.missing_argument(tag, "a kind of drift", "@drift(extra=fail)");
    }
    for name in KNOWN {
        let Some(value) = tag.args.named(name).cloned() else { continue };
        let Some(word) = cx.choice(&value, "answer to drift", &["fail", "warn"]) else { continue };
        let policy = if word.value == "fail" { OnFail::Fail } else { OnFail::Warn };
        match *name {
            "missing" => contract.drift.missing = policy,
            "extra" => contract.drift.extra = policy,
            "retyped" => contract.drift.retyped = policy,
            _ => contract.drift.reordered = policy,
        }
    }
}
