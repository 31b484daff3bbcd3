//! `@mask(generalise, to=…)`: whether it makes the values of a type coarser. One that changes nothing would let a
//! value out under the name of a mask.

use crate::types::DataType;

/// A step of a grid as its significant digits and the power of ten that they are multiplied with.
struct Step<'s> {
    digits: String,
    power: i32,
    text: &'s str,
}

impl<'s> Step<'s> {
    /// `None` for anything but a number above zero.
    fn read(text: &'s str) -> Option<Self> {
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => (text.get(..at)?, text.get(at + 1..)?.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let mantissa = mantissa.strip_prefix('+').unwrap_or(mantissa);
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
            return None;
        }
        let all = format!("{whole}{fraction}");
        let digits = all.trim_start_matches('0').trim_end_matches('0').to_owned();
        let zeros = all.len() - all.trim_end_matches('0').len();
        let power = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?.checked_add(i32::try_from(zeros).ok()?)?;
        (!digits.is_empty()).then_some(Self { digits, power, text })
    }

    /// Whether it is a whole number of units of `10^-scale`.
    fn is_whole(&self, scale: i32) -> bool {
        self.power >= -scale
    }

    /// Whether it is more than one unit of `10^-scale`.
    fn is_coarser(&self, scale: i32) -> bool {
        // The digits are no power of ten, unless they are `1`.
        let first = self.power + i32::try_from(self.digits.len()).unwrap_or(i32::MAX) - 1;
        first > -scale || (first == -scale && self.digits != "1")
    }
}

/// The power of ten below which a type keeps nothing. A float has no such power: it is held to whole numbers, because nobody can tell
/// by the type how fine its values are.
fn scale(ty: &DataType) -> Option<i32> {
    match ty {
        DataType::Decimal { scale, .. } => Some(i32::from(*scale)),
        ty if ty.is_numeric() => Some(0),
        _ => None,
    }
}

/// Whether `to` can stand at a field of this type; the error says what is wanted there.
pub(super) fn fits(to: &str, ty: &DataType) -> Result<(), String> {
    let wanted = match ty {
        DataType::Date => (matches!(to, "year" | "month"), "wants `year` or `month`: a date has nothing finer than a day"),
        DataType::Timestamp { .. } => (matches!(to, "year" | "month" | "day"), "wants `year`, `month` or `day`"),
        ty => match (scale(ty), Step::read(to)) {
            (Some(scale), Some(step)) => {
                if !step.is_coarser(scale) {
                    return Err(identity(to, ty));
                }
                let float = matches!(ty, DataType::Float32 | DataType::Float64);
                (float || step.is_whole(scale), "wants a step that the type can hold")
            }
            (Some(_), None) => (false, "wants a number"),
            (None, _) => (false, "wants a number, a date or a timestamp"),
        },
    };
    if wanted.0 { Ok(()) } else { Err(wanted.1.to_owned()) }
}

/// What is said of a grid that leaves every value of the type where it is.
fn identity(to: &str, ty: &DataType) -> String {
    match ty {
        DataType::Date => "a date has nothing finer than a day".to_owned(),
        DataType::Decimal { scale, .. } => format!("`to={to}` changes nothing: the values have {scale} digits after the point"),
        DataType::Float32 | DataType::Float64 => {
            format!("`to={to}` may change nothing: a float does not say how fine its values are, so its step is above 1")
        }
        _ => format!("`to={to}` changes nothing: the values are whole numbers"),
    }
}

/// Why a grid leaves a column of type `ty` as it is, although the field that masks it has a wider type; `None` when it does not.
pub(super) fn unchanged(to: &str, ty: &DataType) -> Option<String> {
    match ty {
        DataType::Date => (to == "day").then(|| identity(to, ty)),
        DataType::Float32 | DataType::Float64 => None,
        ty => {
            let step = Step::read(to)?;
            (!step.is_coarser(scale(ty)?)).then(|| identity(step.text, ty))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::types::TimeUnit;

    fn decimal(precision: u8, scale: i8) -> DataType {
        DataType::Decimal { precision, scale }
    }

    #[test]
    fn a_grid_is_coarser_than_the_type() {
        for (to, ty, fine) in [
            ("2", DataType::Int64, true),
            ("1e3", DataType::Int64, true),
            ("+10", DataType::UInt8, true),
            ("10.0", DataType::Int32, true),
            ("1", DataType::Int64, false),
            ("1.0", DataType::Int64, false),
            ("10e-1", DataType::Int64, false),
            ("0.5", DataType::Int64, false),
            ("1.5", DataType::Int64, false),
            ("0", DataType::Int64, false),
            ("-10", DataType::Int64, false),
            ("inf", DataType::Float64, false),
            ("", DataType::Float64, false),
            (".", DataType::Float64, false),
            ("1.5", DataType::Float64, true),
            ("1", DataType::Float64, false),
            ("0.001", DataType::Float32, false),
            ("0.1", decimal(10, 2), true),
            ("0.02", decimal(10, 2), true),
            ("0.01", decimal(10, 2), false),
            ("0.010", decimal(10, 2), false),
            ("0.001", decimal(10, 2), false),
            ("0.015", decimal(10, 2), false),
            ("1", decimal(10, 0), false),
            ("month", DataType::Date, true),
            ("day", DataType::Date, false),
            ("day", DataType::Timestamp { unit: TimeUnit::Microsecond, zone: None }, true),
            ("hour", DataType::Date, false),
            ("10", DataType::String, false),
            ("10", DataType::Time, false),
        ] {
            assert_eq!(fits(to, &ty).is_ok(), fine, "{to} on {ty}: {:?}", fits(to, &ty));
        }
    }

    #[test]
    fn a_wider_field_does_not_make_a_grid_coarser() {
        assert!(unchanged("day", &DataType::Date).is_some());
        assert!(unchanged("month", &DataType::Date).is_none());
        assert!(unchanged("0.5", &DataType::Int64).is_some());
        assert!(unchanged("1", &DataType::Int8).is_some());
        assert!(unchanged("2.5", &DataType::Int8).is_none());
        assert!(unchanged("0.01", &decimal(8, 2)).is_some());
        assert!(unchanged("0.01", &decimal(8, 4)).is_none());
        assert!(unchanged("0.5", &DataType::Unknown).is_none());
    }
}
