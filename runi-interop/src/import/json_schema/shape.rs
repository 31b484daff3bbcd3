//! A schema with everything that applies to it at once: itself, what its `$ref` means, the parts of its `allOf`.

use super::files::{At, Files};
use crate::document::{Kind, Node, Reader};
use std::collections::{BTreeSet, HashSet};

/// Keywords that say nothing about values, or that are resolved before anything else is read.
const SILENT: &[&str] = &[
    "$schema",
    "$id",
    "id",
    "$anchor",
    "$dynamicAnchor",
    "$recursiveAnchor",
    "$vocabulary",
    "$comment",
    "$defs",
    "definitions",
    "$ref",
    "$dynamicRef",
    "$recursiveRef",
    "allOf",
    "readOnly",
    "writeOnly",
    "contentMediaType",
];

/// Keywords of structure, which a type that is read whole says already.
const STRUCTURE: &[&str] = &[
    "type",
    "format",
    "contentEncoding",
    "properties",
    "required",
    "additionalProperties",
    "unevaluatedProperties",
    "patternProperties",
    "items",
    "prefixItems",
    "additionalItems",
    "enum",
    "const",
    "oneOf",
    "anyOf",
    "minimum",
    "maximum",
];

/// Schemas that hold together.
#[derive(Clone)]
pub(super) struct Shape<'f> {
    /// The schemas, the outermost first; references and `allOf` in them are resolved.
    pub(super) layers: Vec<At<'f>>,
    asked: BTreeSet<String>,
    /// The values that are allowed, in SQL, where they are no texts.
    pub(super) one_of: Option<Vec<String>>,
}

impl<'f> Shape<'f> {
    /// Everything that applies where these schemas do. References that mean nothing, or each other, are named as lost.
    pub(super) fn new(reader: &mut Reader, files: &'f Files, schemas: &[At<'f>], path: &str) -> Self {
        let mut shape = Self { layers: Vec::new(), asked: SILENT.iter().map(|key| (*key).to_owned()).collect(), one_of: None };
        shape.extend(reader, files, schemas, path);
        shape
    }

    /// One more schema that applies here.
    pub(super) fn add(&mut self, reader: &mut Reader, files: &'f Files, schema: At<'f>, path: &str) {
        self.extend(reader, files, &[schema], path);
    }

    fn extend(&mut self, reader: &mut Reader, files: &'f Files, schemas: &[At<'f>], path: &str) {
        let mut waiting: Vec<At<'f>> = schemas.iter().rev().copied().collect();
        // Schemas that only refer to another one are none of their own.
        let mut seen: HashSet<*const Node> = self.layers.iter().map(|at| std::ptr::from_ref(at.node)).collect();
        while let Some(at) = waiting.pop() {
            if !seen.insert(std::ptr::from_ref(at.node)) {
                continue;
            }
            let Kind::Map(entries) = &at.node.kind else {
                match at.node.kind {
                    Kind::Bool(_) => {}
                    _ => reader.wrong(path, at.node, "a schema, which is an object or a truth value"),
                }
                continue;
            };
            if entries.len() != 1 || entries.get("$ref").is_none() {
                self.layers.push(at);
            }
            // Later ones are put first, so that they are taken in the order of the text.
            for part in entries.get("allOf").and_then(Node::list).unwrap_or_default().iter().rev() {
                waiting.push(At { node: part, ..at });
            }
            if let Some(node) = entries.get("$ref") {
                match node.text().map(|reference| (reference, files.resolve(at, reference))) {
                    Some((_, Ok(target))) => waiting.push(target),
                    Some((reference, Err(why))) => {
                        lose(reader, files, At { node, ..at }, path, format!("`{reference}` is not read: {why}"))
                    }
                    None => reader.wrong(path, node, "a text"),
                }
            }
            for key in ["$dynamicRef", "$recursiveRef"] {
                if let Some(reference) = entries.get(key).and_then(Node::text) {
                    match files.resolve(at, reference) {
                        Ok(target) => waiting.push(target),
                        Err(why) => lose(reader, files, At { node: at.node, ..at }, path, format!("`{reference}` is not read: {why}")),
                    }
                }
            }
        }
    }

    /// Every value of a keyword, the outermost first.
    pub(super) fn all(&mut self, key: &str) -> Vec<At<'f>> {
        if !self.asked.contains(key) {
            self.asked.insert(key.to_owned());
        }
        self.layers.iter().filter_map(|at| Some(At { file: at.file, node: at.node.get(key)? })).collect()
    }

    /// The outermost value of a keyword.
    pub(super) fn first(&mut self, key: &str) -> Option<At<'f>> {
        self.all(key).into_iter().next()
    }

    /// The outermost value of a keyword that is a text; another form is a problem.
    pub(super) fn text(&mut self, reader: &mut Reader, key: &str, path: &str) -> Option<&'f str> {
        let at = self.first(key)?;
        if at.node.text().is_none() {
            reader.wrong(&join(path, key), at.node, "a text");
        }
        at.node.text()
    }

    /// The outermost value of a keyword, which stays unread.
    pub(super) fn peek(&self, key: &str) -> Option<At<'f>> {
        self.layers.iter().find_map(|at| Some(At { file: at.file, node: at.node.get(key)? }))
    }

    /// Whether there is such a keyword.
    pub(super) fn has(&self, key: &str) -> bool {
        self.peek(key).is_some()
    }

    /// Whether there is such a keyword that was not asked for.
    pub(super) fn is_open(&self, key: &str) -> bool {
        !self.asked.contains(key) && self.has(key)
    }

    /// Everything about the structure is read.
    pub(super) fn whole(&mut self) {
        self.asked.extend(STRUCTURE.iter().map(|key| (*key).to_owned()));
    }

    /// Keywords that nobody asked for, ours left out.
    pub(super) fn rest(&self) -> Vec<(&'f str, At<'f>)> {
        let mut rest: Vec<(&str, At<'f>)> = Vec::new();
        for at in &self.layers {
            for (key, node) in at.node.entries().into_iter().flat_map(|entries| entries.iter()) {
                let ours = key.starts_with(super::PREFIX);
                if !ours && !self.asked.contains(key) && !rest.iter().any(|(known, _)| *known == key) {
                    rest.push((key, At { file: at.file, node }));
                }
            }
        }
        rest
    }

    /// A node to point at.
    pub(super) fn at(&self, or: At<'f>) -> At<'f> {
        self.layers.first().copied().unwrap_or(or)
    }
}

/// The path of what is below another.
pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// Names a loss; lines are those of the document itself, so that other files are named.
pub(super) fn lose(reader: &mut Reader, files: &Files, at: At<'_>, path: &str, message: impl Into<String>) {
    let message = message.into();
    match files.other(at) {
        None => reader.lose(path, at.node, message),
        Some(file) => {
            let elsewhere = Node { line: 0, kind: Kind::Null };
            reader.lose(path, &elsewhere, format!("{message} ({file}, line {})", at.node.line));
        }
    }
}
