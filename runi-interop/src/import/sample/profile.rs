//! One column of a sample, in bounded memory: what its values look like, and what that makes of it.

use super::value::{Looks, NULL_WORDS, format, look, shape};
use runi_lang::types::{DataType, TimeUnit};
use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

/// Distinct values of a column that are remembered by their hash (16 MiB at most).
const MOST_DISTINCT: usize = 2_000_000;
/// Distinct values of a column that are remembered as they are.
const MOST_WORDS: usize = 24;

/// What is known of a column.
#[derive(Debug, Default)]
pub(super) struct Profile {
    /// Cells with something in them, null words left out.
    values: u64,
    /// Cells with a word that often means null.
    words_of_null: BTreeMap<String, u64>,
    whole: u64,
    digits: u64,
    fractions: u64,
    floats: u64,
    booleans: u64,
    dates: u64,
    times: u64,
    /// Without and with an offset.
    timestamps: [u64; 2],
    fine: u8,
    digits_before: u8,
    scale: Option<(u8, u8)>,
    pub(super) least: Option<i128>,
    pub(super) most: Option<i128>,
    formats: BTreeMap<&'static str, u64>,
    pub(super) longest: usize,
    /// How values look that are no numbers, days or times.
    odd: Vec<String>,
    hashes: HashSet<u64, BuildHasherDefault<DefaultHasher>>,
    repeated: bool,
    gave_up: bool,
    words: BTreeMap<String, u64>,
    too_many_words: bool,
}

/// What a column is.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) ty: DataType,
    /// What to say of it.
    pub(super) notes: Vec<String>,
}

impl Profile {
    pub(super) fn see(&mut self, text: &str) {
        if NULL_WORDS.contains(&text) {
            *self.words_of_null.entry(text.to_owned()).or_default() += 1;
            return;
        }
        self.values += 1;
        self.longest = self.longest.max(text.chars().count());
        self.remember(text);
        match look(text) {
            Looks::Whole(value) => {
                self.whole += 1;
                self.least = Some(self.least.map_or(value, |least| least.min(value)));
                self.most = Some(self.most.map_or(value, |most| most.max(value)));
            }
            Looks::Digits => self.digits += 1,
            Looks::Fraction(before, behind) => {
                self.fractions += 1;
                self.digits_before = self.digits_before.max(before);
                self.scale = Some(self.scale.map_or((behind, behind), |(least, most)| (least.min(behind), most.max(behind))));
            }
            Looks::Float => self.floats += 1,
            Looks::Boolean => self.booleans += 1,
            Looks::Date => self.dates += 1,
            Looks::Time => self.times += 1,
            Looks::Timestamp(zoned, digits) => {
                let [plain, with] = &mut self.timestamps;
                *(if zoned { with } else { plain }) += 1;
                self.fine = self.fine.max(digits);
            }
            Looks::Text => {
                if let Some(format) = format(text) {
                    *self.formats.entry(format).or_default() += 1;
                }
                let shape = shape(text);
                if self.odd.len() < 3 && !self.odd.contains(&shape) {
                    self.odd.push(shape);
                }
            }
        }
    }

    fn remember(&mut self, text: &str) {
        if !self.gave_up {
            let hash = self.hashes.hasher().hash_one(text);
            self.repeated |= !self.hashes.insert(hash);
            // A column that repeats itself is no key: nothing more to learn.
            if self.repeated && self.hashes.len() > MOST_WORDS || self.hashes.len() >= MOST_DISTINCT {
                self.gave_up = true;
                self.hashes = HashSet::default();
            }
        }
        if self.too_many_words {
            return;
        }
        if let Some(count) = self.words.get_mut(text) {
            *count += 1;
        } else if self.words.len() >= MOST_WORDS || text.len() > 64 {
            self.too_many_words = true;
            self.words.clear();
        } else {
            self.words.insert(text.to_owned(), 1);
        }
    }

    /// Values, when some words mean null.
    pub(super) fn values(&self, nulls: &[String]) -> u64 {
        let kept: u64 = self.words_of_null.iter().filter(|(word, _)| !nulls.contains(word)).map(|(_, count)| count).sum();
        self.values + kept
    }

    /// Words that may mean null, in a column where they may be values as well: `NA` is a country.
    pub(super) fn doubtful(&self, nulls: &[String]) -> Vec<String> {
        self.words_of_null.keys().filter(|word| !nulls.contains(word)).cloned().collect()
    }

    /// Whether no value occurs twice, as far as that was followed.
    pub(super) fn is_unique(&self, nulls: &[String]) -> bool {
        !self.repeated && !self.gave_up && self.values > 0 && self.words_of_null.iter().all(|(word, n)| nulls.contains(word) || *n <= 1)
    }

    /// The distinct values, when they are few.
    pub(super) fn words(&self, nulls: &[String]) -> Option<Vec<String>> {
        let mut words = self.words.clone();
        words.extend(self.words_of_null.iter().filter(|(word, _)| !nulls.contains(word)).map(|(word, count)| (word.clone(), *count)));
        (!self.too_many_words).then(|| words.into_keys().collect())
    }

    /// The format that every value has.
    pub(super) fn format(&self, nulls: &[String]) -> Option<&'static str> {
        self.formats.iter().find(|(_, count)| **count == self.values(nulls)).map(|(format, _)| *format)
    }

    /// Words of null in a column whose other values are all of one type that is no text.
    pub(super) fn nulls(&self) -> Vec<String> {
        match self.typed() {
            Some(_) => self.words_of_null.keys().cloned().collect(),
            None => Vec::new(),
        }
    }

    /// The type of all values, when it is one other than text.
    fn typed(&self) -> Option<DataType> {
        let numbers = self.whole + self.fractions + self.floats;
        let all = |count: u64| count == self.values && count > 0;
        let [plain, zoned] = self.timestamps;
        let unit = if self.fine > 6 { TimeUnit::Nanosecond } else { TimeUnit::Microsecond };
        match () {
            () if all(self.whole) => {
                let wide = self.most.is_some_and(|most| most > i128::from(i64::MAX));
                // Below zero and above 2^63 at once: no integer holds both.
                if wide && self.least.is_some_and(|least| least < 0) {
                    return Some(DataType::Decimal { precision: 20, scale: 0 });
                }
                Some(if wide { DataType::UInt64 } else { DataType::Int64 })
            }
            () if all(self.fractions) && self.values >= 20 && self.floats == 0 => match self.scale {
                // Money is written with the same number of digits everywhere; measurements are not.
                Some((least, most)) if least == most && most <= 4 && self.digits_before <= 12 => {
                    Some(DataType::Decimal { precision: 18, scale: i8::try_from(most).unwrap_or(0) })
                }
                _ => Some(DataType::Float64),
            },
            () if all(numbers) => Some(DataType::Float64),
            () if all(self.booleans) => Some(DataType::Boolean),
            () if all(self.dates) => Some(DataType::Date),
            () if all(self.times) => Some(DataType::Time),
            () if all(plain) => Some(DataType::Timestamp { unit, zone: None }),
            () if all(zoned) => Some(DataType::Timestamp { unit, zone: Some("UTC".to_owned()) }),
            () => None,
        }
    }

    /// What the column is.
    pub(super) fn verdict(&self) -> Verdict {
        let mut notes = Vec::new();
        if let Some(ty) = self.typed() {
            if let (Some(least), Some(most)) = (self.least, self.most)
                && ty.is_integer()
            {
                notes.push(format!("{least} to {most}"));
            }
            return Verdict { ty, notes };
        }
        if self.digits > 0 && self.digits + self.whole == self.values {
            notes.push(format!("digits, of which {} would not survive as numbers (leading zeros, or too many)", self.digits));
        } else {
            let [plain, zoned] = self.timestamps;
            let kinds = [
                (self.whole + self.fractions + self.floats, "numbers"),
                (self.dates, "days"),
                (plain, "times without an offset"),
                (zoned, "times with an offset"),
                (self.booleans, "`true` or `false`"),
            ];
            // A near miss is worth a word: a few bad cells made text of the column.
            if let Some((count, kind)) = kinds.into_iter().max().filter(|(count, _)| *count * 2 > self.values) {
                let share = super::share(count, self.values);
                let odd: Vec<String> = self.odd.iter().map(|shape| format!("`{shape}`")).collect();
                let odd = if odd.is_empty() { String::new() } else { format!("; others look like {}", odd.join(", ")) };
                notes.push(format!("{share} of the values are {kind}{odd}"));
            }
        }
        Verdict { ty: DataType::String, notes }
    }
}
