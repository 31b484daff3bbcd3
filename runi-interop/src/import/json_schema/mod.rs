//! Contracts from JSON Schema: drafts 7, 2019-09 and 2020-12, and what of draft 4 still goes around.
//!
//! ```text
//! files     the document and the files that it refers to; which node a `$ref` means
//! shape     a schema with everything that applies to it: its `$ref`, its `allOf`, merged
//! contract  an object as a contract, with the depth that fits
//! types     a shape as a type; scalars and nested have the ways to read one
//! forms     `oneOf` and `anyOf`
//! rules     what a field has beside its type: bounds, patterns, defaults, prose
//! ```
//!
//! A schema of an object becomes a contract. `x-runi-…` keywords hold what JSON Schema has no words for, and win over the rest. Only fields have
//! rules: whatever a schema says of the parts of a nested type beside their types is named as lost.

mod contract;
mod files;
mod forms;
mod nested;
mod rules;
mod scalars;
mod shape;
mod types;

use super::{Input, Options};
use crate::document::{Kind, Node, Reader};
use crate::error::ImportError;
use crate::loss::Imported;
use crate::text;
use files::{At, Files};
use runi_lang::diagnostic::Place;
use runi_lang::diagnostics::interop::foreign_type;
use runi_lang::model::Contract;
use serde_json::Value;
use std::path::Path;

/// What people call the format.
const FORMAT: &str = "JSON Schema";

/// The prefix of keywords that are ours.
pub(crate) const PREFIX: &str = "x-runi-";

/// Parts that the types of one contract may have; what lies deeper is read as text.
const MAX_PARTS: usize = 2_000;

/// How deep types may nest; a contract's parser takes a little more.
const MAX_DEPTH: usize = 48;

/// How many schemas may stand around a type: each level of objects, items and forms brings two or fewer.
const MAX_AROUND: usize = 160;

/// Reads a schema and the files beside it that it refers to. Nothing is ever fetched.
///
/// Its contracts are what it says; whether they make sense, [`super::import`] asks the compiler.
///
/// # Errors
/// The text is no JSON, is no schema of an object, or has parts of the wrong form.
pub fn from(input: &Input<'_>) -> Result<Imported, ImportError> {
    let source = super::text(FORMAT, input.bytes)?;
    let root = Node::json(FORMAT, &source)?;
    let files = Files::load(input.name, root, input.path.and_then(Path::parent));
    let mut reader = Reader::default();
    let contracts = contracts(&mut reader, &files, input.name, input.options)?;
    reader.finish(input.name, &source, contracts)
}

/// The contract of a schema that was built, not read: nothing in it is of the wrong form.
pub(crate) fn native(schema: &Value) -> Vec<Contract> {
    let files = Files::load("", Node::from(schema), None);
    contracts(&mut Reader::default(), &files, "", &Options::default()).unwrap_or_default()
}

fn contracts(reader: &mut Reader, files: &Files, name: &str, options: &Options) -> Result<Vec<Contract>, ImportError> {
    let root = files.root();
    if !matches!(root.node.kind, Kind::Map(_)) {
        reader.wrong("", root.node, "a schema, which is an object");
        return Ok(Vec::new());
    }
    let definitions = definitions(root);
    let mut contracts = Vec::new();
    if options.types.is_empty() {
        let called = options.name.clone().unwrap_or_else(|| title(root.node).unwrap_or_else(|| stem(name)));
        match contract::contract(reader, files, root, &called) {
            Some(contract) => contracts.push(contract),
            None if definitions.is_empty() => {
                return Err(ImportError::nothing(FORMAT, "the schema describes no object, and a contract is about objects with fields"));
            }
            None => {
                for (name, at) in &definitions {
                    contracts.extend(contract::contract(reader, files, *at, name));
                }
            }
        }
    }
    for wanted in &options.types {
        let Some((_, at)) = definitions.iter().find(|(name, _)| name == wanted) else {
            let known: Vec<&str> = definitions.iter().map(|(name, _)| *name).collect();
            return Err(ImportError::Source { diagnostics: vec![foreign_type(Place::file(name), wanted, &known)] });
        };
        let called = options.name.as_deref().filter(|_| options.types.len() == 1).unwrap_or(wanted);
        match contract::contract(reader, files, *at, called) {
            Some(contract) => contracts.push(contract),
            None => reader.refuse(wanted, at.node, "it describes no object, and a contract is about objects with fields"),
        }
    }
    Ok(contracts)
}

fn definitions<'f>(root: At<'f>) -> Vec<(&'f str, At<'f>)> {
    let below = |key: &str| root.node.get(key).and_then(Node::entries);
    ["$defs", "definitions"]
        .into_iter()
        .filter_map(below)
        .flat_map(|entries| entries.iter().map(|(name, node)| (name, At { node, ..root })))
        .collect()
}

/// The name of the contract, as the schema has it.
fn title(root: &Node) -> Option<String> {
    let own = root.get(&format!("{PREFIX}name")).and_then(Node::text);
    let title = || root.get("title").and_then(Node::text).map(|title| text::contract_name(title, true));
    own.map(str::to_owned).or_else(title)
}

/// A name from the name of a file.
fn stem(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let name = name.strip_suffix(".json").unwrap_or(name);
    text::contract_name(name.strip_suffix(".schema").unwrap_or(name), true)
}
