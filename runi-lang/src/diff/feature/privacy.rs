//! Which sensitive columns reach which places, from the plans of both versions.
//!
//! A label that a contract gained is graded at the contract. Here it is about ways: a column that is sensitive now and
//! reaches a place that it did not reach before, whatever it is called there and whatever was computed from it.

use super::Compare;
use super::sinks::{Matched, name as sink_name};
use crate::diagnostic::TextRange;
use crate::diff::rule::Verdict;
use crate::diff::rules::{M001, M002, M003, M004, M005, M006};
use crate::ir::{NodeKind, Pipeline, Route, SinkNode};
use crate::model::{Contract, Field, Mask, Scenario};
use crate::sql::Influence;
use std::collections::{BTreeMap, BTreeSet};

/// A column of a source's contract: contract, field.
type Origin = (String, String);

/// What reaches the columns of one sink: by output column, the origins.
type Reached = BTreeMap<String, BTreeSet<Origin>>;

/// Compares the outputs of two plans. Without an old scenario everything is new.
pub(super) fn compare(
    compare: &mut Compare<'_>,
    before: Option<&Pipeline>,
    after: Option<&Pipeline>,
    old: Option<(&Scenario, &Matched)>,
    new: &Scenario,
) {
    if let Some((old, _)) = old {
        herd(compare, before, after, old, new);
    }
    // Without the old plan nobody can say what is new.
    let Some(after) = after.filter(|_| old.is_none() || before.is_some()) else { return };
    let old_sink = |at: usize| -> Option<(&SinkNode, TextRange)> {
        let (scenario, matched) = old?;
        let (was, _) = matched.iter().find(|(_, is)| *is == at)?;
        Some((sink_node(before?, scenario, *was)?, scenario.sinks.get(*was)?.range))
    };
    for (at, sink) in new.sinks.iter().enumerate() {
        let Some(is) = sink_node(after, new, at) else { continue };
        let was = old_sink(at);
        if is.route == Route::Invalid {
            quarantine(compare, before, after, was, sink.range);
            continue;
        }
        let part = sink_name(sink);
        let reached = reached(after, is);
        let earlier = match (before, was) {
            (Some(before), Some((was, _))) => self::reached(before, was),
            _ => Reached::new(),
        };
        masks(compare, &part, (was, is), (after, &reached), sink.range);
        ways(compare, &part, (after, is, &reached), (&earlier, was.map(|(_, range)| range)), sink.range);
    }
}

/// The node of a scenario's sink. Only sinks that did not check have none, and then there is no plan.
fn sink_node<'p>(plan: &'p Pipeline, scenario: &Scenario, at: usize) -> Option<&'p SinkNode> {
    (plan.sinks.len() == scenario.sinks.len()).then(|| plan.sinks.get(at)).flatten()
}

/// The contract that a source of a plan is read under.
fn source_contract<'p>(plan: &'p Pipeline, view: &str) -> Option<&'p Contract> {
    plan.nodes.iter().filter(|node| node.name == view).find_map(|node| match &node.kind {
        NodeKind::Source(source) => source.contract.as_deref().map(|binding| &binding.contract),
        _ => None,
    })
}

/// The labels of a field that belong to it alone, as they are written.
fn label(field: &Field) -> Option<String> {
    let sensitivity = &field.sensitivity;
    let pii = sensitivity.pii.as_ref().map(|category| format!("@pii({category})"));
    let access = (!sensitivity.access.is_empty()).then(|| format!("@access({})", sensitivity.access.join(", ")));
    let classified = sensitivity.classification.as_ref().filter(|word| !matches!(word.as_str(), "public" | "internal"));
    let classified = classified.map(|word| format!("@classification({word})"));
    let labels: Vec<String> = [pii, access, classified].into_iter().flatten().collect();
    (!labels.is_empty()).then(|| labels.join(" "))
}

/// What a field of a source's contract says of itself, in this plan.
fn label_of(plan: &Pipeline, (contract, field): &Origin) -> Option<String> {
    plan.nodes.iter().find_map(|node| match &node.kind {
        NodeKind::Source(source) => {
            let bound = &source.contract.as_deref().filter(|binding| binding.contract.name == *contract)?.contract;
            label(bound.field(field)?)
        }
        _ => None,
    })
}

/// Every source column whose values reach a sink. A count says nothing of a value.
fn reached(plan: &Pipeline, sink: &SinkNode) -> Reached {
    let lineage = plan.lineage.iter().find(|lineage| lineage.sink == sink.name);
    let mut reached = Reached::new();
    for column in lineage.into_iter().flat_map(|lineage| &lineage.columns) {
        let origins = column.from.iter().filter(|(_, influence)| *influence != Influence::Count).filter_map(|(from, _)| {
            let contract = source_contract(plan, &from.view)?;
            Some((contract.name.clone(), from.column.clone()))
        });
        reached.insert(column.column.clone(), origins.collect());
    }
    reached
}

fn mask<'s>(sink: &'s SinkNode, column: &str) -> Option<&'s Mask> {
    sink.columns.iter().find(|known| known.name == column)?.mask.as_ref()
}

/// How little a mask leaves.
fn strength(mask: Option<&Mask>) -> (u8, i64) {
    match mask {
        None => (0, 0),
        Some(Mask::Generalise { .. }) => (1, 0),
        // The fewer characters stay, the stronger it is.
        Some(Mask::Partial { keep }) => (1, -i64::from(*keep)),
        Some(Mask::Hash | Mask::Tokenise) => (2, 0),
        Some(Mask::Null | Mask::Redact) => (3, 0),
    }
}

/// Whether a mask leaves more than the one before it.
pub(in crate::diff) fn weaker(was: Option<&Mask>, is: Option<&Mask>) -> bool {
    let ((was_kind, was_rest), (is_kind, is_rest)) = (strength(was), strength(is));
    let same_word = was.map(Mask::name) == is.map(Mask::name);
    is_kind < was_kind || (same_word && is_rest < was_rest)
}

fn told(mask: Option<&Mask>) -> String {
    mask.map_or_else(|| "not masked".to_owned(), |mask| format!("masked by `{}`", mask.name()))
}

/// Columns that another contract masks less. What one contract changes about itself is graded there.
fn masks(
    compare: &mut Compare<'_>,
    part: &str,
    (was, is): (Option<(&SinkNode, TextRange)>, &SinkNode),
    (plan, reached): (&Pipeline, &Reached),
    range: TextRange,
) {
    let Some((was, was_range)) = was else { return };
    let contract = |sink: &SinkNode| sink.contract.as_ref().map(|binding| binding.contract.name.clone());
    if contract(was) == contract(is) {
        return;
    }
    for column in &is.columns {
        let name = &column.name;
        if !was.columns.iter().any(|known| known.name == *name) || !weaker(mask(was, name), mask(is, name)) {
            continue;
        }
        let labels: BTreeSet<String> = reached.get(name).into_iter().flatten().filter_map(|origin| label_of(plan, origin)).collect();
        if labels.is_empty() {
            continue;
        }
        let labels = labels.into_iter().collect::<Vec<_>>().join(", ");
        let message = format!("`{name}` ({labels}) is {} in the sink `{part}`, was {}", told(mask(is, name)), told(mask(was, name)));
        if let Some(change) = compare.note(&M001, &format!("{part}.{name}"), message, Some(was_range), Some(range)) {
            change.columns = vec![name.clone()];
        }
    }
}

/// Sensitive columns that newly reach a sink.
fn ways(
    compare: &mut Compare<'_>,
    part: &str,
    (plan, sink, reached): (&Pipeline, &SinkNode, &Reached),
    (earlier, was_range): (&Reached, Option<TextRange>),
    range: TextRange,
) {
    let before: BTreeSet<&Origin> = earlier.values().flatten().collect();
    for (column, origins) in reached {
        let mask = mask(sink, column);
        if mask.is_some_and(Mask::clears) {
            continue;
        }
        for origin in origins.iter().filter(|origin| !before.contains(origin)) {
            let Some(label) = label_of(plan, origin) else { continue };
            let rule = if mask.is_some() { &M003 } else { &M002 };
            let message = format!("`{}.{}` ({label}) now reaches `{column}` of the sink `{part}`, {}", origin.0, origin.1, told(mask));
            compare.note(rule, &format!("{part}.{column}"), message, was_range, Some(range));
        }
    }
}

/// Sensitive columns whose rows newly reach a quarantine sink.
fn quarantine(
    compare: &mut Compare<'_>,
    before: Option<&Pipeline>,
    after: &Pipeline,
    was: Option<(&SinkNode, TextRange)>,
    range: TextRange,
) {
    let origins = |plan: &Pipeline| -> BTreeSet<Origin> {
        let contracts = plan.nodes.iter().filter_map(|node| match &node.kind {
            NodeKind::Source(source) => source.contract.as_deref().map(|binding| &binding.contract),
            _ => None,
        });
        let all = contracts.flat_map(|contract| contract.fields.iter().map(|field| (contract.name.clone(), field.name.clone())));
        all.collect()
    };
    let was = was.filter(|(sink, _)| sink.route == Route::Invalid);
    let earlier = before.filter(|_| was.is_some()).map(origins).unwrap_or_default();
    let was_raw = before.is_some_and(|plan| was.is_some() && plan.raw_quarantine);
    let was_range = was.map(|(_, range)| range);
    let labelled = |origin: &Origin| label_of(after, origin).map(|label| format!("`{}.{}` ({label})", origin.0, origin.1));
    let reached = origins(after);
    let new: Vec<String> = reached.difference(&earlier).filter_map(labelled).collect();
    if !new.is_empty() {
        let kept = if after.raw_quarantine { "raw" } else { "masked" };
        let message = format!("rows with {} now reach the quarantine, {kept}", new.join(", "));
        compare.note(&M004, "invalid", message, was_range, Some(range));
    }
    let sensitive: Vec<String> = reached.iter().filter_map(labelled).collect();
    if after.raw_quarantine && !was_raw && !sensitive.is_empty() {
        let message = format!("the quarantine now holds raw rows with {}", sensitive.join(", "));
        compare.note(&M005, "invalid", message, was_range, Some(range));
    }
}

/// Whether the keyed masks of both plans have different keys.
pub(in crate::diff) fn another_key(before: &Pipeline, after: &Pipeline) -> bool {
    before.mask_key.is_some() && after.mask_key.is_some() && before.mask_key != after.mask_key
}

fn herd(compare: &mut Compare<'_>, before: Option<&Pipeline>, after: Option<&Pipeline>, old: &Scenario, new: &Scenario) {
    let value = |scenario: &Scenario| scenario.herd.as_ref().map(|herd| herd.value.clone());
    if value(old) == value(new) {
        return;
    }
    let word = |scenario: &Scenario| value(scenario).map_or_else(|| "none".to_owned(), |herd| format!("`{herd}`"));
    let range = |scenario: &Scenario| Some(scenario.herd.as_ref().map_or(scenario.name.range, |herd| herd.range));
    let another_key = before.zip(after).is_some_and(|(before, after)| another_key(before, after));
    let ending = if another_key { ", and its keyed masks get another key" } else { "" };
    let message = format!("the herd is now {}, was {}{ending}", word(new), word(old));
    if let Some(change) = compare.note(&M006, "", message, range(old), range(new))
        && another_key
    {
        change.consumer = Verdict::Breaking;
    }
}
