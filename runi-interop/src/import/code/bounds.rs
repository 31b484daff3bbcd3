//! Bounds and lists of values, once the type is known: `@range` or `@length`, an enum or a rule.

use super::said::{Bound, Said, Say};
use runi_lang::diagnostic::{Diagnostic, Place};
use runi_lang::diagnostics::interop::foreign_value;
use runi_lang::syntax::write;
use runi_lang::types::DataType;

/// Words that an expression would not take for a column.
const RESERVED: &[&str] = &[
    "all",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "between",
    "by",
    "case",
    "cast",
    "check",
    "column",
    "create",
    "cross",
    "current",
    "date",
    "default",
    "delete",
    "desc",
    "distinct",
    "else",
    "end",
    "except",
    "exists",
    "extract",
    "false",
    "fetch",
    "for",
    "from",
    "full",
    "group",
    "having",
    "in",
    "inner",
    "insert",
    "intersect",
    "interval",
    "into",
    "is",
    "join",
    "key",
    "left",
    "like",
    "limit",
    "natural",
    "not",
    "null",
    "of",
    "offset",
    "on",
    "or",
    "order",
    "outer",
    "over",
    "partition",
    "position",
    "primary",
    "references",
    "right",
    "row",
    "rows",
    "select",
    "set",
    "table",
    "then",
    "time",
    "timestamp",
    "to",
    "trim",
    "true",
    "union",
    "unique",
    "update",
    "user",
    "using",
    "values",
    "view",
    "when",
    "where",
    "window",
    "with",
    "year",
];

/// A column's name in an expression.
pub(super) fn column(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain && !RESERVED.contains(&name) { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// A value in an expression.
fn literal(ty: &DataType, value: &str) -> String {
    match ty {
        ty if ty.is_numeric() || *ty == DataType::Boolean => value.to_owned(),
        _ => format!("'{}'", value.replace('\'', "''")),
    }
}

/// Turns what needs the type into tags and rules, and the type into an enum where values are listed.
pub(super) fn settle(path: &str, name: &str, ty: &mut DataType, said: &mut Vec<Said>, problems: &mut Vec<Diagnostic>) {
    let mut bounds: Vec<(Bound, Said)> = Vec::new();
    let mut kept = Vec::new();
    for mut said in said.drain(..) {
        match said.say.clone() {
            Say::Bound(bound) => {
                bounds.push((bound, said));
                continue;
            }
            Say::Enum(values) => match &*ty {
                DataType::String | DataType::Enum(_) if !values.is_empty() => {
                    *ty = DataType::Enum(values);
                    continue;
                }
                other if (other.is_numeric() || *other == DataType::Boolean) && values.iter().all(|value| fits(other, value)) => {
                    let list = values.join(", ");
                    said.say = rule(&format!("{name} is one of {list}"), &format!("{} in ({list})", column(name)));
                }
                other => {
                    let why = format!("the field is `{other}`");
                    problems.push(foreign_value(Place::range(path, said.range), "list of its values", &values.join(", "), &why, &[]));
                    continue;
                }
            },
            Say::Not(value) => {
                let text = literal(ty, &value);
                said.say = rule(&format!("{name} is not {value}"), &format!("{} <> {text}", column(name)));
            }
            _ => {}
        }
        kept.push(said);
    }
    *said = kept;
    sides(path, name, ty, bounds, said, problems);
}

fn rule(title: &str, sql: &str) -> Say {
    // A value with a line end has no place in a contract.
    match write::text(&write::words(title)) {
        Some(title) if !sql.contains(['\n', '\r', '\0', '#']) => Say::Contract(format!("@rule {title}: {sql}")),
        _ => Say::Lost(format!("`{sql}` cannot be written as a rule")),
    }
}

/// Whether a text is a value of a type, as far as bounds and lists go.
fn fits(ty: &DataType, value: &str) -> bool {
    match ty {
        ty if ty.is_integer() => value.parse::<i128>().is_ok(),
        DataType::Boolean => matches!(value, "true" | "false"),
        ty if ty.is_numeric() => {
            let digits = value.strip_prefix('-').unwrap_or(value);
            !digits.is_empty() && value.parse::<f64>().is_ok_and(f64::is_finite) && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        }
        _ => true,
    }
}

/// A bound: its value, whether it is outside, and who said it.
type Side = (String, bool, Said);

/// What the bounds of one field come to.
fn sides(path: &str, name: &str, ty: &DataType, bounds: Vec<(Bound, Said)>, said: &mut Vec<Said>, problems: &mut Vec<Diagnostic>) {
    let lengths = ty.is_textual();
    let counted = DataType::UInt64;
    let of = if lengths { &counted } else { ty };
    let (mut min, mut max): (Option<Side>, Option<Side>) = (None, None);
    for (Bound { lower, mut exclusive, mut value, word }, origin) in bounds {
        if matches!(ty, DataType::List(_) | DataType::Map(..) | DataType::Binary | DataType::Struct(_)) {
            said.push(Said { say: Say::Lost(format!("`{word}={value}`: a contract does not count items")), ..origin });
            continue;
        }
        if !fits(of, &value) || (lengths && value.starts_with('-')) {
            problems.push(foreign_value(
                Place::range(path, origin.range),
                &format!("bound of `{ty}`"),
                &value,
                &format!("of `{word}`"),
                &[],
            ));
            continue;
        }
        if exclusive
            && of.is_integer()
            && let Ok(number) = value.parse::<i128>()
        {
            exclusive = false;
            // `length > -1` and `length < 0` cannot be: the latter is refused as an empty range.
            value = number.saturating_add(if lower { 1 } else { -1 }).to_string();
        }
        let side = if lower { &mut min } else { &mut max };
        match side {
            None => *side = Some((value, exclusive, origin)),
            Some((first, ..)) if *first == value => {}
            Some((first, ..)) => {
                let lost = format!("`{word}={value}`: there is a bound already, `{first}`");
                said.push(Said { say: Say::Lost(lost), ..origin });
            }
        }
    }
    let Some(origin) = min.as_ref().or(max.as_ref()).map(|(.., origin)| origin.clone()) else { return };
    // `exclusive` speaks of both bounds: of two different ones, the exclusive one becomes a rule.
    if let (Some((_, low, _)), Some((_, high, _))) = (&min, &max)
        && low != high
    {
        let (side, sign) = if *low { (min.take(), ">") } else { (max.take(), "<") };
        if let Some((value, _, origin)) = side {
            let sql = format!("{} {sign} {}", column(name), literal(ty, &value));
            said.push(Said { say: rule(&format!("{name} {sign} {value}"), &sql), ..origin });
        }
    }
    let mut args = Vec::new();
    args.extend(min.as_ref().and_then(|(value, ..)| Some(format!("min={}", write::argument(value)?))));
    args.extend(max.as_ref().and_then(|(value, ..)| Some(format!("max={}", write::argument(value)?))));
    if min.iter().chain(&max).any(|(_, exclusive, _)| *exclusive) {
        args.push("exclusive=true".to_owned());
    }
    if !args.is_empty() {
        let tag = if lengths { "length" } else { "range" };
        said.push(Said { say: Say::Implied(format!("@{tag}({})", args.join(", "))), ..origin });
    }
}
