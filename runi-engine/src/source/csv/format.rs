//! Splitting one delimited record into cells.

use super::super::cell::{Cell, Kind};
use super::super::text::{Span, TextFormat};
use crate::rows::RawCell;
use memchr::{memchr, memchr_iter};

/// The layout of one file.
#[derive(Debug)]
pub(super) struct CsvFormat {
    delimiter: u8,
    quote: u8,
    /// Whether the empty bare cell is null.
    empty_is_null: bool,
    /// Other bare cells that are.
    nulls: Vec<Vec<u8>>,
    /// The file's columns.
    columns: Vec<String>,
    /// The field that each of them serves.
    targets: Vec<Option<usize>>,
    /// Whether the names of the columns that serve none may be data.
    names_are_data: bool,
    /// Fields of the schema.
    width: usize,
}

impl CsvFormat {
    /// A layout whose columns are not known yet.
    pub(super) fn new(delimiter: u8, quote: u8, nulls: &[String]) -> Self {
        Self {
            delimiter,
            quote,
            empty_is_null: nulls.iter().any(String::is_empty),
            nulls: nulls.iter().filter(|null| !null.is_empty()).map(|null| null.clone().into_bytes()).collect(),
            columns: Vec::new(),
            targets: Vec::new(),
            names_are_data: false,
            width: 0,
        }
    }

    /// The same layout with these columns, which serve these fields; `names_are_data` when the names of the others must not be shown.
    pub(super) fn with_columns(self, columns: Vec<String>, targets: Vec<Option<usize>>, names_are_data: bool) -> Self {
        Self { columns, targets, names_are_data, ..self }
    }

    /// The same layout for a schema of so many fields.
    pub(super) fn with_width(self, width: usize) -> Self {
        Self { width, ..self }
    }

    /// Every cell of a record, unquoted.
    pub(super) fn texts(&self, record: &[u8]) -> Vec<Vec<u8>> {
        let mut texts = Vec::new();
        self.quoted(record, 0, record.len(), |_, cell| texts.push(cell.value(record, self.quote).into_owned()));
        texts
    }

    #[inline]
    fn bare(&self, data: &[u8], start: usize, end: usize) -> Cell {
        let null = if start == end {
            self.empty_is_null
        } else {
            !self.nulls.is_empty() && self.nulls.iter().any(|null| Some(null.as_slice()) == data.get(start..end))
        };
        if null { Cell::NULL } else { Cell::new(Kind::Bare, start, end) }
    }

    /// Cells of a record that may hold quotes; gives back how many.
    fn quoted(&self, data: &[u8], start: usize, end: usize, mut each: impl FnMut(usize, Cell)) -> usize {
        let record = data.get(..end).unwrap_or(data);
        let next_delimiter = |from: usize| memchr(self.delimiter, record.get(from..).unwrap_or_default()).map_or(end, |hit| from + hit);
        let (mut at, mut column) = (start, 0);
        loop {
            let cell_end;
            if record.get(at) == Some(&self.quote) {
                let (close, doubled) = self.closing(record, at + 1);
                if !doubled && (close + 1 >= end || record.get(close + 1) == Some(&self.delimiter)) {
                    cell_end = (close + 1).min(end);
                    each(column, Cell::new(Kind::Quoted, at + 1, close));
                } else {
                    cell_end = next_delimiter((close + 1).min(end));
                    each(column, Cell::new(Kind::Doubled, at, cell_end));
                }
            } else {
                cell_end = next_delimiter(at);
                each(column, self.bare(data, at, cell_end));
            }
            column += 1;
            if cell_end >= end {
                return column;
            }
            at = cell_end + 1;
        }
    }

    /// Where a quoted cell closes, and whether quotes are doubled before that.
    fn closing(&self, record: &[u8], from: usize) -> (usize, bool) {
        let (mut at, mut doubled) = (from, false);
        while let Some(hit) = memchr(self.quote, record.get(at..).unwrap_or_default()) {
            let hit = at + hit;
            if record.get(hit + 1) != Some(&self.quote) {
                return (hit, doubled);
            }
            doubled = true;
            at = hit + 2;
        }
        (record.len(), doubled)
    }
}

impl TextFormat for CsvFormat {
    fn split(&self, data: &[u8], span: Span, quotes: bool, cells: &mut Vec<Cell>) -> Result<(), String> {
        let base = cells.len();
        cells.resize(base + self.width, Cell::NULL);
        let row = cells.get_mut(base..).unwrap_or_default();
        let (start, end) = (span.start as usize, span.end as usize);
        let mut put = |column: usize, cell: Cell| {
            if let Some(Some(target)) = self.targets.get(column)
                && let Some(slot) = row.get_mut(*target)
            {
                *slot = cell;
            }
        };
        let found = if quotes && memchr(self.quote, span.of(data)).is_some() {
            self.quoted(data, start, end, put)
        } else {
            let (mut at, mut column) = (start, 0);
            for hit in memchr_iter(self.delimiter, span.of(data)) {
                put(column, self.bare(data, at, start + hit));
                at = start + hit + 1;
                column += 1;
            }
            put(column, self.bare(data, at, end));
            column + 1
        };
        if found == self.columns.len() {
            return Ok(());
        }
        let cells = if found == 1 { "cell" } else { "cells" };
        Err(format!("has {found} {cells} where {} are expected", self.columns.len()))
    }

    fn names_are_data(&self) -> bool {
        self.names_are_data
    }

    fn quote(&self) -> u8 {
        self.quote
    }

    fn raw(&self, record: &[u8]) -> Vec<RawCell> {
        let mut cells = Vec::with_capacity(self.columns.len());
        self.quoted(record, 0, record.len(), |column, cell| {
            let text = (cell.kind() != Kind::Null).then(|| String::from_utf8_lossy(&cell.value(record, self.quote)).into_owned());
            cells.push(RawCell { column: self.columns.get(column).cloned().unwrap_or_default(), text, json: false });
        });
        cells
    }
}
