//! One bit per rule and row.

use arrow::buffer::BooleanBuffer;

/// Which rules each row of a batch broke. Row-major: a row's words lie together, so that "is this row clean" is one load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdicts {
    rules: usize,
    rows: usize,
    words: usize,
    bits: Vec<u64>,
}

/// A choice of rules, such as all whose policy is to quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleMask {
    words: Vec<u64>,
}

impl RuleMask {
    /// No rule, out of `rules`.
    #[must_use]
    pub fn none(rules: usize) -> Self {
        Self { words: vec![0; words_for(rules)] }
    }

    /// Adds a rule; a bit past the end is ignored.
    pub fn insert(&mut self, bit: usize) {
        if let Some(word) = self.words.get_mut(bit / 64) {
            *word |= 1 << (bit % 64);
        }
    }

    /// Whether no rule is chosen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Whether this rule is chosen.
    #[must_use]
    pub fn contains(&self, bit: usize) -> bool {
        self.words.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }
}

impl Verdicts {
    /// `rows` rows that broke none of `rules` rules.
    #[must_use]
    pub fn new(rules: usize, rows: usize) -> Self {
        let words = words_for(rules);
        Self { rules, rows, words, bits: vec![0; words * rows] }
    }

    /// How many rules there are.
    #[must_use]
    pub fn rules(&self) -> usize {
        self.rules
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many 64-bit words a row takes.
    #[must_use]
    pub fn words(&self) -> usize {
        self.words
    }

    /// The raw bits, row by row.
    #[must_use]
    pub fn bits(&self) -> &[u64] {
        &self.bits
    }

    /// Whether no row broke any rule.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.bits.iter().all(|word| *word == 0)
    }

    /// Says that a row broke a rule. A row or a bit past the end is ignored.
    pub fn set(&mut self, row: usize, bit: usize) {
        if bit < self.rules
            && let Some(word) = self.bits.get_mut(row * self.words + bit / 64)
        {
            *word |= 1 << (bit % 64);
        }
    }

    /// Says that every row of `rows` broke a rule.
    pub fn set_rows(&mut self, rows: &BooleanBuffer, bit: usize) {
        for row in rows.set_indices() {
            self.set(row, bit);
        }
    }

    /// Whether a row broke a rule.
    #[must_use]
    pub fn is_set(&self, row: usize, bit: usize) -> bool {
        bit < self.rules && self.bits.get(row * self.words + bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }

    /// The rules that a row broke, ascending.
    pub fn broken(&self, row: usize) -> impl Iterator<Item = usize> + '_ {
        let start = row * self.words;
        let words = self.bits.get(start..start + self.words).unwrap_or_default();
        words.iter().enumerate().flat_map(|(index, word)| BitIter(*word).map(move |bit| index * 64 + bit))
    }

    /// How many rows broke each rule.
    #[must_use]
    pub fn counts(&self) -> Vec<u64> {
        let mut counts = vec![0; self.rules];
        for row in self.bits.chunks_exact(self.words.max(1)) {
            for (index, word) in row.iter().enumerate() {
                for bit in BitIter(*word) {
                    if let Some(count) = counts.get_mut(index * 64 + bit) {
                        *count += 1;
                    }
                }
            }
        }
        counts
    }

    /// The rows that broke at least one rule of `mask`.
    #[must_use]
    pub fn rows_with(&self, mask: &RuleMask) -> BooleanBuffer {
        match (self.words, mask.words.as_slice()) {
            (1, [mask]) => {
                let mut words = self.bits.iter();
                BooleanBuffer::collect_bool(self.rows, |_| words.next().is_some_and(|word| word & mask != 0))
            }
            (_, mask) => {
                let mut rows = self.bits.chunks_exact(self.words.max(1));
                BooleanBuffer::collect_bool(self.rows, |_| {
                    rows.next().is_some_and(|row| row.iter().zip(mask).any(|(word, mask)| word & mask != 0))
                })
            }
        }
    }
}

/// A contract without rules still has a word, so that `chunks_exact` and row arithmetic need no special case.
fn words_for(rules: usize) -> usize {
    rules.div_ceil(64).max(1)
}

struct BitIter(u64);

impl Iterator for BitIter {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let bit = self.0.trailing_zeros() as usize;
        self.0 &= self.0 - 1;
        Some(bit)
    }
}
