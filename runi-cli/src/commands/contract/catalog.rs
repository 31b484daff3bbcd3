//! `runi contract catalog`: every contract with owner, version and fields.

use crate::cli::{CatalogFormat, ContractCatalogArgs, Global};
use crate::error::{CommandError, Exit};
use crate::render::catalog::{Listed, html};
use crate::session;
use crate::shell::Shell;
use crate::table;
use std::fmt::Write;

/// Prints the catalog.
pub(crate) fn exec(args: &ContractCatalogArgs, global: &Global, shell: &Shell) -> Result<Exit, CommandError> {
    let (workspace, _) = session::checked(global)?;
    let entries = workspace.contracts();
    if args.format == CatalogFormat::Json {
        let users = |name: &str| -> Vec<String> {
            workspace
                .scenarios()
                .filter(|(_, facts)| facts.contracts.iter().any(|used| used == name))
                .map(|(_, facts)| facts.slug.clone())
                .collect()
        };
        let value: Vec<serde_json::Value> = entries
            .iter()
            .map(|entry| {
                serde_json::json!({
                    "contract": entry.binding.contract,
                    "hash": entry.binding.hash,
                    "path": &*entry.path,
                    "used_by": users(&entry.binding.contract.name),
                })
            })
            .collect();
        shell.data(&session::json(&value)?);
        return Ok(Exit::Ok);
    }
    if args.format == CatalogFormat::Html {
        let users = |name: &str, writes: bool| -> Vec<String> {
            let uses = |port: &runi_lang::check::Port| port.writes == writes && port.contract.as_deref() == Some(name);
            workspace.scenarios().filter(|(_, facts)| facts.ports.iter().any(uses)).map(|(_, facts)| facts.name.clone()).collect()
        };
        let listed: Vec<Listed<'_>> = entries
            .iter()
            .map(|entry| {
                let name = &entry.binding.contract.name;
                Listed { entry, read_by: users(name, false), written_by: users(name, true) }
            })
            .collect();
        shell.data(&html(&workspace.manifest().name, &listed));
        return Ok(Exit::Ok);
    }
    let mut out = String::new();
    for entry in &entries {
        let contract = &entry.binding.contract;
        let version = contract.version.map_or_else(String::new, |version| format!(" {version}"));
        let owner = contract.owner.as_ref().map_or_else(String::new, |owner| format!(", owned by {}", owner.name));
        let level = contract.classification.as_ref().map_or_else(String::new, |level| format!(", {level}"));
        let _ = writeln!(out, "{}{version} ({}{owner}{level})", contract.name, entry.path);
        if let Some(line) = contract.doc.lines().find(|line| !line.trim().is_empty()) {
            let _ = writeln!(out, "  {}", line.trim());
        }
        let rows: Vec<Vec<String>> = contract
            .fields
            .iter()
            .map(|field| {
                let mut notes: Vec<String> = Vec::new();
                notes.extend(field.is_required().then(|| "required".to_owned()));
                notes.extend(field.sensitivity.pii.iter().map(|pii| format!("pii: {pii}")));
                notes.extend(field.sensitivity.mask.iter().map(|mask| format!("mask: {}", mask.name())));
                notes.extend(field.unit.iter().map(|unit| format!("unit: {unit}")));
                vec![field.name.clone(), field.ty.to_string(), notes.join(", "), field.description.clone()]
            })
            .collect();
        for line in table::render(&["field", "type", "notes", "meaning"], &[], &rows).lines() {
            let _ = writeln!(out, "  {line}");
        }
        out.push('\n');
    }
    shell.data(out.trim_end());
    Ok(Exit::Ok)
}
