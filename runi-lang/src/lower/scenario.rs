//! A scenario.

use super::args::TagNode;
use super::context::{Context, child, doc, name, tags, title, tokens};
use super::scenario_tags::{self as read, Above};
use super::{action, args, examples, sql, step};
use crate::diagnostics::syntax as codes;
use crate::model::{Action, Check, DoBlock, Narration, NarrationWord, Scenario, Spanned, StepUse};
use crate::syntax::tags::{Home, homes, of};
use crate::syntax::{SyntaxKind, SyntaxNode, SyntaxToken};
use rowan::{TextRange, TextSize};

/// The item that a tag below would belong to.
enum Last {
    Nothing,
    Step,
    /// Something that could not be read and was reported.
    Broken,
    Other,
}

/// Reads a scenario; `None` when it has no name.
pub(super) fn scenario(cx: &mut Context<'_>, item: &SyntaxNode) -> Option<Scenario> {
    let name = title(item)?;
    let keyword = tokens(item).find(|token| token.kind() == SyntaxKind::ScenarioKw)?.text_range().start();
    let mut above = Above::default();
    for tag in tags(item).iter().filter(|tag| tag.name_range.start() < keyword) {
        read::above(cx, tag, &mut above, true);
    }
    let mut scenario = Scenario {
        doc: doc(item),
        module: above.module,
        herd: above.herd,
        labels: above.labels,
        accepted: above.accepted,
        examples: examples::of(cx, item),
        ..Scenario::new(name, item.text_range())
    };
    let mut last = Last::Nothing;
    for node in item.children() {
        match node.kind() {
            SyntaxKind::Tag => {
                let Some(tag) = args::tag(&node).filter(|tag| tag.name_range.start() > keyword) else { continue };
                tag_below(cx, &tag, &mut scenario, &mut last);
            }
            SyntaxKind::Narration => narration(cx, &mut scenario, &node),
            // What was meant is not known; the tags below may belong to it.
            SyntaxKind::Error => {
                if matches!(last, Last::Step)
                    && let Some(step) = scenario.steps.last_mut().filter(|step| step.body.is_empty() && step.args.items.is_empty())
                {
                    // It was to be the step's body, which then is no reusable one.
                    step.body.actions.push(DoBlock { title: None, action: Action::Broken, range: node.text_range() });
                }
                last = Last::Broken;
            }
            _ => {}
        }
    }
    scenario.damaged |= cx.damaged(item.text_range());
    for step in &mut scenario.steps {
        action::check(cx, &mut step.body);
    }
    Some(scenario)
}

fn tag_below(cx: &mut Context<'_>, tag: &TagNode, scenario: &mut Scenario, last: &mut Last) {
    let known = homes(&tag.name);
    if known.is_some_and(|homes| homes.contains(&Home::Step)) {
        match (&last, scenario.steps.last_mut()) {
            (Last::Step, Some(step)) => under_step(cx, tag, step),
            // The step above could not be read and was reported.
            (Last::Step, None) | (Last::Broken, _) => {}
            _ => cx.misplaced(tag, "it belongs right under a `@step(…)`"),
        }
        return;
    }
    let above = std::mem::replace(last, Last::Other);
    match tag.name.as_str() {
        "source" => {
            let source = read::source(cx, tag);
            scenario.sources.push(source);
        }
        "step" => {
            *last = Last::Step;
            match read::step_use(cx, tag) {
                Some(step) => scenario.steps.push(step),
                None => {
                    scenario.damaged = true;
                    *last = Last::Broken;
                }
            }
        }
        "sink" => {
            let after = scenario.steps.len();
            scenario.sinks.push(read::sink(cx, tag, after));
        }
        "quality" => {
            let quality = read::quality(cx, tag);
            scenario.quality.push(quality);
        }
        "assert" => {
            cx.check_args(tag, 0, &[]);
            if let Some(promise) = cx.promise(tag) {
                scenario.asserts.push(crate::model::Assertion { title: promise.title, sql: promise.sql });
            }
        }
        "alert" => scenario.alerts.extend(read::alert(cx, tag)),
        "window" => match &scenario.window {
            Some(first) => {
                let first = first.range;
                cx.duplicate(tag.name_range, "`@window`", first);
            }
            None => scenario.window = read::window(cx, tag),
        },
        "golden" => scenario.goldens.extend(read::golden(cx, tag)),
        _ => {
            *last = Last::Nothing;
            match known {
                Some(homes) if homes.contains(&Home::Above) => {
                    cx.misplaced(tag, "it stands above the `Scenario:` or `Step:` that it describes")
                }
                Some(_) => cx.misplaced(tag, "this tag belongs in a contract"),
                None => {
                    let known: Vec<&str> = of(Home::Scenario).chain(of(Home::Step)).collect();
                    *last = above;
                    match cx.unknown_tag(tag, &known) {
                        // It is read as what it was meant to be, so that what follows from it is not said too.
                        Some(meant) => tag_below(cx, &tag.renamed(meant), scenario, last),
                        None => {
                            scenario.damaged = true;
                            *last = Last::Broken;
                        }
                    }
                }
            }
        }
    }
}

fn under_step(cx: &mut Context<'_>, tag: &TagNode, step: &mut StepUse) {
    if step::body_tag(cx, tag, &mut step.body, &mut step.on_fail) {
        return;
    }
    match &step.contract {
        Some(first) => {
            let first = first.range;
            cx.duplicate(tag.name_range, "`@contract`", first);
        }
        None => step.contract = step::contract_of(cx, tag),
    }
}

fn narration(cx: &mut Context<'_>, scenario: &mut Scenario, node: &SyntaxNode) {
    let parts: Vec<SyntaxToken> = tokens(node).collect();
    let Some((first, rest)) = parts.split_first() else { return };
    let word = match first.text() {
        "When" => NarrationWord::When,
        "Then" => NarrationWord::Then,
        "And" => NarrationWord::And,
        "But" => NarrationWord::But,
        _ => NarrationWord::Given,
    };
    let kind = match word {
        NarrationWord::And | NarrationWord::But => scenario.narration.last().map_or(NarrationWord::Given, |line| line.kind),
        _ => word,
    };
    if kind == NarrationWord::Then {
        for prose in rest.iter().filter(|token| token.kind() == SyntaxKind::Prose) {
            if let Some(at) = prose.text().find('`').and_then(|at| u32::try_from(at).ok()) {
                let range = TextRange::at(prose.text_range().start() + TextSize::new(at), TextSize::new(1));
                let diagnostic = codes::lone_backtick(cx.place(range));
                cx.report(diagnostic);
            }
        }
    }
    // A full stop or a comment after a check ends the line as well as nothing does.
    let rest = match rest {
        [before @ .., span, tail]
            if kind == NarrationWord::Then && span.kind() == SyntaxKind::CodeSpan && ends_line(tail.text()) && is_check(before) =>
        {
            rest.get(..rest.len() - 1).unwrap_or_default()
        }
        _ => rest,
    };
    let check = match rest {
        [prose @ .., before, span] if kind == NarrationWord::Then && span.kind() == SyntaxKind::CodeSpan => {
            let sql = sql::inside(span);
            (after_colon(before) && !sql.text.is_empty()).then_some((prose, before, sql))
        }
        _ => None,
    };
    let text = |parts: &[SyntaxToken]| parts.iter().map(SyntaxToken::text).collect::<String>();
    let (text, spans, checked) = match check {
        Some((prose, before, sql)) => {
            let title = text(prose) + before.text();
            let title = title.trim().trim_end_matches(':').trim_end().to_owned();
            scenario.checks.push(Check { title: title.clone(), sql });
            (title, prose, true)
        }
        None => (text(rest).trim().to_owned(), rest, false),
    };
    let names = spans
        .iter()
        .filter(|token| token.kind() == SyntaxKind::CodeSpan)
        .map(sql::inside)
        .filter(|sql| !sql.text.is_empty())
        .map(|sql| Spanned::new(sql.text, sql.range))
        .collect();
    scenario.narration.push(Narration { word, kind, text, names, checked, range: node.text_range() });
}

/// Whether what stands after this makes a code span a check.
fn after_colon(before: &SyntaxToken) -> bool {
    before.kind() == SyntaxKind::Prose && before.text().trim_end().ends_with(':')
}

fn is_check(before: &[SyntaxToken]) -> bool {
    before.last().is_some_and(after_colon)
}

/// Whether the text after a check says nothing more: `.`, `;`, a comment.
fn ends_line(tail: &str) -> bool {
    let rest = tail.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ';'));
    rest.is_empty() || rest.starts_with('#')
}

/// The name after `as`.
pub(super) fn alias(tag: &TagNode) -> Option<Spanned<String>> {
    name(&child(&tag.node, SyntaxKind::Alias)?)
}
