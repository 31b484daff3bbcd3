//! A pattern as an automaton over characters, from the tree that `regex-syntax` reads.
//!
//! `@matches` takes a text when `^(?:pattern)$` is found in it, so that is what is built: anything, the pattern with its two
//! anchors, anything. Anchors at the ends of the text are passed only there; every other assertion (`\b`, `(?m:^)`) looks at
//! neighbours, which a state does not know, and gives no automaton.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// Number of a state.
pub(super) type StateId = u32;

/// At most this many states; `{1,100000}` is not counted out.
const MOST_STATES: usize = 20_000;

/// One state.
#[derive(Debug)]
pub(super) enum State {
    /// Takes one character out of these ranges, both ends included, in order.
    Chars(Box<[(u32, u32)]>, StateId),
    /// Goes on in all of these without taking anything.
    Split(Vec<StateId>),
    /// Goes on at the start of the text only.
    Start(StateId),
    /// Goes on at the end of the text only.
    End(StateId),
    /// The text is taken.
    Match,
}

/// The automaton of one pattern.
#[derive(Debug)]
pub(super) struct Nfa {
    states: Vec<State>,
    start: StateId,
}

impl Nfa {
    /// `None` when the pattern is not one, has assertions that need neighbours, or is too large.
    pub(super) fn of(pattern: &str) -> Option<Self> {
        let hir = regex_syntax::parse(&crate::pattern::anchored(pattern).ok()?).ok()?;
        let mut nfa = Self { states: Vec::new(), start: 0 };
        let end = nfa.add(State::Match)?;
        let after = nfa.anything(end)?;
        let inner = nfa.build(&hir, after)?;
        nfa.start = nfa.anything(inner)?;
        Some(nfa)
    }

    pub(super) fn start(&self) -> StateId {
        self.start
    }

    pub(super) fn state(&self, id: StateId) -> Option<&State> {
        self.states.get(id as usize)
    }

    fn add(&mut self, state: State) -> Option<StateId> {
        let id = StateId::try_from(self.states.len()).ok().filter(|_| self.states.len() < MOST_STATES)?;
        self.states.push(state);
        Some(id)
    }

    /// Any number of any characters, then `next`.
    fn anything(&mut self, next: StateId) -> Option<StateId> {
        let again = self.add(State::Split(vec![next]))?;
        let any = self.add(State::Chars(Box::new([(0, u32::from(char::MAX))]), again))?;
        self.split(again, any);
        Some(again)
    }

    fn split(&mut self, at: StateId, to: StateId) {
        if let Some(State::Split(ways)) = self.states.get_mut(at as usize) {
            ways.push(to);
        }
    }

    /// The first state of what takes `hir` and then goes on in `next`.
    fn build(&mut self, hir: &Hir, next: StateId) -> Option<StateId> {
        match hir.kind() {
            HirKind::Empty => Some(next),
            HirKind::Literal(literal) => {
                let text = std::str::from_utf8(&literal.0).ok()?;
                text.chars().rev().try_fold(next, |next, c| self.add(State::Chars(Box::new([(u32::from(c), u32::from(c))]), next)))
            }
            HirKind::Class(class) => {
                let ranges = ranges(class)?;
                self.add(State::Chars(ranges, next))
            }
            HirKind::Look(Look::Start) => self.add(State::Start(next)),
            HirKind::Look(Look::End) => self.add(State::End(next)),
            HirKind::Look(_) => None,
            HirKind::Capture(capture) => self.build(&capture.sub, next),
            HirKind::Concat(parts) => parts.iter().rev().try_fold(next, |next, part| self.build(part, next)),
            HirKind::Alternation(ways) => {
                let ways: Option<Vec<StateId>> = ways.iter().map(|way| self.build(way, next)).collect();
                self.add(State::Split(ways?))
            }
            HirKind::Repetition(repetition) => {
                let (sub, min) = (&repetition.sub, repetition.min);
                let mut from = match repetition.max {
                    None => {
                        let again = self.add(State::Split(vec![next]))?;
                        let body = self.build(sub, again)?;
                        self.split(again, body);
                        again
                    }
                    // From each optional turn there is a way straight to the end, so that a set of states stays small.
                    Some(max) => {
                        let optional = max.saturating_sub(min);
                        (0..optional).try_fold(next, |rest, _| {
                            let body = self.build(sub, rest)?;
                            self.add(State::Split(vec![next, body]))
                        })?
                    }
                };
                for _ in 0..min {
                    from = self.build(sub, from)?;
                }
                Some(from)
            }
        }
    }
}

/// The characters of a class; `None` when it has bytes that are no characters.
fn ranges(class: &Class) -> Option<Box<[(u32, u32)]>> {
    match class {
        Class::Unicode(class) => Some(class.iter().map(|range| (u32::from(range.start()), u32::from(range.end()))).collect()),
        Class::Bytes(class) => {
            class.iter().map(|range| range.end().is_ascii().then(|| (u32::from(range.start()), u32::from(range.end())))).collect()
        }
    }
}
