//! Coarser values: numbers, days, points in time, and the beginnings of texts.

use crate::error::EngineError;
use crate::rules::bounds::number;
use arrow::array::timezone::Tz;
use arrow::array::types::{ArrowPrimitiveType, ArrowTimestampType};
use arrow::array::{Array, ArrayRef, ArrowNativeTypeOp, AsArray, PrimitiveArray, StringViewArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimeUnit,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow::temporal_conversions::{as_datetime, as_datetime_with_timezone};
use chrono::{Datelike, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Timelike};
use std::sync::Arc;

/// How coarse.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Grid {
    /// Multiples of this, in the column's unit.
    Whole(i128),
    /// Multiples of this.
    Float(Step),
    /// The start of a span of time.
    Span(Span),
    /// So many characters.
    Prefix(usize),
}

/// The step of a grid of floats: `units / parts`, both whole where the step has few enough digits, so that a multiple of it is the float
/// that its digits are read as.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    units: f64,
    parts: f64,
}

/// A span of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Span {
    Year,
    Month,
    Day,
    Hour,
}

impl Grid {
    /// Reads `to=` for a column of type `ty`; `None` where it makes no sense there.
    pub(super) fn parse(to: &str, ty: &DataType) -> Option<Self> {
        match ty {
            DataType::Float32 | DataType::Float64 => Step::parse(to).map(Self::Float),
            DataType::Decimal128(_, scale) => {
                number(to, i32::from(*scale)).filter(|(grid, exact)| *exact && *grid > 0).map(|(grid, _)| Self::Whole(grid))
            }
            DataType::Date32 | DataType::Timestamp(_, _) => Some(Self::Span(match to {
                "year" => Span::Year,
                "month" => Span::Month,
                "day" => Span::Day,
                "hour" if !matches!(ty, DataType::Date32) => Span::Hour,
                _ => return None,
            })),
            DataType::Utf8View => to.parse().ok().map(Self::Prefix),
            ty if ty.is_integer() => number(to, 0).filter(|(grid, exact)| *exact && *grid > 0).map(|(grid, _)| Self::Whole(grid)),
            _ => None,
        }
    }

    /// Puts every value on the grid; null stays null.
    pub(super) fn apply(self, array: &ArrayRef) -> Result<ArrayRef, EngineError> {
        macro_rules! types {
            ($($ty:pat => $method:ident::<$arrow:ty>),* $(,)?) => {
                match (self, array.data_type()) {
                    $((grid, $ty) => grid.$method(array.as_primitive::<$arrow>()),)*
                    (Self::Float(grid), DataType::Float32) => {
                        Arc::new(array.as_primitive::<Float32Type>().unary::<_, Float32Type>(|value| grid.floor(value, |multiple| multiple as f32)))
                    }
                    (Self::Float(grid), DataType::Float64) => Arc::new(array.as_primitive::<Float64Type>().unary::<_, Float64Type>(|value| grid.floor(value, |multiple| multiple))),
                    (Self::Prefix(count), DataType::Utf8View) => Arc::new(prefix(array.as_string_view(), count)),
                    (_, other) => {
                        return Err(EngineError::Engine { context: "generalising a column".to_owned(), message: format!("type {other} has no grid") });
                    }
                }
            };
        }
        Ok(types! {
            DataType::Int8 => whole::<Int8Type>,
            DataType::Int16 => whole::<Int16Type>,
            DataType::Int32 => whole::<Int32Type>,
            DataType::Int64 => whole::<Int64Type>,
            DataType::UInt8 => whole::<UInt8Type>,
            DataType::UInt16 => whole::<UInt16Type>,
            DataType::UInt32 => whole::<UInt32Type>,
            DataType::UInt64 => whole::<UInt64Type>,
            DataType::Decimal128(_, _) => whole::<Decimal128Type>,
            DataType::Date32 => day::<Date32Type>,
            DataType::Timestamp(TimeUnit::Second, _) => instant::<TimestampSecondType>,
            DataType::Timestamp(TimeUnit::Millisecond, _) => instant::<TimestampMillisecondType>,
            DataType::Timestamp(TimeUnit::Microsecond, _) => instant::<TimestampMicrosecondType>,
            DataType::Timestamp(TimeUnit::Nanosecond, _) => instant::<TimestampNanosecondType>,
        })
    }

    fn whole<T>(self, array: &PrimitiveArray<T>) -> ArrayRef
    where
        T: ArrowPrimitiveType,
        T::Native: TryFrom<i128> + Into<i128> + ArrowNativeTypeOp,
    {
        let Self::Whole(grid) = self else { return Arc::new(array.clone()) };
        // Below the smallest multiple that fits there is only the type's end; that of a decimal follows from its digits.
        let digits = match array.data_type() {
            DataType::Decimal128(precision, _) => 10_i128.checked_pow(u32::from(*precision)),
            _ => None,
        };
        let end = digits.map(|digits| 1 - digits).and_then(|end| T::Native::try_from(end).ok()).unwrap_or(T::Native::MIN_TOTAL_ORDER);
        let lowest: i128 = end.into();
        let floored = array.unary::<_, T>(|value| {
            let value: i128 = value.into();
            let floor = value.checked_sub(value.rem_euclid(grid)).filter(|floor| *floor >= lowest);
            floor.and_then(|floor| T::Native::try_from(floor).ok()).unwrap_or(end)
        });
        Arc::new(floored.with_data_type(array.data_type().clone()))
    }

    fn day<T: ArrowPrimitiveType<Native = i32>>(self, array: &PrimitiveArray<T>) -> ArrayRef {
        let Self::Span(span) = self else { return Arc::new(array.clone()) };
        Arc::new(array.unary_opt::<_, T>(|value| {
            let at = span.floor(as_datetime::<Date32Type>(i64::from(value))?)?;
            i32::try_from(at.and_utc().timestamp().div_euclid(86_400)).ok()
        }))
    }

    /// A span starts when it does in the column's zone.
    fn instant<T: ArrowTimestampType>(self, array: &PrimitiveArray<T>) -> ArrayRef {
        let Self::Span(span) = self else { return Arc::new(array.clone()) };
        let zone = array.timezone().and_then(|zone| zone.parse::<Tz>().ok());
        let floored = array.unary_opt::<_, T>(|value| match zone {
            None => T::from_naive_datetime(span.floor(as_datetime::<T>(value)?)?, None),
            Some(zone) => {
                let at = as_datetime_with_timezone::<T>(value, zone)?;
                let start = span.floor(at.naive_local())?;
                // A start that a change of the clocks skips is where it would have been before the change.
                let start = match zone.from_local_datetime(&start).earliest() {
                    Some(start) => start.naive_utc(),
                    None => start.checked_sub_signed(TimeDelta::seconds(i64::from(at.offset().fix().local_minus_utc())))?,
                };
                T::from_naive_datetime(start, None)
            }
        });
        Arc::new(floored.with_data_type(array.data_type().clone()))
    }
}

impl Span {
    fn floor(self, at: NaiveDateTime) -> Option<NaiveDateTime> {
        let day = at.date();
        let midnight = |day: chrono::NaiveDate| day.and_time(NaiveTime::MIN);
        Some(match self {
            Self::Year => midnight(day.with_day(1)?.with_month(1)?),
            Self::Month => midnight(day.with_day(1)?),
            Self::Day => midnight(day),
            Self::Hour => day.and_hms_opt(at.hour(), 0, 0)?,
        })
    }
}

impl Step {
    /// Reads a step; `None` for anything but a number above zero.
    fn parse(text: &str) -> Option<Self> {
        let step: f64 = text.parse().ok().filter(|step: &f64| *step > 0.0 && step.is_finite())?;
        // Whole numbers up to 2^53 and powers of ten up to 10^22 are floats without a loss.
        let whole = |scale: i32| number(text, scale).filter(|(units, exact)| *exact && *units <= 1 << 53).map(|(units, _)| (units, scale));
        Some(match (0..=22).find_map(whole) {
            Some((units, scale)) => Self { units: units as f64, parts: 10_f64.powi(scale) },
            None => Self { units: step, parts: 1.0 },
        })
    }

    /// The highest multiple that is not above the value, as the column's type has it.
    fn floor<F: Into<f64> + Copy + PartialOrd>(self, value: F, round: impl Fn(f64) -> F) -> F {
        let multiple = |count: f64| round(count * self.units / self.parts);
        // The quotient may be off by one: 0.7 / 0.1 is less than 7.
        let count = (value.into() * self.parts / self.units).floor();
        if !count.is_finite() {
            return value;
        }
        if multiple(count + 1.0) <= value {
            multiple(count + 1.0)
        } else if multiple(count) > value {
            multiple(count - 1.0)
        } else {
            multiple(count)
        }
    }
}

fn prefix(array: &StringViewArray, count: usize) -> StringViewArray {
    array.iter().map(|value| value.map(|text| text.char_indices().nth(count).map_or(text, |(end, _)| &text[..end]))).collect()
}
