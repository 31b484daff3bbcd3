//! Candidates of types that have an order: numbers, dates, times, timestamps.

use super::shown;
use arrow::array::{ArrayRef, Decimal128Array, Float64Array, Int32Array, Int64Array};
use arrow::compute::cast;
use arrow::datatypes::DataType as ArrowType;
use runi_engine::rules::Bounds;
use runi_engine::sql::types::to_arrow;
use runi_lang::model::Field;
use runi_lang::types::{DataType, TimeUnit};
use std::sync::Arc;

/// Days from 1970-01-01 to 0001-01-01 and to 9999-12-31.
const DAYS: (i128, i128) = (-719_162, 2_932_896);
/// 2020-01-01, in days since 1970-01-01.
const DAY: i128 = 18_262;

/// What the values of a type are made of, in its own unit.
struct Scale {
    /// Lowest and highest.
    least: i128,
    most: i128,
    /// The value that reads best.
    start: i128,
    /// From one value to the next.
    step: i128,
}

/// Up to `wanted` values within the field's range, evenly apart where there is room.
///
/// # Errors
/// A range whose bounds are no values of the type; the compiler refuses those.
pub(super) fn candidates(field: &Field, wanted: usize) -> Result<Vec<String>, String> {
    let ty = to_arrow(&field.ty);
    let bounds = field.rules.range.as_ref().map(|range| Bounds::parse(range, &ty)).transpose().map_err(|error| error.to_string())?;
    let Some(scale) = scale(&field.ty) else {
        let (lo, hi) = match bounds {
            Some(Bounds::Float { lo, hi }) => (lo, hi),
            _ => (f64::NEG_INFINITY, f64::INFINITY),
        };
        let floats: ArrayRef = Arc::new(Float64Array::from(floats(lo, hi, wanted)));
        return shown(&cast(&floats, &ty).map_err(|error| error.to_string())?);
    };
    let (lo, hi) = match bounds {
        Some(Bounds::Whole { lo, hi }) => (lo, hi),
        _ => (i128::MIN, i128::MAX),
    };
    let values = spread(&scale, lo, hi, wanted);
    if field.ty.is_integer() {
        return Ok(values.into_iter().map(|value| value.to_string()).collect());
    }
    let narrow = || values.iter().filter_map(|value| i64::try_from(*value).ok());
    let array: ArrayRef = match &ty {
        ArrowType::Decimal128(precision, scale) => {
            let decimals = Decimal128Array::from(values).with_precision_and_scale(*precision, *scale);
            return shown(&(Arc::new(decimals.map_err(|error| error.to_string())?) as ArrayRef));
        }
        ArrowType::Date32 => Arc::new(Int32Array::from_iter_values(narrow().filter_map(|value| i32::try_from(value).ok()))),
        _ => Arc::new(Int64Array::from_iter_values(narrow())),
    };
    shown(&cast(&array, &ty).map_err(|error| error.to_string())?)
}

/// `None` for floats.
fn scale(ty: &DataType) -> Option<Scale> {
    if let Some((least, most)) = ty.integer_bounds() {
        return Some(Scale { least, most, start: 1, step: 1 });
    }
    Some(match ty {
        DataType::Decimal { precision, scale } => {
            let ten = |power: u32| 10_i128.checked_pow(power).unwrap_or(i128::MAX);
            let (most, one) = (ten(u32::from(*precision)) - 1, ten(u32::try_from(*scale).unwrap_or(0)));
            Scale { least: -most, most, start: one, step: one }
        }
        DataType::Date => Scale { least: DAYS.0, most: DAYS.1, start: DAY, step: 1 },
        DataType::Time => {
            let second = 1_000_000;
            Scale { least: 0, most: 86_400 * second - 1, start: 43_200 * second, step: second }
        }
        DataType::Timestamp { unit, .. } => {
            let second: i128 = match unit {
                TimeUnit::Second => 1,
                TimeUnit::Millisecond => 1_000,
                TimeUnit::Microsecond => 1_000_000,
                TimeUnit::Nanosecond => 1_000_000_000,
            };
            let day = 86_400 * second;
            let (least, most) = (DAYS.0 * day, (DAYS.1 + 1) * day - 1);
            Scale { least: least.max(i64::MIN.into()), most: most.min(i64::MAX.into()), start: DAY * day, step: second }
        }
        _ => return None,
    })
}

/// Values between the bounds: from the one that reads best, or the nearest to it; closer together when there is less room.
fn spread(scale: &Scale, lo: i128, hi: i128, wanted: usize) -> Vec<i128> {
    let (least, most) = (lo.max(scale.least), hi.min(scale.most));
    if least > most {
        return Vec::new();
    }
    let last = wanted.saturating_sub(1) as i128;
    let whole = least.div_euclid(scale.step).saturating_add(i128::from(least.rem_euclid(scale.step) != 0)).saturating_mul(scale.step);
    // A lower bound that somebody wrote is where values begin; the type's own is not.
    let start = if lo > scale.least && lo > i128::MIN { whole } else { scale.start };
    let start = start.clamp(least, most);
    let room = |start: i128, step: i128| step.checked_mul(last).and_then(|way| start.checked_add(way)).is_some_and(|end| end <= most);
    let (start, step) = match () {
        () if room(start, scale.step) => (start, scale.step),
        () if room(start, 1) => (start, 1),
        () => (most.saturating_sub(last).max(least), 1),
    };
    (0..=last).map(|number| start.saturating_add(number * step)).take_while(|value| *value <= most).collect()
}

/// Floats between two bounds that belong to them.
fn floats(lo: f64, hi: f64, wanted: usize) -> Vec<f64> {
    let last = wanted.saturating_sub(1) as f64;
    let start = if lo.is_finite() { lo.ceil() } else { 1.0 };
    let start = if start <= hi { start } else { hi };
    let steps = |start: f64, step: f64| (0..wanted).map(|number| start + number as f64 * step).collect();
    if start >= lo && start + last <= hi {
        return steps(start, 1.0);
    }
    if !lo.is_finite() {
        return steps(hi.floor() - last, 1.0);
    }
    // Between the bounds, so that one which the narrower type cannot hold does not matter; short where a short one will do.
    let step = (hi - lo) / (wanted as f64 + 1.0);
    let exact: Vec<f64> = steps(lo + step, step);
    let short = exact.iter().filter_map(|value| format!("{value:.6e}").parse().ok());
    short.chain(exact.iter().copied()).chain([lo, hi]).collect()
}
