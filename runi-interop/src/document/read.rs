//! Reading a tree: each key is asked for once, wrong forms are problems, what nobody asked for is a loss.

use super::{Entries, Kind, Node};
use crate::error::ImportError;
use crate::loss::{Imported, Loss};
use runi_lang::diagnostic::{Diagnostic, Place, TextRange, TextSize};
use runi_lang::diagnostics::interop::foreign_part;
use runi_lang::model::Contract;
use std::collections::BTreeSet;

/// A part of the document that is not what its format demands.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Problem {
    line: Option<u32>,
    message: String,
}

/// Problems that are shown; more of them say nothing new.
const SHOWN: usize = 100;

/// Collects what is wrong with a document and what of it is lost.
#[derive(Default)]
pub(crate) struct Reader {
    problems: Vec<Problem>,
    pub(crate) losses: Vec<Loss>,
}

impl Reader {
    /// The value is of the wrong form.
    pub(crate) fn wrong(&mut self, at: &str, node: &Node, wanted: &str) {
        let at = if at.is_empty() { "the document".to_owned() } else { format!("`{at}`") };
        self.problem(node, format!("{at} is {}, where the format has {wanted}", node.describe()));
    }

    /// The value has the right form and cannot be read all the same.
    pub(crate) fn refuse(&mut self, at: &str, node: &Node, reason: &str) {
        let reason = reason.lines().next().unwrap_or_default().trim_end_matches('.');
        self.problem(node, format!("`{at}` cannot be read: {reason}"));
    }

    fn problem(&mut self, node: &Node, message: String) {
        self.problems.push(Problem { line: line(node), message });
    }

    /// What was read, if nothing was wrong. `name` and `text` are the document's.
    pub(crate) fn finish(mut self, name: &str, text: &str, contracts: Vec<Contract>) -> Result<Imported, ImportError> {
        if self.problems.is_empty() {
            self.losses.sort_by_key(|loss| loss.line);
            return Ok(Imported { contracts, losses: self.losses, ..Imported::default() });
        }
        self.problems.sort();
        let diagnostic = |problem: Problem| {
            foreign_part(problem.line.map_or_else(|| Place::file(name), |line| place(name, text, line)), problem.message)
        };
        let diagnostics: Vec<Diagnostic> = self.problems.into_iter().take(SHOWN).map(diagnostic).collect();
        Err(ImportError::Source { diagnostics })
    }

    /// What stands at `node` is not in the contract.
    pub(crate) fn lose(&mut self, at: &str, node: &Node, message: impl Into<String>) {
        self.losses.push(Loss { at: at.to_owned(), message: message.into(), line: line(node) });
    }

    /// The object at `node`; anything else is a problem.
    pub(crate) fn object<'n>(&mut self, at: &str, node: &'n Node) -> Option<Object<'n>> {
        match &node.kind {
            Kind::Map(entries) => Some(Object { at: at.to_owned(), node, entries, asked: BTreeSet::new() }),
            _ => {
                self.wrong(at, node, "an object");
                None
            }
        }
    }
}

/// The line of a value of a text.
fn line(node: &Node) -> Option<u32> {
    (node.line > 0).then_some(node.line)
}

/// What stands on a line, without the blanks around it.
fn place(name: &str, text: &str, line: u32) -> Place {
    let mut start = 0;
    for (number, content) in (1..).zip(text.split_inclusive('\n')) {
        if number == line {
            let from = start + content.len() - content.trim_start().len();
            let offset = |at: usize| TextSize::new(u32::try_from(at).unwrap_or(u32::MAX));
            return Place::range(name, TextRange::at(offset(from), offset(content.trim().len())));
        }
        start += content.len();
    }
    Place::file(name)
}

/// An object that is being read.
pub(crate) struct Object<'n> {
    pub(crate) at: String,
    pub(crate) node: &'n Node,
    entries: &'n Entries,
    asked: BTreeSet<&'static str>,
}

impl<'n> Object<'n> {
    /// The path of a key of this object.
    pub(crate) fn path(&self, key: &str) -> String {
        if self.at.is_empty() { key.to_owned() } else { format!("{}.{key}", self.at) }
    }

    /// The value of a key; null is as good as none.
    pub(crate) fn node(&mut self, key: &'static str) -> Option<&'n Node> {
        self.asked.insert(key);
        self.entries.get(key).filter(|node| !node.is_null())
    }

    /// A text. A number or a truth value is one too, since YAML needs no quotes.
    pub(crate) fn text(&mut self, reader: &mut Reader, key: &'static str) -> Option<String> {
        let node = self.node(key)?;
        let text = node.scalar();
        if text.is_none() {
            reader.wrong(&self.path(key), node, "a text");
        }
        text
    }

    /// A truth value.
    pub(crate) fn flag(&mut self, reader: &mut Reader, key: &'static str) -> Option<bool> {
        let node = self.node(key)?;
        match node.kind {
            Kind::Bool(value) => Some(value),
            _ => {
                reader.wrong(&self.path(key), node, "`true` or `false`");
                None
            }
        }
    }

    /// A number as it is written; a text of a date is fine where `dates` may stand.
    pub(crate) fn bound(&mut self, reader: &mut Reader, key: &'static str, dates: bool) -> Option<String> {
        let node = self.node(key)?;
        match &node.kind {
            Kind::Number(text) => Some(text.clone()),
            Kind::Text(text) if dates => Some(text.clone()),
            _ => {
                reader.wrong(&self.path(key), node, if dates { "a date or a time in quotes" } else { "a number" });
                None
            }
        }
    }

    /// A whole number that is not negative.
    pub(crate) fn count(&mut self, reader: &mut Reader, key: &'static str) -> Option<u64> {
        let node = self.node(key)?;
        let count = match &node.kind {
            // `5.0` is a whole number of JSON Schema.
            Kind::Number(text) => text.strip_suffix(".0").unwrap_or(text).parse().ok(),
            _ => None,
        };
        if count.is_none() {
            reader.wrong(&self.path(key), node, "a whole number that is not negative");
        }
        count
    }

    /// A list; the path of each item has its number.
    pub(crate) fn list(&mut self, reader: &mut Reader, key: &'static str) -> Vec<(String, &'n Node)> {
        let Some(node) = self.node(key) else { return Vec::new() };
        let path = self.path(key);
        match node.list() {
            Some(items) => items.iter().enumerate().map(|(i, item)| (format!("{path}[{i}]"), item)).collect(),
            None => {
                reader.wrong(&path, node, "a list");
                Vec::new()
            }
        }
    }

    /// A list of objects.
    pub(crate) fn objects(&mut self, reader: &mut Reader, key: &'static str) -> Vec<Object<'n>> {
        self.list(reader, key).into_iter().filter_map(|(at, node)| reader.object(&at, node)).collect()
    }

    /// Whether there is such a key with a value.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.entries.get(key).is_some_and(|node| !node.is_null())
    }

    /// The keys that nobody asked for, with their values; empty ones say nothing.
    pub(crate) fn rest(&self) -> Vec<(&'n str, &'n Node)> {
        let empty = |node: &Node| match &node.kind {
            Kind::Null => true,
            Kind::List(items) => items.is_empty(),
            Kind::Map(entries) => entries.is_empty(),
            _ => false,
        };
        self.entries.iter().filter(|(key, node)| !self.asked.contains(key) && !empty(node)).collect()
    }

    /// Names what nobody asked for.
    pub(crate) fn finish(&self, reader: &mut Reader) {
        for (key, node) in self.rest() {
            reader.lose(&self.path(key), node, format!("`{key}` has no place in a contract"));
        }
    }
}
