//! A property of ODCS as a field.

use super::document::Shared;
use super::{PREFIX, check, own_parts, physical, unique};
use crate::document::{Kind, Node, Object, Reader};
use crate::{parts, pattern, text};
use runi_lang::check::FORMATS;
use runi_lang::model::{Contract, Field, Key, Range, Rule};
use runi_lang::types::DataType;

/// The levels of classification that a contract knows.
const LEVELS: [&str; 4] = ["public", "internal", "confidential", "restricted"];

/// The columns of the primary key, with the positions that they claim.
#[derive(Default)]
pub(super) struct Columns(Vec<(i64, String)>);

impl Columns {
    /// The key, if there is one.
    pub(super) fn key(mut self) -> Option<Key> {
        self.0.sort_by_key(|(position, _)| *position);
        let columns: Vec<String> = self.0.into_iter().map(|(_, column)| column).collect();
        (!columns.is_empty()).then(|| unique(columns, true))
    }
}

/// Reads a property into the contract: a field, and what it adds to keys, rules and references.
pub(super) fn property(reader: &mut Reader, mut property: Object<'_>, contract: &mut Contract, columns: &mut Columns, shared: &Shared) {
    let Some(written) = property.text(reader, "name") else {
        reader.refuse(&property.at, property.node, "a property has a `name`");
        return;
    };
    let name = text::field_name(&written);
    if name.is_empty() || contract.field(&name).is_some() {
        let why = if name.is_empty() { "its name is empty".to_owned() } else { format!("there are two properties named `{name}`") };
        reader.refuse(&property.at, property.node, &why);
        return;
    }
    let ty = physical::data_type(reader, &mut property);
    let mut field = Field::new(&name, ty);
    let business = property.text(reader, "businessName").filter(|business| *business != written);
    let description = property.text(reader, "description");
    field.description = text::one_line(&business.into_iter().chain(description).collect::<Vec<_>>().join(": "));
    if property.flag(reader, "required") == Some(true) {
        field.rules.required = Some(None);
    }
    if property.flag(reader, "unique") == Some(true) {
        field.rules.unique = Some(unique(vec![name.clone()], false));
    }
    if property.flag(reader, "deprecated") == Some(true) {
        field.deprecated = Some(None);
    }
    key(reader, &mut property, &name, columns);
    classification(reader, &mut property, &mut field);
    let mut rules = Vec::new();
    options(reader, &mut property, &mut field, &mut rules);
    values(reader, &mut property, &mut field, &mut rules);
    for mut quality in property.objects(reader, "quality") {
        check::of_field(reader, &mut quality, &mut field);
    }
    let own = own_parts(reader, &mut property);
    if let Err((part, why)) = parts::set_field(&mut field, &own) {
        reader.refuse(&property.path(&format!("{PREFIX}{part}")), property.node, &why);
    }
    contract.fields.push(field);
    contract.rules.extend(rules);
    for mut relationship in property.objects(reader, "relationships") {
        check::relationship(reader, &mut relationship, Some(name.clone()), contract, shared);
    }
    if let Some(node) = property.node("physicalName").filter(|node| node.text() != Some(&written)) {
        reader.lose(&property.path("physicalName"), node, "the physical name is not kept: a field is known by one name");
    }
    property.finish(reader);
}

fn key(reader: &mut Reader, property: &mut Object<'_>, name: &str, columns: &mut Columns) {
    let primary = property.flag(reader, "primaryKey") == Some(true);
    // A position of -1 is ODCS's way to say that there is none.
    let position = property.node("primaryKeyPosition").and_then(Node::scalar).and_then(|text| text.parse().ok()).filter(|n: &i64| *n >= 0);
    if primary {
        columns.0.push((position.unwrap_or(i64::MAX), name.to_owned()));
    }
}

fn classification(reader: &mut Reader, property: &mut Object<'_>, field: &mut Field) {
    let Some(node) = property.node("classification") else { return };
    let Some(written) = property.text(reader, "classification") else { return };
    let lower = written.to_ascii_lowercase();
    if LEVELS.contains(&lower.as_str()) {
        field.sensitivity.classification = Some(lower);
    } else {
        let message = format!("`{written}` is none of the levels {}; the field has none", LEVELS.join(", "));
        reader.lose(&property.path("classification"), node, message);
    }
}

/// `logicalTypeOptions`: bounds, lengths, patterns, formats.
fn options(reader: &mut Reader, property: &mut Object<'_>, field: &mut Field, rules: &mut Vec<Rule>) {
    let physical = property.node("physicalType").and_then(Node::scalar).unwrap_or_default();
    let implied = physical::length(&physical).filter(|_| field.ty == DataType::String);
    let node = property.node("logicalTypeOptions");
    let Some(mut options) = node.and_then(|node| reader.object(&property.path("logicalTypeOptions"), node)) else {
        field.rules.length = implied.map(|max| Range { max: Some(max.to_string()), ..Range::default() });
        return;
    };
    if field.ty.is_textual() {
        let min = options.count(reader, "minLength").map(|n| n.to_string());
        let max = options.count(reader, "maxLength").or(implied).map(|n| n.to_string());
        if min.is_some() || max.is_some() {
            field.rules.length = Some(Range { min, max, ..Range::default() });
        }
        if let Some(written) = options.text(reader, "pattern") {
            match pattern::from_ecma(&written) {
                Some(ours) => field.rules.matches = Some((ours, None)),
                None => {
                    let message = format!("the pattern `{written}` uses what our regular expressions lack, and is not checked");
                    reader.lose(&options.path("pattern"), options.node, message);
                }
            }
        }
    }
    if field.ty.is_ordered() {
        bounds(reader, &mut options, field, rules);
    }
    if let Some(format) = options.text(reader, "format") {
        self::format(reader, &options, &format, field);
    }
    if matches!(field.ty, DataType::Timestamp { .. } | DataType::Time) {
        options.node("timezone");
        options.node("defaultTimezone");
    }
    if matches!(field.ty, DataType::List(_)) {
        for (key, sign) in [("minItems", ">="), ("maxItems", "<=")] {
            if let Some(count) = options.count(reader, key).filter(|count| *count > 0 || key == "maxItems") {
                rules.push(rule(&format!("cardinality({}) {sign} {count}", column(&field.name))));
            }
        }
    }
    for (key, node) in options.rest() {
        reader.lose(&options.path(key), node, format!("`{key}` has no place in a contract"));
    }
}

fn format(reader: &mut Reader, options: &Object<'_>, format: &str, field: &mut Field) {
    const ISO: [&str; 6] =
        ["yyyy-MM-dd", "HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ssXXX", "ISO8601"];
    if field.ty.is_textual() && FORMATS.contains(&format) {
        field.rules.format = Some((format.to_owned(), None));
        return;
    }
    let said_by_type = field.ty.is_numeric() || field.ty == DataType::Binary || !field.ty.is_textual() && ISO.contains(&format);
    if !said_by_type {
        reader.lose(&options.path("format"), options.node, format!("the format `{format}` is not checked by a contract"));
    }
}

/// Bounds that are all closed or all open are a range; a bound of the other kind is a rule.
fn bounds(reader: &mut Reader, options: &mut Object<'_>, field: &mut Field, rules: &mut Vec<Rule>) {
    let dates = !field.ty.is_numeric();
    let (min, max) = (options.bound(reader, "minimum", dates), options.bound(reader, "maximum", dates));
    // In 3.0 the exclusive bounds were flags of the others.
    let flag = |options: &mut Object<'_>, key| options.node(key).is_some_and(|node| node.kind == Kind::Bool(true));
    let bound = |reader: &mut Reader, options: &mut Object<'_>, key| match options.node(key) {
        Some(Node { kind: Kind::Bool(_), .. }) => None,
        _ => options.bound(reader, key, dates),
    };
    let (above, below) = (bound(reader, options, "exclusiveMinimum"), bound(reader, options, "exclusiveMaximum"));
    let (min, above) = if flag(options, "exclusiveMinimum") { (None, min) } else { (min, above) };
    let (max, below) = if flag(options, "exclusiveMaximum") { (None, max) } else { (max, below) };
    let closed = min.is_some() || max.is_some();
    if closed {
        field.rules.range = Some(Range { min, max, ..Range::default() });
        for (sign, bound) in [(">", above), ("<", below)] {
            if let Some(bound) = bound {
                rules.push(rule(&format!("{} {sign} {}", column(&field.name), literal(&bound, &field.ty))));
            }
        }
    } else if above.is_some() || below.is_some() {
        field.rules.range = Some(Range { min: above, max: below, exclusive: true, on_fail: None });
    }
    if let Some(step) = options.bound(reader, "multipleOf", false) {
        rules.push(rule(&format!("{} % {step} = 0", column(&field.name))));
    }
}

/// `enum` of 3.2: of texts a type, of anything else a rule.
fn values(reader: &mut Reader, property: &mut Object<'_>, field: &mut Field, rules: &mut Vec<Rule>) {
    let mut values: Vec<String> = Vec::new();
    for mut entry in property.objects(reader, "enum") {
        match entry.node("value").and_then(Node::scalar) {
            Some(value) if !value.contains(['\n', '\r']) => {
                if !values.contains(&value) {
                    values.push(value);
                }
            }
            _ => reader.lose(&entry.at, entry.node, "a value of an enumeration is one line of text or a number"),
        }
        entry.finish(reader);
    }
    if values.is_empty() || matches!(field.ty, DataType::Enum(_)) {
        return;
    }
    if field.ty == DataType::String {
        field.ty = DataType::Enum(values);
    } else {
        let list = values.iter().map(|value| literal(value, &field.ty)).collect::<Vec<_>>().join(", ");
        rules.push(rule(&format!("{} in ({list})", column(&field.name))));
    }
}

fn rule(sql: &str) -> Rule {
    Rule { title: sql.to_owned(), sql: sql.to_owned(), on_fail: None }
}

/// A column in SQL; quoted where the word could be something else.
pub(crate) fn column(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A value in SQL.
pub(crate) fn literal(value: &str, ty: &DataType) -> String {
    let quoted = format!("'{}'", value.replace('\'', "''"));
    match ty {
        ty if ty.is_numeric() || *ty == DataType::Boolean => value.to_owned(),
        DataType::Date => format!("cast({quoted} as date)"),
        DataType::Time => format!("cast({quoted} as time)"),
        DataType::Timestamp { .. } => format!("cast({quoted} as timestamp)"),
        _ => quoted,
    }
}
