//! Tags and their arguments: read, checked for names, turned into values.

use super::context::{Context, Seen, child, near, tokens};
use crate::diagnostics::syntax as codes;
use crate::model::{Arg, ArgValue, Args, OnFail, Spanned};
use crate::syntax::text::unquote;
use crate::syntax::{SyntaxKind, SyntaxNode};
use rowan::TextRange;
use std::str::FromStr;

/// A tag of the tree.
pub(super) struct TagNode {
    pub(super) node: SyntaxNode,
    /// Without `@`.
    pub(super) name: String,
    pub(super) name_range: TextRange,
    pub(super) args: Args,
}

impl TagNode {
    /// The same tag, read as one of another name.
    pub(super) fn renamed(&self, name: &str) -> Self {
        Self { node: self.node.clone(), name: name.to_owned(), name_range: self.name_range, args: self.args.clone() }
    }

    /// From the tag's `@` to the end of its arguments and suffixes.
    pub(super) fn range(&self) -> TextRange {
        self.node.text_range()
    }

    pub(super) fn body(&self) -> Option<SyntaxNode> {
        child(&self.node, SyntaxKind::Body)
    }

    /// Whether a tag's name stands in its body, which the parser reported.
    pub(super) fn body_is_broken(&self) -> bool {
        self.body().is_some_and(|body| tokens(&body).any(|token| token.kind() == SyntaxKind::TagName))
    }

    /// The quoted title, if there is one.
    pub(super) fn title(&self) -> Option<Spanned<String>> {
        let token = child(&self.node, SyntaxKind::TagTitle)?.first_token()?;
        Some(Spanned::new(unquote(token.text()), token.text_range()))
    }
}

/// Reads a tag; `None` when it has no name.
pub(super) fn tag(node: &SyntaxNode) -> Option<TagNode> {
    let token = tokens(node).find(|token| token.kind() == SyntaxKind::TagName)?;
    let name = token.text().strip_prefix('@')?.to_owned();
    let args = child(node, SyntaxKind::ArgList).map_or_else(Args::default, |list| arguments(&list));
    Some(TagNode { node: node.clone(), name, name_range: token.text_range(), args })
}

/// Reads a list of arguments. One whose value is missing was reported by the parser and is left out.
pub(super) fn arguments(list: &SyntaxNode) -> Args {
    let items = list.children().filter(|child| child.kind() == SyntaxKind::Arg).filter_map(|arg| {
        let value = value(&child(&arg, SyntaxKind::Value)?)?;
        Some(Arg { name: super::context::name(&arg), value })
    });
    Args { items: items.collect() }
}

fn value(node: &SyntaxNode) -> Option<Spanned<ArgValue>> {
    let parts: Vec<_> = node.children_with_tokens().filter_map(rowan::NodeOrToken::into_token).collect();
    let range = node.text_range();
    let quoted = |kind| parts.iter().all(|token| token.kind() == kind);
    let raw: String = parts.iter().filter(|token| token.kind() != SyntaxKind::Comment).map(|token| token.text()).collect();
    let value = if quoted(SyntaxKind::DoubleQuoted) || quoted(SyntaxKind::SingleQuoted) {
        ArgValue::Text(unquote(&raw))
    } else {
        ArgValue::Word(raw.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    Some(Spanned::new(value, range))
}

/// The characters of a value, quoted or not.
pub(super) fn word(value: &Spanned<ArgValue>) -> Spanned<String> {
    Spanned::new(value.value.as_str().to_owned(), value.range)
}

impl Context<'_> {
    /// Reports arguments that a tag does not have: named ones outside `known`, more than `positional` others, repeats.
    pub(super) fn check_args(&mut self, tag: &TagNode, positional: usize, known: &[&str]) {
        self.repeated_args(&tag.args);
        if self.damaged(tag.range()) {
            return;
        }
        let mut unnamed = 0;
        for arg in &tag.args.items {
            let (name, range) = match &arg.name {
                Some(name) if known.contains(&name.value.as_str()) => continue,
                Some(name) => (name.value.as_str(), name.range),
                None => {
                    unnamed += 1;
                    if unnamed <= positional {
                        continue;
                    }
                    (arg.value.value.as_str(), arg.value.range)
                }
            };
            let candidate = if arg.name.is_some() { near(name, known.iter().copied()) } else { None };
            let diagnostic = codes::unknown_argument(self.place(range), &tag.name, name, candidate, known);
            self.report(diagnostic);
            self.misnamed = Some(tag.name_range);
        }
    }

    /// Reports arguments that are named twice.
    pub(super) fn repeated_args(&mut self, args: &Args) {
        let mut seen = Seen::default();
        for name in args.items.iter().filter_map(|arg| arg.name.as_ref()) {
            if let Some(first) = seen.again(&name.value, name.range) {
                self.duplicate(name.range, &format!("the argument `{}`", name.value), first);
            }
        }
    }

    /// Reports what a tag lacks, unless it was given under a wrong name.
    pub(super) fn missing_argument(&mut self, tag: &TagNode, what: &str, example: &str) {
        if self.misnamed == Some(tag.name_range) || self.damaged(tag.range()) {
            return;
        }
        let diagnostic = codes::missing_argument(self.place(tag.name_range), &tag.name, what, example);
        self.report(diagnostic);
    }

    /// The value of `name=`, as text.
    pub(super) fn text_arg(&self, tag: &TagNode, name: &str) -> Option<Spanned<String>> {
        tag.args.named(name).map(word)
    }

    /// One of some words.
    pub(super) fn choice(&mut self, value: &Spanned<ArgValue>, what: &str, known: &[&str]) -> Option<Spanned<String>> {
        let word = word(value);
        if known.contains(&word.value.as_str()) {
            return Some(word);
        }
        let candidate = near(&word.value, known.iter().copied());
        let diagnostic = codes::unknown_value(self.place(word.range), what, &word.value, candidate, known);
        self.report(diagnostic);
        None
    }

    /// A value with a form: a date, a version, a duration, a share.
    pub(super) fn parsed<T: FromStr<Err = &'static str>>(&mut self, value: &Spanned<ArgValue>, what: &str) -> Option<Spanned<T>> {
        match value.value.as_str().parse() {
            Ok(parsed) => Some(Spanned::new(parsed, value.range)),
            Err(wanted) => {
                self.invalid(&word(value), what, wanted);
                None
            }
        }
    }

    /// A whole number that is not negative.
    pub(super) fn number<T: FromStr>(&mut self, value: &Spanned<ArgValue>, what: &str) -> Option<Spanned<T>> {
        match value.value.as_str().parse() {
            Ok(parsed) => Some(Spanned::new(parsed, value.range)),
            Err(_) => {
                self.invalid(&word(value), what, "write a whole number that is not negative");
                None
            }
        }
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, value: &Spanned<ArgValue>) -> Option<bool> {
        self.choice(value, "truth value", &["true", "false"]).map(|word| word.value == "true")
    }

    /// `warn`, `quarantine` or `fail`.
    pub(super) fn policy(&mut self, value: &Spanned<ArgValue>) -> Option<OnFail> {
        let word = self.choice(value, "policy", &["warn", "quarantine", "fail"])?;
        Some(match word.value.as_str() {
            "warn" => OnFail::Warn,
            "fail" => OnFail::Fail,
            _ => OnFail::Quarantine,
        })
    }

    /// The `on_fail=` of a tag.
    pub(super) fn on_fail(&mut self, tag: &TagNode) -> Option<OnFail> {
        let value = tag.args.named("on_fail")?;
        self.policy(value)
    }

    /// Reports a tag that is unknown where it stands. `known` are the tags that could; the one that was probably meant
    /// is given back.
    pub(super) fn unknown_tag<'k>(&mut self, tag: &TagNode, known: &[&'k str]) -> Option<&'k str> {
        let candidate = near(&tag.name, known.iter().copied());
        let diagnostic = codes::unknown_tag(self.place(tag.name_range), &tag.name, candidate, known);
        self.report(diagnostic);
        candidate
    }
}
