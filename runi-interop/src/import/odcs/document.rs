//! What a document of ODCS says as a whole: its kind, version, team, prose and service levels.

use super::{FORMAT, PREFIX, check, dataset, own_parts};
use crate::document::{Node, Object, Reader};
use crate::error::ImportError;
use crate::text;
use runi_lang::model::{Contract, Duration, Freshness, Owner, Version};
use runi_lang::types::DataType;
use std::collections::HashMap;

/// What the document says of each of its contracts.
#[derive(Default)]
pub(super) struct Shared {
    pub(super) version: Option<Version>,
    pub(super) owner: Option<Owner>,
    pub(super) prose: Vec<String>,
    /// Ids of the document's properties to their names, for references by path.
    pub(super) ids: HashMap<String, String>,
}

pub(super) fn read(reader: &mut Reader, root: &Node) -> Result<Vec<Contract>, ImportError> {
    let Some(mut document) = reader.object("", root) else { return Ok(Vec::new()) };
    kind(reader, &mut document)?;
    let schema = document.node("schema");
    let Some(schema) = schema else {
        return Err(ImportError::unreadable(FORMAT, "there is no `schema`, so there is nothing that a contract could promise", None));
    };
    let shared = Shared {
        version: version(reader, &mut document),
        owner: owner(reader, &mut document),
        prose: description(reader, &mut document),
        ids: ids(schema),
    };
    identity(reader, &mut document, schema);
    let mut contracts: Vec<Contract> = Vec::new();
    let mut verbatim: Vec<bool> = Vec::new();
    for object in document.objects(reader, "schema") {
        let (at, node) = (object.at.clone(), object.node);
        let Some((contract, own)) = dataset(reader, object, &shared) else { continue };
        if contracts.iter().any(|known| known.name == contract.name) {
            reader.refuse(&at, node, &format!("there are two datasets named `{}`", contract.name));
            continue;
        }
        contracts.push(contract);
        verbatim.push(own);
    }
    let default_element = document.text(reader, "slaDefaultElement");
    for mut property in document.objects(reader, "slaProperties") {
        service_level(reader, &mut property, default_element.as_deref(), &mut contracts);
    }
    check::references(reader, schema, &mut contracts, &verbatim);
    if let Some(part) = own_parts(reader, &mut document).keys().next() {
        reader.lose(&format!("customProperties.{PREFIX}{part}"), root, "a part of a contract belongs to a dataset, not to the document");
    }
    for (key, node) in document.rest() {
        reader.lose(key, node, loss(key));
    }
    Ok(contracts)
}

fn loss(key: &str) -> String {
    match key {
        "servers" => "`servers` is not kept: where data lies is said by sources, sinks and environments".to_owned(),
        "roles" => "`roles` is not kept: access is said field by field (`@access`), and by the herd".to_owned(),
        "contractCreatedTs" => "`contractCreatedTs` is not kept: git knows when a contract was made".to_owned(),
        _ => format!("`{key}` has no place in a contract"),
    }
}

/// Whether the document is of a kind and version that is read here.
fn kind(reader: &mut Reader, document: &mut Object<'_>) -> Result<(), ImportError> {
    let refuse = |node: Option<&Node>, message: String| {
        let line = node.map(|node| node.line).filter(|line| *line > 0);
        Err(ImportError::unreadable(FORMAT, message, line))
    };
    if let Some(kind) = document.node("kind").filter(|kind| kind.text() != Some("DataContract")) {
        let found = kind.scalar().unwrap_or_else(|| kind.describe().to_owned());
        return refuse(Some(kind), format!("`kind` is `{found}`, not `DataContract`"));
    }
    if document.has("dataContractSpecification") {
        let message = "this is a Data Contract Specification, the predecessor of ODCS; `datacontract export` converts it";
        return refuse(None, message.to_owned());
    }
    let Some(node) = document.node("apiVersion") else {
        return refuse(None, "`apiVersion` is missing, so this is no contract of ODCS".to_owned());
    };
    let written = node.scalar().unwrap_or_default();
    let Some(minor) = written.strip_prefix('v').unwrap_or(&written).strip_prefix("3.") else {
        return refuse(Some(node), format!("`apiVersion` is `{written}`; versions 3.0 to 3.2 are read"));
    };
    if !matches!(minor.split('.').next(), Some("0" | "1" | "2")) {
        reader.lose("apiVersion", node, format!("version `{written}` is read as 3.2, the newest that is known here"));
    }
    Ok(())
}

/// Names and ids of the document, which its datasets have too, or do not need.
fn identity(reader: &mut Reader, document: &mut Object<'_>, schema: &Node) {
    let (name, id) = (document.node("name"), document.node("id"));
    let items = schema.list().unwrap_or_default();
    let only = items.first().filter(|_| items.len() == 1).and_then(|item| item.get("name")).and_then(Node::scalar);
    for (key, node) in [("name", name), ("id", id)] {
        if let Some(node) = node.filter(|node| node.scalar() != only) {
            reader.lose(key, node, format!("the document's own `{key}` is not kept: each dataset is a contract under its own name"));
        }
    }
    if let Some(status) = document.node("status").filter(|status| status.text() != Some("active")) {
        let written = status.scalar().unwrap_or_default();
        reader.lose("status", status, format!("the status `{written}` is not kept: git says what is a draft"));
    }
}

fn version(reader: &mut Reader, document: &mut Object<'_>) -> Option<Version> {
    let node = document.node("version")?;
    let written = document.text(reader, "version")?;
    let numbers = written.trim().trim_start_matches('v');
    let missing = 3_usize.saturating_sub(numbers.split('.').count());
    match format!("{numbers}{}", ".0".repeat(missing)).parse() {
        Ok(version) => Some(version),
        Err(_) => {
            reader.lose("version", node, format!("the version `{written}` is not three numbers, so the contract has none"));
            None
        }
    }
}

fn owner(reader: &mut Reader, document: &mut Object<'_>) -> Option<Owner> {
    let contact = contact(reader, document);
    let name = match document.node("team") {
        Some(node) if node.list().is_some() => member(reader, node),
        Some(node) => {
            let mut team = reader.object("team", node)?;
            let name = team.text(reader, "name");
            team.finish(reader);
            name
        }
        None => None,
    };
    match (name.map(|name| text::one_line(&name)).filter(|name| !name.is_empty()), contact) {
        (Some(name), contact) => Some(Owner { name, contact }),
        (None, Some(contact)) => Some(Owner { name: contact.clone(), contact: Some(contact) }),
        (None, None) => None,
    }
}

/// Before 3.1 a team was the list of its members: the owner among them, or the first.
fn member(reader: &mut Reader, team: &Node) -> Option<String> {
    let members = team.list().unwrap_or_default();
    let owns = |member: &&Node| member.get("role").and_then(Node::text).is_some_and(|role| role.eq_ignore_ascii_case("owner"));
    let chosen = members.iter().find(owns).or_else(|| members.first());
    for (i, member) in members.iter().enumerate() {
        let kept = chosen.is_some_and(|chosen| std::ptr::eq(chosen, member)) && member.entries().is_some_and(|entries| entries.len() <= 2);
        if !kept {
            reader.lose(&format!("team[{i}]"), member, "of a team only the name of the one who answers is kept");
        }
    }
    let chosen = chosen?;
    chosen.get("username").or_else(|| chosen.get("name")).and_then(Node::scalar)
}

/// The first channel of support; others are lost.
fn contact(reader: &mut Reader, document: &mut Object<'_>) -> Option<String> {
    let mut contact = None;
    for mut support in document.objects(reader, "support") {
        if contact.is_some() {
            reader.lose(&support.at, support.node, "a contract has one contact: the first channel of support");
            continue;
        }
        let url = support.text(reader, "url").map(|url| url.trim_start_matches("mailto:").to_owned());
        let channel = support.text(reader, "channel");
        if let (Some(_), Some(channel)) = (&url, &channel) {
            reader.lose(&support.path("channel"), support.node, format!("the channel's name `{channel}` gives way to its address"));
        }
        support.finish(reader);
        contact = url.or(channel).map(|contact| text::one_line(&contact)).filter(|contact| !contact.is_empty());
    }
    contact
}

/// Purpose, usage and limitations, as paragraphs.
fn description(reader: &mut Reader, document: &mut Object<'_>) -> Vec<String> {
    let Some(node) = document.node("description") else { return Vec::new() };
    let Some(mut description) = reader.object("description", node) else { return Vec::new() };
    let mut prose = Vec::new();
    prose.extend(description.text(reader, "purpose"));
    prose.extend(description.text(reader, "usage").map(|usage| format!("Usage: {usage}")));
    prose.extend(description.text(reader, "limitations").map(|limits| format!("Limitations: {limits}")));
    description.finish(reader);
    prose
}

fn ids(schema: &Node) -> HashMap<String, String> {
    let word = |node: &Node, key: &str| node.get(key).and_then(Node::scalar);
    let mut ids = HashMap::new();
    for object in schema.list().unwrap_or_default() {
        let Some(name) = word(object, "name") else { continue };
        let id = word(object, "id").unwrap_or_else(|| name.clone());
        for property in object.get("properties").and_then(Node::list).unwrap_or_default() {
            let Some(column) = word(property, "name") else { continue };
            let property_id = word(property, "id").unwrap_or_else(|| column.clone());
            ids.insert(format!("schema/{id}/properties/{property_id}"), format!("{name}.{column}"));
        }
    }
    ids
}

/// `latency` and `freshness` of a timestamp are ours; other service levels are not.
fn service_level(reader: &mut Reader, property: &mut Object<'_>, default: Option<&str>, contracts: &mut [Contract]) {
    let name = property.text(reader, "property").unwrap_or_default();
    let element = property.text(reader, "element").or_else(|| default.map(str::to_owned));
    let value = property.node("value").and_then(Node::scalar);
    let unit = property.text(reader, "unit").unwrap_or_default();
    let within = value.as_deref().and_then(|value| duration(value, &unit));
    let target = element.as_deref().and_then(|element| match element.split_once('.') {
        Some((dataset, column)) => {
            let name = text::contract_name(dataset, false);
            contracts.iter().position(|contract| contract.name == name).map(|i| (i, column))
        }
        None => (contracts.len() == 1).then_some((0, element)),
    });
    if let ("retention", Some(within), false) = (name.as_str(), within, contracts.is_empty()) {
        // Without an element it is about the whole document.
        for (n, contract) in contracts.iter_mut().enumerate() {
            if target.as_ref().is_none_or(|(i, _)| *i == n) {
                contract.retention = contract.retention.or(Some(within));
            }
        }
        property.finish(reader);
        return;
    }
    if let ("latency" | "freshness", Some(within), Some((i, column))) = (name.as_str(), within, target)
        && let Some(contract) = contracts.get_mut(i).filter(|contract| contract.freshness.is_none())
        && contract.field(column).is_some_and(|field| matches!(field.ty, DataType::Timestamp { .. }))
    {
        contract.freshness = Some(Freshness { within, column: column.to_owned() });
        property.finish(reader);
        return;
    }
    let why = match name.as_str() {
        "retention" => "its unit is no duration",
        "latency" | "freshness" => "freshness is kept when its `element` is a timestamp of the contract and its unit a duration",
        _ => "a contract has no such service level",
    };
    reader.lose(&property.at, property.node, format!("the service level `{name}` is not kept: {why}"));
}

fn duration(value: &str, unit: &str) -> Option<Duration> {
    let unit = match unit.to_ascii_lowercase().as_str() {
        "d" | "day" | "days" => "d",
        "h" | "hr" | "hour" | "hours" => "h",
        "m" | "min" | "minute" | "minutes" => "m",
        "s" | "sec" | "second" | "seconds" => "s",
        "ms" | "millisecond" | "milliseconds" => "ms",
        "y" | "yr" | "year" | "years" => return format!("{}d", value.parse::<u64>().ok()?.checked_mul(365)?).parse().ok(),
        "" => return value.parse().ok(),
        _ => return None,
    };
    format!("{value}{unit}").parse().ok()
}
