//! Cuts text into records. This is the serial part of reading text, so it looks at as few bytes as it can:
//! line ends, and quotes where the format has them.
//!
//! A quote opens a quoted cell only at the start of a cell; there, line ends are text. A quote that is never closed
//! would swallow the rest of the file, so the line that opened it is set aside alone and the next line starts afresh.

use memchr::{memchr, memchr_iter, memchr2};

/// The longest record that is read; longer ones are set aside.
pub(super) const MAX_RECORD: usize = 16 << 20;

/// How often a file may be cut anew after an open quote. Then quoted cells may no longer hold line ends, so that
/// a hostile file costs linear time.
const MAX_RETRIES: u32 = 64;

/// How records end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) enum Framing {
    /// One record a line.
    Lines,
    /// Lines, but for line ends in quoted cells.
    Quoted {
        /// Between cells.
        delimiter: u8,
        /// Around cells.
        quote: u8,
    },
}

/// The bytes of a record, without its line end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) struct Span {
    /// First byte.
    pub(in crate::source) start: u32,
    /// One past the last byte.
    pub(in crate::source) end: u32,
}

impl Span {
    /// The bytes of the record.
    pub(in crate::source) fn of(self, data: &[u8]) -> &[u8] {
        data.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// A record that framing already knows to be malformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken {
    /// Its index among the records of the piece.
    pub(super) record: usize,
    /// What is wrong, a phrase that follows "the record".
    pub(super) reason: &'static str,
}

const UNCLOSED: &str = "has a quote that is never closed";
const TOO_LONG: &str = "is longer than 16 MiB";

/// The records of a stretch of bytes.
#[derive(Debug, Default)]
pub(super) struct Framed {
    /// Whole records, broken ones included; empty lines are none.
    pub(super) records: Vec<Span>,
    /// The broken ones.
    pub(super) broken: Vec<Broken>,
    /// Bytes that belong to them; the rest comes again with more behind it.
    pub(super) consumed: usize,
    /// Line ends among those bytes.
    pub(super) lines: u64,
    /// Whether a quote byte is among the bytes.
    pub(super) quotes: bool,
}

impl Framed {
    fn push(&mut self, data: &[u8], start: usize, mut end: usize) {
        if end > start && data.get(end - 1) == Some(&b'\r') {
            end -= 1;
        }
        if end > start {
            if end - start > MAX_RECORD {
                self.broken.push(Broken { record: self.records.len(), reason: TOO_LONG });
            }
            self.records.push(Span { start: start as u32, end: end as u32 });
        }
    }

    fn push_broken(&mut self, data: &[u8], start: usize, end: usize, reason: &'static str) {
        let before = (self.records.len(), self.broken.len());
        self.push(data, start, end);
        if self.records.len() > before.0 && self.broken.len() == before.1 {
            self.broken.push(Broken { record: before.0, reason });
        }
    }
}

/// Cuts one file.
#[derive(Debug)]
pub(super) struct Framer {
    framing: Framing,
    retries: u32,
    /// In the middle of a record that was too long and is already reported.
    skipping: bool,
}

impl Framer {
    /// For one file.
    pub(super) fn new(framing: Framing) -> Self {
        Self { framing, retries: 0, skipping: false }
    }

    /// The whole records of `data` from `from` on. `eof` says that nothing follows.
    pub(super) fn frame(&mut self, data: &[u8], from: usize, eof: bool) -> Framed {
        let mut framed = Framed::default();
        let mut start = from;
        if self.skipping {
            match memchr(b'\n', data.get(from..).unwrap_or_default()) {
                Some(end) => {
                    self.skipping = false;
                    start = from + end + 1;
                    framed.lines += 1;
                }
                None => start = data.len(),
            }
        }
        match self.framing {
            Framing::Quoted { delimiter, quote } if memchr(quote, data.get(start..).unwrap_or_default()).is_some() => {
                framed.quotes = true;
                let first = start;
                start = self.quoted(data, start, eof, delimiter, quote, &mut framed);
                framed.lines += memchr_iter(b'\n', data.get(first..start).unwrap_or_default()).count() as u64;
            }
            _ => {
                let base = start;
                for end in memchr_iter(b'\n', data.get(base..).unwrap_or_default()) {
                    framed.push(data, start, base + end);
                    start = base + end + 1;
                    framed.lines += 1;
                }
            }
        }
        if start < data.len() {
            if eof {
                framed.push(data, start, data.len());
                start = data.len();
            } else if data.len() - start > MAX_RECORD && framed.records.is_empty() {
                framed.push_broken(data, start, data.len(), TOO_LONG);
                self.skipping = true;
                start = data.len();
            }
        }
        framed.consumed = start;
        framed
    }

    /// Records with quoted cells; gives back where the first unfinished one starts.
    fn quoted(&mut self, data: &[u8], from: usize, eof: bool, delimiter: u8, quote: u8, framed: &mut Framed) -> usize {
        let (mut start, mut at) = (from, from);
        while let Some(hit) = memchr2(quote, b'\n', data.get(at..).unwrap_or_default()) {
            let hit = at + hit;
            if data.get(hit) == Some(&b'\n') {
                framed.push(data, start, hit);
                start = hit + 1;
                at = start;
                continue;
            }
            let opens = hit == start || data.get(hit.wrapping_sub(1)) == Some(&delimiter);
            if !opens {
                at = hit + 1;
                continue;
            }
            let line_end = || memchr(b'\n', data.get(start..).unwrap_or_default()).map(|end| start + end);
            let limit = if self.retries < MAX_RETRIES { data.len() } else { line_end().unwrap_or(data.len()) };
            let closed = closing(data.get(..limit).unwrap_or(data), hit + 1, quote, eof || limit < data.len());
            match closed {
                Some(close) if close - start <= MAX_RECORD => {
                    at = close + 1;
                }
                None if !eof && limit == data.len() && data.len() - start <= MAX_RECORD => return start,
                _ => {
                    let reason = if closed.is_some() || !(eof || limit < data.len()) { TOO_LONG } else { UNCLOSED };
                    self.retries += 1;
                    match line_end() {
                        Some(end) => {
                            framed.push_broken(data, start, end, reason);
                            start = end + 1;
                            at = start;
                        }
                        None => {
                            framed.push_broken(data, start, data.len(), reason);
                            self.skipping = !eof;
                            return data.len();
                        }
                    }
                }
            }
        }
        start
    }
}

/// Where the quoted cell whose text starts at `from` closes; `None` when it does not, or when more bytes may say otherwise.
fn closing(data: &[u8], from: usize, quote: u8, complete: bool) -> Option<usize> {
    let mut at = from;
    loop {
        let hit = at + memchr(quote, data.get(at..)?)?;
        match data.get(hit + 1) {
            Some(next) if *next == quote => at = hit + 2,
            None if !complete => return None,
            _ => return Some(hit),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    const CSV: Framing = Framing::Quoted { delimiter: b',', quote: b'"' };

    fn records(text: &str, framing: Framing) -> (Vec<&str>, Vec<(usize, &'static str)>, u64) {
        let framed = Framer::new(framing).frame(text.as_bytes(), 0, true);
        let texts = framed.records.iter().map(|span| &text[span.start as usize..span.end as usize]).collect();
        (texts, framed.broken.iter().map(|b| (b.record, b.reason)).collect(), framed.lines)
    }

    #[test]
    fn line_ends_in_quoted_cells_are_text() {
        assert_eq!(records("a,\"b\nc\"\r\n\r\nd,e", CSV), (vec!["a,\"b\nc\"", "d,e"], vec![], 3));
        assert_eq!(records("5\" nail,\"x\"\"\n\"\n", CSV), (vec!["5\" nail,\"x\"\"\n\""], vec![], 2));
    }

    #[test]
    fn an_open_quote_costs_only_its_own_line() {
        let (texts, broken, lines) = records("a,b\nc,\"d\ne,f\ng,h\n", CSV);
        assert_eq!(texts, ["a,b", "c,\"d", "e,f", "g,h"]);
        assert_eq!(broken, [(1, UNCLOSED)]);
        assert_eq!(lines, 4);
    }

    #[test]
    fn a_hostile_file_takes_linear_time() {
        let text = "x\"y,\"z\n".repeat(200_000);
        let (texts, broken, lines) = records(&text, CSV);
        assert_eq!((texts.len(), broken.len(), lines), (200_000, 200_000, 200_000));
    }

    #[test]
    fn an_endless_line_is_one_broken_record() {
        let mut framer = Framer::new(Framing::Lines);
        let long = vec![b'x'; MAX_RECORD + 1];
        let first = framer.frame(&long, 0, false);
        assert_eq!((first.records.len(), first.broken.len(), first.consumed), (1, 1, long.len()));
        let rest = framer.frame(b"xxx\nnext\n", 0, true);
        assert_eq!(rest.records, [Span { start: 4, end: 8 }]);
        assert_eq!(rest.lines, 2);
    }
}
