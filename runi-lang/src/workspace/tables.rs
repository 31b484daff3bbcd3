//! Reads TOML tables with exact spans: one diagnostic for each wrong key, wrong type or missing value.

use crate::diagnostic::{Diagnostic, Place, TextRange, TextSize};
use crate::diagnostics::workspace as problems;
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value with its span.
pub(super) type Value<'i> = Spanned<DeValue<'i>>;

/// Collects problems while a file's tables are read.
pub(super) struct Reader<'p> {
    path: &'p str,
    /// What was found, in the order of reading.
    pub(super) problems: Vec<Diagnostic>,
    broken: bool,
}

impl<'p> Reader<'p> {
    /// A reader for the file at `path`.
    pub(super) fn new(path: &'p str) -> Self {
        Self { path, problems: Vec::new(), broken: false }
    }

    /// Parses the text; every mistake of syntax becomes a diagnostic and the rest is still read.
    pub(super) fn parse<'i>(&mut self, text: &'i str) -> DeTable<'i> {
        let (root, errors) = DeTable::parse_recoverable(text);
        // A first mistake often makes the parser stumble again a few bytes later; one cause, one diagnostic.
        if let Some(error) = errors.first() {
            let range = error.span().map_or_else(|| TextRange::empty(TextSize::new(0)), |span| range_of(span, text.len()));
            self.problems.push(problems::invalid_toml(Place::range(self.path, range), error.message()));
            self.broken = true;
        }
        root.into_inner()
    }

    /// What was found. Where the text is broken, what its halves seem to say is no second problem.
    pub(super) fn finish(mut self) -> Vec<Diagnostic> {
        if self.broken {
            self.problems.truncate(1);
        }
        self.problems
    }

    /// The place of a span in this file.
    pub(super) fn place<T>(&self, value: &Spanned<T>) -> Place {
        Place::range(self.path, span_of(value))
    }

    /// Reports every key of `table` that is not among `known`.
    pub(super) fn only(&mut self, table: &DeTable<'_>, of: &str, known: &[&str]) {
        for (key, _) in table.iter() {
            if !known.contains(&key.get_ref().as_ref()) {
                let place = self.place(key);
                self.problems.push(problems::unknown_key(place, key.get_ref(), of, known));
            }
        }
    }

    /// Says that `value` should have been `wanted`.
    pub(super) fn wrong<T>(&mut self, value: &Spanned<T>, what: &str, wanted: &str) {
        let place = self.place(value);
        self.problems.push(problems::wrong_value(place, what, wanted));
    }

    /// The table under `key`; absent is fine, another type is not.
    pub(super) fn table<'t, 'i>(&mut self, parent: &'t DeTable<'i>, key: &str) -> Option<&'t DeTable<'i>> {
        let value = parent.get(key)?;
        self.as_table(value, key)
    }

    /// `value` as a table.
    pub(super) fn as_table<'t, 'i>(&mut self, value: &'t Value<'i>, what: &str) -> Option<&'t DeTable<'i>> {
        match value.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => {
                self.wrong(value, what, "a table");
                None
            }
        }
    }

    /// The string under `key` and where it stands.
    pub(super) fn string(&mut self, parent: &DeTable<'_>, key: &str) -> Option<Spanned<String>> {
        let value = parent.get(key)?;
        self.as_string(value, key).map(|text| Spanned::new(value.span(), text))
    }

    /// `value` as a string.
    pub(super) fn as_string(&mut self, value: &Value<'_>, what: &str) -> Option<String> {
        match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            _ => {
                self.wrong(value, what, "a string");
                None
            }
        }
    }

    /// `true` or `false` under `key`.
    pub(super) fn boolean(&mut self, parent: &DeTable<'_>, key: &str) -> Option<bool> {
        let value = parent.get(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            _ => {
                self.wrong(value, key, "`true` or `false`");
                None
            }
        }
    }

    /// A list of strings under `key`, or one string.
    pub(super) fn strings(&mut self, parent: &DeTable<'_>, key: &str) -> Option<Vec<Spanned<String>>> {
        let value = parent.get(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(vec![Spanned::new(value.span(), text.to_string())]),
            DeValue::Array(items) => {
                Some(items.iter().filter_map(|item| self.as_string(item, key).map(|text| Spanned::new(item.span(), text))).collect())
            }
            _ => {
                self.wrong(value, key, "a list of strings");
                None
            }
        }
    }

    /// Strings, numbers and booleans by name, each as its text.
    pub(super) fn scalars(&mut self, table: &DeTable<'_>) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for (key, value) in table.iter() {
            let text = match value.get_ref() {
                DeValue::String(text) => text.to_string(),
                DeValue::Boolean(flag) => flag.to_string(),
                DeValue::Integer(number) => number.as_str().to_owned(),
                DeValue::Float(number) => number.as_str().to_owned(),
                _ => {
                    self.wrong(value, key.get_ref(), "a string, a number or a boolean");
                    continue;
                }
            };
            found.insert(key.get_ref().to_string(), text);
        }
        found
    }
}

/// The bytes of a spanned value.
pub(super) fn span_of<T>(value: &Spanned<T>) -> TextRange {
    range_of(value.span(), usize::MAX)
}

fn range_of(span: std::ops::Range<usize>, len: usize) -> TextRange {
    let at = |offset: usize| TextSize::new(u32::try_from(offset.min(len)).unwrap_or(u32::MAX));
    TextRange::new(at(span.start), at(span.end.max(span.start)))
}
