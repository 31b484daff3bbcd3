//! JSON with lines, by RFC 8259.

use super::{Entries, Kind, MAX_DEPTH, MAX_NODES, Node};
use crate::error::ImportError;
use std::collections::HashSet;

pub(super) fn read(format: &'static str, text: &str) -> Result<Node, ImportError> {
    let mut parser = Parser { text: text.strip_prefix('\u{feff}').unwrap_or(text), pos: 0, line: 1, nodes: 0 };
    parser.document().map_err(|problem| match problem {
        Problem::Limit(message) => ImportError::TooLarge { format, message },
        Problem::Syntax(message) => ImportError::unreadable(format, message, Some(parser.line)),
    })
}

enum Problem {
    Syntax(String),
    Limit(String),
}

impl From<String> for Problem {
    fn from(message: String) -> Self {
        Self::Syntax(message)
    }
}

impl From<&str> for Problem {
    fn from(message: &str) -> Self {
        Self::Syntax(message.to_owned())
    }
}

struct Parser<'t> {
    text: &'t str,
    pos: usize,
    line: u32,
    nodes: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.pos).copied()
    }

    fn blanks(&mut self) {
        while let Some(byte @ (b' ' | b'\t' | b'\n' | b'\r')) = self.peek() {
            self.line += u32::from(byte == b'\n');
            self.pos += 1;
        }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.pos..).unwrap_or_default()
    }

    fn found(&self) -> String {
        self.rest().chars().next().map_or("the end".to_owned(), |c| format!("`{}`", c.escape_debug()))
    }

    fn expect(&mut self, byte: u8, wanted: &str) -> Result<(), Problem> {
        if self.peek() != Some(byte) {
            return Err(format!("{} where {wanted} is expected", self.found()).into());
        }
        self.pos += 1;
        Ok(())
    }

    fn document(&mut self) -> Result<Node, Problem> {
        let node = self.value(0)?;
        self.blanks();
        if self.pos < self.text.len() { Err(format!("{} after the end of the document", self.found()).into()) } else { Ok(node) }
    }

    fn value(&mut self, depth: usize) -> Result<Node, Problem> {
        self.nodes += 1;
        if depth >= MAX_DEPTH {
            return Err(Problem::Limit(format!("line {}: values nest more than {MAX_DEPTH} deep", self.line)));
        }
        if self.nodes > MAX_NODES {
            return Err(Problem::Limit(format!("line {}: there are more than {MAX_NODES} values", self.line)));
        }
        self.blanks();
        let line = self.line;
        let kind = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => Kind::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => self.word()?,
        };
        Ok(Node { line, kind })
    }

    fn word(&mut self) -> Result<Kind, Problem> {
        for (word, kind) in [("null", Kind::Null), ("true", Kind::Bool(true)), ("false", Kind::Bool(false))] {
            if self.rest().starts_with(word) {
                self.pos += word.len();
                return Ok(kind);
            }
        }
        Err(format!("{} where a value is expected", self.found()).into())
    }

    fn object(&mut self, depth: usize) -> Result<Kind, Problem> {
        self.pos += 1;
        let mut items = Vec::new();
        let mut seen = HashSet::new();
        self.blanks();
        if self.peek() == Some(b'}') {
            self.pos += 1;
            return Ok(Kind::Map(Entries::default()));
        }
        loop {
            self.blanks();
            if self.peek() != Some(b'"') {
                return Err(format!("{} where a key in double quotes is expected", self.found()).into());
            }
            let key = self.string()?;
            if !seen.insert(key.clone()) {
                return Err(format!("the key `{key}` stands twice in one object").into());
            }
            self.blanks();
            self.expect(b':', "`:`")?;
            items.push((key, self.value(depth + 1)?));
            self.blanks();
            if self.peek() == Some(b'}') {
                self.pos += 1;
                return Ok(Kind::Map(Entries::new(items)));
            }
            self.expect(b',', "`,` or `}`")?;
        }
    }

    fn array(&mut self, depth: usize) -> Result<Kind, Problem> {
        self.pos += 1;
        let mut items = Vec::new();
        self.blanks();
        if self.peek() == Some(b']') {
            self.pos += 1;
            return Ok(Kind::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.blanks();
            if self.peek() == Some(b']') {
                self.pos += 1;
                return Ok(Kind::List(items));
            }
            self.expect(b',', "`,` or `]`")?;
        }
    }

    /// Finds the end of a string; serde resolves its escapes.
    fn string(&mut self) -> Result<String, Problem> {
        let bytes = self.text.as_bytes();
        let start = self.pos;
        let mut end = start + 1;
        loop {
            match bytes.get(end) {
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                Some(b'\n') | None => return Err("a text that is not closed".into()),
                Some(_) => end += 1,
            }
        }
        let quoted = self.text.get(start..=end).ok_or("a text that is not closed")?;
        self.pos = end + 1;
        serde_json::from_str(quoted).map_err(|_| "a text with an escape or a character that JSON does not have".into())
    }

    fn number(&mut self) -> Result<Kind, Problem> {
        let len = self.rest().bytes().take_while(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')).count();
        let text = self.rest().get(..len).unwrap_or_default();
        // What serde accepts is a JSON number that this program can hold.
        if serde_json::from_str::<serde_json::Number>(text).is_err() {
            return Err(format!("`{text}` is not a number of JSON").into());
        }
        self.pos += len;
        Ok(Kind::Number(text.to_owned()))
    }
}
