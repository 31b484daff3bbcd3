//! Written values: whether a text is a value of a type, and its canonical form.

use crate::model::Date;
use crate::types::DataType;
use serde_json::Value;

/// The canonical text of `text` as a `ty`.
///
/// # Errors
/// A phrase that says what is wrong with it.
pub(crate) fn parse(text: &str, ty: &DataType) -> Result<String, String> {
    if let Some((min, max)) = ty.integer_bounds() {
        return integer(text, min, max);
    }
    match ty {
        DataType::Boolean => match text {
            "true" | "false" => Ok(text.to_owned()),
            _ => Err("a boolean is `true` or `false`".to_owned()),
        },
        DataType::Float32 | DataType::Float64 => match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(text.to_owned()),
            _ => Err("a number, such as `0.5`".to_owned()),
        },
        DataType::Decimal { precision, scale } => decimal(text, *precision, *scale),
        DataType::String => Ok(text.to_owned()),
        DataType::Enum(values) => {
            if values.iter().any(|value| value == text) {
                Ok(text.to_owned())
            } else {
                Err(format!("one of {}", values.join(", ")))
            }
        }
        DataType::Date => text.parse::<Date>().map(|date| date.to_string()).map_err(str::to_owned),
        DataType::Timestamp { .. } => timestamp(text),
        DataType::Time => time(text).map(|()| text.to_owned()),
        DataType::Unknown => Ok(text.to_owned()),
        _ => Err("this type has no written values".to_owned()),
    }
}

fn integer(text: &str, min: i128, max: i128) -> Result<String, String> {
    match text.parse::<i128>() {
        Ok(value) if (min..=max).contains(&value) => Ok(value.to_string()),
        Ok(_) => Err(format!("outside {min} to {max}")),
        Err(_) => Err("a whole number".to_owned()),
    }
}

fn decimal(text: &str, precision: u8, scale: i8) -> Result<String, String> {
    const WANTED: &str = "a decimal number, such as `12.50`";
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && rest.is_empty()) || !plain(whole) || !plain(rest) {
        return Err(WANTED.to_owned());
    }
    let rest = rest.trim_end_matches('0');
    let whole = whole.trim_start_matches('0');
    let scale = usize::try_from(scale).unwrap_or(0);
    if rest.len() > scale {
        return Err(format!("more than {scale} digits after the point"));
    }
    if whole.len() + scale > usize::from(precision) {
        return Err(format!("more than {} digits before the point", usize::from(precision).saturating_sub(scale)));
    }
    Ok(text.to_owned())
}

fn time(text: &str) -> Result<(), String> {
    const WANTED: &str = "a time is `HH:MM:SS`";
    let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let mut parts = clock.split(':');
    for limit in [24_u32, 60, 60] {
        let part = parts.next().ok_or(WANTED)?;
        let fits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()) && part.parse::<u32>().is_ok_and(|n| n < limit);
        if !fits {
            return Err(WANTED.to_owned());
        }
    }
    if parts.next().is_some() || fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return Err(WANTED.to_owned());
    }
    Ok(())
}

fn timestamp(text: &str) -> Result<String, String> {
    let date = text.get(..10).ok_or("a timestamp is `YYYY-MM-DDTHH:MM:SS`")?;
    date.parse::<Date>().map_err(str::to_owned)?;
    let Some(rest) = text.get(10..).filter(|rest| !rest.is_empty()) else { return Ok(text.to_owned()) };
    let rest = rest.strip_prefix(['T', ' ']).ok_or("`T` stands between the day and the time")?;
    let clock = rest.strip_suffix('Z').unwrap_or(rest);
    let clock = clock.rfind(['+', '-']).map_or(clock, |at| clock.get(..at).unwrap_or(clock));
    time(clock)?;
    Ok(text.to_owned())
}

/// Whether a text is a default of a type: a written value, hexadecimal digits for bytes, JSON for what has parts.
///
/// # Errors
/// A phrase that says what is wrong with it.
pub(crate) fn default(text: &str, ty: &DataType) -> Result<(), String> {
    match ty {
        DataType::List(_) | DataType::Struct(_) | DataType::Map(..) => {
            let value = serde_json::from_str(text)
                .map_err(|_| format!("JSON, such as `{}`", if matches!(ty, DataType::List(_)) { "[]" } else { "{}" }))?;
            part(&value, ty)
        }
        DataType::Binary => hexadecimal(text),
        ty => parse(text, ty).map(drop),
    }
}

/// Whether a value of JSON is one of a type. Any part may be null.
fn part(value: &Value, ty: &DataType) -> Result<(), String> {
    match (value, ty) {
        (Value::Null, _) => Ok(()),
        (Value::Array(items), DataType::List(item)) => items.iter().try_for_each(|value| part(value, item)),
        (Value::Object(entries), DataType::Map(key, item)) => {
            entries.iter().try_for_each(|(name, value)| parse(name, key).and_then(|_| part(value, item)))
        }
        (Value::Object(entries), DataType::Struct(parts)) => entries.iter().try_for_each(|(name, value)| {
            let known = parts.iter().find(|(known, _)| known == name);
            known.map_or_else(|| Err(format!("there is no part `{name}`")), |(_, ty)| part(value, ty))
        }),
        (_, DataType::List(_)) => Err("a list stands between `[` and `]`".to_owned()),
        (_, DataType::Struct(_) | DataType::Map(..)) => Err("parts stand between `{` and `}`".to_owned()),
        (Value::String(text), DataType::Binary) => hexadecimal(text),
        (Value::Bool(truth), DataType::Boolean) => parse(&truth.to_string(), ty).map(drop),
        (Value::Number(number), ty) if ty.is_numeric() => parse(&number.to_string(), ty).map(drop),
        (Value::String(text), ty) if !ty.is_numeric() && *ty != DataType::Boolean || matches!(ty, DataType::Decimal { .. }) => {
            parse(text, ty).map(drop)
        }
        (other, ty) => Err(format!("`{other}` is no `{ty}`")),
    }
}

fn hexadecimal(text: &str) -> Result<(), String> {
    let fits = text.len().is_multiple_of(2) && text.bytes().all(|b| b.is_ascii_hexdigit());
    if fits { Ok(()) } else { Err("bytes are pairs of hexadecimal digits, such as `00ff`".to_owned()) }
}

/// How two written values of one ordered type compare; `None` when the text form does not decide.
pub(crate) fn compare(a: &str, b: &str, ty: &DataType) -> Option<std::cmp::Ordering> {
    if ty.is_numeric() {
        return a.parse::<f64>().ok()?.partial_cmp(&b.parse::<f64>().ok()?);
    }
    // ISO days and times sort as text.
    Some(a.cmp(b))
}

/// A value of the type, for typing the body of a step whose parameter is not known yet.
pub(crate) fn sample(ty: &DataType) -> Option<String> {
    Some(match ty {
        DataType::Boolean => "true".to_owned(),
        DataType::String => "a".to_owned(),
        DataType::Enum(values) => values.first().cloned().unwrap_or_default(),
        DataType::Date => "2000-01-01".to_owned(),
        DataType::Time => "00:00:00".to_owned(),
        DataType::Timestamp { .. } => "2000-01-01T00:00:00".to_owned(),
        other if other.is_numeric() => "1".to_owned(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_of_what_has_parts_are_json() {
        let list = DataType::List(Box::new(DataType::Struct(vec![
            ("id".to_owned(), DataType::Int32),
            ("on".to_owned(), DataType::Date),
            ("raw".to_owned(), DataType::Binary),
        ])));
        for good in ["[]", r#"[{"id": 1, "on": "2020-01-31", "raw": "00fF"}, null, {}]"#] {
            assert_eq!(default(good, &list), Ok(()), "{good}");
        }
        for bad in ["", "{}", "[1]", r#"[{"id": "1"}]"#, r#"[{"no": 1}]"#, r#"[{"on": "2020-02-31"}]"#, r#"[{"raw": "0"}]"#] {
            assert!(default(bad, &list).is_err(), "{bad}");
        }
        let map = DataType::Map(Box::new(DataType::Int8), Box::new(DataType::Boolean));
        assert!(
            default(r#"{"7": true}"#, &map).is_ok() && default(r#"{"x": true}"#, &map).is_err() && default(r#"{"7": 1}"#, &map).is_err()
        );
        assert!(default("", &DataType::Binary).is_ok() && default("7", &DataType::Int8).is_ok() && default("x", &DataType::Int8).is_err());
    }

    #[test]
    fn values_are_read_by_their_type() {
        assert_eq!(parse("007", &DataType::Int32), Ok("7".to_owned()));
        assert!(parse("300", &DataType::UInt8).is_err());
        assert!(parse("1.234", &DataType::Decimal { precision: 5, scale: 2 }).is_err());
        assert!(parse("1.230", &DataType::Decimal { precision: 5, scale: 2 }).is_ok());
        assert!(parse("2021-02-29", &DataType::Date).is_err());
        assert!(parse("2024-02-29T10:00:00+02:00", &DataType::Timestamp { unit: crate::types::TimeUnit::Microsecond, zone: None }).is_ok());
        assert!(parse("buy", &DataType::Enum(vec!["buy".to_owned()])).is_ok());
    }
}
