//! What `Runi.toml` and herds change although no feature does: a variable that moves a sink, another key of masks, a quarantine that
//! newly holds raw rows.
//!
//! Nothing of that stands in a feature, so the plans of both versions are laid side by side, once for each environment that both
//! versions have. What differs is a finding of the scenario whose rows it concerns, under the rule that the same effect has when a
//! feature causes it.

use super::change::{Change, Item, ItemKind};
use super::drift::{Drifted, file_of, placed, spot};
use super::feature::{another_key, sink_name, source_name, weaker};
use super::request::{Pair, RequestError};
use super::rule::Rule;
use super::rule::Verdict::Breaking;
use super::rules::{M001, M005, M006, R003, R004, R008, W010};
use super::side::Side;
use crate::check::sensitive_fields;
use crate::ir::{Connector, NodeKind, Pipeline, Route, SinkNode};
use crate::model::{Mask, Scenario, Sink, SinkRoute};
use crate::sql::SqlEngine;
use crate::workspace::Workspace;
use crate::workspace::files::Role;
use std::collections::BTreeMap;
use std::mem::discriminant;
use std::sync::Arc;

/// Whether anything differs that plans depend on and features do not say.
pub(super) fn differ(pair: &Pair) -> bool {
    let herds = pair.changed.iter().any(|path| Role::of(path) == Some(Role::Herd));
    // What was no workspace has no environments.
    let both = pair.base.has_manifest && pair.head.has_manifest;
    both && (herds || pair.base.manifest.environments != pair.head.manifest.environments)
}

/// A finding before the environments in which it holds are put together.
struct Effect<'p> {
    rule: &'static Rule,
    plan: &'p Pipeline,
    /// The sink or source; empty for the scenario.
    part: String,
    /// A sentence without its end.
    message: String,
    is_breaking: bool,
    columns: Vec<String>,
    /// The sink or source where it stands; the scenario otherwise.
    at: At,
}

/// What of a scenario an effect is about.
enum At {
    Scenario,
    Source(String),
    /// A sink, and whether it is the quarantine's, which is called so where it has no name of its own.
    Sink(String, bool),
}

/// What makes two findings one: the scenario, the rule, the part, the message.
type Told = (String, &'static str, String, String);

/// Everything that differs by the environments and the herds alone.
///
/// # Errors
/// When a side cannot be opened.
pub(super) fn moved(pair: &Pair, engine: &dyn Fn() -> Arc<dyn SqlEngine>) -> Result<Vec<Drifted>, RequestError> {
    let mut found: BTreeMap<Told, (Drifted, Vec<String>)> = BTreeMap::new();
    for (name, is) in &pair.head.manifest.environments {
        let Some(was) = pair.base.manifest.environments.get(name) else { continue };
        let ((old, before), (new, after)) = (planned(&pair.base, name, engine)?, planned(&pair.head, name, engine)?);
        for plan in &after {
            let Some(earlier) = before.iter().find(|earlier| earlier.slug == plan.slug) else { continue };
            let source = |key: &Option<String>, secrets: &BTreeMap<String, _>| key.as_ref().and_then(|key| secrets.get(key).cloned());
            let sources = (source(&earlier.mask_key, &was.secrets), source(&plan.mask_key, &is.secrets));
            let resourced = plan.mask_key.is_some() && earlier.mask_key == plan.mask_key && sources.0 != sources.1;
            for effect in effects(earlier, plan, resourced) {
                let key = (effect.plan.slug.clone(), effect.rule.id, effect.part.clone(), effect.message.clone());
                let entry = found.entry(key).or_insert_with(|| (drifted([&old, &new], &effect), Vec::new()));
                entry.1.push(format!("`{name}`"));
            }
        }
    }
    let told = |(mut drifted, names): (Drifted, Vec<String>)| {
        let (word, names) = match names.split_last() {
            Some((last, [])) => ("environment", last.clone()),
            Some((last, others)) => ("environments", format!("{} and {last}", others.join(", "))),
            None => ("environment", String::new()),
        };
        drifted.change.message.push_str(&format!(", in the {word} {names}"));
        drifted
    };
    Ok(found.into_values().map(told).collect())
}

/// One side's plans in an environment.
fn planned(side: &Side, environment: &str, engine: &dyn Fn() -> Arc<dyn SqlEngine>) -> Result<(Workspace, Vec<Pipeline>), RequestError> {
    let mut workspace = Workspace::with_tree(Arc::clone(&side.tree), Some(environment))?;
    workspace.check(engine)?;
    // A scenario that reads its own output in a circle has no order to run in, and so no plan.
    let pipelines = workspace.pipelines(&*engine(), &[]).unwrap_or_default();
    Ok((workspace, pipelines))
}

fn effects<'p>(before: &Pipeline, after: &'p Pipeline, resourced: bool) -> Vec<Effect<'p>> {
    let mut found = Vec::new();
    let effect = |rule, part: &str, message: String| Effect {
        rule,
        plan: after,
        part: part.to_owned(),
        message,
        is_breaking: false,
        columns: Vec::new(),
        at: At::Scenario,
    };
    for node in &after.nodes {
        let connector = |node: &crate::ir::Node| match &node.kind {
            NodeKind::Source(source) => Some(source.connector.clone()),
            NodeKind::Rows(_) | NodeKind::Query(_) => None,
        };
        let was = before.nodes.iter().find(|was| was.name == node.name).and_then(connector);
        if let (Some(was), Some(is)) = (was, connector(node))
            && was != is
        {
            let place = if was.path() == is.path() {
                "in another way".to_owned()
            } else {
                format!("from `{}`, was from `{}`", is.path(), was.path())
            };
            let own = effect(&W010, &node.name, format!("the source `{}` is now read {place}", node.name));
            found.push(Effect { at: At::Source(node.name.clone()), ..own });
        }
    }
    for is in &after.sinks {
        let Some(was) = before.sinks.iter().find(|was| was.name == is.name) else { continue };
        let name = base(&is.name);
        let at = || At::Sink(name.to_owned(), is.route == Route::Invalid);
        if let Some((rule, what)) = written(&was.connector, &is.connector) {
            found.push(Effect { at: at(), ..effect(rule, name, format!("the sink `{name}` now {what}")) });
        }
        // What a contract changes about itself is graded there.
        if was.contract == is.contract {
            for (column, mask, earlier) in less_masked(was, is) {
                let now = mask.map_or_else(|| "not masked".to_owned(), |mask| format!("masked by `{}`", mask.name()));
                let message = format!("`{column}` is {now} in the sink `{name}`, was masked by `{}`", earlier.name());
                let own = effect(&M001, &format!("{name}.{column}"), message);
                found.push(Effect { columns: vec![column.to_owned()], at: at(), ..own });
            }
        }
        if is.route == Route::Invalid && after.raw_quarantine && !before.raw_quarantine && has_labels(after) {
            let message = "the quarantine now holds raw rows with sensitive columns".to_owned();
            found.push(Effect { at: at(), ..effect(&M005, "invalid", message) });
        }
    }
    if another_key(before, after) || resourced {
        let message = "the keyed masks get another key".to_owned();
        found.push(Effect { is_breaking: true, ..effect(&M006, "", message) });
    }
    found
}

/// How a sink writes elsewhere or otherwise; `None` when it does not.
fn written(was: &Connector, is: &Connector) -> Option<(&'static Rule, String)> {
    if was.path() != is.path() {
        return Some((&R003, format!("writes `{}`, wrote `{}`", is.path(), was.path())));
    }
    if discriminant(was) != discriminant(is) {
        return Some((&R004, "writes another format".to_owned()));
    }
    (was != is).then(|| (&R008, "is written in another way".to_owned()))
}

/// Columns whose mask got weaker, or that lost it.
fn less_masked<'s>(was: &'s SinkNode, is: &'s SinkNode) -> Vec<(&'s str, Option<&'s Mask>, &'s Mask)> {
    let column = |column: &'s crate::ir::SinkColumn| {
        let earlier = was.columns.iter().find(|known| known.name == column.name)?.mask.as_ref()?;
        weaker(Some(earlier), column.mask.as_ref()).then_some((column.name.as_str(), column.mask.as_ref(), earlier))
    };
    is.columns.iter().filter_map(column).collect()
}

/// Whether a source of the plan has a column that is marked as sensitive.
fn has_labels(plan: &Pipeline) -> bool {
    plan.nodes.iter().any(|node| match &node.kind {
        NodeKind::Source(source) => source.contract.iter().any(|binding| !sensitive_fields(&binding.contract).is_empty()),
        NodeKind::Rows(_) | NodeKind::Query(_) => false,
    })
}

/// A name without the number of a repeat.
fn base(name: &str) -> &str {
    name.split('#').next().unwrap_or(name)
}

fn drifted(workspaces: [&Workspace; 2], effect: &Effect<'_>) -> Drifted {
    let plan = effect.plan;
    let item = Item { kind: ItemKind::Scenario, name: plan.scenario.clone() };
    let mut change = Change::new(effect.rule, &item, effect.part.clone(), effect.message.clone());
    change.columns.clone_from(&effect.columns);
    if effect.is_breaking {
        change.consumer = Breaking;
    }
    let range = |scenario: &Scenario| match &effect.at {
        At::Scenario => None,
        At::Source(name) => scenario.sources.iter().find(|source| source_name(source) == *name).map(|source| source.range),
        At::Sink(name, is_quarantine) => {
            let named = |sink: &&Sink| sink_name(sink) == *name;
            let quarantine = |sink: &&Sink| *is_quarantine && sink.route == SinkRoute::Invalid;
            scenario.sinks.iter().find(named).or_else(|| scenario.sinks.iter().find(quarantine)).map(|sink| sink.range)
        }
    };
    let stands = |workspace: &Workspace| spot(workspace, &plan.slug, &|scenario| range(scenario).or(Some(scenario.name.range)));
    [change.before, change.after] = workspaces.map(stands);
    let paths: [Option<Arc<str>>; 2] = workspaces.map(|workspace| file_of(workspace, &plan.slug));
    let texts = [0, 1].map(|side: usize| {
        let (workspace, path) = (workspaces.get(side)?, paths.get(side)?.as_deref()?);
        workspace.text(path)
    });
    let path = plan.origin.path.as_str();
    let feature = workspaces[1].feature(path);
    let scenario = feature.iter().flat_map(|feature| &feature.scenarios).find(|scenario| scenario.name.value == plan.scenario);
    let accepted = scenario.map(|scenario| placed(path, &scenario.accepted)).unwrap_or_default();
    Drifted { change, paths, accepted, texts }
}
