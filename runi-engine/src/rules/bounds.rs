//! Bounds of `@range` and `@length`, brought to the column's own type once, so that no value is ever cast.
//!
//! Whole numbers, decimals, dates, times and timestamps are integers underneath: any pair of bounds
//! becomes one closed interval of integers. Floats keep their bounds as they are; NaN lies outside
//! every range.

use super::text::not_null;
use crate::error::EngineError;
use arrow::array::timezone::Tz;
use arrow::array::types::ArrowPrimitiveType;
use arrow::array::{Array, ArrayRef, ArrowNativeTypeOp, AsArray, PrimitiveArray};
use arrow::buffer::BooleanBuffer;
use arrow::compute::kernels::cast_utils::string_to_datetime;
use arrow::datatypes::{
    DataType, Date32Type, Date64Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimeUnit, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use chrono::{NaiveDate, NaiveTime, Timelike, Utc};
use runi_lang::model::Range;

const DAY_NS: i128 = 86_400_000_000_000;

/// What values a column may have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bounds {
    /// From `lo` to `hi`, both inside, in the column's own unit.
    Whole {
        /// Lowest.
        lo: i128,
        /// Highest.
        hi: i128,
    },
    /// From `lo` to `hi`, both inside.
    Float {
        /// Lowest.
        lo: f64,
        /// Highest.
        hi: f64,
    },
}

impl Bounds {
    /// Reads a range's literals for a column of type `ty`.
    ///
    /// # Errors
    /// A literal that is no value of the type.
    pub fn parse(range: &Range, ty: &DataType) -> Result<Self, EngineError> {
        let wrong = |text: &str| EngineError::Engine {
            context: "compiling a range".to_owned(),
            message: format!("`{text}` is not a value of type {ty}"),
        };
        if matches!(ty, DataType::Float32 | DataType::Float64) {
            let read = |text: &Option<String>, default: f64| match text {
                Some(text) => unquoted(text).parse::<f64>().ok().filter(|bound| !bound.is_nan()).ok_or_else(|| wrong(text)),
                None => Ok(default),
            };
            let (lo, hi) = (read(&range.min, f64::NEG_INFINITY)?, read(&range.max, f64::INFINITY)?);
            // A bound is a value of the column's type, as what is compared with it is: `0.1` is the nearest float to a tenth.
            // The next float inside an exclusive bound; an absent bound stays open.
            let (lo_out, hi_out) = (range.exclusive && range.min.is_some(), range.exclusive && range.max.is_some());
            if *ty == DataType::Float32 {
                let (lo, hi) = (lo as f32, hi as f32);
                let lo = if lo_out { lo.next_up() } else { lo };
                let hi = if hi_out { hi.next_down() } else { hi };
                return Ok(Self::Float { lo: f64::from(lo), hi: f64::from(hi) });
            }
            let lo = if lo_out { lo.next_up() } else { lo };
            let hi = if hi_out { hi.next_down() } else { hi };
            return Ok(Self::Float { lo, hi });
        }
        let lo = match &range.min {
            Some(text) => {
                let (floor, exact) = whole(unquoted(text), ty).ok_or_else(|| wrong(text))?;
                if exact && !range.exclusive { floor } else { floor.saturating_add(1) }
            }
            None => i128::MIN,
        };
        let hi = match &range.max {
            Some(text) => {
                let (floor, exact) = whole(unquoted(text), ty).ok_or_else(|| wrong(text))?;
                if exact && range.exclusive { floor.saturating_sub(1) } else { floor }
            }
            None => i128::MAX,
        };
        Ok(Self::Whole { lo, hi })
    }

    /// The rows whose value is not null and lies outside.
    pub(crate) fn outside(self, array: &ArrayRef) -> Result<BooleanBuffer, EngineError> {
        macro_rules! whole {
            ($($pattern:pat => $ty:ty),* $(,)?) => {
                match array.data_type() {
                    $($pattern => self.outside_whole(array.as_primitive::<$ty>()),)*
                    DataType::Float32 => self.outside_float(array.as_primitive::<Float32Type>()),
                    DataType::Float64 => self.outside_float(array.as_primitive::<Float64Type>()),
                    other => return Err(no_range(other)),
                }
            };
        }
        let rows = whole! {
            DataType::Int8 => Int8Type,
            DataType::Int16 => Int16Type,
            DataType::Int32 => Int32Type,
            DataType::Int64 => Int64Type,
            DataType::UInt8 => UInt8Type,
            DataType::UInt16 => UInt16Type,
            DataType::UInt32 => UInt32Type,
            DataType::UInt64 => UInt64Type,
            DataType::Decimal128(_, _) => Decimal128Type,
            DataType::Date32 => Date32Type,
            DataType::Date64 => Date64Type,
            DataType::Time32(TimeUnit::Second) => Time32SecondType,
            DataType::Time32(_) => Time32MillisecondType,
            DataType::Time64(TimeUnit::Microsecond) => Time64MicrosecondType,
            DataType::Time64(_) => Time64NanosecondType,
            DataType::Timestamp(TimeUnit::Second, _) => TimestampSecondType,
            DataType::Timestamp(TimeUnit::Millisecond, _) => TimestampMillisecondType,
            DataType::Timestamp(TimeUnit::Microsecond, _) => TimestampMicrosecondType,
            DataType::Timestamp(TimeUnit::Nanosecond, _) => TimestampNanosecondType,
        };
        Ok(not_null(rows, array))
    }

    fn outside_whole<T>(self, array: &PrimitiveArray<T>) -> BooleanBuffer
    where
        T: ArrowPrimitiveType,
        T::Native: TryFrom<i128> + ArrowNativeTypeOp + PartialOrd,
    {
        let Self::Whole { lo, hi } = self else { return BooleanBuffer::new_unset(array.len()) };
        // A bound that the type cannot hold either shuts nothing out or everything.
        let lo = match T::Native::try_from(lo) {
            Ok(lo) => lo,
            Err(_) if lo < 0 => T::Native::MIN_TOTAL_ORDER,
            Err(_) => return BooleanBuffer::new_set(array.len()),
        };
        let hi = match T::Native::try_from(hi) {
            Ok(hi) => hi,
            Err(_) if hi > 0 => T::Native::MAX_TOTAL_ORDER,
            Err(_) => return BooleanBuffer::new_set(array.len()),
        };
        let mut values = array.values().iter();
        BooleanBuffer::collect_bool(array.len(), |_| values.next().is_some_and(|value| !(lo <= *value && *value <= hi)))
    }

    fn outside_float<T>(self, array: &PrimitiveArray<T>) -> BooleanBuffer
    where
        T: ArrowPrimitiveType,
        T::Native: Into<f64> + Copy,
    {
        let Self::Float { lo, hi } = self else { return BooleanBuffer::new_unset(array.len()) };
        let mut values = array.values().iter();
        BooleanBuffer::collect_bool(array.len(), |_| {
            values.next().is_some_and(|value| {
                let value: f64 = (*value).into();
                !(lo <= value && value <= hi)
            })
        })
    }
}

fn no_range(ty: &DataType) -> EngineError {
    EngineError::Engine { context: "checking a range".to_owned(), message: format!("type {ty} has no range") }
}

/// SQL literals of dates may come with their quotes.
fn unquoted(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).unwrap_or(text)
}

/// A literal in the unit of `ty`: the largest whole number that is not above it, and whether it is exactly that.
fn whole(text: &str, ty: &DataType) -> Option<(i128, bool)> {
    match ty {
        DataType::Decimal128(_, scale) => number(text, i32::from(*scale)),
        DataType::Date32 => per(instant(text, None)?, DAY_NS),
        DataType::Date64 => per(instant(text, None)?, 1_000_000),
        DataType::Timestamp(unit, zone) => per(instant(text, zone.as_deref())?, nanos(*unit)),
        DataType::Time32(unit) | DataType::Time64(unit) => {
            let time: NaiveTime = text.parse().ok()?;
            per(i128::from(time.num_seconds_from_midnight()) * 1_000_000_000 + i128::from(time.nanosecond()), nanos(*unit))
        }
        ty if ty.is_integer() => number(text, 0),
        _ => None,
    }
}

fn nanos(unit: TimeUnit) -> i128 {
    match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1,
    }
}

fn per(value: i128, unit: i128) -> Option<(i128, bool)> {
    Some((value.div_euclid(unit), value.rem_euclid(unit) == 0))
}

/// Nanoseconds since 1970; a wall-clock reading is read in the column's zone, else as UTC.
fn instant(text: &str, zone: Option<&str>) -> Option<i128> {
    let ns = |seconds: i64, ns: u32| i128::from(seconds) * 1_000_000_000 + i128::from(ns);
    if let Ok(day) = text.parse::<NaiveDate>()
        && zone.is_none()
    {
        return Some(ns(day.and_time(NaiveTime::MIN).and_utc().timestamp(), 0));
    }
    let (seconds, rest) = match zone {
        Some(zone) => {
            let at = string_to_datetime(&zone.parse::<Tz>().ok()?, text).ok()?;
            (at.timestamp(), at.timestamp_subsec_nanos())
        }
        None => {
            let at = string_to_datetime(&Utc, text).ok()?;
            (at.timestamp(), at.timestamp_subsec_nanos())
        }
    };
    Some(ns(seconds, rest))
}

/// A number literal times `10^scale`, rounded down, and whether that was exact. Too large ones saturate.
pub(crate) fn number(text: &str, scale: i32) -> Option<(i128, bool)> {
    let (digits, exponent) = match text.find(['e', 'E']) {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (negative, digits) = match digits.as_bytes().first()? {
        b'-' => (true, digits.get(1..)?),
        b'+' => (false, digits.get(1..)?),
        _ => (false, digits),
    };
    let (integer, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if integer.is_empty() && fraction.is_empty() || !integer.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit() || b == b'_') {
        return None;
    }
    let mut digits: Vec<u8> = integer.bytes().chain(fraction.bytes()).filter(|b| *b != b'_').map(|b| b - b'0').collect();
    let shift = scale.checked_add(exponent)?.checked_sub(i32::try_from(fraction.bytes().filter(|b| *b != b'_').count()).ok()?)?;
    // A point so far to the left cuts digits off, however many there are; one to the right puts zeros behind.
    let cut = usize::try_from(shift.unsigned_abs()).ok().filter(|_| shift < 0).unwrap_or(0).min(digits.len());
    let exact = digits.split_off(digits.len() - cut).iter().all(|digit| *digit == 0);
    let mut mantissa = digits.iter().fold(0_i128, |value, digit| value.saturating_mul(10).saturating_add(i128::from(*digit)));
    for _ in 0..shift.max(0) {
        if mantissa == 0 || mantissa == i128::MAX {
            break;
        }
        mantissa = mantissa.saturating_mul(10);
    }
    if negative {
        mantissa = -mantissa - i128::from(!exact);
    }
    Some((mantissa, exact))
}
