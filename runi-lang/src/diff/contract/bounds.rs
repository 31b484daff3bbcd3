//! Bounds as values: `1.50` is `1.5`, `min=0, exclusive=true` is `min=1` for whole numbers, and two instants compare across offsets.

use crate::model::{Date, Range};
use crate::types::DataType;
use std::cmp::Ordering;

/// A bound, exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edge {
    value: Exact,
    /// Whether the bound itself is outside.
    open: bool,
}

/// The bounds of a range. `None` is no bound.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Bounds {
    pub(super) min: Option<Edge>,
    pub(super) max: Option<Edge>,
}

/// How a bound moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    /// Fewer values are inside.
    Tighter,
    /// More values are inside.
    Looser,
}

impl Bounds {
    /// The bounds of `range` over values of `ty`; `None` when one of them cannot be read as such a value.
    pub(super) fn of(range: Option<&Range>, ty: &DataType) -> Option<Self> {
        let Some(range) = range else { return Some(Self::default()) };
        let edge = |text: &Option<String>, step: i128| match text {
            None => Some(None),
            Some(text) => Edge::read(text, ty, range.exclusive, step).map(Some),
        };
        Some(Self { min: edge(&range.min, 1)?, max: edge(&range.max, -1)? })
    }

    /// Without bounds that every value of the type meets.
    pub(super) fn within(mut self, ty: &DataType) -> Self {
        let Some((low, high)) = ty.integer_bounds() else { return self };
        let (low, high) = (Exact::whole(low), Exact::whole(high));
        self.min = self.min.filter(|edge| edge.value.cmp(&low).then(if edge.open { Ordering::Greater } else { Ordering::Equal }).is_gt());
        self.max = self.max.filter(|edge| edge.value.cmp(&high).then(if edge.open { Ordering::Less } else { Ordering::Equal }).is_lt());
        self
    }

    /// Without a lowest length of nothing.
    pub(super) fn of_length(range: Option<&Range>) -> Option<Self> {
        Some(Self::of(range, &DataType::UInt64)?.within(&DataType::UInt64))
    }

    /// How the lower and the upper bound moved.
    pub(super) fn moved(&self, to: &Self) -> (Option<Move>, Option<Move>) {
        (moved(self.min.as_ref(), to.min.as_ref(), Ordering::Greater), moved(self.max.as_ref(), to.max.as_ref(), Ordering::Less))
    }
}

/// `tighter` is how a tighter bound compares with a looser one.
fn moved(old: Option<&Edge>, new: Option<&Edge>, tighter: Ordering) -> Option<Move> {
    match (old, new) {
        (None, None) => None,
        (None, Some(_)) => Some(Move::Tighter),
        (Some(_), None) => Some(Move::Looser),
        (Some(old), Some(new)) => match new.value.cmp(&old.value) {
            Ordering::Equal if new.open == old.open => None,
            Ordering::Equal if new.open => Some(Move::Tighter),
            Ordering::Equal => Some(Move::Looser),
            order if order == tighter => Some(Move::Tighter),
            _ => Some(Move::Looser),
        },
    }
}

impl Edge {
    fn read(text: &str, ty: &DataType, open: bool, step: i128) -> Option<Self> {
        match ty {
            _ if ty.is_numeric() => {
                let value = Exact::read(text)?;
                match value.as_whole().filter(|_| ty.is_integer() && open) {
                    Some(whole) => Some(Self { value: Exact::whole(whole.checked_add(step)?), open: false }),
                    None => Some(Self { value, open }),
                }
            }
            DataType::Date => {
                let day = days(text.parse().ok()?);
                Some(Self { value: Exact::whole(if open { day + step } else { day }), open: false })
            }
            DataType::Time => Some(Self { value: Exact::whole(clock(text)?), open }),
            DataType::Timestamp { .. } => Some(Self { value: Exact::whole(instant(text)?), open }),
            _ => None,
        }
    }
}

/// How two written numbers compare; `None` when one of them is none.
pub(in crate::diff) fn compare_numbers(a: &str, b: &str) -> Option<Ordering> {
    Some(Exact::read(a)?.cmp(&Exact::read(b)?))
}

/// A decimal number of any size.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Exact {
    negative: bool,
    /// Digits before the point, without leading zeros.
    whole: String,
    /// Digits after the point, without trailing zeros.
    fraction: String,
}

/// Digits that an exponent may add; larger numbers are no bounds of any type.
const EXPONENT_MAX: i32 = 400;

impl Exact {
    fn read(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok().filter(|e| e.abs() <= EXPONENT_MAX)?),
            None => (text, 0),
        };
        let (negative, digits) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (mut whole, mut fraction) = match digits.split_once('.') {
            Some((whole, fraction)) => (whole.to_owned(), fraction.to_owned()),
            None => (digits.to_owned(), String::new()),
        };
        let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !plain(&whole) || !plain(&fraction) {
            return None;
        }
        for _ in 0..exponent {
            let first = if fraction.is_empty() { '0' } else { fraction.remove(0) };
            whole.push(first);
        }
        for _ in exponent..0 {
            let last = whole.pop().unwrap_or('0');
            fraction.insert(0, last);
        }
        Some(Self::of(negative, &whole, &fraction))
    }

    fn of(negative: bool, whole: &str, fraction: &str) -> Self {
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let zero = whole.is_empty() && fraction.is_empty();
        Self { negative: negative && !zero, whole: whole.to_owned(), fraction: fraction.to_owned() }
    }

    fn whole(value: i128) -> Self {
        Self::of(value < 0, &value.unsigned_abs().to_string(), "")
    }

    fn as_whole(&self) -> Option<i128> {
        if !self.fraction.is_empty() {
            return None;
        }
        let value: i128 = if self.whole.is_empty() { 0 } else { self.whole.parse().ok()? };
        Some(if self.negative { -value } else { value })
    }

    fn cmp(&self, other: &Self) -> Ordering {
        let size = |a: &Self, b: &Self| {
            let wholes = a.whole.len().cmp(&b.whole.len()).then_with(|| a.whole.cmp(&b.whole));
            wholes.then_with(|| a.fraction.cmp(&b.fraction))
        };
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => size(self, other),
            (true, true) => size(other, self),
        }
    }
}

/// Days since the first day of the year 0, in the proleptic Gregorian calendar.
fn days(date: Date) -> i128 {
    let (year, month, day) = (i128::from(date.year), i128::from(date.month), i128::from(date.day));
    // March is the first month here, so that the day that leap years have is the last of a year.
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (153 * month + 2) / 5 + day - 1
}

const SECOND: i128 = 1_000_000_000;

/// Nanoseconds since midnight.
fn clock(text: &str) -> Option<i128> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = clock.split(':').map(|part| part.parse::<i128>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    let nanos: i128 = format!("{:0<9}", fraction.get(..9).unwrap_or(fraction)).parse().ok()?;
    Some((hours * 3_600 + minutes * 60 + seconds) * SECOND + nanos)
}

/// Nanoseconds of a written point in time, its offset taken off.
fn instant(text: &str) -> Option<i128> {
    let day = days(text.get(..10)?.parse().ok()?) * 86_400 * SECOND;
    let Some(rest) = text.get(11..).filter(|rest| !rest.is_empty()) else { return Some(day) };
    let rest = rest.strip_suffix('Z').unwrap_or(rest);
    let (time, offset) = match rest.rfind(['+', '-']) {
        Some(at) => (rest.get(..at)?, rest.get(at..)?),
        None => (rest, ""),
    };
    let shift = match offset.split_at_checked(1) {
        Some((sign, offset)) => {
            let (hours, minutes) = offset.split_once(':').or_else(|| offset.split_at_checked(2)).unwrap_or((offset, "0"));
            let minutes = if minutes.is_empty() { 0 } else { minutes.parse::<i128>().ok()? };
            let seconds = (hours.parse::<i128>().ok()? * 60 + minutes) * 60;
            if sign == "-" { -seconds } else { seconds }
        }
        None => 0,
    };
    Some(day + clock(time)? - shift * SECOND)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::types::TimeUnit;

    fn range(min: &str, max: &str, exclusive: bool) -> Range {
        let bound = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Range { min: bound(min), max: bound(max), exclusive, on_fail: None }
    }

    fn moves(ty: &DataType, old: &Range, new: &Range) -> (Option<Move>, Option<Move>) {
        Bounds::of(Some(old), ty).unwrap().moved(&Bounds::of(Some(new), ty).unwrap())
    }

    #[test]
    fn numbers_are_exact() {
        let ty = DataType::Decimal { precision: 38, scale: 18 };
        let same = |a: &str, b: &str| moves(&ty, &range(a, "", false), &range(b, "", false)) == (None, None);
        assert!(same("1.50", "1.5") && same("+0", "-0.00") && same("1e3", "1000") && same("25e-1", "2.5"));
        // Two neighbours that are one 64-bit float.
        let moved = moves(&ty, &range("9007199254740992", "", false), &range("9007199254740993", "", false));
        assert_eq!(moved, (Some(Move::Tighter), None));
        assert_eq!(compare_numbers("-2", "-10"), Some(Ordering::Greater));
        assert_eq!(compare_numbers("0.1", "0.09"), Some(Ordering::Greater));
        assert_eq!(compare_numbers("x", "1"), None);
    }

    #[test]
    fn an_open_bound_of_whole_values_is_the_next_one() {
        assert_eq!(moves(&DataType::Int32, &range("0", "10", true), &range("1", "9", false)), (None, None));
        assert_eq!(moves(&DataType::Date, &range("2024-02-28", "", true), &range("2024-02-29", "", false)), (None, None));
        assert_eq!(moves(&DataType::Float64, &range("0", "", true), &range("0", "", false)), (Some(Move::Looser), None));
        assert_eq!(moves(&DataType::Int32, &range("0", "9", false), &range("5", "20", false)), (Some(Move::Tighter), Some(Move::Looser)));
    }

    #[test]
    fn instants_compare_across_offsets() {
        let ty = DataType::Timestamp { unit: TimeUnit::Microsecond, zone: Some("UTC".to_owned()) };
        let same = |a: &str, b: &str| moves(&ty, &range(a, "", false), &range(b, "", false)) == (None, None);
        assert!(same("2024-01-01T00:00:00Z", "2024-01-01T02:00:00+02:00"));
        assert!(same("2024-01-01", "2024-01-01 00:00:00.000"));
        assert!(same("2023-12-31T19:30:00-0430", "2024-01-01T00:00:00Z"));
        assert!(!same("2024-01-01T00:00:00Z", "2024-01-01T00:00:00.000001Z"));
    }

    #[test]
    fn bounds_that_the_type_implies_are_none() {
        let implied =
            |ty: &DataType, min: &str, max: &str| Bounds::of(Some(&range(min, max, false)), ty).unwrap().within(ty) == Bounds::default();
        assert!(implied(&DataType::UInt8, "0", "255") && implied(&DataType::Int8, "-200", "127"));
        assert!(!implied(&DataType::UInt8, "1", "") && !implied(&DataType::Float32, "0", ""));
    }
}
