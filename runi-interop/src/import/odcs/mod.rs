//! Contracts from the Open Data Contract Standard (ODCS) 3.0 to 3.2, in YAML or JSON.
//!
//! Each object of `schema` becomes a contract. What ODCS says with words of its own is read from there; `customProperties` named `runi.…`
//! hold whatever it has no words for and win over the rest. Everything else is named as a loss with its line.

mod check;
mod document;
mod physical;
mod property;

pub(crate) use physical::logical;

use super::Input;
use crate::document::{Node, Object, Reader};
use crate::error::ImportError;
use crate::loss::Imported;
use crate::{parts, text};
use document::Shared;
use runi_lang::diagnostic::Place;
use runi_lang::diagnostics::interop::foreign_type;
use runi_lang::model::{Contract, Key, Reference};
use serde_json::{Map, Value};

/// What people call the format.
const FORMAT: &str = "ODCS";

/// The prefix of custom properties that are ours.
pub(crate) const PREFIX: &str = "runi.";

/// Reads a document. Its contracts are what it says; whether they make sense, [`super::import`] asks the compiler.
///
/// # Errors
/// The text is neither YAML nor JSON, is no contract of ODCS 3, has parts of the wrong form, or lacks a dataset that was asked for.
pub fn from(input: &Input<'_>) -> Result<Imported, ImportError> {
    let source = super::text(FORMAT, input.bytes)?;
    let root = Node::yaml(FORMAT, &source)?;
    let mut reader = Reader::default();
    let contracts = document::read(&mut reader, &root)?;
    let mut imported = reader.finish(input.name, &source, contracts)?;
    let wanted: Vec<String> = input.options.types.iter().map(|name| text::contract_name(name, false)).collect();
    for (name, written) in wanted.iter().zip(&input.options.types) {
        let known: Vec<&str> = imported.contracts.iter().map(|contract| contract.name.as_str()).collect();
        if !known.contains(&name.as_str()) {
            return Err(ImportError::Source { diagnostics: vec![foreign_type(Place::file(input.name), written, &known)] });
        }
    }
    imported.contracts.retain(|contract| wanted.is_empty() || wanted.contains(&contract.name));
    if let ([contract], Some(name)) = (imported.contracts.as_mut_slice(), &input.options.name) {
        contract.name.clone_from(name);
    }
    Ok(imported)
}

/// The contracts of a document that was built, not read: nothing in it is of the wrong form.
pub(crate) fn native(root: &Value) -> Vec<Contract> {
    document::read(&mut Reader::default(), &Node::from(root)).unwrap_or_default()
}

/// One dataset as a contract, and whether its references are our own words.
fn dataset(reader: &mut Reader, mut object: Object<'_>, shared: &Shared) -> Option<(Contract, bool)> {
    let Some(written) = object.text(reader, "name") else {
        reader.refuse(&object.at, object.node, "a dataset has a `name`");
        return None;
    };
    let name = text::contract_name(&written, false);
    if name != written {
        let message = format!("`{written}` becomes `{name}`: a contract's name is one word of letters, digits and `_`");
        reader.lose(&object.path("name"), object.node, message);
    }
    let mut contract = Contract::new(&name);
    contract.version = shared.version;
    contract.owner = shared.owner.clone();
    let mut prose: Vec<String> = object.text(reader, "businessName").filter(|business| *business != written).into_iter().collect();
    prose.extend(object.text(reader, "description"));
    prose.extend(shared.prose.iter().cloned());
    contract.doc = text::prose(&prose.join("\n\n"));
    if object.flag(reader, "deprecated") == Some(true) {
        contract.deprecated = Some(None);
    }
    physical_losses(reader, &mut object, &written);
    let mut columns = property::Columns::default();
    for property in object.objects(reader, "properties") {
        property::property(reader, property, &mut contract, &mut columns, shared);
    }
    contract.keys.extend(columns.key());
    for mut quality in object.objects(reader, "quality") {
        check::quality(reader, &mut quality, &mut contract);
    }
    for mut relationship in object.objects(reader, "relationships") {
        let from = relationship.node("from").and_then(Node::scalar);
        check::relationship(reader, &mut relationship, from, &mut contract, shared);
    }
    let own = own_parts(reader, &mut object);
    if let Err((part, why)) = parts::set_contract(&mut contract, &own) {
        reader.refuse(&object.path(&format!("{PREFIX}{part}")), object.node, &why);
    }
    object.finish(reader);
    Some((contract, own.contains_key("references")))
}

fn physical_losses(reader: &mut Reader, object: &mut Object<'_>, name: &str) {
    if let Some(physical) = object.node("physicalName").filter(|node| node.text() != Some(name)) {
        reader.lose(&object.path("physicalName"), physical, "the physical name is not kept: sources and sinks name their tables");
    }
    if object.text(reader, "logicalType").is_some_and(|ty| ty == "blob") {
        reader.lose(&object.path("logicalType"), object.node, "a blob has no rows; the contract has whatever fields are named");
    }
    let kind = object.text(reader, "physicalType");
    if let Some(kind) = kind.filter(|kind| !matches!(kind.as_str(), "table" | "object")) {
        reader.lose(&object.path("physicalType"), object.node, format!("that this is a `{kind}` is not kept"));
    }
}

/// The custom properties that are parts of ours; the others are named as losses.
fn own_parts(reader: &mut Reader, object: &mut Object<'_>) -> Map<String, Value> {
    let mut own = Map::new();
    for mut property in object.objects(reader, "customProperties") {
        let (Some(name), value) = (property.text(reader, "property"), property.node("value")) else {
            reader.refuse(&property.at, property.node, "a custom property has a `property` and a `value`");
            continue;
        };
        match name.strip_prefix(PREFIX) {
            // Null is a value: `runi.required` says that there is such a rule, without a policy of its own.
            Some(part) => {
                own.insert(part.to_owned(), value.map_or(Value::Null, Node::to_value));
            }
            None => reader.lose(&property.at, property.node, format!("the custom property `{name}` has no place in a contract")),
        }
    }
    own
}

/// A key over columns, without policies of its own.
fn unique(columns: Vec<String>, primary: bool) -> Key {
    Key { columns, primary, duplicates: Default::default(), on_fail: None }
}

/// A reference without a policy of its own.
fn reference(column: &str, target: &str) -> Option<Reference> {
    let (contract, field) = target.split_once('.')?;
    Some(Reference { column: column.to_owned(), contract: text::contract_name(contract, false), target: field.to_owned(), on_fail: None })
}
