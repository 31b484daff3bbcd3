//! A field's line.

use super::args::{TagNode, word};
use super::context::{Context, name, tags};
use super::contract_tags::{LEVELS, deprecated, duplicates, names, required};
use super::types::Place;
use crate::model::{ArgValue, Field, Key, Mask, Range, Spanned, Spans};
use crate::syntax::tags::{Home, homes, of};
use crate::syntax::text::unquote;
use crate::syntax::{SyntaxKind, SyntaxNode};

/// Reads a field; a second one of the same name is reported and left out.
pub(super) fn field(cx: &mut Context<'_>, node: &SyntaxNode, contract: &str, spans: &mut Spans) -> Option<Field> {
    let name = name(node)?;
    let key = format!("{contract}/field/{}", name.value);
    if !cx.declare(spans, key.clone(), name.range, "the field") {
        return None;
    }
    let ty = cx.type_below(node, Place::Contract);
    spans.0.insert(format!("{key}/type"), ty.range);
    let mut descriptions = node.children().filter(|child| child.kind() == SyntaxKind::Description);
    let first = descriptions.next();
    if let (Some(first), Some(second)) = (&first, descriptions.next()) {
        cx.duplicate(second.text_range(), "the description", first.text_range());
    }
    let description = first.map_or(String::new(), |node| unquote(&node.text().to_string()));
    let mut field = Field::new(name.value, ty.value);
    field.description = description;
    let known: Vec<&str> = of(Home::Field).collect();
    for tag in tags(node) {
        if !known.contains(&tag.name.as_str()) {
            match homes(&tag.name) {
                Some(homes) if homes.contains(&Home::Contract) => {
                    cx.misplaced(&tag, "this tag is the contract's: give it a line of its own")
                }
                Some(_) => cx.misplaced(&tag, "this tag belongs in a feature file"),
                None => {
                    if let Some(meant) = cx.unknown_tag(&tag, &known) {
                        field_tag(cx, &tag.renamed(meant), &mut field);
                    }
                }
            }
            continue;
        }
        let tag_key = format!("{key}/@{}", tag.name);
        if let Some(first) = spans.get(&tag_key) {
            cx.duplicate(tag.name_range, &format!("`@{}`", tag.name), first);
            continue;
        }
        spans.0.insert(tag_key, tag.range());
        field_tag(cx, &tag, &mut field);
    }
    Some(field)
}

fn field_tag(cx: &mut Context<'_>, tag: &TagNode, field: &mut Field) {
    match tag.name.as_str() {
        "required" => {
            cx.check_args(tag, 0, &["on_fail"]);
            field.rules.required = Some(cx.on_fail(tag));
        }
        "unique" => {
            cx.check_args(tag, 0, &["duplicates", "on_fail"]);
            let (duplicates, on_fail) = (duplicates(cx, tag), cx.on_fail(tag));
            field.rules.unique = Some(Key { columns: vec![field.name.clone()], primary: false, duplicates, on_fail });
        }
        "range" => field.rules.range = bounds(cx, tag, "@range(min=0, max=100)"),
        "length" => {
            field.rules.length = bounds(cx, tag, "@length(min=1, max=20)");
            for name in ["min", "max"] {
                let Some(value) = tag.args.named(name) else { continue };
                let number: Option<Spanned<u64>> = cx.number(value, "length");
                if let (None, Some(length)) = (number, &mut field.rules.length) {
                    let bound = if name == "min" { &mut length.min } else { &mut length.max };
                    *bound = None;
                }
            }
        }
        "matches" => {
            cx.check_args(tag, 1, &["on_fail"]);
            let on_fail = cx.on_fail(tag);
            if let Some(pattern) = required(cx, tag, "a regular expression", "@matches(\"[A-Z]{3}\")") {
                field.rules.matches = Some((word(&pattern).value, on_fail));
            }
        }
        "format" => {
            cx.check_args(tag, 1, &["on_fail"]);
            let on_fail = cx.on_fail(tag);
            if let Some(format) = required(cx, tag, "a format", "@format(email)") {
                field.rules.format = Some((word(&format).value, on_fail));
            }
        }
        "enum_policy" | "type" => {
            cx.check_args(tag, 0, &["on_fail"]);
            let policy = cx.on_fail(tag);
            if tag.args.named("on_fail").is_none() {
                cx.missing_argument(tag, "`on_fail=`", &format!("@{}(on_fail=quarantine)", tag.name));
            } else if tag.name == "type" {
                field.rules.conversion = policy;
            } else {
                field.rules.enumeration = policy;
            }
        }
        "pii" => {
            cx.check_args(tag, 1, &[]);
            field.sensitivity.pii = required(cx, tag, "a category", "@pii(email)").map(|value| word(&value).value);
        }
        "access" => {
            cx.check_args(tag, usize::MAX, &[]);
            field.sensitivity.access = names(cx, tag, "a role", "@access(support)").into_iter().map(|name| name.value).collect();
        }
        "classification" => {
            cx.check_args(tag, 1, &[]);
            if let Some(value) = required(cx, tag, "a level", "@classification(internal)") {
                field.sensitivity.classification = cx.choice(&value, "classification", LEVELS).map(|level| level.value);
            }
        }
        "mask" => field.sensitivity.mask = mask(cx, tag),
        "unit" => {
            cx.check_args(tag, 1, &[]);
            field.unit = required(cx, tag, "a unit", "@unit(USD)").map(|value| word(&value).value);
        }
        "default" => {
            cx.check_args(tag, 1, &[]);
            field.default = required(cx, tag, "a value", "@default(0)").map(|value| sql_literal(&value.value));
        }
        "deprecated" => field.deprecated = Some(deprecated(cx, tag)),
        _ => {}
    }
}

/// Quoted text as an SQL string; a bare word as it is.
fn sql_literal(value: &ArgValue) -> String {
    match value {
        ArgValue::Text(text) => format!("'{}'", text.replace('\'', "''")),
        ArgValue::Word(word) => word.clone(),
    }
}

fn bounds(cx: &mut Context<'_>, tag: &TagNode, example: &str) -> Option<Range> {
    cx.check_args(tag, 0, &["min", "max", "exclusive", "on_fail"]);
    let text = |name| tag.args.named(name).map(|value| value.value.as_str().to_owned());
    let (min, max) = (text("min"), text("max"));
    if min.is_none() && max.is_none() {
        cx.missing_argument(tag, "`min=` or `max=`", example);
        return None;
    }
    let exclusive = tag.args.named("exclusive").and_then(|value| cx.boolean(value)).unwrap_or(false);
    Some(Range { min, max, exclusive, on_fail: cx.on_fail(tag) })
}

fn mask(cx: &mut Context<'_>, tag: &TagNode) -> Option<Mask> {
    let kind = required(cx, tag, "a kind of mask", "@mask(hash)")?;
    let kind = cx.choice(&kind, "kind of mask", &["null", "redact", "hash", "tokenise", "partial", "generalise"])?;
    let known: &[&str] = match kind.value.as_str() {
        "partial" => &["keep"],
        "generalise" => &["to"],
        _ => &[],
    };
    cx.check_args(tag, 1, known);
    Some(match kind.value.as_str() {
        "null" => Mask::Null,
        "redact" => Mask::Redact,
        "hash" => Mask::Hash,
        "tokenise" => Mask::Tokenise,
        "partial" => match tag.args.named("keep") {
            Some(keep) => Mask::Partial { keep: cx.number(keep, "number of characters")?.value },
            None => {
                cx.missing_argument(tag, "`keep=`, how many characters stay", "@mask(partial, keep=4)");
                return None;
            }
        },
        _ => match cx.text_arg(tag, "to") {
            Some(to) => Mask::Generalise { to: to.value },
            None => {
                cx.missing_argument(tag, "`to=`, how coarse", "@mask(generalise, to=10)");
                return None;
            }
        },
    })
}
