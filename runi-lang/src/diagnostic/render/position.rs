//! Bytes to lines and columns.

use super::Sources;
use crate::diagnostic::TextSize;
use std::collections::BTreeMap;

/// A line and a column, both from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

/// Where the lines of a text start.
#[derive(Debug, Clone)]
pub struct LineIndex<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> LineIndex<'t> {
    /// Indexes a text.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(ends).collect() }
    }

    /// The position of an offset; what lies behind the end, or inside a character, counts as the nearest position before.
    #[must_use]
    pub fn position(&self, offset: TextSize) -> Position {
        let offset = usize::from(offset).min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|line| self.starts.get(line)).copied().unwrap_or_default();
        let before = self.text.get(start..).unwrap_or_default().char_indices().take_while(|(at, _)| start + at < offset);
        Position { line, column: before.count() + 1 }
    }
}

/// The line indexes of the files of one rendering, each made once.
pub(super) struct Positions<'s> {
    sources: &'s dyn Sources,
    indexes: BTreeMap<String, Option<LineIndex<'s>>>,
}

impl<'s> Positions<'s> {
    pub(super) fn new(sources: &'s dyn Sources) -> Self {
        Self { sources, indexes: BTreeMap::new() }
    }

    pub(super) fn of(&mut self, path: &str) -> Option<&LineIndex<'s>> {
        if !self.indexes.contains_key(path) {
            self.indexes.insert(path.to_owned(), self.sources.text(path).map(LineIndex::new));
        }
        self.indexes.get(path)?.as_ref()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn columns_count_characters_from_one() {
        let index = LineIndex::new("aé\r\nxyz\n");
        let at = |offset: u32| {
            let position = index.position(offset.into());
            (position.line, position.column)
        };
        assert_eq!([at(0), at(1), at(3), at(5), at(8), at(9), at(99)], [(1, 1), (1, 2), (1, 3), (2, 1), (2, 4), (3, 1), (3, 1)]);
    }
}
