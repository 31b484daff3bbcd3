//! From a change to those whom it reaches: which question a change asks of the plans.

use super::{Arriving, Reach, anything, flow, sorted, stage};
use crate::diff::change::{Change, ItemKind};
use crate::diff::finding::Hit;
use crate::diff::rule::{Group, Verdict};
use crate::diff::rules::{P001, P002, P003};
use crate::sql::Influence;
use std::collections::{BTreeMap, BTreeSet};

/// Whether a change breaks anybody, so that it is worth asking whom.
pub(crate) fn reaches_somebody(change: &Change) -> bool {
    // A version's number breaks nobody.
    let is_number = change.item.kind == ItemKind::Contract && matches!(change.rule.id, "X005" | "X006");
    !is_number && (change.consumer, change.producer) != (Verdict::Compatible, Verdict::Compatible)
}

impl Reach<'_> {
    /// Whoever a change reaches. What breaks nobody reaches nobody.
    ///
    /// Ask the plans of the old version for what changed or went away, and those of the new one for what came.
    #[must_use]
    pub fn of_change(&self, change: &Change) -> Vec<Hit> {
        if !reaches_somebody(change) {
            return Vec::new();
        }
        let name = &change.item.name;
        match change.item.kind {
            ItemKind::Workspace => Vec::new(),
            // What readers do not notice is a matter of those who write, and of the sources that check what was written.
            ItemKind::Contract if change.consumer == Verdict::Compatible => {
                let checked = self.by_contract.get(name.as_str()).cloned().unwrap_or_default();
                let hits = self.writers(name, &change.columns).into_iter().chain(self.readers_of(name, checked, &[]));
                sorted(hits.collect())
            }
            ItemKind::Contract => self.hits(name, &change.columns),
            ItemKind::Step => self.step_hits(name, &[]),
            // Readers of the sink; where a step drifts, those of what it makes.
            ItemKind::Scenario if change.rule.id == P001.id => {
                let hits = self.sink_hits(name, &change.part).into_iter().chain(self.stage_hits(name, &change.part));
                sorted(hits.collect())
            }
            // Of an output column, those who read its file under the contracts that were asked.
            ItemKind::Scenario if [P002.id, P003.id].contains(&change.rule.id) => {
                self.sink_hits(name, change.part.split('.').next().unwrap_or_default())
            }
            ItemKind::Scenario => match change.rule.group {
                Group::Delivery | Group::Governance => self.sink_hits(name, change.part.split('.').next().unwrap_or_default()),
                _ if change.part.is_empty() => self.sink_hits(name, ""),
                _ => self.stage_hits(name, &change.part),
            },
        }
    }

    /// Whoever reads what a sink of a scenario writes; what any of its sinks writes, when none is named.
    #[must_use]
    pub fn sink_hits(&self, scenario: &str, sink: &str) -> Vec<Hit> {
        let mut hits = BTreeSet::new();
        let mut arriving = Arriving::new();
        for planned in self.own(scenario) {
            let base = |name: &str| name.split('#').next().unwrap_or(name).to_owned();
            for written in planned.pipeline.sinks.iter().filter(|written| sink.is_empty() || base(&written.name) == base(sink)) {
                for (reader, source) in self.readers(planned, written) {
                    let columns = anything(written.columns.iter().map(|column| column.name.as_str()));
                    arriving.entry(reader).or_default().insert(source, columns);
                }
            }
        }
        self.follow(arriving, true, 1, &mut hits);
        sorted(hits)
    }

    /// Whoever is reached by the columns that a step of a scenario computes.
    #[must_use]
    pub fn stage_hits(&self, scenario: &str, name: &str) -> Vec<Hit> {
        let mut hits = BTreeSet::new();
        let mut arriving = Arriving::new();
        for (plan, planned) in self.plans.iter().enumerate() {
            if planned.package.is_some() || planned.pipeline.scenario != scenario {
                continue;
            }
            for (at, node) in planned.pipeline.nodes.iter().enumerate().filter(|(_, node)| node.name == name) {
                hits.insert(self.hit(planned, &node.origin, stage(node), "", 0));
                let made = flow::made(node).into_iter();
                let seeds = made.map(|made| (made.clone(), BTreeMap::from([(made, Influence::Identity)]))).collect();
                arriving.entry(plan).or_default().insert(at, seeds);
            }
        }
        self.follow(arriving, false, 0, &mut hits);
        sorted(hits)
    }
}
