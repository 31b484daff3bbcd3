//! One cell of a text record: where its bytes are, and of which kind they are.

use std::borrow::Cow;

/// What the bytes of a cell are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// No value.
    Null = 0,
    /// CSV, without quotes.
    Bare = 1,
    /// CSV, between quotes (not among the bytes), nothing doubled.
    Quoted = 2,
    /// CSV, with quotes among the bytes: outer ones, doubled ones, text behind the closing one.
    Doubled = 3,
    /// A JSON number.
    Number = 4,
    /// `true` or `false`.
    Literal = 5,
    /// A JSON string without escapes, quotes not among the bytes.
    Text = 6,
    /// A JSON string with escapes, quotes not among the bytes.
    Escaped = 7,
    /// A JSON array or object, brackets among the bytes.
    Nested = 8,
}

impl Kind {
    fn from_bits(bits: u32) -> Self {
        match bits {
            1 => Self::Bare,
            2 => Self::Quoted,
            3 => Self::Doubled,
            4 => Self::Number,
            5 => Self::Literal,
            6 => Self::Text,
            7 => Self::Escaped,
            8 => Self::Nested,
            _ => Self::Null,
        }
    }

    /// Whether the bytes came from CSV, where every value is text and any type may be read from it.
    pub(super) fn is_csv(self) -> bool {
        matches!(self, Self::Bare | Self::Quoted | Self::Doubled)
    }
}

/// Eight bytes, because a batch has a hundred thousand of them: the length (28 bits) shares a word with the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    start: u32,
    tail: u32,
}

const KIND_BITS: u32 = 4;

impl Cell {
    /// No value.
    pub(super) const NULL: Self = Self { start: 0, tail: 0 };

    /// The bytes `start..end` of a piece, which is shorter than 256 MiB.
    pub(super) fn new(kind: Kind, start: usize, end: usize) -> Self {
        debug_assert!(end >= start && end - start < 1 << (32 - KIND_BITS));
        Self { start: start as u32, tail: ((end - start) as u32) << KIND_BITS | kind as u32 }
    }

    /// The kind.
    #[inline]
    pub(super) fn kind(self) -> Kind {
        Kind::from_bits(self.tail & ((1 << KIND_BITS) - 1))
    }

    /// Offset of the first byte.
    #[inline]
    pub(super) fn start(self) -> u32 {
        self.start
    }

    /// The bytes as they are written.
    #[inline]
    pub(super) fn bytes(self, data: &[u8]) -> &[u8] {
        let start = self.start as usize;
        data.get(start..start + (self.tail >> KIND_BITS) as usize).unwrap_or_default()
    }

    /// The bytes that are meant.
    #[inline]
    pub(super) fn value(self, data: &[u8], quote: u8) -> Cow<'_, [u8]> {
        let bytes = self.bytes(data);
        match self.kind() {
            Kind::Doubled => Cow::Owned(undouble(bytes, quote)),
            Kind::Escaped => Cow::Owned(unescape(bytes)),
            _ => Cow::Borrowed(bytes),
        }
    }
}

/// A quoted CSV cell with its quotes: doubled quotes are one, text behind the closing quote stays.
fn undouble(bytes: &[u8], quote: u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.strip_prefix(&[quote]).unwrap_or(bytes);
    while let Some(hit) = memchr::memchr(quote, rest) {
        let (text, after) = rest.split_at(hit);
        out.extend_from_slice(text);
        let after = after.get(1..).unwrap_or_default();
        match after.strip_prefix(&[quote]) {
            Some(after) => {
                out.push(quote);
                rest = after;
            }
            None => {
                rest = after;
                break;
            }
        }
    }
    out.extend_from_slice(rest);
    out
}

/// The text of a JSON string that was checked when it was scanned.
fn unescape(bytes: &[u8]) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(bytes.len() + 2);
    quoted.push(b'"');
    quoted.extend_from_slice(bytes);
    quoted.push(b'"');
    serde_json::from_slice::<String>(&quoted).map(String::into_bytes).unwrap_or_else(|_| bytes.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_give_back_what_they_were_made_of() {
        let data = br#"x"a""b"c\u00e9"#;
        for (kind, start, end, value) in
            [(Kind::Bare, 0, 1, "x"), (Kind::Doubled, 1, 8, "a\"bc"), (Kind::Escaped, 8, 14, "é"), (Kind::Null, 0, 0, "")]
        {
            let cell = Cell::new(kind, start, end);
            assert_eq!((cell.kind(), cell.start()), (kind, start as u32));
            assert_eq!(cell.value(data, b'"'), value.as_bytes());
        }
    }
}
