//! Text becomes values, exactly: what does not fit without loss is no value.

use chrono::{NaiveDate, TimeZone};
use chrono_tz::Tz;
use std::str::FromStr;

/// Microseconds, nanoseconds … in a second.
pub(super) const NANOS: i64 = 1_000_000_000;

/// A whole number. Signs are allowed, spaces are not.
#[inline]
pub(super) fn integer<T: TryFrom<i128>>(bytes: &[u8]) -> Option<T> {
    let (negative, digits) = sign(bytes);
    if digits.is_empty() || digits.len() > 20 {
        return None;
    }
    let mut value: u64 = 0;
    if digits.len() <= 18 {
        for byte in digits {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return None;
            }
            value = value * 10 + u64::from(digit);
        }
    } else {
        for byte in digits {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return None;
            }
            value = value.checked_mul(10)?.checked_add(u64::from(digit))?;
        }
    }
    let value = i128::from(value);
    T::try_from(if negative { -value } else { value }).ok()
}

#[inline]
fn sign(bytes: &[u8]) -> (bool, &[u8]) {
    match bytes.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, bytes),
    }
}

/// The nearest float. `nan` and `inf` are values of their own; digits that make a number beyond the type's range are none.
#[inline]
pub(super) fn float<T: lexical_core::FromLexical + Copy>(bytes: &[u8], is_finite: impl Fn(T) -> bool) -> Option<T> {
    let value: T = lexical_core::parse(bytes).ok()?;
    (is_finite(value) || !bytes.iter().any(u8::is_ascii_digit)).then_some(value)
}

/// `true` and `false`, `t`, `f`, `yes`, `no`, `y`, `n`, `1`, `0`, in any case.
pub(super) fn boolean(bytes: &[u8]) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| bytes.eq_ignore_ascii_case(word.as_bytes()));
    match () {
        () if is(&["true", "t", "1", "yes", "y"]) => Some(true),
        () if is(&["false", "f", "0", "no", "n"]) => Some(false),
        () => None,
    }
}

/// Powers of ten that an `i128` holds.
const POWERS: [i128; 39] = {
    let mut powers = [1_i128; 39];
    let mut i = 1;
    while i < 39 {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

/// An exact number, in units of the scale. More digits than precision and scale allow give `None`, unless they are zeros.
#[inline]
pub(super) fn decimal(bytes: &[u8], precision: u8, scale: i8) -> Option<i128> {
    let (negative, digits) = sign(bytes);
    // The usual case: few digits, none too many.
    let mut value: u64 = 0;
    let mut point: Option<usize> = None;
    if digits.len() <= 18 {
        for (i, byte) in digits.iter().enumerate() {
            let digit = byte.wrapping_sub(b'0');
            if digit <= 9 {
                value = value * 10 + u64::from(digit);
            } else if *byte == b'.' && point.is_none() {
                point = Some(i);
            } else {
                return exponent(negative, digits, precision, scale);
            }
        }
        let fraction = point.map_or(0, |at| digits.len() - at - 1);
        let count = digits.len() - usize::from(point.is_some());
        if count == 0 {
            return None;
        }
        if let Some(missing) = usize::try_from(scale).ok().and_then(|scale| scale.checked_sub(fraction)) {
            let value = i128::from(value).checked_mul(*POWERS.get(missing)?)?;
            return fits(negative, value, precision);
        }
    }
    exponent(negative, digits, precision, scale)
}

#[inline]
fn fits(negative: bool, value: i128, precision: u8) -> Option<i128> {
    (value < *POWERS.get(precision as usize)?).then_some(if negative { -value } else { value })
}

/// Any number of digits, and `1.5e3`.
fn exponent(negative: bool, text: &[u8], precision: u8, scale: i8) -> Option<i128> {
    let e = text.iter().position(|byte| matches!(byte, b'e' | b'E'));
    let (mantissa, power) = match e {
        Some(at) => (text.get(..at)?, integer::<i32>(text.get(at + 1..)?).filter(|power| power.abs() < 1000)?),
        None => (text, 0),
    };
    let point = mantissa.iter().position(|byte| *byte == b'.').unwrap_or(mantissa.len());
    let fraction = mantissa.get(point + 1..).unwrap_or_default();
    let digits: Vec<u8> = mantissa.get(..point)?.iter().chain(fraction).copied().collect();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // The value is `digits * 10^shift` in units of the scale.
    let shift = i64::from(scale) + i64::from(power) - fraction.len() as i64;
    let cut = usize::try_from(-shift).unwrap_or(0).min(digits.len());
    let (kept, lost) = digits.split_at(digits.len() - cut);
    if lost.iter().any(|digit| *digit != b'0') {
        return None;
    }
    let mut value: i128 = 0;
    for digit in kept {
        value = value.checked_mul(10)?.checked_add(i128::from(digit - b'0'))?;
    }
    let zeros = usize::try_from(shift).unwrap_or(0);
    let value = if value == 0 { 0 } else { value.checked_mul(*POWERS.get(zeros)?)? };
    fits(negative, value, precision)
}

#[inline]
fn two(bytes: &[u8]) -> Option<u32> {
    match bytes {
        [a @ b'0'..=b'9', b @ b'0'..=b'9'] => Some(u32::from(a - b'0') * 10 + u32::from(b - b'0')),
        _ => None,
    }
}

/// `YYYY-MM-DD` as days since 1970-01-01.
#[inline]
pub(super) fn date(bytes: &[u8]) -> Option<i32> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = bytes else { return None };
    let year = two(&[*y1, *y2])? * 100 + two(&[*y3, *y4])?;
    let (month, day) = (two(&[*m1, *m2])?, two(&[*d1, *d2])?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    if day == 0 || day > last {
        return None;
    }
    // Days from civil: years start in March, so that the leap day comes last.
    let (y, m) = if month > 2 { (year as i32, month - 3) } else { (year as i32 - 1, month + 9) };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let of_year = ((153 * m + 2) / 5 + day - 1) as i32;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// `HH:MM[:SS[.fraction]]` as nanoseconds of the day, and what follows it.
#[inline]
fn clock(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let [h1, h2, b':', m1, m2, rest @ ..] = bytes else { return None };
    let (hour, minute) = (two(&[*h1, *h2])?, two(&[*m1, *m2])?);
    let (mut second, mut nanos, mut rest) = (0, 0_i64, rest);
    if let [b':', s1, s2, after @ ..] = rest {
        second = two(&[*s1, *s2])?;
        rest = after;
        if let [b'.' | b',', fraction @ ..] = rest {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let (fraction, after) = fraction.split_at(digits);
            let (held, lost) = fraction.split_at(digits.min(9));
            if digits == 0 || lost.iter().any(|digit| *digit != b'0') {
                return None;
            }
            for i in 0..9 {
                nanos = nanos * 10 + held.get(i).map_or(0, |digit| i64::from(digit - b'0'));
            }
            rest = after;
        }
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some((i64::from(hour * 3600 + minute * 60 + second) * NANOS + nanos, rest))
}

/// A time of day in microseconds.
pub(super) fn time(bytes: &[u8]) -> Option<i64> {
    match clock(bytes)? {
        (nanos, []) if nanos % 1000 == 0 => Some(nanos / 1000),
        _ => None,
    }
}

/// The zone of a timestamp field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    /// A wall clock: no zone.
    None,
    /// Always so many seconds east of UTC.
    Fixed(i32),
    /// By the rules of a place.
    Named(Tz),
}

impl Zone {
    /// The zone of this name; `None` when there is no such zone.
    pub(super) fn of(name: Option<&str>) -> Option<Self> {
        match name {
            None => Some(Self::None),
            Some("UTC" | "utc" | "Z") => Some(Self::Fixed(0)),
            Some(name) => offset(name.as_bytes()).map(Self::Fixed).or_else(|| Tz::from_str(name).ok().map(Self::Named)),
        }
    }
}

/// `Z`, `+02`, `+0200` or `+02:00` in seconds east of UTC.
fn offset(bytes: &[u8]) -> Option<i32> {
    let (sign, digits) = match bytes {
        [b'Z' | b'z'] => return Some(0),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match digits {
        [_, _] => (two(digits)?, 0),
        [h1, h2, b':', m1, m2] | [h1, h2, m1, m2] => (two(&[*h1, *h2])?, two(&[*m1, *m2])?),
        _ => return None,
    };
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60) as i32)
}

/// An ISO 8601 point in time (`2026-01-02`, `2026-01-02T03:04:05.678+01:00`; a space may stand for the `T`), in units of
/// which there are `per_second` in a second.
///
/// Text without an offset is read in the field's zone; an hour that a change of the clocks skips or repeats is no value.
/// A field without a zone takes no offset but UTC: another one would change what the clock shows.
#[inline]
pub(super) fn timestamp(bytes: &[u8], zone: Zone, per_second: i64) -> Option<i64> {
    let day = i64::from(date(bytes.get(..10)?)?);
    let (nanos, rest) = match bytes.get(10..)? {
        [] => (0, [].as_slice()),
        [b'T' | b't' | b' ', rest @ ..] => clock(rest)?,
        _ => return None,
    };
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let wall = day * 86_400 + nanos / NANOS;
    let east = match (rest, zone) {
        ([], Zone::None) => 0,
        ([], Zone::Fixed(east)) => east,
        ([], Zone::Named(place)) => named(wall, place)?,
        (text, Zone::None) => offset(text).filter(|east| *east == 0)?,
        (text, _) => offset(text)?,
    };
    let unit = NANOS / per_second;
    let fraction = nanos % NANOS;
    if fraction % unit != 0 {
        return None;
    }
    (wall - i64::from(east)).checked_mul(per_second)?.checked_add(fraction / unit)
}

/// The offset of a place when its clocks show `wall` seconds since 1970.
fn named(wall: i64, place: Tz) -> Option<i32> {
    let epoch = NaiveDate::from_ymd_opt(1970, 1, 1)?.and_hms_opt(0, 0, 0)?;
    let naive = epoch.checked_add_signed(chrono::TimeDelta::try_seconds(wall)?)?;
    let instant = place.from_local_datetime(&naive).single()?;
    i32::try_from(wall - instant.timestamp()).ok()
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let pairs = bytes.chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_exact() {
        assert_eq!(integer::<i64>(b"-9223372036854775808"), Some(i64::MIN));
        assert_eq!(integer::<u64>(b"18446744073709551615"), Some(u64::MAX));
        for bad in ["9223372036854775808", "", "-", "1.0", " 1", "1e3", "0x1", "99999999999999999999999"] {
            assert_eq!(integer::<i64>(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(integer::<u8>(b"-1"), None);
        assert_eq!(integer::<i8>(b"+127"), Some(127));
    }

    #[test]
    fn decimals_are_exact() {
        let cases = [
            ("12.5", Some(1250)),
            ("-0.01", Some(-1)),
            (".5", Some(50)),
            ("5.", Some(500)),
            ("1.500000000000000000000", Some(150)),
            ("1.505", None),
            ("1e2", Some(10_000)),
            ("15e-1", Some(150)),
            ("99999999.99", Some(9_999_999_999)),
            ("100000000.00", None),
            (".", None),
            ("", None),
            ("1.2.3", None),
            ("abc", None),
            ("0e999", Some(0)),
        ];
        for (text, value) in cases {
            assert_eq!(decimal(text.as_bytes(), 10, 2), value, "{text}");
        }
        let most = "9".repeat(38);
        assert_eq!(decimal(most.as_bytes(), 38, 0), most.parse().ok());
    }

    #[test]
    fn dates_agree_with_the_calendar() {
        let first = NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or_default();
        for day in first.iter_days().step_by(17).take(160_000).filter(|day| day.format("%Y").to_string().len() == 4) {
            let days = (day - NaiveDate::default()).num_days() as i32;
            assert_eq!(date(day.format("%Y-%m-%d").to_string().as_bytes()), Some(days), "{day}");
        }
        for bad in ["2023-02-29", "2024-13-01", "2024-00-01", "2024-1-1", "24-01-01", "2024-01-00", "2024/01/01"] {
            assert_eq!(date(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn timestamps_know_zones() {
        let utc = Zone::Fixed(0);
        let paris = Zone::of(Some("Europe/Paris")).unwrap_or(Zone::None);
        let cases = [
            ("1970-01-02", utc, Some(86_400_000_000)),
            ("1970-01-01T00:00:01.5Z", utc, Some(1_500_000)),
            ("1970-01-01 01:00:00+01:00", utc, Some(0)),
            ("1970-01-01T01:00", paris, Some(0)),
            ("1969-12-31T23:59:59.999999Z", utc, Some(-1)),
            ("2024-03-31T02:30:00", paris, None),
            ("2024-10-27T02:30:00", paris, None),
            ("2024-10-27T02:30:00+01:00", paris, Some(1_729_992_600_000_000)),
            ("1970-01-01T00:00:00+01:00", Zone::None, None),
            ("1970-01-01T00:00:00Z", Zone::None, Some(0)),
            ("1970-01-01T00:00:00.1234567Z", utc, None),
            ("1970-01-01T24:00:00Z", utc, None),
            ("soon", utc, None),
        ];
        for (text, zone, value) in cases {
            assert_eq!(timestamp(text.as_bytes(), zone, 1_000_000), value, "{text}");
        }
        assert_eq!(timestamp(b"1970-01-01T00:00:01", Zone::None, 1), Some(1));
        assert_eq!(time(b"10:00:00.000001"), Some(36_000_000_001));
        assert_eq!(time(b"10:00:00Z"), None);
    }

    #[test]
    fn words_and_hex() {
        assert_eq!((boolean(b"TRUE"), boolean(b"no"), boolean(b"maybe")), (Some(true), Some(false), None));
        assert_eq!((hex(b"00fF"), hex(b"0"), hex(b"zz")), (Some(vec![0, 255]), None, None));
    }
}
