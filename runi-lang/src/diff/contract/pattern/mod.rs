//! Which texts one pattern takes and another refuses: decided, or left open, never guessed.
//!
//! Both patterns become automata (`nfa`), which are walked side by side, set of states against set of states, shortest texts
//! first. A text at which one of the two would end and the other would not is a witness; when all pairs of sets were seen and
//! there is none, one language lies inside the other. The walk has a limit, behind which nothing is claimed.

mod nfa;

use nfa::{Nfa, State, StateId};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;

/// At most this many pairs of sets.
const MOST_PAIRS: usize = 20_000;
/// At most this many looks at a state, over all pairs.
const MOST_STEPS: usize = 4_000_000;

/// What takes every text: what a field without a pattern has.
pub(super) const ANYTHING: &str = "(?s:.*)";

/// How two patterns differ. Neither text is there when both take the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Difference {
    /// A shortest text that only the old pattern takes.
    pub(super) refused: Option<String>,
    /// A shortest text that only the new pattern takes.
    pub(super) admitted: Option<String>,
}

/// Compares what two patterns take, as `@matches` means it: the whole text. `None` when that could not be decided.
pub(super) fn compare(old: &str, new: &str) -> Option<Difference> {
    let (old, new) = (Nfa::of(old)?, Nfa::of(new)?);
    Walk { sides: [Sets::new(&old), Sets::new(&new)], steps: 0 }.run()
}

/// The sets of states of one automaton that were met.
struct Sets<'n> {
    nfa: &'n Nfa,
    known: FxHashMap<Box<[StateId]>, usize>,
    sets: Vec<Box<[StateId]>>,
    /// Whether a text that ends in the set is taken.
    accepting: Vec<bool>,
}

impl<'n> Sets<'n> {
    fn new(nfa: &'n Nfa) -> Self {
        Self { nfa, known: FxHashMap::default(), sets: Vec::new(), accepting: Vec::new() }
    }

    /// Everything that is reached from these states without taking a character, as one number.
    fn closed(&mut self, from: impl IntoIterator<Item = StateId>, at_start: bool, steps: &mut usize) -> usize {
        let mut seen = FxHashSet::default();
        let mut open: Vec<StateId> = from.into_iter().collect();
        let mut set = Vec::new();
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            *steps += 1;
            match self.nfa.state(id) {
                Some(State::Split(ways)) => open.extend(ways),
                Some(State::Start(next)) if at_start => open.push(*next),
                // What waits for the end is kept: the text may end here.
                Some(State::Chars(..) | State::End(_) | State::Match) => set.push(id),
                Some(State::Start(_)) | None => {}
            }
        }
        set.sort_unstable();
        let set: Box<[StateId]> = set.into();
        // At the start the same states may take an empty text that they do not take later, so that set is one of its own.
        if let Some(known) = self.known.get(&set).filter(|_| !at_start) {
            return *known;
        }
        let accepting = self.accepts(&set, at_start, steps);
        let number = self.sets.len();
        if !at_start {
            self.known.insert(set.clone(), number);
        }
        self.sets.push(set);
        self.accepting.push(accepting);
        number
    }

    /// Whether the match is reached when the text ends here.
    fn accepts(&self, set: &[StateId], at_start: bool, steps: &mut usize) -> bool {
        let mut seen = FxHashSet::default();
        let mut open = set.to_vec();
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            *steps += 1;
            match self.nfa.state(id) {
                Some(State::Match) => return true,
                Some(State::Split(ways)) => open.extend(ways),
                Some(State::End(next)) => open.push(*next),
                Some(State::Start(next)) if at_start => open.push(*next),
                Some(State::Start(_) | State::Chars(..)) | None => {}
            }
        }
        false
    }

    /// The states of a set that take characters.
    fn takers(&self, set: usize) -> impl Iterator<Item = (&'n [(u32, u32)], StateId)> {
        let states = self.sets.get(set).map(AsRef::as_ref).unwrap_or_default();
        states.iter().filter_map(|id| match self.nfa.state(*id) {
            Some(State::Chars(ranges, next)) => Some((ranges.as_ref(), *next)),
            _ => None,
        })
    }

    fn is_accepting(&self, set: usize) -> bool {
        self.accepting.get(set).copied().unwrap_or_default()
    }

    /// Whether nothing is taken from here on.
    fn is_dead(&self, set: usize) -> bool {
        !self.is_accepting(set) && self.takers(set).next().is_none()
    }
}

/// A pair of sets, and how it was reached.
struct Met {
    sets: [usize; 2],
    from: Option<(usize, char)>,
}

struct Walk<'n> {
    sides: [Sets<'n>; 2],
    steps: usize,
}

impl Walk<'_> {
    fn run(mut self) -> Option<Difference> {
        let steps = &mut self.steps;
        let first = self.sides.each_mut().map(|side| side.closed([side.nfa.start()], true, steps));
        let mut met = vec![Met { sets: first, from: None }];
        let mut known = FxHashSet::from_iter([first]);
        let mut open = VecDeque::from([0]);
        let mut found = Difference::default();
        while let Some(at) = open.pop_front() {
            let sets = met.get(at)?.sets;
            let [old, new] = [self.sides[0].is_accepting(sets[0]), self.sides[1].is_accepting(sets[1])];
            if old && !new && found.refused.is_none() {
                found.refused = Some(text(&met, at));
            }
            if new && !old && found.admitted.is_none() {
                found.admitted = Some(text(&met, at));
            }
            if found.refused.is_some() && found.admitted.is_some() {
                break;
            }
            for (low, high) in self.pieces(sets) {
                let next = [self.step(0, sets[0], low), self.step(1, sets[1], low)];
                let dead = [self.sides[0].is_dead(next[0]), self.sides[1].is_dead(next[1])];
                // Where only one side goes on it can only give a witness of one kind.
                let useless = match dead {
                    [true, true] => true,
                    [true, false] => found.admitted.is_some(),
                    [false, true] => found.refused.is_some(),
                    [false, false] => false,
                };
                if self.steps > MOST_STEPS || met.len() > MOST_PAIRS {
                    return None;
                }
                if !useless && known.insert(next) {
                    met.push(Met { sets: next, from: Some((at, readable(low, high)?)) });
                    open.push_back(met.len() - 1);
                }
            }
        }
        Some(found)
    }

    /// The characters, cut so that within a piece all are alike to both sets.
    fn pieces(&mut self, sets: [usize; 2]) -> Vec<(u32, u32)> {
        let mut cuts = Vec::new();
        for (side, set) in self.sides.iter().zip(sets) {
            for (ranges, _) in side.takers(set) {
                for (low, high) in ranges {
                    cuts.push(*low);
                    cuts.push(after(*high));
                }
            }
        }
        cuts.sort_unstable();
        cuts.dedup();
        self.steps += cuts.len();
        cuts.windows(2).filter_map(|pair| Some((*pair.first()?, before(*pair.get(1)?)))).collect()
    }

    /// Where a side goes with a character.
    fn step(&mut self, side: usize, set: usize, c: u32) -> usize {
        let Some(sets) = self.sides.get_mut(side) else { return 0 };
        let takes = |ranges: &[(u32, u32)]| {
            let at = ranges.partition_point(|(_, high)| *high < c);
            ranges.get(at).is_some_and(|(low, _)| *low <= c)
        };
        let mut looked = 0;
        let next: Vec<StateId> =
            sets.takers(set).inspect(|_| looked += 1).filter(|(ranges, _)| takes(ranges)).map(|(_, next)| next).collect();
        self.steps += looked;
        sets.closed(next, false, &mut self.steps)
    }
}

/// The text on the way to a pair.
fn text(met: &[Met], at: usize) -> String {
    let mut letters = Vec::new();
    let mut at = at;
    while let Some((from, c)) = met.get(at).and_then(|met| met.from) {
        letters.push(c);
        at = from;
    }
    letters.iter().rev().collect()
}

/// The character after one; the halves of surrogate pairs are none.
fn after(c: u32) -> u32 {
    if c == 0xD7FF { 0xE000 } else { c + 1 }
}

fn before(c: u32) -> u32 {
    if c == 0xE000 { 0xD7FF } else { c - 1 }
}

/// A character of a piece, one that people can read where there is one.
fn readable(low: u32, high: u32) -> Option<char> {
    let preferred = ['a', 'A', '0', 'x', 'X', '9', '-', '!', 'à', '一'];
    let preferred = preferred.into_iter().find(|c| (low..=high).contains(&u32::from(*c)));
    preferred
        .or_else(|| (low..=high).take(256).filter_map(char::from_u32).find(|c| !c.is_control() && !c.is_whitespace()))
        .or(char::from_u32(low))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use proptest::prelude::*;
    use regex::Regex;

    fn told(old: &str, new: &str) -> &'static str {
        match compare(old, new) {
            None => "unknown",
            Some(Difference { refused: None, admitted: None }) => "same",
            Some(Difference { refused: Some(_), admitted: None }) => "narrower",
            Some(Difference { refused: None, admitted: Some(_) }) => "wider",
            Some(Difference { refused: Some(_), admitted: Some(_) }) => "other",
        }
    }

    #[test]
    fn languages_are_compared_and_not_texts() {
        for (old, new, wanted) in [
            ("[A-Z]{3}", "[A-Z][A-Z][A-Z]", "same"),
            ("a|b|c", "[a-c]", "same"),
            ("(ab)*", "(?:ab)*", "same"),
            ("^abc$", "abc", "same"),
            ("a+", "aa*", "same"),
            ("(a|b)*", "(a*b*)*", "same"),
            (r"\d", r"\p{Nd}", "same"),
            ("(?i)abc", "[aA][bB][cC]", "same"),
            (ANYTHING, r"(?:.|\n)*", "same"),
            (ANYTHING, ".*", "narrower"),
            (r"\d", "[0-9]", "narrower"),
            ("[A-Z]{3}", "[A-Z]{3,4}", "wider"),
            ("[A-Z0-9]{1,8}", "[A-Z]{1,8}", "narrower"),
            ("EUR|USD|GBP", "EUR|USD", "narrower"),
            ("EUR|USD", "[A-Z]{3}", "wider"),
            ("[A-Z]{3}", "[a-z]{3}", "other"),
            (r"[A-Z]{2}\d{4}", r"[A-Z]{2}\d{5}", "other"),
            ("a{0,1000}", "a{0,1001}", "wider"),
            ("a^b|c", "c", "same"),
            ("[^a]", ".", "other"),
            ("é+", "[à-ü]+", "wider"),
            // No pattern by itself, though it would be one in brackets.
            ("a)|(?:b", "ab", "unknown"),
            (r"\bab\b", "ab", "unknown"),
            ("(?m)^a$", "a", "unknown"),
            ("a{1,100000}", "a+", "unknown"),
            // 2^40 sets: given up, not guessed.
            ("(a|b)*a(a|b){40}", "(a|b)*b(a|b){40}", "unknown"),
            ("[", "a", "unknown"),
        ] {
            assert_eq!(told(old, new), wanted, "{old} to {new}");
        }
    }

    #[test]
    fn witnesses_are_short_and_readable() {
        let found = compare("[A-Z]{1,3}", r"[A-Z]{2}\d?").unwrap();
        assert_eq!((found.refused.as_deref(), found.admitted.as_deref()), (Some("A"), Some("AA0")));
        assert_eq!(compare("x*", "x+").unwrap().refused.as_deref(), Some(""));
    }

    /// Small patterns over three letters, with everything that the automaton knows.
    fn patterns() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            "[abc]",
            Just("[ab]".to_owned()),
            Just("[^a]".to_owned()),
            Just(".".to_owned()),
            Just(String::new()),
            Just("^".to_owned()),
            Just("$".to_owned()),
            Just(r"\w".to_owned()),
        ];
        leaf.prop_recursive(4, 16, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
                prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("(?:{})", parts.join("|"))),
                (inner, prop_oneof![Just("*"), Just("+"), Just("?"), Just("{2}"), Just("{1,3}"), Just("{0,2}"), Just("{2,}"), Just("*?")])
                    .prop_map(|(part, times)| format!("(?:{part}){times}")),
            ]
        })
    }

    /// Every text of up to four of these letters.
    fn texts() -> Vec<String> {
        let mut all = vec![String::new()];
        let mut last = all.clone();
        for _ in 0..4 {
            last = last.iter().flat_map(|text| ["a", "b", "c", "\n"].map(|letter| format!("{text}{letter}"))).collect();
            all.extend(last.iter().cloned());
        }
        all
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        #[test]
        fn what_is_claimed_holds_for_the_engine_that_matches(old in patterns(), new in patterns(), more in "[abcdé0\n]{0,12}") {
            let matcher = |pattern: &str| Regex::new(&format!("^(?:{pattern})$")).unwrap();
            let (was, is) = (matcher(&old), matcher(&new));
            let Some(found) = compare(&old, &new) else { return Ok(()) };
            if let Some(witness) = &found.refused {
                prop_assert!(was.is_match(witness) && !is.is_match(witness), "{old} to {new}: {witness:?}");
            }
            if let Some(witness) = &found.admitted {
                prop_assert!(!was.is_match(witness) && is.is_match(witness), "{old} to {new}: {witness:?}");
            }
            for text in texts().iter().chain([&more]) {
                let (was, is) = (was.is_match(text), is.is_match(text));
                prop_assert!(!was || is || found.refused.is_some(), "{old} to {new} loses {text:?}");
                prop_assert!(was || !is || found.admitted.is_some(), "{old} to {new} gains {text:?}");
            }
        }
    }
}
