//! Texts that match a pattern.

use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

/// Bytes of the longest text that is made.
const LONGEST: usize = 1 << 16;
/// Characters of a class that are tried.
const CHARS: usize = 256;
/// How often more than it must something is repeated.
const MORE: usize = 48;

/// Numbers in a row that name no text, after which there is none left.
const MISSED: usize = 4096;

/// Texts that match `pattern`, the simplest first; none when it cannot be read. Some may come twice.
pub(super) fn candidates(pattern: &str) -> Box<dyn Iterator<Item = String>> {
    match regex_syntax::parse(pattern) {
        Ok(hir) => {
            let (lengths, mut missed) = (1 + longest(&hir), 0);
            Box::new(
                (0..usize::MAX)
                    .map(move |number| nth(&hir, number % lengths, number / lengths))
                    .take_while(move |text| {
                        missed = if text.is_some() { 0 } else { missed + 1 };
                        missed < MISSED
                    })
                    .flatten(),
            )
        }
        Err(_) => Box::new(std::iter::empty()),
    }
}

/// How much more than it must the loosest part of a pattern may be repeated.
fn longest(hir: &Hir) -> usize {
    let own = match hir.kind() {
        HirKind::Repetition(repetition) => more(repetition),
        _ => 0,
    };
    hir.kind().subs().iter().map(longest).chain([own]).max().unwrap_or(0)
}

/// How much more than it must this is repeated.
fn more(repetition: &Repetition) -> usize {
    let least = repetition.min as usize;
    repetition.max.map_or(MORE, |most| (most as usize).saturating_sub(least).min(MORE))
}

/// The text of a number; not every number has one. Everything that may be repeated is repeated `stretch` times more than it must,
/// before the number chooses: of a long pattern, too, short texts and long ones are among the first.
fn nth(hir: &Hir, stretch: usize, mut number: usize) -> Option<String> {
    let mut out = String::new();
    write(hir, stretch, &mut number, &mut out)?;
    // What is left of the number has chosen nothing: every choice was made before.
    (number == 0).then_some(out)
}

/// Takes one of so many ways; the rest of the number chooses later ones.
fn choose(number: &mut usize, ways: usize) -> usize {
    let way = *number % ways.max(1);
    *number /= ways.max(1);
    way
}

fn write(hir: &Hir, stretch: usize, number: &mut usize, out: &mut String) -> Option<()> {
    if out.len() > LONGEST {
        return None;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(()),
        HirKind::Literal(literal) => {
            out.push_str(std::str::from_utf8(&literal.0).ok()?);
            Some(())
        }
        HirKind::Class(class) => {
            let chars = chars(class);
            out.push(*chars.get(choose(number, chars.len()))?);
            Some(())
        }
        HirKind::Repetition(repetition) => {
            let ways = 1 + more(repetition);
            let times = repetition.min as usize + (stretch + choose(number, ways)) % ways;
            (0..times).try_for_each(|_| write(&repetition.sub, stretch, number, out))
        }
        HirKind::Capture(capture) => write(&capture.sub, stretch, number, out),
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| write(part, stretch, number, out)),
        HirKind::Alternation(parts) => write(parts.get(choose(number, parts.len()))?, stretch, number, out),
    }
}

/// The characters of a class: letters and digits first, since they read best.
fn chars(class: &Class) -> Vec<char> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class.iter().map(|range| (range.start(), range.end())).collect(),
        Class::Bytes(class) => class.iter().map(|range| (char::from(range.start()), char::from(range.end().min(0x7F)))).collect(),
    };
    let has = |c: &char| ranges.iter().any(|(start, end)| start <= c && c <= end);
    let nice = ['A', 'a', '1', '0'].into_iter().chain('B'..='Z').chain('b'..='z').chain('2'..='9');
    let mut chars: Vec<char> = nice.filter(has).collect();
    let others = || ranges.iter().flat_map(|(start, end)| *start..=*end).filter(|c| !c.is_ascii_alphanumeric());
    chars.extend(others().filter(|c| !c.is_control()).take(CHARS.saturating_sub(chars.len())));
    if chars.is_empty() {
        chars.extend(others().take(CHARS));
    }
    chars
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_gives_texts_that_match_it() {
        for (pattern, expected) in [
            ("[A-Z.]{1,8}", ["A", "AA", "AAA"]),
            ("N[0-9]{3}[A-Z]?", ["N111", "N111A", "N011"]),
            ("(yes|no)-\\d+", ["yes-1", "yes-11", "yes-111"]),
            ("^x*$", ["", "x", "xx"]),
        ] {
            assert_eq!(candidates(pattern).take(3).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn a_finite_pattern_ends() {
        let all: Vec<String> = candidates("[ab]{2}|c").collect();
        assert_eq!(all, ["aa", "c", "ba", "ab", "bb"]);
        assert_eq!(candidates("(").count(), 0);
    }
}
