//! Trees to models, one file alone.
//!
//! Both functions read everything that a tree says, report what is not understood, and leave out of the model what
//! could not be read: a later check never sees half a value. What one file alone decides is decided here: duplicates,
//! unknown tags and arguments, the forms of a `@do`, the widths of tables.

mod action;
mod args;
mod context;
mod contract;
mod contract_tags;
mod examples;
mod field;
mod legacy;
mod scenario;
mod scenario_tags;
mod sql;
mod step;
mod types;

use crate::check::{slug, step_entry};
use crate::diagnostic::Diagnostic;
use crate::diagnostics::workspace::{duplicate_scenario, duplicate_step};
use crate::model::{ContractFile, FeatureFile, Spanned, Spans, StepDef};
use crate::syntax::{Parse, SyntaxKind};
use context::Context;

/// What a `.dsl` file says. `path` is workspace-relative; the diagnostics hold the parser's problems too.
#[must_use]
pub fn feature(path: &str, parse: &Parse) -> (FeatureFile, Vec<Diagnostic>) {
    let mut cx = Context::new(path, parse);
    let mut file = FeatureFile::default();
    for item in parse.syntax().children() {
        match item.kind() {
            SyntaxKind::Feature => {
                let title = context::title(&item);
                if let Some(first) = &file.name {
                    let range = title.as_ref().map_or(item.text_range(), |title| title.range);
                    cx.duplicate(range, "`Feature:`", first.range);
                    continue;
                }
                file.doc = context::doc(&item);
                file.name = title;
                for tag in context::tags(&item) {
                    cx.misplaced(&tag, "a feature has no tags; put it under a `Scenario:` or `Step:`");
                }
            }
            SyntaxKind::Scenario => {
                if let Some(scenario) = scenario::scenario(&mut cx, &item) {
                    if let Some(first) = file.scenarios.iter().find(|first| first.name.value == scenario.name.value) {
                        let (name, slug) = (&scenario.name.value, slug(&scenario.name.value));
                        cx.report(duplicate_scenario(cx.place(scenario.name.range), name, &slug, cx.place(first.name.range)));
                    }
                    note(&mut file.spans, format!("Scenario/{}", scenario.name.value), scenario.name.range);
                    file.scenarios.push(scenario);
                }
            }
            SyntaxKind::StepDef => {
                if let Some(step) = step::definition(&mut cx, &item) {
                    if let Some(first) = file.steps.iter().find(|first| is_again(first, &step)) {
                        let shown = step_entry(path, &step).key.display();
                        cx.report(duplicate_step(cx.place(step.name.range), &shown, cx.place(first.name.range)));
                    }
                    let version = step.version.as_ref().map_or(String::new(), |version| format!("@{}", version.value));
                    note(&mut file.spans, format!("Step/{}{version}", step.name.value), step.name.range);
                    file.steps.push(step);
                }
            }
            _ => {}
        }
    }
    (file, cx.finish())
}

/// What a `.contract` file says. `path` is workspace-relative; the diagnostics hold the parser's problems too.
#[must_use]
pub fn contracts(path: &str, parse: &Parse) -> (ContractFile, Vec<Diagnostic>) {
    let mut cx = Context::new(path, parse);
    let mut file = ContractFile::default();
    for item in parse.syntax().children().filter(|item| item.kind() == SyntaxKind::Contract) {
        let Some(Spanned { value: name, range }) = context::name(&item) else { continue };
        if !cx.declare(&mut file.spans, name.clone(), range, "the contract") {
            continue;
        }
        let contract = contract::contract(&mut cx, &item, name, &mut file.spans);
        file.contracts.push(contract);
    }
    (file, cx.finish())
}

/// Whether a step has the name, version and domain of another one.
fn is_again(first: &StepDef, step: &StepDef) -> bool {
    let value = |name: &Option<Spanned<String>>| name.as_ref().map(|name| name.value.clone());
    first.name.value == step.name.value
        && first.version.as_ref().map(|version| version.value) == step.version.as_ref().map(|version| version.value)
        && value(&first.module.domain) == value(&step.module.domain)
}

/// Notes where an item stands; the first of a name keeps its place.
fn note(spans: &mut Spans, key: String, range: rowan::TextRange) {
    spans.0.entry(key).or_insert(range);
}
