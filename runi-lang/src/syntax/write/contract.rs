//! One contract, tag by tag. Every part of the model is named here, so that a new one cannot be forgotten.

use super::Unwritable;
use super::text::{data_type, docstring, is_ident, name, quoted, value, value_with};
use crate::model::{
    Accept, Compatibility, Contract, DriftPolicy, Duplicates, Field, FieldRules, Freshness, History, Key, Mask, OnFail, Owner, Range,
    Reference, Renamed, Rule, Sensitivity,
};
use std::fmt::Write as _;

type Written = Result<String, Unwritable>;

/// Appends a contract. Its layout is the formatter's to make.
pub(super) fn write(out: &mut String, contract: &Contract) -> Result<(), Unwritable> {
    let Contract {
        name,
        doc,
        version,
        owner,
        classification,
        compliance,
        compatibility,
        fields,
        keys,
        rules,
        references,
        freshness,
        retention,
        deprecated,
        on_fail,
        drift,
        renamed,
        reserved,
        accepted,
    } = contract;
    let at = name.as_str();
    if !is_ident(at) {
        return Err(Unwritable::new(at, "a contract's name is one word of letters, digits and `_`"));
    }
    let mut head: Vec<String> = Vec::new();
    if !doc.is_empty() {
        head.push(docstring(at, doc)?);
    }
    head.extend(version.map(|version| format!("@version({version})")));
    if let Some(Owner { name, contact }) = owner {
        let at = format!("{at} @owner");
        let contact = contact.as_ref().map(|contact| Ok(format!("contact={}", quoted(&at, contact)?))).transpose()?;
        head.push(tag("owner", [Some(value(&at, name)?), contact]));
    }
    if let Some(level) = classification {
        head.push(tag("classification", [Some(value(at, level)?)]));
    }
    if !compliance.is_empty() {
        head.push(tag("compliance", list(at, compliance)?));
    }
    head.extend(compatible(at, compatibility)?);
    head.extend(retention.map(|retention| tag("retention", [Some(retention.to_string())])));
    head.extend(deprecated.map(|until| tag("deprecated", [until.map(|until| format!("until={until}"))])));
    if *on_fail != OnFail::default() {
        head.push(format!("@on_fail({})", policy(*on_fail)));
    }
    head.extend(drifting(drift));

    let mut tail: Vec<String> = Vec::new();
    for key in keys {
        let Key { columns, primary, duplicates, on_fail } = key;
        let mut args = list(at, columns)?;
        args.push(keeping(*duplicates));
        args.push(own_policy(*on_fail));
        tail.push(tag(if *primary { "key" } else { "unique" }, args));
    }
    for rule in rules {
        tail.push(rule_line(at, rule)?);
    }
    for Reference { column, contract, target, on_fail } in references {
        let there = value(at, &format!("{contract}.{target}"))?;
        tail.push(tag("references", [Some(value(at, column)?), Some(there), own_policy(*on_fail)]));
    }
    if let Some(Freshness { within, column }) = freshness {
        tail.push(tag("freshness", [Some(within.to_string()), Some(format!("on={}", value(at, column)?))]));
    }
    for Renamed { from, to, until } in renamed {
        let to = format!("to={}", value(at, to)?);
        tail.push(tag("renamed_from", [Some(value(at, from)?), Some(to), until.map(|until| format!("until={until}"))]));
    }
    if !reserved.is_empty() {
        tail.push(tag("reserved", list(at, reserved)?));
    }
    for Accept { rule, on, until, because, by } in accepted {
        let on = on.as_ref().map(|on| Ok(format!("on={}", value(at, on)?))).transpose()?;
        let (because, by) = (format!("because={}", quoted(at, because)?), format!("by={}", quoted(at, by)?));
        tail.push(tag("accept", [Some(value(at, rule)?), on, Some(format!("until={until}")), Some(because), Some(by)]));
    }

    // Writing into a string cannot fail.
    let _ = writeln!(out, "Contract: {name}");
    for line in &head {
        let _ = writeln!(out, "  {line}");
    }
    if !fields.is_empty() {
        out.push('\n');
    }
    for field in fields {
        let _ = writeln!(out, "  {}", line(at, field)?);
    }
    if !tail.is_empty() {
        out.push('\n');
    }
    for line in &tail {
        let _ = writeln!(out, "  {line}");
    }
    out.push('\n');
    Ok(())
}

/// `@name`, or `@name(a, b)`.
fn tag(name: &str, args: impl IntoIterator<Item = Option<String>>) -> String {
    let args: Vec<String> = args.into_iter().flatten().collect();
    if args.is_empty() { format!("@{name}") } else { format!("@{name}({})", args.join(", ")) }
}

fn list(at: &str, words: &[String]) -> Result<Vec<Option<String>>, Unwritable> {
    words.iter().map(|word| value(at, word).map(Some)).collect()
}

fn policy(on_fail: OnFail) -> &'static str {
    match on_fail {
        OnFail::Warn => "warn",
        OnFail::Quarantine => "quarantine",
        OnFail::Fail => "fail",
    }
}

fn own_policy(on_fail: Option<OnFail>) -> Option<String> {
    on_fail.map(|on_fail| format!("on_fail={}", policy(on_fail)))
}

fn keeping(duplicates: Duplicates) -> Option<String> {
    match duplicates {
        Duplicates::RejectAll => None,
        Duplicates::KeepFirst => Some("duplicates=keep_first".to_owned()),
    }
}

fn compatible(at: &str, compatibility: &Compatibility) -> Result<Option<String>, Unwritable> {
    if *compatibility == Compatibility::default() {
        return Ok(None);
    }
    let Compatibility { mode, history } = compatibility;
    let history = match history {
        History::Last => None,
        History::Transitive => Some("history=transitive".to_owned()),
        History::Since(since) => Some(format!("history={}", value_with(at, &format!("since:{since}"), &[':', '/'])?)),
    };
    Ok(Some(tag("compatibility", [Some(value(at, mode)?), history])))
}

fn drifting(drift: &DriftPolicy) -> Option<String> {
    let usual = DriftPolicy::default();
    let DriftPolicy { missing, extra, retyped, reordered } = *drift;
    let kinds = [
        ("missing", missing, usual.missing),
        ("extra", extra, usual.extra),
        ("retyped", retyped, usual.retyped),
        ("reordered", reordered, usual.reordered),
    ];
    let said: Vec<_> =
        kinds.into_iter().filter(|(_, now, usual)| now != usual).map(|(kind, now, _)| Some(format!("{kind}={}", policy(now)))).collect();
    (!said.is_empty()).then(|| tag("drift", said))
}

fn rule_line(at: &str, rule: &Rule) -> Written {
    let Rule { title, sql, on_fail } = rule;
    if sql.contains(['\n', '\r', '\0']) {
        return Err(Unwritable::new(format!("{at} @rule"), "its expression has a line end or a zero byte"));
    }
    let head = tag("rule", [own_policy(*on_fail)]);
    // A rule without a title has its expression for one.
    if title == sql { Ok(format!("{head} {sql}")) } else { Ok(format!("{head} {}: {sql}", quoted(at, title)?)) }
}

/// A field's line.
fn line(contract: &str, field: &Field) -> Written {
    let Field { name: column, ty, rules, sensitivity, unit, default, deprecated, description } = field;
    let at = format!("{contract}.{column}");
    let mut parts = vec![name(&at, column)?, data_type(&at, ty)?];
    let FieldRules { required, unique, range, length, matches, format, enumeration, conversion } = rules;
    parts.extend(required.map(|on_fail| tag("required", [own_policy(on_fail)])));
    if let Some(Key { columns: _, primary: _, duplicates, on_fail }) = unique {
        parts.push(tag("unique", [keeping(*duplicates), own_policy(*on_fail)]));
    }
    for (word, bounds) in [("range", range), ("length", length)] {
        if let Some(Range { min, max, exclusive, on_fail }) = bounds {
            let bound = |side: &str, text: &Option<String>| -> Result<Option<String>, Unwritable> {
                text.as_ref().map(|text| Ok(format!("{side}={}", value(&at, text)?))).transpose()
            };
            let exclusive = exclusive.then(|| "exclusive=true".to_owned());
            parts.push(tag(word, [bound("min", min)?, bound("max", max)?, exclusive, own_policy(*on_fail)]));
        }
    }
    if let Some((pattern, on_fail)) = matches {
        parts.push(tag("matches", [Some(quoted(&at, pattern)?), own_policy(*on_fail)]));
    }
    if let Some((format, on_fail)) = format {
        parts.push(tag("format", [Some(value(&at, format)?), own_policy(*on_fail)]));
    }
    parts.extend(enumeration.map(|on_fail| tag("enum_policy", [own_policy(Some(on_fail))])));
    parts.extend(conversion.map(|on_fail| tag("type", [own_policy(Some(on_fail))])));
    if let Some(unit) = unit {
        parts.push(tag("unit", [Some(value(&at, unit)?)]));
    }
    if let Some(default) = default {
        parts.push(tag("default", [Some(literal(&at, default)?)]));
    }
    parts.extend(deprecated.map(|until| tag("deprecated", [until.map(|until| format!("until={until}"))])));
    let Sensitivity { pii, access, classification, mask } = sensitivity;
    if let Some(pii) = pii {
        parts.push(tag("pii", [Some(value(&at, pii)?)]));
    }
    if !access.is_empty() {
        parts.push(tag("access", list(&at, access)?));
    }
    if let Some(level) = classification {
        parts.push(tag("classification", [Some(value(&at, level)?)]));
    }
    if let Some(mask) = mask {
        parts.push(masked(&at, mask)?);
    }
    if !description.is_empty() {
        parts.push(quoted(&at, description)?);
    }
    Ok(parts.join("  "))
}

fn masked(at: &str, mask: &Mask) -> Written {
    let detail = match mask {
        Mask::Null | Mask::Redact | Mask::Hash | Mask::Tokenise => None,
        Mask::Partial { keep } => Some(format!("keep={keep}")),
        Mask::Generalise { to } => Some(format!("to={}", value(at, to)?)),
    };
    Ok(tag("mask", [Some(mask.name().to_owned()), detail]))
}

/// A default: SQL text in single quotes is written in double ones, as people do; other SQL as it is.
fn literal(at: &str, sql: &str) -> Written {
    let inner = sql.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    if let Some(text) = inner.map(|inner| inner.replace("''", "'"))
        && format!("'{}'", text.replace('\'', "''")) == sql
    {
        return quoted(at, &text);
    }
    match sql.contains(['\n', '\r', '\0']) {
        true => Err(Unwritable::new(at, "its default has a line end or a zero byte")),
        false => Ok(sql.to_owned()),
    }
}
