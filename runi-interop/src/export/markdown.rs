//! Contracts become pages for people.

use crate::export::Written;
use runi_lang::model::{Contract, Field, History, Key, Mask, OnFail, Range};
use runi_lang::types::DataType;
use std::fmt::Write as _;

/// The page of a contract: Markdown as GitHub shows it.
#[must_use]
pub fn export(contract: &Contract) -> Written {
    let mut page = format!("# {}\n", inline(&contract.name));
    if !contract.doc.is_empty() {
        let _ = write!(page, "\n{}\n", contract.doc.lines().map(inline).collect::<Vec<_>>().join("\n"));
    }
    let facts = facts(contract);
    if !facts.is_empty() {
        page.push_str("\n| | |\n|---|---|\n");
        for (what, value) in facts {
            let _ = writeln!(page, "| {what} | {} |", value.replace('|', "\\|"));
        }
    }
    page.push_str("\n## Fields\n\n| Field | Type | Must hold | Privacy | Meaning |\n|---|---|---|---|---|\n");
    for field in &contract.fields {
        let row = [code(&field.name), kind(&field.ty), must(contract, field), privacy(field), meaning(field)];
        let _ = writeln!(page, "| {} |", row.join(" | "));
    }
    list(&mut page, "Rules", rules(contract));
    list(&mut page, "Changes", changes(contract));
    Written { text: page, losses: Vec::new() }
}

fn list(page: &mut String, title: &str, items: Vec<String>) {
    if !items.is_empty() {
        let _ = write!(page, "\n## {title}\n\n");
        for item in items {
            let _ = writeln!(page, "- {item}");
        }
    }
}

/// Text in which nothing is markup.
fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~') {
            out.push('\\');
        }
        out.push(if c.is_control() { ' ' } else { c });
    }
    out
}

/// Text in a code span, also inside of a table.
fn code(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{}{space}{fence}", text.replace('|', "\\|"))
}

fn policy(on_fail: Option<OnFail>) -> &'static str {
    match on_fail {
        None => "",
        Some(OnFail::Warn) => " (else a warning)",
        Some(OnFail::Quarantine) => " (else the row is set aside)",
        Some(OnFail::Fail) => " (else the run fails)",
    }
}

fn facts(contract: &Contract) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(version) = contract.version {
        facts.push(("Version", version.to_string()));
    }
    if let Some(owner) = &contract.owner {
        let contact = owner.contact.as_ref().map(|contact| format!(", {}", inline(contact))).unwrap_or_default();
        facts.push(("Owner", format!("{}{contact}", inline(&owner.name))));
    }
    if let Some(level) = &contract.classification {
        facts.push(("Classification", inline(level)));
    }
    if !contract.compliance.is_empty() {
        facts.push(("Compliance", inline(&contract.compliance.join(", "))));
    }
    let history = match &contract.compatibility.history {
        History::Last => String::new(),
        History::Transitive => ", with every earlier version".to_owned(),
        History::Since(tag) => format!(", with every version since {}", inline(tag)),
    };
    facts.push(("Compatibility", format!("{}{history}", inline(&contract.compatibility.mode))));
    for key in &contract.keys {
        facts.push((if key.primary { "Key" } else { "Unique" }, format!("{}{}", columns(&key.columns), policy(key.on_fail))));
    }
    if let Some(freshness) = &contract.freshness {
        facts.push(("Freshness", format!("{} by {}", freshness.within, code(&freshness.column))));
    }
    if let Some(retention) = &contract.retention {
        facts.push(("Retention", retention.to_string()));
    }
    if let Some(until) = &contract.deprecated {
        facts.push(("Deprecated", until.map_or_else(|| "yes".to_owned(), |until| format!("until {until}"))));
    }
    if contract.on_fail != OnFail::default() {
        facts.push((
            "A row that breaks a rule",
            if contract.on_fail == OnFail::Warn { "is kept, with a warning" } else { "fails the run" }.to_owned(),
        ));
    }
    let drift = &contract.drift;
    let drifts = [("missing", drift.missing), ("extra", drift.extra), ("retyped", drift.retyped), ("reordered", drift.reordered)];
    let drifts: Vec<String> =
        drifts.iter().map(|(what, answer)| format!("{what}: {}", if *answer == OnFail::Fail { "fails" } else { "warns" })).collect();
    if *drift != Default::default() {
        facts.push(("Other columns", drifts.join(", ")));
    }
    facts
}

fn columns(columns: &[String]) -> String {
    columns.iter().map(|column| code(column)).collect::<Vec<_>>().join(", ")
}

fn kind(ty: &DataType) -> String {
    match ty {
        DataType::Enum(values) => format!("one of {}", columns(values)),
        other => code(&other.to_string()),
    }
}

fn bounds(range: &Range, what: &str) -> String {
    let (more, less) = if range.exclusive { ("above", "below") } else { ("at least", "at most") };
    let min = range.min.as_ref().map(|min| format!("{more} {}", inline(min)));
    let max = range.max.as_ref().map(|max| format!("{less} {}", inline(max)));
    let both: Vec<String> = min.into_iter().chain(max).collect();
    format!("{what}{}{}", both.join(", "), policy(range.on_fail))
}

fn must(contract: &Contract, field: &Field) -> String {
    let rules = &field.rules;
    let mut out = Vec::new();
    if let Some(on_fail) = rules.required {
        out.push(format!("**required**{}", policy(on_fail)));
    }
    if contract.keys.iter().any(|key| key.primary && key.columns.contains(&field.name)) {
        out.push("part of the key".to_owned());
    }
    if let Some(Key { on_fail, .. }) = &rules.unique {
        out.push(format!("unique{}", policy(*on_fail)));
    }
    out.extend(rules.range.as_ref().map(|range| bounds(range, "")));
    out.extend(rules.length.as_ref().map(|range| bounds(range, "characters: ")));
    if let Some((pattern, on_fail)) = &rules.matches {
        out.push(format!("matches {}{}", code(pattern), policy(*on_fail)));
    }
    if let Some((format, on_fail)) = &rules.format {
        out.push(format!("format {}{}", inline(format), policy(*on_fail)));
    }
    if let Some(on_fail) = rules.enumeration {
        out.push(format!("a listed value{}", policy(Some(on_fail))));
    }
    if let Some(on_fail) = rules.conversion {
        out.push(format!("readable as its type{}", policy(Some(on_fail))));
    }
    for reference in contract.references.iter().filter(|reference| reference.column == field.name) {
        let there = format!("{}.{}", reference.contract, reference.target);
        out.push(format!("in {}{}", code(&there), policy(reference.on_fail)));
    }
    out.join("; ")
}

fn privacy(field: &Field) -> String {
    let sensitivity = &field.sensitivity;
    let mut out = Vec::new();
    out.extend(sensitivity.pii.as_ref().map(|pii| format!("**personal**: {}", inline(pii))));
    out.extend(sensitivity.classification.as_ref().map(|level| inline(level)));
    if !sensitivity.access.is_empty() {
        out.push(format!("for {}", inline(&sensitivity.access.join(", "))));
    }
    if let Some(mask) = &sensitivity.mask {
        let detail = match mask {
            Mask::Partial { keep } => format!(", the last {keep} stay"),
            Mask::Generalise { to } => format!(" to {}", inline(to)),
            _ => String::new(),
        };
        out.push(format!("mask: {}{detail}", mask.name()));
    }
    out.join("; ")
}

fn meaning(field: &Field) -> String {
    let mut out = Vec::new();
    if !field.description.is_empty() {
        out.push(inline(&field.description));
    }
    out.extend(field.unit.as_ref().map(|unit| format!("in {}", inline(unit))));
    out.extend(field.default.as_ref().map(|default| format!("default {}", code(default))));
    if let Some(until) = &field.deprecated {
        out.push(until.map_or_else(|| "**deprecated**".to_owned(), |until| format!("**deprecated**, until {until}")));
    }
    out.join("; ")
}

fn rules(contract: &Contract) -> Vec<String> {
    let line = |rule: &runi_lang::model::Rule| {
        let title = if rule.title == rule.sql { String::new() } else { format!("{}: ", inline(&rule.title)) };
        format!("{title}{}{}", code(&rule.sql), policy(rule.on_fail))
    };
    contract.rules.iter().map(line).collect()
}

fn changes(contract: &Contract) -> Vec<String> {
    let mut out = Vec::new();
    for renamed in &contract.renamed {
        let until = renamed.until.map(|until| format!("; the old name is understood until {until}")).unwrap_or_default();
        out.push(format!("{} was called {}{until}", code(&renamed.to), code(&renamed.from)));
    }
    if !contract.reserved.is_empty() {
        out.push(format!("names that must not come back: {}", columns(&contract.reserved)));
    }
    for accept in &contract.accepted {
        let on = accept.on.as_ref().map(|on| format!(" of {}", code(on))).unwrap_or_default();
        let (rule, because, by) = (inline(&accept.rule), inline(&accept.because), inline(&accept.by));
        out.push(format!("{rule}{on} is broken on purpose until {}: {because} ({by})", accept.until));
    }
    out
}
