//! `@matches`: the whole value against a pattern.
//!
//! Most patterns of contracts are runs of character classes (`[A-Z]{2}\d{4}`). Those are walked with a
//! byte table and no automaton; anything else, and any value that is not ASCII, goes to `regex`.

use regex::Regex;
use regex_syntax::hir::{Class, Hir, HirKind};

/// A compiled pattern.
#[derive(Debug)]
pub(crate) struct Pattern {
    regex: Regex,
    runs: Option<Vec<Run>>,
}

/// `min` to `max` bytes of one class.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Run {
    class: ByteSet,
    min: usize,
    max: usize,
}

/// ASCII characters, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ByteSet(u128);

impl ByteSet {
    fn contains(self, byte: u8) -> bool {
        byte < 128 && self.0 >> byte & 1 == 1
    }
}

impl Pattern {
    /// Compiles a pattern that must match whole values.
    pub(crate) fn compile(pattern: &str) -> Result<Self, regex::Error> {
        let regex = runi_lang::pattern::whole(pattern)?;
        let runs = regex_syntax::parse(pattern).ok().and_then(|hir| runs(&hir));
        Ok(Self { regex, runs })
    }

    /// Whether all of `text` matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        match &self.runs {
            Some(runs) if text.is_ascii() => walk(runs, text.as_bytes()),
            _ => self.regex.is_match(text),
        }
    }
}

/// Greedy without going back; [`runs`] only lets patterns through for which that is right.
fn walk(runs: &[Run], mut text: &[u8]) -> bool {
    for run in runs {
        let length = text.iter().take(run.max).take_while(|byte| run.class.contains(**byte)).count();
        if length < run.min {
            return false;
        }
        text = text.get(length..).unwrap_or_default();
    }
    text.is_empty()
}

/// The pattern as runs of ASCII classes, if it is that simple and greedy matching of it is exact.
fn runs(hir: &Hir) -> Option<Vec<Run>> {
    let mut out = Vec::new();
    flatten(hir, &mut out)?;
    // A run of variable length must not be able to eat what a later run needs: its class has nothing in
    // common with any run up to and including the next one that must match.
    for (index, run) in out.iter().enumerate() {
        if run.min == run.max {
            continue;
        }
        for later in out.iter().skip(index + 1) {
            if run.class.0 & later.class.0 != 0 {
                return None;
            }
            if later.min > 0 {
                break;
            }
        }
    }
    Some(out)
}

fn flatten(hir: &Hir, out: &mut Vec<Run>) -> Option<()> {
    match hir.kind() {
        HirKind::Empty => Some(()),
        HirKind::Literal(literal) => {
            for byte in literal.0.iter() {
                if !byte.is_ascii() {
                    return None;
                }
                out.push(Run { class: ByteSet(1 << byte), min: 1, max: 1 });
            }
            Some(())
        }
        HirKind::Class(class) => {
            out.push(Run { class: ascii(class), min: 1, max: 1 });
            Some(())
        }
        HirKind::Repetition(repetition) => {
            let mut inner = Vec::new();
            flatten(&repetition.sub, &mut inner)?;
            let [single] = inner.as_slice() else { return None };
            if single.min != 1 || single.max != 1 {
                return None;
            }
            out.push(Run { class: single.class, min: repetition.min as usize, max: repetition.max.map_or(usize::MAX, |max| max as usize) });
            Some(())
        }
        HirKind::Capture(capture) => flatten(&capture.sub, out),
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| flatten(part, out)),
        HirKind::Look(_) | HirKind::Alternation(_) => None,
    }
}

/// The ASCII part of a class: the rest cannot matter, as only ASCII values are walked.
fn ascii(class: &Class) -> ByteSet {
    let mut set = 0_u128;
    let mut add = |low: u32, high: u32| {
        for byte in low..=high.min(127) {
            set |= 1 << byte;
        }
    };
    match class {
        Class::Unicode(class) => class.iter().for_each(|range| add(u32::from(range.start()), u32::from(range.end()))),
        Class::Bytes(class) => class.iter().for_each(|range| add(u32::from(range.start()), u32::from(range.end()))),
    }
    ByteSet(set)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn simple_patterns_need_no_automaton() {
        for simple in ["[A-Z]{2}", "[A-Z.]{1,8}", r"\d{4}-\d{2}-\d{2}", "INV[0-9]+", "a?b", "(x)(y){3}", ""] {
            assert!(Pattern::compile(simple).unwrap().runs.is_some(), "{simple}");
        }
        for other in ["a|bc", "[a-z]*a", "(ab)+", "[a-z]?[a-c]?b", r"^a", r"\bx"] {
            assert!(Pattern::compile(other).unwrap().runs.is_none(), "{other}");
        }
    }

    #[test]
    fn the_whole_value_must_match() {
        let either = Pattern::compile("a|bc").unwrap();
        assert!(either.matches("a") && either.matches("bc"));
        assert!(!either.matches("ac") && !either.matches("a\n") && !either.matches("abc"));
        assert!(Pattern::compile(r"\d").unwrap().matches("٣"));
        assert!(Pattern::compile("a)|(?:b").is_err());
    }

    proptest! {
        #[test]
        fn walking_equals_matching(
            parts in prop::collection::vec(("[a-d]|\\[[a-d]{1,3}\\]|\\\\d|é", "|\\?|\\*|\\+|\\{2\\}|\\{1,3\\}"), 0..5),
            text in "[a-dé3]{0,8}",
        ) {
            let source: String = parts.iter().map(|(class, times)| format!("{class}{times}")).collect();
            let pattern = Pattern::compile(&source).unwrap();
            prop_assert_eq!(pattern.matches(&text), pattern.regex.is_match(&text), "{} on {:?}", source, text);
        }
    }
}
