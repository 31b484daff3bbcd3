//! The catalog: every contract with who owns, reads and writes it, as text, as JSON, as a page.

mod html;

pub(crate) use html::html;

use crate::table;
use runi_lang::check::{ContractEntry, ScenarioFacts};
use runi_lang::model::Field;
use runi_lang::workspace::Workspace;
use serde_json::{Value, json as value};
use std::fmt::Write as _;

/// A contract and who reads and writes it.
pub(crate) struct Listed<'c> {
    /// The contract.
    pub entry: &'c ContractEntry,
    /// Slugs of scenarios that name it anywhere.
    pub used_by: Vec<String>,
    /// Scenarios with a source under it.
    pub read_by: Vec<String>,
    /// Scenarios with a sink under it.
    pub written_by: Vec<String>,
}

impl<'c> Listed<'c> {
    /// A contract and its scenarios in the workspace.
    pub(crate) fn of(entry: &'c ContractEntry, workspace: &Workspace) -> Self {
        let name = entry.binding.contract.name.as_str();
        let named = |scenario: &ScenarioFacts| scenario.contracts.iter().any(|used| used == name);
        let bound = |scenario: &ScenarioFacts, writes: bool| {
            scenario.ports.iter().any(|port| port.writes == writes && port.contract.as_deref() == Some(name))
        };
        let mut listed = Self { entry, used_by: Vec::new(), read_by: Vec::new(), written_by: Vec::new() };
        for (_, scenario) in workspace.scenarios() {
            listed.used_by.extend(named(scenario).then(|| scenario.slug.clone()));
            listed.read_by.extend(bound(scenario, false).then(|| scenario.name.clone()));
            listed.written_by.extend(bound(scenario, true).then(|| scenario.name.clone()));
        }
        listed
    }
}

/// For people.
pub(crate) fn human(contracts: &[Listed<'_>]) -> String {
    let mut out = String::new();
    for Listed { entry, .. } in contracts {
        let contract = &entry.binding.contract;
        let version = contract.version.map_or_else(String::new, |version| format!(" {version}"));
        let owner = contract.owner.as_ref().map_or_else(String::new, |owner| format!(", owned by {}", owner.name));
        let level = contract.classification.as_ref().map_or_else(String::new, |level| format!(", {level}"));
        let _ = writeln!(out, "{}{version} ({}{owner}{level})", contract.name, entry.path);
        if let Some(line) = contract.doc.lines().find(|line| !line.trim().is_empty()) {
            let _ = writeln!(out, "  {}", line.trim());
        }
        let rows: Vec<Vec<String>> = contract.fields.iter().map(row).collect();
        for line in table::render(&["field", "type", "notes", "meaning"], &[], &rows).lines() {
            let _ = writeln!(out, "  {line}");
        }
        out.push('\n');
    }
    out
}

fn row(field: &Field) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    notes.extend(field.is_required().then(|| "required".to_owned()));
    notes.extend(field.sensitivity.pii.iter().map(|pii| format!("pii: {pii}")));
    notes.extend(field.sensitivity.mask.iter().map(|mask| format!("mask: {}", mask.name())));
    notes.extend(field.unit.iter().map(|unit| format!("unit: {unit}")));
    vec![field.name.clone(), field.ty.to_string(), notes.join(", "), field.description.clone()]
}

/// For programs.
pub(crate) fn json(contracts: &[Listed<'_>]) -> Vec<Value> {
    let object = |listed: &Listed<'_>| {
        value!({
            "contract": listed.entry.binding.contract,
            "hash": listed.entry.binding.hash,
            "path": &*listed.entry.path,
            "used_by": listed.used_by,
        })
    };
    contracts.iter().map(object).collect()
}
