//! The tags of a scenario, and the ones above it.

use super::args::{TagNode, word};
use super::context::{Context, child, near, tokens};
use super::contract_tags::{accept, required};
use super::scenario::alias;
use super::{legacy, sql, step};
use crate::diagnostics::syntax as codes;
use crate::model::{
    Accept, Alert, ArgValue, Args, Duration, Golden, Module, Quality, Sink, SinkRoute, Source, Spanned, StepKind, StepUse, Window,
};
use crate::syntax::SyntaxKind;
use crate::syntax::tags::{Home, of};
use crate::syntax::text::unquote;
use rowan::{TextRange, TextSize};

/// What the tags above an item say.
#[derive(Default)]
pub(super) struct Above {
    pub(super) module: Module,
    pub(super) herd: Option<Spanned<String>>,
    pub(super) labels: Vec<Spanned<String>>,
    pub(super) accepted: Vec<Spanned<Accept>>,
    module_at: Option<TextRange>,
}

/// Reads a tag above a scenario (`scenario`) or a reusable step.
pub(super) fn above(cx: &mut Context<'_>, tag: &TagNode, above: &mut Above, scenario: bool) {
    match tag.name.as_str() {
        "module" => {
            if let Some(first) = above.module_at {
                cx.duplicate(tag.name_range, "`@module`", first);
                return;
            }
            above.module_at = Some(tag.name_range);
            let herd = legacy::herd_of_module(cx, tag, scenario);
            let known: &[&str] = if herd.is_some() { &["layer", "domain", "herd"] } else { &["layer", "domain"] };
            cx.check_args(tag, 0, known);
            above.module.layer = tag.args.named("layer").and_then(|value| cx.choice(value, "layer", &["bronze", "silver", "gold"]));
            above.module.domain = cx.text_arg(tag, "domain");
            if scenario && above.herd.is_none() {
                above.herd = herd;
            }
            if tag.args.items.is_empty() {
                cx.missing_argument(tag, "`layer=` or `domain=`", "@module(layer=silver, domain=finance)");
            }
        }
        "herd" if !scenario => cx.misplaced(tag, "a herd runs scenarios; put it above a `Scenario:`"),
        "herd" => {
            cx.check_args(tag, 1, &[]);
            match &above.herd {
                Some(first) => {
                    let first = first.range;
                    cx.duplicate(tag.name_range, "the herd", first);
                }
                None => above.herd = required(cx, tag, "a herd", "@herd(finance)").map(|value| word(&value)),
            }
        }
        "accept" => above.accepted.extend(accept(cx, tag).map(|accept| Spanned::new(accept, tag.range()))),
        _ if !tag.args.items.is_empty() => {
            // A label has no arguments, so that another tag was meant.
            let known: Vec<&str> = of(Home::Above).collect();
            if let Some(meant) = cx.unknown_tag(tag, &known) {
                self::above(cx, &tag.renamed(meant), above, scenario);
            }
        }
        _ => match above.labels.iter().find(|label| label.value == tag.name) {
            Some(first) => {
                let first = first.range;
                cx.duplicate(tag.name_range, &format!("`@{}`", tag.name), first);
            }
            None => above.labels.push(Spanned::new(tag.name.clone(), tag.name_range)),
        },
    }
}

pub(super) fn source(cx: &mut Context<'_>, tag: &TagNode) -> Source {
    let args = legacy::connector(cx, tag).unwrap_or_else(|| tag.args.clone());
    cx.repeated_args(&args);
    unnamed(cx, tag, &args);
    if let Some(route) = child(&tag.node, SyntaxKind::Route) {
        unexpected(cx, route.text_range(), "a source takes every row", "choose rows in a step: `@do keep where …`");
    }
    Source { name: alias(tag), args, damaged: cx.damaged(tag.range()), range: tag.range() }
}

pub(super) fn sink(cx: &mut Context<'_>, tag: &TagNode, after: usize) -> Sink {
    let (args, condition) = legacy::sink(cx, tag).unwrap_or_else(|| (tag.args.clone(), None));
    cx.repeated_args(&args);
    unnamed(cx, tag, &args);
    if let Some(alias) = child(&tag.node, SyntaxKind::Alias) {
        unexpected(cx, alias.text_range(), "a sink has no name", "only sources and steps have names");
    }
    let on = args.named("on").cloned();
    if let Some(on) = &on {
        cx.choice(on, "set of rows", &["invalid"]);
    }
    // There is no other set of rows: a misspelt one is reported, and what these would leak is not said too.
    let invalid = on.is_some();
    let mut routes = tag.node.children().filter(|node| node.kind() == SyntaxKind::Route);
    let mut route = condition.map_or(SinkRoute::All, SinkRoute::When);
    if let Some(node) = routes.next() {
        route = match child(&node, SyntaxKind::Body) {
            Some(body) => SinkRoute::When(sql::sql(&body)),
            None if tokens(&node).any(|token| token.text() == "otherwise") => SinkRoute::Otherwise,
            None => SinkRoute::All,
        };
        if invalid {
            unexpected(cx, node.text_range(), "the quarantine is not routed", "a sink with `on=invalid` gets every quarantined row");
        }
    }
    if let Some(second) = routes.next() {
        unexpected(cx, second.text_range(), "a sink has one route", "write one `when`, or `otherwise`");
    }
    if invalid {
        route = SinkRoute::Invalid;
    }
    Sink { args, route, after, damaged: cx.damaged(tag.range()), range: tag.range() }
}

fn unexpected(cx: &mut Context<'_>, range: TextRange, what: &str, help: &str) {
    let diagnostic = codes::unexpected_text(cx.place(range), what, help);
    cx.report(diagnostic);
}

/// Connectors decide about names; but every argument of one has a name.
fn unnamed(cx: &mut Context<'_>, tag: &TagNode, args: &Args) {
    for value in args.positional() {
        let text = value.value.as_str();
        let named = text.split_once("==").or_else(|| text.split_once(':')).map(|(name, value)| (name.trim(), value.trim()));
        let diagnostic = match named.filter(|(name, _)| name.chars().all(|c| c.is_alphanumeric() || c == '_')) {
            Some((name, after)) => codes::unknown_argument(cx.place(value.range), &tag.name, text, None, &[])
                .with_help(format!("an argument is `name=value`: write `{name}={after}`")),
            None => codes::unknown_argument(cx.place(value.range), &tag.name, text, None, &["type", "contract"]),
        };
        cx.report(diagnostic);
    }
}

/// A `@step(…)`; `None` when it has no name, which is reported.
pub(super) fn step_use(cx: &mut Context<'_>, tag: &TagNode) -> Option<StepUse> {
    if let Some(route) = child(&tag.node, SyntaxKind::Route) {
        unexpected(cx, route.text_range(), "a step has no route", "did you mean the tag `@when`?");
    }
    let legacy = legacy::step_name(cx, tag);
    let mut args = tag.args.clone();
    cx.repeated_args(&args);
    if legacy.is_some() {
        args.items.remove(0);
    }
    for value in args.positional() {
        let diagnostic = codes::unknown_argument(cx.place(value.range), "step", value.value.as_str(), None, &["name", "domain", "from"]);
        cx.report(diagnostic);
    }
    let Some(full) = legacy.or_else(|| args.named("name").map(word)) else {
        let meant = args.items.iter().filter_map(|arg| arg.name.as_ref()).find(|name| near(&name.value, ["name"]).is_some());
        match meant {
            Some(meant) => {
                let diagnostic = codes::unknown_argument(cx.place(meant.range), "step", &meant.value, Some("name"), &[]);
                cx.report(diagnostic);
            }
            None => cx.missing_argument(tag, "`name=`", "@step(name=Name)"),
        }
        return None;
    };
    let (name, version) = match full.value.split_once('@') {
        Some((name, version)) => {
            let quoted = TextSize::of(full.value.as_str()) < full.range.len();
            let start = full.range.start() + TextSize::of(name) + TextSize::new(1) + TextSize::new(u32::from(quoted));
            let range = TextRange::at(start, TextSize::of(version));
            (name.to_owned(), step::version_number(cx, version, range))
        }
        None => (full.value.clone(), None),
    };
    let (domain, from) = (args.named("domain").map(word), args.named("from").map(word));
    args.items.retain(|arg| arg.name.as_ref().is_some_and(|name| !matches!(name.value.as_str(), "name" | "domain" | "from")));
    Some(StepUse {
        name: Spanned::new(name, full.range),
        version,
        domain,
        from,
        alias: alias(tag),
        args,
        body: StepKind::default(),
        on_fail: None,
        contract: None,
        range: tag.range(),
    })
}

pub(super) fn quality(cx: &mut Context<'_>, tag: &TagNode) -> Quality {
    cx.check_args(tag, 0, &["max_invalid", "min_rows", "of"]);
    let max_invalid = tag.args.named("max_invalid").and_then(|value| cx.parsed(value, "percentage"));
    let min_rows = tag.args.named("min_rows").and_then(|value| cx.number(value, "number of rows"));
    if tag.args.named("max_invalid").is_none() && tag.args.named("min_rows").is_none() {
        cx.missing_argument(tag, "`max_invalid=` or `min_rows=`", "@quality(max_invalid=1%)");
    }
    Quality { max_invalid, min_rows, of: cx.text_arg(tag, "of"), range: tag.range() }
}

pub(super) fn alert(cx: &mut Context<'_>, tag: &TagNode) -> Option<Alert> {
    const EXAMPLE: &str = "@alert(on=quality, to=\"alerts/finance\")";
    cx.check_args(tag, 0, &["on", "to"]);
    let Some(on) = tag.args.named("on") else {
        cx.missing_argument(tag, "`on=`", EXAMPLE);
        return None;
    };
    let on = cx.choice(on, "occasion", &["quality", "assert", "invalid", "drift", "failure", "any"])?;
    let Some(to) = cx.text_arg(tag, "to") else {
        cx.missing_argument(tag, "`to=`", EXAMPLE);
        return None;
    };
    Some(Alert { on, to, range: tag.range() })
}

pub(super) fn window(cx: &mut Context<'_>, tag: &TagNode) -> Option<Window> {
    let args = legacy::window(cx, tag);
    let tag = &TagNode { node: tag.node.clone(), name: tag.name.clone(), name_range: tag.name_range, args };
    cx.check_args(tag, 1, &["sliding", "every", "session", "on", "by", "watermark", "late"]);
    let duration = |cx: &mut Context<'_>, name: &str| -> Option<Duration> {
        tag.args.named(name).and_then(|value| cx.parsed(value, "duration")).map(|duration| duration.value)
    };
    let (sliding, every, session) = (duration(cx, "sliding"), duration(cx, "every"), duration(cx, "session"));
    let tumbling = tag.args.positional().next().and_then(|value| cx.parsed::<Duration>(value, "duration")).map(|length| length.value);
    let kinds = [tag.args.positional().next().is_some(), tag.args.named("sliding").is_some(), tag.args.named("session").is_some()];
    let example = "@window(5m)`, `@window(sliding=10m, every=2m)` or `@window(session=15m)";
    if kinds.iter().filter(|kind| **kind).count() != 1 {
        cx.missing_argument(tag, "exactly one of a length, `sliding=` and `session=`", example);
        return None;
    }
    if tag.args.named("sliding").is_some() != tag.args.named("every").is_some() {
        cx.missing_argument(tag, "`sliding=` and `every=` together", "@window(sliding=10m, every=2m)");
        return None;
    }
    let by = tag.args.named("by").map(columns).unwrap_or_default();
    if let Some(first) = by.first().filter(|_| tag.args.named("session").is_none()) {
        unexpected(cx, first.range, "only sessions are parted by columns", "leave `by=` out, and use the columns in a `group by`");
    }
    Some(Window {
        length: tumbling.or(sliding),
        every,
        session,
        on: cx.text_arg(tag, "on"),
        by,
        watermark: duration(cx, "watermark"),
        late: tag.args.named("late").and_then(|value| cx.choice(value, "answer to late rows", &["filter", "quarantine", "update"])),
        range: tag.range(),
    })
}

/// `column`, or `(column, column)`.
fn columns(value: &Spanned<ArgValue>) -> Vec<Spanned<String>> {
    let text = value.value.as_str();
    let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(text);
    inner.split(',').map(|name| Spanned::new(unquote(name.trim()), value.range)).collect()
}

pub(super) fn golden(cx: &mut Context<'_>, tag: &TagNode) -> Option<Golden> {
    cx.repeated_args(&tag.args);
    for value in tag.args.positional() {
        let diagnostic = codes::unknown_argument(cx.place(value.range), "golden", value.value.as_str(), None, &["input", "output"]);
        cx.report(diagnostic);
    }
    let Some(output) = cx.text_arg(tag, "output") else {
        cx.missing_argument(tag, "`output=`", "@golden(input=\"golden/in.csv\", output=\"golden/out.json\")");
        return None;
    };
    Some(Golden { input: cx.text_arg(tag, "input"), output, args: tag.args.clone(), range: tag.range() })
}
