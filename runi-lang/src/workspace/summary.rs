//! What a file shows to others: names, signatures and contracts. No bodies, no offsets.
//!
//! This is the firewall of incremental checking: as long as an edit leaves the summary equal,
//! no other file is looked at again.

use crate::check::{StepEntry, slug, step_entry};
use crate::ir::ContractBinding;
use crate::model::{Contract, ContractFile, FeatureFile, Scenario, Sink, Source};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Everything that other files may know of one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// The contracts that it declares, in order.
    pub contracts: Vec<Arc<ContractBinding>>,
    /// The signatures of its reusable steps, in order.
    pub steps: Vec<Arc<StepEntry>>,
    /// Its scenarios, in order.
    pub scenarios: Vec<ScenarioHead>,
}

/// A scenario as the rest of the workspace sees it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ScenarioHead {
    /// Its name.
    pub name: String,
    /// [`slug`] of the name.
    pub slug: String,
    /// The views of its sources, by name.
    pub sources: Vec<String>,
    /// The names of its sinks, without the number of a repeat.
    pub sinks: Vec<String>,
}

impl Summary {
    /// The summary of a contract file.
    #[must_use]
    pub fn of_contracts(file: &ContractFile) -> Self {
        let binding = |contract: &Contract| Arc::new(ContractBinding { contract: contract.clone(), hash: contract.hash() });
        Self { contracts: file.contracts.iter().map(binding).collect(), ..Self::default() }
    }

    /// The summary of a feature file at `path`.
    #[must_use]
    pub fn of_feature(path: &str, file: &FeatureFile) -> Self {
        Self {
            contracts: Vec::new(),
            steps: file.steps.iter().map(|step| Arc::new(step_entry(path, step))).collect(),
            scenarios: file.scenarios.iter().map(head).collect(),
        }
    }

    /// A digest that is equal when the summaries are.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        *blake3::hash(&serde_json::to_vec(self).unwrap_or_default()).as_bytes()
    }
}

fn head(scenario: &Scenario) -> ScenarioHead {
    ScenarioHead {
        name: scenario.name.value.clone(),
        slug: slug(&scenario.name.value),
        sources: scenario.sources.iter().filter_map(source_name).collect(),
        sinks: scenario.sinks.iter().filter_map(sink_name).collect(),
    }
}

fn source_name(source: &Source) -> Option<String> {
    let contract = || source.args.named("contract").map(|value| snake_case(value.value.as_str()));
    source.name.as_ref().map(|name| name.value.clone()).or_else(contract)
}

fn sink_name(sink: &Sink) -> Option<String> {
    let text = |name: &str| sink.args.named(name).map(|value| value.value.as_str()).filter(|text: &&str| !text.is_empty());
    let stem = |path: &str| {
        let file = path.rsplit('/').next().unwrap_or(path);
        file.split('.').next().unwrap_or(file).to_owned()
    };
    text("name").map(str::to_owned).or_else(|| text("contract").map(snake_case)).or_else(|| text("path").map(stem))
}

/// `TradeRaw` as `trade_raw`.
pub(crate) fn snake_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut before = None::<char>;
    for c in name.chars() {
        if c.is_uppercase() && before.is_some_and(|b| b.is_lowercase() || b.is_ascii_digit()) {
            out.push('_');
        }
        out.extend(c.to_lowercase());
        before = Some(c);
    }
    out
}
