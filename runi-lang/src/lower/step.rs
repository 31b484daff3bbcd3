//! Steps: their bodies, and the reusable ones.

use super::args::{TagNode, word};
use super::context::{Context, child, doc, name, tags, tokens};
use super::contract_tags::required;
use super::scenario_tags::{self, Above};
use super::types::Place;
use super::{action, examples};
use crate::model::{OnFail, Param, Spanned, StepDef, StepKind};
use crate::syntax::tags::{Home, homes, of};
use crate::syntax::text::unquote;
use crate::syntax::{SyntaxKind, SyntaxNode};
use crate::types::DataType;
use rowan::TextRange;

/// Adds `@when`, `@then`, `@do`, `@on_fail` to a body. False: it is none of them.
pub(super) fn body_tag(cx: &mut Context<'_>, tag: &TagNode, body: &mut StepKind, on_fail: &mut Option<Spanned<OnFail>>) -> bool {
    match tag.name.as_str() {
        "when" => {
            cx.check_args(tag, 0, &[]);
            body.when.extend(cx.promise(tag));
        }
        "then" => {
            cx.check_args(tag, 0, &[]);
            body.then.extend(cx.promise(tag));
        }
        "do" => {
            cx.check_args(tag, 0, &[]);
            body.actions.extend(action::block(cx, tag));
        }
        "on_fail" => {
            cx.check_args(tag, 1, &[]);
            if let Some(first) = on_fail {
                cx.duplicate(tag.name_range, "`@on_fail`", first.range);
            } else if let Some(value) = required(cx, tag, "a policy", "@on_fail(warn)") {
                *on_fail = cx.policy(&value).map(|policy| Spanned::new(policy, tag.range()));
            }
        }
        _ => return false,
    }
    true
}

/// A `Step:`; `None` when it has no name.
pub(super) fn definition(cx: &mut Context<'_>, item: &SyntaxNode) -> Option<StepDef> {
    let name = name(item)?;
    let keyword = tokens(item).find(|token| token.kind() == SyntaxKind::StepKw)?.text_range().start();
    let mut above = Above::default();
    let mut body = StepKind::default();
    let mut on_fail = None;
    for tag in tags(item) {
        if tag.name_range.start() < keyword {
            scenario_tags::above(cx, &tag, &mut above, false);
        } else if !body_tag(cx, &tag, &mut body, &mut on_fail) {
            match homes(&tag.name) {
                Some(_) => cx.misplaced(&tag, "a `Step:` has `@when`, `@then`, `@do` and `@on_fail`; this tag belongs elsewhere"),
                None => {
                    cx.unknown_tag(&tag, &of(Home::Step).collect::<Vec<_>>());
                }
            }
        }
    }
    action::check(cx, &mut body);
    Some(StepDef {
        name,
        version: version(cx, item),
        range: item.text_range(),
        doc: doc(item),
        module: above.module,
        accepted: above.accepted,
        params: params(cx, item),
        needs: columns(cx, item, SyntaxKind::Needs),
        gives: columns(cx, item, SyntaxKind::Gives),
        body,
        on_fail,
        examples: examples::of(cx, item),
    })
}

fn version(cx: &mut Context<'_>, item: &SyntaxNode) -> Option<Spanned<u32>> {
    let suffix = child(item, SyntaxKind::VersionSuffix)?;
    let number = tokens(&suffix).find(|token| token.kind() == SyntaxKind::Number)?;
    version_number(cx, number.text(), number.text_range())
}

/// The `2` of `X@2`.
pub(super) fn version_number(cx: &mut Context<'_>, text: &str, range: TextRange) -> Option<Spanned<u32>> {
    match text.parse() {
        Ok(number) => Some(Spanned::new(number, range)),
        Err(_) => {
            cx.invalid(&Spanned::new(text.to_owned(), range), "version of a step", "write a whole number, such as `X@2`");
            None
        }
    }
}

fn params(cx: &mut Context<'_>, item: &SyntaxNode) -> Vec<Param> {
    let mut params: Vec<Param> = Vec::new();
    let Some(list) = child(item, SyntaxKind::ParamList) else { return params };
    for node in list.children().filter(|child| child.kind() == SyntaxKind::ParamDecl) {
        let Some(mut name) = name(&node) else { continue };
        name.value = name.value.trim_start_matches('$').to_owned();
        if let Some(first) = params.iter().find(|param| param.name.value == name.value) {
            cx.duplicate(name.range, &format!("the parameter `{}`", name.value), first.name.range);
            continue;
        }
        let ty = cx.param_type(&node);
        let default = child(&node, SyntaxKind::Default).filter(|default| !default.text().is_empty()).map(|default| {
            let text = default.text().to_string();
            Spanned::new(unquote(text.trim()), default.text_range())
        });
        params.push(Param { name, ty, default });
    }
    params
}

fn columns(cx: &mut Context<'_>, item: &SyntaxNode, kind: SyntaxKind) -> Vec<(Spanned<String>, Spanned<DataType>)> {
    let mut columns: Vec<(Spanned<String>, Spanned<DataType>)> = Vec::new();
    for list in item.children().filter(|child| child.kind() == kind) {
        for node in list.children().filter(|child| child.kind() == SyntaxKind::ColumnDecl) {
            let Some(name) = name(&node) else { continue };
            if let Some((first, _)) = columns.iter().find(|(other, _)| other.value == name.value) {
                cx.duplicate(name.range, &format!("the column `{}`", name.value), first.range);
                continue;
            }
            let ty = cx.type_below(&node, Place::Signature);
            columns.push((name, ty));
        }
    }
    columns
}

/// The contract that a tag names.
pub(super) fn contract_of(cx: &mut Context<'_>, tag: &TagNode) -> Option<Spanned<String>> {
    cx.check_args(tag, 1, &[]);
    required(cx, tag, "a contract", "@contract(Name)").map(|value| word(&value))
}
