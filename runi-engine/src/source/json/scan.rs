//! A strict JSON scanner (RFC 8259) that finds values without making any: each is a [`Cell`] of its text.
//!
//! Nothing is allocated, and what no field asks for is only checked.

use super::super::cell::{Cell, Kind};

/// How deep values may nest.
const MAX_DEPTH: u32 = 128;

/// Receives the entries of an object.
pub(in crate::source) trait Entries {
    /// One entry. The key is a [`Kind::Text`] or [`Kind::Escaped`] cell.
    fn entry(&mut self, key: Cell, value: Cell);
}

impl Entries for () {
    fn entry(&mut self, _: Cell, _: Cell) {}
}

impl<F: FnMut(Cell, Cell)> Entries for F {
    fn entry(&mut self, key: Cell, value: Cell) {
        self(key, value);
    }
}

/// Reads the text between two offsets.
#[derive(Debug)]
pub(in crate::source) struct Scanner<'a> {
    /// Everything up to the end of the record.
    text: &'a [u8],
    at: usize,
    start: usize,
}

type Scan<T> = Result<T, String>;

impl<'a> Scanner<'a> {
    /// A scanner for `start..end`.
    pub(in crate::source) fn new(data: &'a [u8], start: usize, end: usize) -> Self {
        Self { text: data.get(..end).unwrap_or(data), at: start, start }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    #[inline]
    fn space(&mut self) -> Option<u8> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                next => return next,
            }
        }
    }

    #[cold]
    fn wrong(&self, wanted: &str) -> String {
        match self.peek() {
            None => format!("is not JSON: it ends where {wanted} is expected"),
            Some(byte) => {
                let found = byte.escape_ascii();
                format!("is not JSON: `{found}` at byte {} where {wanted} is expected", self.at - self.start + 1)
            }
        }
    }

    /// One object and nothing behind it.
    ///
    /// # Errors
    /// What is wrong with the record.
    pub(in crate::source) fn record(&mut self, entries: &mut impl Entries) -> Scan<()> {
        match self.space() {
            Some(b'{') => self.object(entries, 0)?,
            None => return Err("is blank".to_owned()),
            Some(_) => {
                let (at, whole) = (self.at, self.value(0).is_ok() && self.space().is_none());
                self.at = at;
                return Err(if whole { "is JSON, but not an object".to_owned() } else { self.wrong("an object") });
            }
        }
        match self.space() {
            None => Ok(()),
            Some(_) => Err(self.wrong("the end of the line")),
        }
    }

    /// One value and nothing behind it.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub(in crate::source) fn whole(&mut self) -> Scan<Cell> {
        let value = self.value(0)?;
        if self.space().is_some() { Err(self.wrong("the end")) } else { Ok(value) }
    }

    /// The entries of the object that starts here.
    pub(in crate::source) fn object(&mut self, entries: &mut impl Entries, depth: u32) -> Scan<()> {
        if depth >= MAX_DEPTH {
            return Err("nests deeper than 128 levels".to_owned());
        }
        self.at += 1;
        if self.space() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            if self.space() != Some(b'"') {
                return Err(self.wrong("a key"));
            }
            let key = self.string()?;
            if self.space() != Some(b':') {
                return Err(self.wrong("`:`"));
            }
            self.at += 1;
            let value = self.value(depth + 1)?;
            entries.entry(key, value);
            match self.space() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(self.wrong("`,` or `}`")),
            }
        }
    }

    /// The items of the array that starts here.
    pub(in crate::source) fn array(&mut self, mut each: impl FnMut(Cell), depth: u32) -> Scan<()> {
        if depth >= MAX_DEPTH {
            return Err("nests deeper than 128 levels".to_owned());
        }
        self.at += 1;
        if self.space() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            each(self.value(depth + 1)?);
            match self.space() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(self.wrong("`,` or `]`")),
            }
        }
    }

    fn value(&mut self, depth: u32) -> Scan<Cell> {
        match self.space() {
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word(b"true", Kind::Literal),
            Some(b'f') => self.word(b"false", Kind::Literal),
            Some(b'n') => self.word(b"null", Kind::Null),
            Some(open @ (b'{' | b'[')) => {
                let start = self.at;
                if open == b'{' {
                    self.object(&mut (), depth)?;
                } else {
                    // A function pointer: a closure here would be a new type at each depth.
                    self.array(ignore as fn(Cell), depth)?;
                }
                Ok(Cell::new(Kind::Nested, start, self.at))
            }
            _ => Err(self.wrong("a value")),
        }
    }

    fn word(&mut self, word: &[u8], kind: Kind) -> Scan<Cell> {
        let start = self.at;
        for byte in word {
            if self.peek() != Some(*byte) {
                return Err(self.wrong("a value"));
            }
            self.at += 1;
        }
        Ok(if kind == Kind::Null { Cell::NULL } else { Cell::new(kind, start, self.at) })
    }

    fn digits(&mut self) -> Scan<()> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start { Err(self.wrong("a digit")) } else { Ok(()) }
    }

    fn number(&mut self) -> Scan<Cell> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Cell::new(Kind::Number, start, self.at))
    }

    fn string(&mut self) -> Scan<Cell> {
        let start = self.at + 1;
        let mut kind = Kind::Text;
        self.at = start;
        loop {
            // Most bytes are plain.
            let rest = self.text.get(self.at..).unwrap_or_default();
            self.at += rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1F)).unwrap_or(rest.len());
            match self.peek() {
                Some(b'"') => {
                    let cell = Cell::new(kind, start, self.at);
                    self.at += 1;
                    return Ok(cell);
                }
                Some(b'\\') => {
                    kind = Kind::Escaped;
                    self.escape()?;
                }
                Some(_) => return Err(self.wrong("an escape or a printable character")),
                None => return Err("is not JSON: it ends in the middle of a string".to_owned()),
            }
        }
    }

    fn escape(&mut self) -> Scan<()> {
        match self.text.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 2;
                Ok(())
            }
            Some(b'u') => {
                let paired = match self.unit(self.at) {
                    Some(0xD800..=0xDBFF) => {
                        let low = matches!(self.unit(self.at + 6), Some(0xDC00..=0xDFFF));
                        low.then_some(12)
                    }
                    Some(0xDC00..=0xDFFF) | None => None,
                    Some(_) => Some(6),
                };
                self.at += paired.ok_or_else(|| self.wrong("a whole escape"))?;
                Ok(())
            }
            _ => Err(self.wrong("a known escape")),
        }
    }

    /// The UTF-16 unit of `\uXXXX` at an offset.
    fn unit(&self, at: usize) -> Option<u32> {
        let digits = self.text.get(at..at + 6)?.strip_prefix(b"\\u")?;
        digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
    }
}

fn ignore(_: Cell) {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn accepts(text: &str) -> bool {
        Scanner::new(text.as_bytes(), 0, text.len()).whole().is_ok()
    }

    #[test]
    fn agrees_with_serde_json_on_the_corners() {
        let deep = |n: usize| "[".repeat(n) + &"]".repeat(n);
        let texts = [
            "01",
            "-",
            "-0",
            "1.",
            ".5",
            "1e",
            "1e+5",
            "1E-2",
            "tru",
            "nul",
            "\"\\ud800\"",
            "\"\\ud83d\\ude00\"",
            "\"\\udc00\"",
            "\"\\x\"",
            "\"a\tb\"",
            "[1,]",
            "{\"a\":1,}",
            "{\"a\" : [ ] , \"b\":{}}",
            "{a:1}",
            "\"open",
            "",
            " 1 ",
            "1 2",
            "[",
            "{\"a\"",
            "\"\\u12\"",
        ];
        for text in texts.into_iter().map(str::to_owned).chain([deep(100), deep(127)]) {
            assert_eq!(accepts(&text), serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_serde_json(text in "[\\[\\]{}:,\"\\\\ut0-9a-f.eE+ nrl-]{0,24}") {
            prop_assert_eq!(accepts(&text), serde_json::from_str::<serde_json::Value>(&text).is_ok());
        }
    }
}
