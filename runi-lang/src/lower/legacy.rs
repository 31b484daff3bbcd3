//! Spellings of earlier versions: understood, reported, rewritten by `runi fix`.

use super::args::TagNode;
use super::context::{Context, child, tokens};
use super::sql::inside;
use crate::diagnostics::syntax as codes;
use crate::model::{Arg, ArgValue, Args, Spanned, Sql};
use crate::syntax::text::{quote, unquote};
use crate::syntax::{SyntaxKind, SyntaxNode, SyntaxToken};
use rowan::TextRange;

impl Context<'_> {
    fn legacy(&mut self, what: &str, range: TextRange, new: &str) {
        let diagnostic = codes::legacy_spelling(self.place(range), what, range, new);
        self.report(diagnostic);
    }
}

/// `@step("Name")`: the name.
pub(super) fn step_name(cx: &mut Context<'_>, tag: &TagNode) -> Option<Spanned<String>> {
    let first = tag.args.items.first().filter(|arg| arg.name.is_none() && tag.args.named("name").is_none())?;
    let name = first.value.value.as_str();
    cx.legacy("a step's name without `name=`", first.value.range, &format!("name={}", bare(name)));
    Some(Spanned::new(name.to_owned(), first.value.range))
}

/// `@source("kafka://topic", …)`: the arguments that it means.
pub(super) fn connector(cx: &mut Context<'_>, tag: &TagNode) -> Option<Args> {
    let (index, address) = address(&tag.args)?;
    let (args, text) = split_address(&address)?;
    cx.legacy("an address in place of `type=`", address.range, &text);
    Some(replaced(&tag.args, index, args))
}

/// `@sink("json://x" when "a == b")`: the arguments that it means, and the condition.
pub(super) fn sink(cx: &mut Context<'_>, tag: &TagNode) -> Option<(Args, Option<Sql>)> {
    let list = child(&tag.node, SyntaxKind::ArgList)?;
    let nodes: Vec<SyntaxNode> = list.children().filter(|child| child.kind() == SyntaxKind::Arg).collect();
    let Some((arg, value, condition)) = nodes.iter().find_map(|arg| conditional(arg)) else {
        return connector(cx, tag).map(|args| (args, None));
    };
    let address = Spanned::new(unquote(value.text()), value.text_range());
    let (args, mut text) = split_address(&address)?;
    let others: Vec<String> = nodes.iter().filter(|node| *node != arg).map(|node| node.text().to_string()).collect();
    for other in others {
        text.push_str(", ");
        text.push_str(other.trim());
    }
    let sql = inside(&condition);
    let new = format!("({text}) when {}", sql.text.replace("==", "="));
    cx.legacy("a condition inside the brackets of a sink", list.text_range(), &new);
    let index = tag.args.items.iter().position(|item| item.value.range.contains_range(value.text_range()))?;
    Some((replaced(&tag.args, index, args), Some(sql)))
}

/// `"address" when "condition"` as one argument.
fn conditional(arg: &SyntaxNode) -> Option<(&SyntaxNode, SyntaxToken, SyntaxToken)> {
    let value = child(arg, SyntaxKind::Value)?;
    let parts: Vec<SyntaxToken> = tokens(&value).collect();
    match parts.as_slice() {
        [address, when, condition]
            if address.kind() == SyntaxKind::DoubleQuoted && when.text() == "when" && condition.kind() == SyntaxKind::DoubleQuoted =>
        {
            Some((arg, address.clone(), condition.clone()))
        }
        _ => None,
    }
}

/// `sliding:10m` as `sliding=10m`.
pub(super) fn window(cx: &mut Context<'_>, tag: &TagNode) -> Args {
    let mut args = tag.args.clone();
    for arg in args.items.iter_mut().filter(|arg| arg.name.is_none()) {
        let Some((name, value)) = arg.value.value.as_str().split_once(':') else { continue };
        let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
        let range = arg.value.range;
        cx.legacy("a colon in place of `=`", range, &format!("{name}={value}"));
        // `tumbling:5m` is a window of a plain length.
        arg.name = (name != "tumbling").then(|| Spanned::new(name, range));
        arg.value = Spanned::new(ArgValue::Word(value), range);
    }
    args
}

/// `herd=` inside `@module`: the herd. A step has none; there it only goes away.
pub(super) fn herd_of_module(cx: &mut Context<'_>, tag: &TagNode, scenario: bool) -> Option<Spanned<String>> {
    let herd = tag.args.named("herd").map(super::args::word)?;
    let list = child(&tag.node, SyntaxKind::ArgList)?;
    let others: Vec<String> = list
        .children()
        .filter(|arg| arg.kind() == SyntaxKind::Arg && super::context::name(arg).is_none_or(|name| name.value != "herd"))
        .map(|arg| arg.text().to_string().trim().to_owned())
        .collect();
    let mut new = if others.is_empty() { String::new() } else { format!("@module({})", others.join(", ")) };
    if scenario {
        let separator = if new.is_empty() { "" } else { "\n" };
        new = format!("{new}{separator}@herd({})", bare(&herd.value));
    }
    cx.legacy("`herd=` inside `@module`", tag.name_range.cover(list.text_range()), &new);
    Some(herd)
}

/// The first argument without a name that is an address.
fn address(args: &Args) -> Option<(usize, Spanned<String>)> {
    let (index, arg) = args.items.iter().enumerate().find(|(_, arg)| arg.name.is_none())?;
    let text = arg.value.value.as_str();
    text.contains("://").then(|| (index, Spanned::new(text.to_owned(), arg.value.range)))
}

/// `kafka://topic` as `type=kafka, topic="topic"`.
fn split_address(address: &Spanned<String>) -> Option<(Vec<Arg>, String)> {
    let (scheme, rest) = address.value.split_once("://")?;
    let key = match scheme {
        "kafka" => "topic",
        "delta" | "iceberg" | "postgres" | "postgresql" | "mysql" | "snowflake" | "bigquery" => "table",
        "http" | "https" => "url",
        _ => "path",
    };
    let value = if key == "url" { address.value.as_str() } else { rest };
    let named = |name: &str, value: ArgValue| Arg {
        name: Some(Spanned::new(name.to_owned(), address.range)),
        value: Spanned::new(value, address.range),
    };
    let args = vec![named("type", ArgValue::Word(scheme.to_owned())), named(key, ArgValue::Text(value.to_owned()))];
    Some((args, format!("type={scheme}, {key}={}", quote(value))))
}

fn replaced(args: &Args, index: usize, new: Vec<Arg>) -> Args {
    let mut args = args.clone();
    args.items.splice(index..=index, new);
    args
}

/// A word as it is; anything else in quotes.
fn bare(text: &str) -> String {
    let plain = !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '@' | '.'));
    if plain { text.to_owned() } else { quote(text) }
}
