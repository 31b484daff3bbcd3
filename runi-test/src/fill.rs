//! Values for columns that an example leaves out: fixed, valid, and different where they must be.

use regex_syntax::hir::{Class, Hir, HirKind};
use runi_lang::model::{Contract, Field};
use runi_lang::types::DataType;

/// A valid value for `field` in row `row` (from 0); `None` is null, which is what an optional field gets.
#[must_use]
pub fn value(contract: &Contract, field: &Field, row: usize) -> Option<String> {
    let unique = field.rules.unique.is_some() || contract.keys.iter().any(|key| key.columns.contains(&field.name));
    let keyed = contract.keys.iter().any(|key| key.primary && key.columns.contains(&field.name));
    if !field.is_required() && !keyed {
        return None;
    }
    let step = if unique { row } else { 0 };
    Some(match &field.ty {
        DataType::Boolean => "true".to_owned(),
        DataType::Enum(values) => values.first().cloned().unwrap_or_default(),
        DataType::Date => format!("2020-01-{:02}", 1 + step % 28),
        DataType::Time => format!("12:00:{:02}", step % 60),
        DataType::Timestamp { zone, .. } => {
            let zone = if zone.is_some() { "Z" } else { "" };
            format!("2020-01-01T{:02}:{:02}:{:02}{zone}", step / 3600 % 24, step / 60 % 60, step % 60)
        }
        DataType::String | DataType::Binary => text(field, step),
        ty if ty.is_numeric() => number(field, step),
        DataType::List(_) => "[]".to_owned(),
        _ => "{}".to_owned(),
    })
}

/// The lowest number that the range lets pass, or 1.
fn number(field: &Field, step: usize) -> String {
    let bound = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<f64>().ok());
    let range = field.rules.range.clone().unwrap_or_default();
    let nudge = if range.exclusive { 1.0 } else { 0.0 };
    let base = match (bound(&range.min), bound(&range.max)) {
        (Some(min), Some(max)) if min + nudge > max - nudge => f64::midpoint(min, max),
        (Some(min), _) => min + nudge,
        (None, Some(max)) if max < 1.0 + nudge => max - nudge,
        (None, _) => 1.0,
    };
    let value = base + step as f64;
    if field.ty.is_integer() { format!("{value:.0}") } else { value.to_string() }
}

fn text(field: &Field, step: usize) -> String {
    let pattern = field.rules.matches.as_ref().and_then(|(pattern, _)| smallest(pattern));
    let format = field.rules.format.as_ref().map(|(name, _)| sample(name, step));
    let mut value = format.or(pattern).unwrap_or_else(|| if step == 0 { "a".to_owned() } else { format!("a{step}") });
    if let Some(least) = field.rules.length.as_ref().and_then(|length| length.min.as_ref()).and_then(|min| min.parse::<usize>().ok()) {
        while value.chars().count() < least {
            value.push('a');
        }
    }
    value
}

/// A valid value of each format that has no freer form.
fn sample(format: &str, step: usize) -> String {
    match format {
        "email" => format!("a{step}@example.com"),
        "uuid" => format!("00000000-0000-4000-8000-{step:012x}"),
        "uri" => format!("https://example.com/{step}"),
        "ipv4" => format!("192.0.2.{}", step % 256),
        "ipv6" => format!("2001:db8::{:x}", step % 65_536),
        "hostname" => format!("h{step}.example.com"),
        "date" => format!("2020-01-{:02}", 1 + step % 28),
        "iso4217" => "USD".to_owned(),
        "iso3166" => "US".to_owned(),
        "isin" => "US0378331005".to_owned(),
        "lei" => "5493001KJTIIGC8Y1R12".to_owned(),
        "iban" => "GB82WEST12345698765432".to_owned(),
        "bic" => "DEUTDEFF".to_owned(),
        "luhn" => "4111111111111111".to_owned(),
        "sin" => "046454286".to_owned(),
        "json" => "{}".to_owned(),
        "semver" => format!("1.0.{step}"),
        _ => "a".to_owned(),
    }
}

/// A short text that matches `pattern`.
fn smallest(pattern: &str) -> Option<String> {
    let hir = regex_syntax::parse(pattern).ok()?;
    let mut out = String::new();
    write(&hir, &mut out)?;
    Some(out)
}

fn write(hir: &Hir, out: &mut String) -> Option<()> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(()),
        HirKind::Literal(literal) => {
            out.push_str(std::str::from_utf8(&literal.0).ok()?);
            Some(())
        }
        HirKind::Class(Class::Unicode(class)) => {
            // A letter or digit reads better than the class's first code point.
            let nice = ['A', 'a', '1', '0'].into_iter().find(|c| class.iter().any(|range| range.start() <= *c && *c <= range.end()));
            out.push(nice.or_else(|| class.iter().next().map(|range| range.start()))?);
            Some(())
        }
        HirKind::Class(Class::Bytes(class)) => {
            out.push(char::from(class.iter().next()?.start()));
            Some(())
        }
        HirKind::Repetition(repetition) => (0..repetition.min).try_for_each(|_| write(&repetition.sub, out)),
        HirKind::Capture(capture) => write(&capture.sub, out),
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| write(part, out)),
        HirKind::Alternation(parts) => write(parts.first()?, out),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_pattern_gives_a_text_that_matches_it() {
        for (pattern, expected) in [("[A-Z.]{1,8}", "A"), ("N[0-9]{3}[A-Z]?", "N111"), ("(yes|no)-\\d+", "yes-1"), ("^x*$", "")] {
            assert_eq!(smallest(pattern).unwrap(), expected);
        }
    }
}
