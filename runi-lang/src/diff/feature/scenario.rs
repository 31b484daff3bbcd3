//! A scenario: its sources, the steps and their order, windows; the rest is compared by the modules beside this one.

use super::body::{self, CHECKS, Ground, Said};
use super::meaning::{Place, Views};
use super::{Compare, brief, privacy, sinks, verify};
use crate::check::tidy;
use crate::diff::rules::{V026, V027, V028, W003, W004, W005, W010, W011, W012, W013, W014, W015, W016, W018, W019};
use crate::ir::{Node, Pipeline};
use crate::model::{Action, Args, Duration, Scenario, Source, StepKind, StepUse, Window};
use crate::schema::Schema;
use std::collections::{BTreeMap, BTreeSet};

/// Old names of views and what they are called now.
pub(super) type Renamed = BTreeMap<String, String>;

/// Both plans of one scenario, where there are any.
pub(super) type Plans<'a> = (Option<&'a Pipeline>, Option<&'a Pipeline>);

/// Compares two versions of one scenario.
pub(super) fn compare(compare: &mut Compare<'_>, old: &Scenario, new: &Scenario, plans: Plans<'_>) {
    grouping(compare, old, new);
    super::accepts(compare, &old.accepted, &new.accepted);
    let mut renamed = sources(compare, old, new);
    window(compare, old.window.as_ref(), new.window.as_ref());
    steps(compare, old, new, &mut renamed, plans);
    checks(compare, old, new, plans);
    let matched = sinks::compare(compare, old, new, &renamed, plans);
    verify::compare(compare, old, new, &renamed);
    privacy::compare(compare, plans.0, plans.1, Some((old, &matched)), new);
}

fn grouping(compare: &mut Compare<'_>, old: &Scenario, new: &Scenario) {
    let word =
        |value: Option<&crate::model::Spanned<String>>| value.map_or_else(|| "none".to_owned(), |value| format!("`{}`", value.value));
    let ranges = (Some(old.name.range), Some(new.name.range));
    for (what, was, is) in [("layer", &old.module.layer, &new.module.layer), ("domain", &old.module.domain, &new.module.domain)] {
        if was.as_ref().map(|was| &was.value) != is.as_ref().map(|is| &is.value) {
            let message = format!("the {what} is now {}, was {}", word(is.as_ref()), word(was.as_ref()));
            compare.note(&W019, "", message, ranges.0, ranges.1);
        }
    }
    let labels = |scenario: &Scenario| -> BTreeSet<String> { scenario.labels.iter().map(|label| label.value.clone()).collect() };
    let (was, is) = (labels(old), labels(new));
    for (gone, word) in was.difference(&is).map(|label| (label, "gone")).chain(is.difference(&was).map(|label| (label, "new"))) {
        compare.note(&W019, "", format!("the tag `@{}` is {word}", gone.trim_start_matches('@')), ranges.0, ranges.1);
    }
}

/// The name of a source's view.
pub(in crate::diff) fn source_name(source: &Source) -> String {
    let contract = || source.args.named("contract").map(|contract| crate::workspace::summary::snake_case(contract.value.as_str()));
    source.name.as_ref().map(|name| name.value.clone()).or_else(contract).unwrap_or_else(|| "source".to_owned())
}

/// The text of an argument.
pub(super) fn arg<'a>(args: &'a Args, name: &str) -> Option<&'a str> {
    args.named(name).map(|value| value.value.as_str())
}

/// The named arguments of a tag, without some of them.
pub(super) fn named(args: &Args, without: &[&str]) -> BTreeMap<String, String> {
    let named = args.items.iter().filter_map(|arg| Some((arg.name.as_ref()?.value.clone(), arg.value.value.as_str().to_owned())));
    named.filter(|(name, _)| !without.contains(&name.as_str())).collect()
}

/// The named arguments of a source or a sink by what they mean: paths in one spelling, and without what holds anyway.
pub(super) fn meant(args: &Args, without: &[&str]) -> BTreeMap<String, String> {
    let mut meant = named(args, without);
    if let Some(path) = meant.get_mut("path") {
        *path = tidy(path);
    }
    if let Some(delimiter) = meant.get_mut("delimiter").filter(|text| *text == "\\t") {
        "tab".clone_into(delimiter);
    }
    // As the compiler reads an argument that is not there.
    const ANYWAY: [(&str, &str); 6] =
        [("delimiter", ","), ("quote", "\""), ("header", "true"), ("nulls", ""), ("compression", "auto"), ("mode", "overwrite")];
    meant.retain(|name, text| !ANYWAY.contains(&(name.as_str(), text.as_str())));
    meant
}

/// What of two lists of arguments differs, as words.
pub(super) fn arguments_told(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> String {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).filter(|name| old.get(*name) != new.get(*name)).collect();
    let told = names.into_iter().map(|name| match (old.get(name), new.get(name)) {
        (Some(was), Some(is)) => format!("`{name}` is now `{}`, was `{}`", brief(is), brief(was)),
        (Some(was), None) => format!("`{name}` is not said any more, was `{}`", brief(was)),
        (None, Some(is)) => format!("`{name}` is now `{}`", brief(is)),
        (None, None) => String::new(),
    });
    told.collect::<Vec<_>>().join("; ")
}

fn sources(compare: &mut Compare<'_>, old: &Scenario, new: &Scenario) -> Renamed {
    let mut renamed = Renamed::new();
    let mut left: Vec<&Source> = new.sources.iter().collect();
    let mut open = Vec::new();
    let mut pairs = Vec::new();
    for was in &old.sources {
        match left.iter().position(|is| source_name(is) == source_name(was)) {
            Some(at) => pairs.push((was, left.remove(at))),
            None => open.push(was),
        }
    }
    for was in open {
        let place = |source: &Source| (arg(&source.args, "path").map(str::to_owned), arg(&source.args, "table").map(str::to_owned));
        let contract = |source: &Source| arg(&source.args, "contract").map(str::to_owned);
        match left.iter().position(|is| place(is) == place(was) && contract(is) == contract(was)) {
            Some(at) => {
                let is = left.remove(at);
                let message = format!("the source `{}` was called `{}`", source_name(is), source_name(was));
                compare.note(&W018, &source_name(is), message, Some(was.range), Some(is.range));
                renamed.insert(source_name(was), source_name(is));
                pairs.push((was, is));
            }
            None => {
                let name = source_name(was);
                compare.note(&W012, &name, format!("the source `{name}` was removed"), Some(was.range), None);
            }
        }
    }
    for is in left {
        let name = source_name(is);
        compare.note(&W011, &name, format!("the source `{name}` was added"), None, Some(is.range));
    }
    for (was, is) in pairs {
        let name = source_name(is);
        let (before, after) = (meant(&was.args, &["contract"]), meant(&is.args, &["contract"]));
        if before != after {
            let message = format!("the source `{name}` is read in another way: {}", arguments_told(&before, &after));
            compare.note(&W010, &name, message, Some(was.range), Some(is.range));
        }
        let (before, after) = (arg(&was.args, "contract"), arg(&is.args, "contract"));
        if before != after {
            let word = |contract: Option<&str>| contract.map_or_else(|| "none".to_owned(), |contract| format!("`{contract}`"));
            let message = format!("the contract of the source `{name}` is now {}, was {}", word(after), word(before));
            compare.note(&W013, &name, message, Some(was.range), Some(is.range));
        }
    }
    renamed
}

fn window(compare: &mut Compare<'_>, old: Option<&Window>, new: Option<&Window>) {
    let said = |window: &Window| {
        let time = |name: &str, time: Option<Duration>| time.map(|time| (name.to_owned(), time.to_string()));
        let word =
            |name: &str, word: &Option<crate::model::Spanned<String>>| word.as_ref().map(|word| (name.to_owned(), word.value.clone()));
        let parts = [
            time("length", window.length),
            time("every", window.every),
            time("session", window.session),
            word("on", &window.on),
            time("watermark", window.watermark),
            word("late", &window.late),
        ];
        parts.into_iter().flatten().collect::<BTreeMap<_, _>>()
    };
    let (before, after) = (old.map(said), new.map(said));
    let message = match (&before, &after) {
        (Some(was), Some(is)) if was != is => format!("the window changed: {}", arguments_told(was, is)),
        (Some(_), None) => "the window was removed".to_owned(),
        (None, Some(is)) => format!("a window was added: {}", arguments_told(&BTreeMap::new(), is)),
        _ => return,
    };
    compare.note(&W014, "", message, old.map(|window| window.range), new.map(|window| window.range));
}

/// The name of a step's view.
pub(in crate::diff) fn step_name(step: &StepUse) -> &str {
    step.alias.as_ref().map_or(step.name.value.as_str(), |alias| alias.value.as_str())
}

/// The view that a step reads as `input`, and whether it says so.
fn input_of(scenario: &Scenario, at: usize) -> (Option<String>, bool) {
    if let Some(from) = scenario.steps.get(at).and_then(|step| step.from.as_ref()) {
        return (Some(from.value.clone()), true);
    }
    let above = at.checked_sub(1).and_then(|above| scenario.steps.get(above)).map(|step| step_name(step).to_owned());
    (above.or_else(|| scenario.sources.first().map(source_name)), false)
}

/// Every view of a scenario by name.
pub(super) fn views(scenario: &Scenario) -> BTreeSet<String> {
    scenario.sources.iter().map(source_name).chain(scenario.steps.iter().map(|step| step_name(step).to_owned())).collect()
}

/// What an old name is called now.
pub(super) fn now_called(renamed: &Renamed, name: &str) -> String {
    renamed.get(name).cloned().unwrap_or_else(|| name.to_owned())
}

fn steps(compare: &mut Compare<'_>, old: &Scenario, new: &Scenario, renamed: &mut Renamed, plans: Plans<'_>) {
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    let (mut gone, mut come) = (Vec::new(), (0..new.steps.len()).collect::<Vec<_>>());
    for (at, was) in old.steps.iter().enumerate() {
        match come.iter().position(|is| new.steps.get(*is).is_some_and(|is| step_name(is) == step_name(was))) {
            Some(found) => pairs.push((at, come.remove(found))),
            None => gone.push(at),
        }
    }
    // A step that went and one that came in its place, with the same body, is one that got another name.
    gone.retain(|at| {
        let Some(was) = old.steps.get(*at) else { return true };
        let twin = come.iter().position(|is| new.steps.get(*is).is_some_and(|is| same_step(was, is)));
        let Some(is_at) = twin.map(|found| come.remove(found)) else { return true };
        if let Some(is) = new.steps.get(is_at) {
            let message = format!("the step `{}` was called `{}`", step_name(is), step_name(was));
            compare.note(&W018, step_name(is), message, Some(was.range), Some(is.range));
            renamed.insert(step_name(was).to_owned(), step_name(is).to_owned());
            pairs.push((*at, is_at));
        }
        false
    });
    for was in gone.iter().filter_map(|at| old.steps.get(*at)) {
        compare.note(&W004, step_name(was), format!("the step `{}` was removed", step_name(was)), Some(was.range), None);
    }
    for is in come.iter().filter_map(|at| new.steps.get(*at)) {
        compare.note(&W003, step_name(is), format!("the step `{}` was added", step_name(is)), None, Some(is.range));
    }
    pairs.sort_unstable();
    order(compare, old, new, &pairs);
    for (was_at, is_at) in pairs {
        let (Some(was), Some(is)) = (old.steps.get(was_at), new.steps.get(is_at)) else { continue };
        input(compare, (old, was_at), (new, is_at), renamed);
        step(compare, was, is, renamed, plans);
    }
}

/// Whether two steps differ in nothing but their names.
fn same_step(was: &StepUse, is: &StepUse) -> bool {
    let texts = |body: &StepKind| {
        let when = body.when.iter().map(|promise| crate::sql::token_form(&promise.sql.text));
        let then = body.then.iter().map(|promise| crate::sql::token_form(&promise.sql.text));
        let actions = body.actions.iter().map(|block| body::token_text(&block.action));
        (when.collect::<Vec<_>>(), then.collect::<Vec<_>>(), actions.collect::<Vec<_>>())
    };
    let same_use = was.name.value == is.name.value && used(was) == used(is);
    let inline = !was.body.is_empty() && !is.body.is_empty() && texts(&was.body) == texts(&is.body);
    (was.body.is_empty() && is.body.is_empty() && same_use) || inline
}

/// Steps that are in both versions and stand in another order.
fn order(compare: &mut Compare<'_>, old: &Scenario, new: &Scenario, pairs: &[(usize, usize)]) {
    // The longest run of steps that kept their order; the others were moved.
    let mut best: Vec<Vec<usize>> = Vec::new();
    for (at, (_, is)) in pairs.iter().enumerate() {
        let before = (0..at).filter(|other| pairs.get(*other).is_some_and(|(_, other)| other < is));
        let mut chain = before.filter_map(|other| best.get(other)).max_by_key(|chain| chain.len()).cloned().unwrap_or_default();
        chain.push(at);
        best.push(chain);
    }
    let kept = best.into_iter().max_by_key(Vec::len).unwrap_or_default();
    let moved: Vec<&(usize, usize)> = pairs.iter().enumerate().filter(|(at, _)| !kept.contains(at)).map(|(_, pair)| pair).collect();
    for (was_at, is_at) in moved {
        let (Some(was), Some(is)) = (old.steps.get(*was_at), new.steps.get(*is_at)) else { continue };
        let place = |scenario: &Scenario, at: usize| match input_of(scenario, at).0 {
            Some(view) => format!("after `{view}`"),
            None => "first".to_owned(),
        };
        let message = format!("the step `{}` now stands {}, stood {}", step_name(is), place(new, *is_at), place(old, *was_at));
        compare.note(&W005, step_name(is), message, Some(was.range), Some(is.range));
    }
}

/// What a step reads, where that does not follow from steps that came, went or moved.
fn input(compare: &mut Compare<'_>, (old, was_at): (&Scenario, usize), (new, is_at): (&Scenario, usize), renamed: &Renamed) {
    let ((Some(was), was_said), (Some(is), is_said)) = (input_of(old, was_at), input_of(new, is_at)) else { return };
    let now = now_called(renamed, &was);
    let from_source = |scenario: &Scenario, name: &str| scenario.sources.iter().any(|source| source_name(source) == name);
    let both_known = views(new).contains(&now) && views(old).iter().any(|name| now_called(renamed, name) == is);
    let told = was_said || is_said || (from_source(old, &was) && from_source(new, &is) && both_known);
    if now == is || !told {
        return;
    }
    let (Some(before), Some(after)) = (old.steps.get(was_at), new.steps.get(is_at)) else { return };
    if ignores_input(before) && ignores_input(after) {
        return;
    }
    let message = format!("the step `{}` now reads `{is}`, read `{was}`", step_name(after));
    compare.note(&W015, step_name(after), message, Some(before.range), Some(after.range));
}

/// Whether a step is a `select` that names its views itself.
fn ignores_input(step: &StepUse) -> bool {
    step.body.actions.iter().any(|block| match &block.action {
        Action::Query(sql) => !crate::sql::token_form(&sql.text).split('\u{1f}').any(|token| token.trim_matches('"') == "input"),
        _ => false,
    })
}

/// What a use says of the reusable step: version, domain, arguments.
fn used(step: &StepUse) -> BTreeMap<String, String> {
    let mut used = named(&step.args, &[]);
    used.extend(step.version.as_ref().map(|version| ("version".to_owned(), version.value.to_string())));
    used.extend(step.domain.as_ref().map(|domain| ("domain".to_owned(), domain.value.clone())));
    used
}

fn step(compare: &mut Compare<'_>, was: &StepUse, is: &StepUse, renamed: &Renamed, plans: Plans<'_>) {
    let name = step_name(is);
    let ranges = (Some(was.range), Some(is.range));
    match (was.body.is_empty(), is.body.is_empty()) {
        (true, true) => {
            let (before, after) = (used(was), used(is));
            if was.name.value != is.name.value {
                let message = format!("`{name}` now uses `{}`, used `{}`", is.name.value, was.name.value);
                compare.note(&W016, name, message, ranges.0, ranges.1);
            } else if before != after {
                let message = format!("`{name}` is used in another way: {}", arguments_told(&before, &after));
                compare.note(&W016, name, message, ranges.0, ranges.1);
            }
        }
        (true, false) => {
            let message = format!("`{name}` now has its own body, used `{}`", was.name.value);
            compare.note(&W016, name, message, ranges.0, ranges.1);
        }
        (false, true) => {
            let message = format!("`{name}` now uses `{}`, had its own body", is.name.value);
            compare.note(&W016, name, message, ranges.0, ranges.1);
        }
        (false, false) => body::compare(compare, name, &was.body, &is.body, &Ground { renamed: renamed.clone(), ..ground(was, is, plans) }),
    }
    body::on_fail(compare, name, (was.on_fail.as_ref(), was.range), (is.on_fail.as_ref(), is.range));
    let contract = |step: &StepUse| step.contract.as_ref().map(|contract| contract.value.clone());
    let range = |step: &StepUse| Some(step.contract.as_ref().map_or(step.range, |contract| contract.range));
    match (contract(was), contract(is)) {
        (None, Some(after)) => {
            compare.note(&V026, name, format!("the rows after `{name}` are now held to `{after}`"), None, range(is));
        }
        (Some(before), None) => {
            compare.note(&V027, name, format!("the rows after `{name}` are not held to `{before}` any more"), range(was), None);
        }
        (Some(before), Some(after)) if before != after => {
            compare.note(
                &V028,
                name,
                format!("the rows after `{name}` are now held to `{after}`, were to `{before}`"),
                range(was),
                range(is),
            );
        }
        _ => {}
    }
}

/// The node of a view.
pub(super) fn node<'p>(plan: Option<&'p Pipeline>, name: &str) -> Option<&'p Node> {
    plan?.nodes.iter().find(|node| node.name == name)
}

/// What is known of the place of a step, from the plans.
fn ground(was: &StepUse, is: &StepUse, plans: Plans<'_>) -> Ground {
    let input = |plan: Option<&Pipeline>, step: &StepUse| -> Option<Schema> {
        let plan = plan?;
        let at = plan.nodes.iter().position(|node| node.name == step_name(step))?;
        let input = match &plan.nodes.get(at)?.kind {
            crate::ir::NodeKind::Rows(rows) => rows.input.index(),
            _ => at.checked_sub(1)?,
        };
        Some(plan.nodes.get(input)?.schema.clone())
    };
    let views = |plan: Option<&Pipeline>, step: &StepUse| -> Option<Views> {
        let plan = plan?;
        let at = plan.nodes.iter().position(|node| node.name == step_name(step))?;
        let crate::ir::NodeKind::Query(query) = &plan.nodes.get(at)?.kind else { return None };
        let above = plan.nodes.iter().take(at).map(|node| (node.name.clone(), node.schema.clone()));
        let read = query.views.iter().filter_map(|(name, node)| Some((name.clone(), plan.nodes.get(node.index())?.schema.clone())));
        let mut views: BTreeMap<String, Schema> = above.collect();
        views.extend(read);
        Some(views.into_iter().collect())
    };
    let output = |plan, step| node(plan, step_name(step)).map(|node| node.schema.clone());
    let is_query = |step: &StepUse| step.body.actions.iter().any(|block| matches!(block.action, Action::Query(_)));
    Ground {
        input: Place {
            before: if is_query(was) { None } else { input(plans.0, was) },
            after: if is_query(is) { None } else { input(plans.1, is) },
            ..Place::default()
        },
        views: (views(plans.0, was), views(plans.1, is)),
        output: Place { before: output(plans.0, was), after: output(plans.1, is), ..Place::default() },
        renamed: Renamed::new(),
    }
}

/// Checks hold on the rows that reach the sinks. Their titles are prose, which may be reworded.
fn checks(compare: &mut Compare<'_>, old: &Scenario, new: &Scenario, plans: Plans<'_>) {
    let schema = |plan: Option<&Pipeline>| {
        let plan = plan?;
        let mut inputs = plan.checks.iter().map(|check| check.input);
        let first = inputs.next()?;
        // A check over the rows of several steps has more than one schema.
        inputs.all(|input| input == first).then(|| plan.nodes.get(first.index()).map(|node| node.schema.clone()))?
    };
    let place = Place { before: schema(plans.0), after: schema(plans.1), ..Place::default() };
    let (before, after) = (said(old), said(new));
    body::promises(compare, "", &CHECKS, &before, &after, &place);
}

fn said(scenario: &Scenario) -> Vec<Said<'_>> {
    scenario.checks.iter().map(|check| Said { title: None, sql: &check.sql }).collect()
}
