//! Struct tags: `json:"price,omitempty" validate:"gt=0" pii:"email"`.

use super::validate;
use crate::import::code::{self, Member, Said, Say, Shape, Value};
use runi_lang::diagnostic::{Diagnostic, Place, TextRange};
use runi_lang::diagnostics::interop::{FOREIGN_VALUE, foreign_value};
use runi_lang::syntax::write;

/// Keys whose value is a word of [`code::field_word`].
const WORDS: &[(&str, &str)] = &[
    ("pii", "pii"),
    ("access", "access"),
    ("enum", "enum"),
    ("desc", "desc"),
    ("description", "desc"),
    ("unit", "unit"),
    ("class", "class"),
    ("classification", "class"),
    ("default", "default"),
    ("format", "format"),
];

/// One key of a tag.
struct Pair {
    key: String,
    value: String,
    /// Where the value stands.
    range: TextRange,
    /// The offset of the value's first character, when the literal has no escapes.
    start: Option<usize>,
}

/// Reads a tag into a member; `false` when the field is left out.
pub(super) fn read(path: &str, literal: &str, start: usize, member: &mut Member, problems: &mut Vec<Diagnostic>) -> bool {
    let pairs = match pairs(literal, start) {
        Ok(pairs) => pairs,
        Err(range) => {
            let message = "this is no struct tag: a tag is `key:\"value\"` pairs, parted by blanks";
            problems.push(Diagnostic::new(&FOREIGN_VALUE, Place::range(path, range), message));
            return true;
        }
    };
    let value = |key: &str| pairs.iter().find(|pair| pair.key == key);
    // What the data is called where it comes from: JSON first, then files and tables.
    for key in ["json", "csv", "db"] {
        let Some(pair) = value(key) else { continue };
        let (name, options) = pair.value.split_once(',').unwrap_or((&pair.value, ""));
        if pair.value == "-" && key == "json" {
            return false;
        }
        if !name.is_empty() && (name != "-" || key == "json") && !member.renamed {
            name.clone_into(&mut member.column);
            member.renamed = true;
            // An embedded struct with a name is a field.
            member.flatten = false;
        }
        if key == "json" {
            for option in options.split(',') {
                match option {
                    "omitempty" | "omitzero" => member.optional = true,
                    "inline" => member.flatten = true,
                    "string" => said(member, pair, Say::Lost("that its JSON is a text is not said".to_owned())),
                    _ => {}
                }
            }
        }
    }
    for pair in &pairs {
        if let Some((_, word)) = WORDS.iter().find(|(key, _)| *key == pair.key) {
            if *word == "pii" && pair.value == "false" {
                continue;
            }
            if pair.value.trim().is_empty() {
                let what = format!("value of `{}`", pair.key);
                problems.push(foreign_value(Place::range(path, pair.range), &what, "", "it is empty", &[]));
                continue;
            }
            let say = code::field_word(&member.column, word, &Value::Text(pair.value.clone()));
            said(member, pair, say);
        }
        match pair.key.as_str() {
            "mask" => {
                let args: Option<Vec<String>> = pair.value.split(',').map(|arg| mask_argument(arg.trim())).collect();
                said(member, pair, Say::Tag(format!("@mask({})", args.unwrap_or_default().join(", "))));
            }
            "runi" => {
                for (word, value, at) in code::items(&pair.value) {
                    match (word.as_str(), &value) {
                        ("-" | "skip", Value::None) => return false,
                        ("name", Value::Text(name)) => {
                            name.clone_into(&mut member.column);
                            member.renamed = true;
                            continue;
                        }
                        _ => {}
                    }
                    let range = pair.start.map_or(pair.range, |start| code::range(start + at.start, start + at.end));
                    let say = code::field_word(&member.column, &word, &value);
                    member.said.push(Said { say, range });
                }
            }
            "validate" | "binding" => validate::read(path, &pair.value, pair.range, pair.start, member, problems),
            _ => {}
        }
    }
    // A pointer to a pointer is missing once.
    if let Shape::Optional(inner) = &member.shape
        && matches!(**inner, Shape::Optional(_))
    {
        member.shape = (**inner).clone();
    }
    true
}

fn said(member: &mut Member, pair: &Pair, say: Say) {
    member.said.push(Said { say, range: pair.range });
}

/// `keep=4`, `hash`.
fn mask_argument(arg: &str) -> Option<String> {
    match arg.split_once(['=', ':']) {
        Some((name, value)) => Some(format!("{}={}", name.trim(), write::argument(value.trim())?)),
        None => write::argument(arg),
    }
}

/// The pairs of a tag's literal, as `reflect.StructTag` reads them.
fn pairs(literal: &str, start: usize) -> Result<Vec<Pair>, TextRange> {
    let whole = code::range(start, start + literal.len());
    let text = string(literal).ok_or(whole)?;
    let exact = literal.starts_with('`');
    let mut found = Vec::new();
    let mut at = 0;
    loop {
        at += text.get(at..).map_or(0, |rest| rest.len() - rest.trim_start().len());
        let rest = text.get(at..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(found);
        }
        let here = if exact { code::range(start + 1 + at, start + 1 + text.len()) } else { whole };
        let colon = rest.find([':', '"', ' ']).filter(|at| rest.get(*at..).is_some_and(|rest| rest.starts_with(":\""))).ok_or(here)?;
        let key = rest.get(..colon).unwrap_or_default();
        let quoted = rest.get(colon + 1..).unwrap_or_default();
        let end = closing(quoted).ok_or(here)?;
        let quoted = quoted.get(..=end).unwrap_or_default();
        let value = string(quoted).ok_or(here)?;
        let first = start + 1 + at + colon + 2;
        let range = if exact { code::range(first, first + quoted.len() - 2) } else { whole };
        let plain = exact && !quoted.contains('\\');
        found.push(Pair { key: key.to_owned(), value, range, start: plain.then_some(first) });
        at += colon + 1 + end + 1;
    }
}

/// The offset of the quote that closes the one at the start.
fn closing(quoted: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in quoted.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at),
            _ => {}
        }
    }
    None
}

/// What a string literal of Go says.
pub(super) fn string(literal: &str) -> Option<String> {
    if let Some(raw) = literal.strip_prefix('`') {
        return raw.strip_suffix('`').map(|raw| raw.replace('\r', ""));
    }
    let inner = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut out = Vec::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        let digits = |chars: &mut std::str::Chars<'_>, count: usize| {
            let digits: String = chars.by_ref().take(count).collect();
            (digits.len() == count).then(|| u32::from_str_radix(&digits, 16).ok()).flatten()
        };
        let c = match chars.next()? {
            'a' => '\x07',
            'b' => '\x08',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            c @ ('\\' | '"' | '\'') => c,
            'x' => {
                out.push(u8::try_from(digits(&mut chars, 2)?).ok()?);
                continue;
            }
            'u' => char::from_u32(digits(&mut chars, 4)?)?,
            'U' => char::from_u32(digits(&mut chars, 8)?)?,
            first @ '0'..='7' => {
                let octal: String = std::iter::once(first).chain(chars.by_ref().take(2)).collect();
                out.push(u8::from_str_radix(&octal, 8).ok()?);
                continue;
            }
            _ => return None,
        };
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn literals_say_what_go_says() {
        for (literal, says) in [
            ("`a\"b`", Some("a\"b")),
            (r#""a\"b\\c""#, Some("a\"b\\c")),
            (r#""\x41\102\u00e9\U0001F600\n""#, Some("AB\u{e9}\u{1f600}\n")),
            (r#""\xff""#, None),
            (r#""\u12""#, None),
            (r#""\q""#, None),
            ("\"open", None),
            ("", None),
        ] {
            assert_eq!(string(literal).as_deref(), says, "{literal}");
        }
    }

    #[test]
    fn pairs_know_where_they_stand() {
        let literal = "`json:\"a,omitempty\"  pii:\"email\" odd_key:\"x \\\"y\\\"\"`";
        let found = pairs(literal, 100).unwrap();
        let shown: Vec<(&str, &str)> = found.iter().map(|pair| (pair.key.as_str(), pair.value.as_str())).collect();
        assert_eq!(shown, [("json", "a,omitempty"), ("pii", "email"), ("odd_key", "x \"y\"")]);
        let at = |pair: &Pair| literal.get(usize::from(pair.range.start()) - 100..usize::from(pair.range.end()) - 100).unwrap();
        assert_eq!(found.iter().map(at).collect::<Vec<_>>(), ["a,omitempty", "email", "x \\\"y\\\""]);
        for broken in ["`json`", "`json:`", "`json:\"a`", "`json: \"a\"`", "`json:\"a\" x`"] {
            assert!(pairs(broken, 0).is_err(), "{broken}");
        }
    }
}
