//! One JSON object a line: which entries serve which fields.

use super::super::cell::{Cell, Kind};
use super::super::text::{Span, TextFormat};
use super::scan::{Entries, Scanner};
use crate::rows::RawCell;

/// A key that serves a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// Its text.
    pub(super) name: String,
    /// The field.
    pub(super) field: usize,
    /// Whether it is an earlier name, which serves only where the field's own name is not there.
    pub(super) earlier: bool,
}

/// The keys of all files of a source.
#[derive(Debug, Clone)]
pub(super) struct JsonFormat {
    keys: Vec<Key>,
    width: usize,
    any_text: bool,
    has_earlier: bool,
}

impl JsonFormat {
    /// For a schema of `width` fields.
    pub(super) fn new(keys: Vec<Key>, width: usize, any_text: bool) -> Self {
        let has_earlier = keys.iter().any(|key| key.earlier);
        Self { keys, width, any_text, has_earlier }
    }
}

/// Puts the values of one object into a row.
struct Row<'a> {
    data: &'a [u8],
    keys: &'a [Key],
    /// The key that probably comes next: objects of one file tend to have one order.
    next: usize,
    cells: &'a mut [Cell],
    /// Fields that came under their own name; only kept where a field has an earlier one.
    own: Vec<usize>,
    has_earlier: bool,
    /// Which of the first 128 keys came, one bit each, and those behind them.
    came: (u128, Vec<usize>),
    /// A key that came twice: which value was meant is not known.
    twice: Option<usize>,
}

impl Row<'_> {
    /// Notes that a key came.
    #[inline]
    fn note(&mut self, index: usize) {
        let again = match u32::try_from(index).ok().and_then(|index| 1_u128.checked_shl(index)) {
            Some(bit) => {
                let again = self.came.0 & bit != 0;
                self.came.0 |= bit;
                again
            }
            None => {
                let again = self.came.1.contains(&index);
                self.came.1.push(index);
                again
            }
        };
        if again {
            self.twice.get_or_insert(index);
        }
    }
}

impl Entries for Row<'_> {
    #[inline]
    fn entry(&mut self, key: Cell, value: Cell) {
        let name = key.value(self.data, b'"');
        let guess = self.keys.get(self.next).is_some_and(|key| key.name.as_bytes() == name.as_ref());
        let index = if guess { Some(self.next) } else { self.keys.iter().position(|key| key.name.as_bytes() == name.as_ref()) };
        let Some((index, key)) = index.and_then(|index| Some((index, self.keys.get(index)?))) else { return };
        self.next = index + 1;
        let (field, earlier) = (key.field, key.earlier);
        self.note(index);
        if self.has_earlier {
            if earlier && self.own.contains(&field) {
                return;
            }
            if !earlier {
                self.own.push(field);
            }
        }
        if let Some(slot) = self.cells.get_mut(field) {
            *slot = value;
        }
    }
}

impl TextFormat for JsonFormat {
    fn split(&self, data: &[u8], span: Span, _: bool, cells: &mut Vec<Cell>) -> Result<(), String> {
        let base = cells.len();
        cells.resize(base + self.width, Cell::NULL);
        let mut row = Row {
            data,
            keys: &self.keys,
            next: 0,
            cells: cells.get_mut(base..).unwrap_or_default(),
            own: Vec::new(),
            has_earlier: self.has_earlier,
            came: (0, Vec::new()),
            twice: None,
        };
        Scanner::new(data, span.start as usize, span.end as usize).record(&mut row)?;
        match row.twice.and_then(|index| self.keys.get(index)) {
            Some(key) => Err(format!("has the key `{}` twice", key.name)),
            None => Ok(()),
        }
    }

    fn raw(&self, record: &[u8]) -> Vec<RawCell> {
        let mut cells: Vec<RawCell> = Vec::new();
        let text = |cell: Cell| String::from_utf8_lossy(&cell.value(record, b'"')).into_owned();
        // A record that is in a batch was scanned before: it has no errors.
        let _ = Scanner::new(record, 0, record.len()).record(&mut |key: Cell, value: Cell| {
            let column = text(key);
            cells.retain(|cell| cell.column != column);
            let json = matches!(value.kind(), Kind::Number | Kind::Literal | Kind::Nested);
            cells.push(RawCell { column, text: (value.kind() != Kind::Null).then(|| text(value)), json });
        });
        cells
    }

    /// Each object has its own keys.
    fn names_are_data(&self) -> bool {
        true
    }

    fn takes_any_text(&self) -> bool {
        self.any_text
    }
}
