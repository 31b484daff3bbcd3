//! Quality checks and relationships of ODCS.

use super::document::Shared;
use super::{own_parts, reference, unique};
use crate::document::{Node, Object, Reader};
use crate::{pattern, text};
use runi_lang::model::{Contract, Field, OnFail, Reference, Rule};
use runi_lang::types::DataType;
use serde_json::Value;

/// A quality check of a dataset.
pub(super) fn quality(reader: &mut Reader, quality: &mut Object<'_>, contract: &mut Contract) {
    let columns = arguments(quality, "properties");
    let known = !columns.is_empty() && columns.iter().all(|column| contract.field(column).is_some());
    if metric(quality) == "duplicateValues" && none_may_be(quality) && known {
        contract.keys.push(unique(columns, false));
        return;
    }
    let own = own_parts(reader, quality);
    let Some(sql) = own.get("rule").and_then(Value::as_str) else {
        lose(reader, quality);
        return;
    };
    let title = quality.text(reader, "name").unwrap_or_else(|| sql.to_owned());
    contract.rules.push(Rule { title: text::one_line(&title), sql: sql.to_owned(), on_fail: policy(own.get("on_fail")) });
}

fn policy(value: Option<&Value>) -> Option<OnFail> {
    serde_json::from_value(value?.clone()).ok()
}

/// A quality check of a property.
pub(super) fn of_field(reader: &mut Reader, quality: &mut Object<'_>, field: &mut Field) {
    let values = arguments(quality, "validValues");
    let ours = quality.node("arguments").and_then(|arguments| arguments.get("pattern")).and_then(Node::text).and_then(pattern::from_ecma);
    match metric(quality).as_str() {
        _ if !none_may_be(quality) => lose(reader, quality),
        "nullValues" => field.rules.required = field.rules.required.or(Some(None)),
        "duplicateValues" => field.rules.unique = field.rules.unique.take().or_else(|| Some(unique(vec![field.name.clone()], false))),
        "invalidValues" if !values.is_empty() && field.ty == DataType::String => field.ty = DataType::Enum(values),
        "invalidValues" if ours.is_some() && field.ty.is_textual() && field.rules.matches.is_none() => {
            field.rules.matches = ours.map(|ours| (ours, None));
        }
        _ => lose(reader, quality),
    }
}

fn metric(quality: &mut Object<'_>) -> String {
    let metric = quality.node("metric").or_else(|| quality.node("rule")).and_then(Node::text).unwrap_or_default();
    // The second names are those of 3.0.
    match metric {
        "duplicateCount" | "unique" => "duplicateValues".to_owned(),
        "nullCheck" | "nullCount" => "nullValues".to_owned(),
        "validValues" => "invalidValues".to_owned(),
        other => other.to_owned(),
    }
}

/// Whether the check allows not a single bad row.
fn none_may_be(quality: &mut Object<'_>) -> bool {
    quality.node("mustBe").and_then(Node::scalar).is_some_and(|count| count == "0" || count == "0.0")
}

fn arguments(quality: &mut Object<'_>, name: &str) -> Vec<String> {
    let Some(arguments) = quality.node("arguments") else { return Vec::new() };
    arguments.get(name).and_then(Node::list).unwrap_or_default().iter().filter_map(Node::scalar).collect()
}

fn lose(reader: &mut Reader, quality: &mut Object<'_>) {
    let kind = quality.text(reader, "type").unwrap_or_else(|| "library".to_owned());
    let metric = metric(quality);
    let name =
        quality.text(reader, "name").or_else(|| quality.text(reader, "description")).or((!metric.is_empty()).then(|| metric.clone()));
    let name = name.map(|name| format!(" \"{}\"", text::one_line(&name))).unwrap_or_default();
    let why = match (kind.as_str(), metric.as_str()) {
        ("text", _) => "prose is not checked",
        ("sql", _) => "a query over the whole table is a promise of a feature (`@assert`), not of a row",
        ("custom", _) => "it is written for another engine",
        (_, "rowCount") => "counts of rows are promised by a feature (`@quality`, `@assert`)",
        _ => "a contract has no rule that says the same",
    };
    reader.lose(&quality.at, quality.node, format!("the quality check{name} is not kept: {why}"));
}

/// A relationship from a column of this contract.
pub(super) fn relationship(
    reader: &mut Reader,
    relationship: &mut Object<'_>,
    from: Option<String>,
    contract: &mut Contract,
    shared: &Shared,
) {
    let resolve = |path: &str| shared.ids.get(path.trim_start_matches('/')).cloned().unwrap_or_else(|| path.to_owned());
    let to = relationship.node("to").and_then(Node::scalar).map(|to| resolve(&to));
    // `dataset.column`, or a column, whose own name may have points in it.
    let column = from.map(|from| resolve(&from)).map(|from| match contract.field(&from) {
        Some(_) => from,
        None => from.rsplit('.').next().unwrap_or_default().to_owned(),
    });
    let plain = |to: &String| to.matches('.').count() == 1 && !to.contains(['/', '#']);
    let found = match (column.filter(|column| contract.field(column).is_some()), to.filter(plain)) {
        (Some(column), Some(to)) => reference(&column, &to),
        _ => None,
    };
    let on_fail = policy(own_parts(reader, relationship).get("on_fail"));
    match found {
        Some(reference) => {
            let reference = Reference { on_fail, ..reference };
            // A dataset and its property may say the same.
            if !contract.references.contains(&reference) {
                contract.references.push(reference);
            }
        }
        None => {
            let why = "a reference is kept when it goes from one column to one column of a dataset, by names";
            reader.lose(&relationship.at, relationship.node, format!("the relationship is not kept: {why}"));
        }
    }
}

/// Leaves out references that no check of the imported contracts could follow, except where they are our own words.
pub(super) fn references(reader: &mut Reader, schema: &Node, contracts: &mut [Contract], verbatim: &[bool]) {
    let all: Vec<Contract> = contracts.to_vec();
    for (contract, own) in contracts.iter_mut().zip(verbatim) {
        if *own {
            continue;
        }
        let name = contract.name.clone();
        let fields = contract.fields.clone();
        contract.references.retain(|reference| {
            let here = fields.iter().find(|field| field.name == reference.column).map(|field| &field.ty);
            let target = all.iter().find(|contract| contract.name == reference.contract);
            let there = target.and_then(|target| target.field(&reference.target)).map(|field| &field.ty);
            let why = match (here, there) {
                (Some(here), Some(there)) if here == there => return true,
                (Some(here), Some(there)) => format!("its types differ, `{here}` and `{there}`"),
                _ => "the document has no such dataset and column".to_owned(),
            };
            let to = format!("{}.{}", reference.contract, reference.target);
            reader.lose(&name, schema, format!("the reference from `{}` to `{to}` is not kept: {why}", reference.column));
            false
        });
    }
}
