//! Defaults: what Avro writes as JSON of its own, as a contract writes them.

use crate::build;
use runi_lang::model::Date;
use runi_lang::types::{DataType, TimeUnit};
use serde_json::{Map, Value};

/// A default as SQL; `None` for what a contract cannot say.
pub(super) fn literal(value: &Value, ty: &DataType) -> Option<String> {
    let said = said(value, ty)?;
    Some(match (&said, ty) {
        (Value::Array(_) | Value::Object(_), _) => build::sql_text(&said.to_string()),
        (Value::String(text), ty) if ty.is_numeric() => text.clone(),
        (Value::String(text), _) if text.contains(['\n', '\r', '\0']) => return None,
        (Value::String(text), _) => build::sql_text(text),
        _ => said.to_string(),
    })
}

/// A value in the JSON of a contract, where days are texts and bytes hexadecimal digits.
fn said(value: &Value, ty: &DataType) -> Option<Value> {
    Some(match (value, ty) {
        (Value::Null, _) => Value::Null,
        (Value::Bool(_), DataType::Boolean) => value.clone(),
        (Value::Number(_), ty) if ty.is_integer() || matches!(ty, DataType::Float32 | DataType::Float64) => value.clone(),
        (Value::Number(number), DataType::Date) => Value::from(day(number.as_i64()?)?),
        (Value::Number(number), DataType::Timestamp { unit, zone }) => Value::from(instant(number.as_i64()?, *unit, zone.is_some())?),
        // Whether a time counts thousandths or millionths is not part of its type here.
        (Value::Number(number), DataType::Time) => Value::from((number.as_i64()? == 0).then_some("00:00:00")?),
        (Value::String(_), DataType::String | DataType::Enum(_)) => value.clone(),
        (Value::String(text), DataType::Binary) => Value::from(bytes(text)?.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
        (Value::String(text), DataType::Decimal { scale, .. }) => Value::from(decimal(&bytes(text)?, *scale)?),
        (Value::Array(items), DataType::List(item)) => Value::Array(items.iter().map(|value| said(value, item)).collect::<Option<_>>()?),
        (Value::Object(entries), DataType::Map(_, item)) => {
            let entry = |(key, value): (&String, &Value)| Some((key.clone(), said(value, item)?));
            Value::Object(entries.iter().map(entry).collect::<Option<Map<_, _>>>()?)
        }
        (Value::Object(entries), DataType::Struct(parts)) => {
            let part = |(name, ty): &(String, DataType)| entries.get(name).map(|value| Some((name.clone(), said(value, ty)?)));
            Value::Object(parts.iter().filter_map(part).collect::<Option<Map<_, _>>>()?)
        }
        _ => return None,
    })
}

/// Bytes, of which Avro writes each as the character of its number.
fn bytes(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

/// A number in two's complement, the highest byte first.
fn decimal(bytes: &[u8], scale: i8) -> Option<String> {
    let first = *bytes.first()?;
    let start = if first >= 0x80 { -1_i128 } else { 0 };
    let unscaled = (bytes.len() <= 16).then(|| bytes.iter().fold(start, |number, byte| number << 8 | i128::from(*byte)))?;
    let scale = usize::try_from(scale).ok()?;
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (whole, rest) = digits.split_at_checked(digits.len() - scale)?;
    let sign = if unscaled < 0 { "-" } else { "" };
    Some(if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") })
}

/// A day by its number from 1970 on, in the years that a contract can write.
fn day(days: i64) -> Option<String> {
    const YEARS: std::ops::RangeInclusive<i64> = -719_528..=2_932_896;
    YEARS.contains(&days).then(|| Date::of_unix(days * 86_400).to_string())
}

fn instant(number: i64, unit: TimeUnit, zoned: bool) -> Option<String> {
    let (per_second, digits) = match unit {
        TimeUnit::Second => (1, 0),
        TimeUnit::Millisecond => (1_000, 3),
        TimeUnit::Microsecond => (1_000_000, 6),
        TimeUnit::Nanosecond => (1_000_000_000, 9),
    };
    let (seconds, fraction) = (number.div_euclid(per_second), number.rem_euclid(per_second));
    let (day, clock) = (day(seconds.div_euclid(86_400))?, seconds.rem_euclid(86_400));
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:0digits$}") };
    let zone = if zoned { "Z" } else { "" };
    Some(format!("{day}T{:02}:{:02}:{:02}{fraction}{zone}", clock / 3_600, clock / 60 % 60, clock % 60))
}
