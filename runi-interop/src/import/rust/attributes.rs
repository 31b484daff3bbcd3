//! `///`, `#[serde(…)]` and `#[runi(…)]`.

use super::case::Case;
use super::range;
use crate::import::code::{self, Said, Say, Value};
use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use runi_lang::diagnostic::{Diagnostic, Place};
use runi_lang::diagnostics::interop::{FOREIGN_VALUE, foreign_value};
use runi_lang::syntax::write;

/// What stands above a type.
#[derive(Default)]
pub(super) struct TypeAttributes {
    pub(super) doc: String,
    pub(super) case: Option<Case>,
    /// Every field may be missing.
    pub(super) default: bool,
    pub(super) transparent: bool,
    /// Variants are written as numbers.
    pub(super) numbers: bool,
    pub(super) name: Option<String>,
    pub(super) said: Vec<Said>,
}

/// What stands above a field or a variant.
#[derive(Default)]
pub(super) struct FieldAttributes {
    pub(super) doc: String,
    pub(super) rename: Option<String>,
    pub(super) skip: bool,
    pub(super) flatten: bool,
    pub(super) optional: bool,
    pub(super) default: bool,
    pub(super) said: Vec<Said>,
}

impl TypeAttributes {
    pub(super) fn read(path: &str, attributes: &[syn::Attribute], problems: &mut Vec<Diagnostic>) -> Self {
        let mut out = Self { doc: doc(attributes), ..Self::default() };
        for word in words(path, attributes, "derive", problems) {
            out.numbers |= word.name.ends_with("_repr");
        }
        for word in words(path, attributes, "serde", problems) {
            match word.name.as_str() {
                "rename_all" => out.case = word.text().and_then(|text| case(path, &text, word.span, problems)),
                "default" => out.default = true,
                "transparent" => out.transparent = true,
                "deny_unknown_fields" => out.said.push(word.said(Say::Contract("@drift(extra=fail)".to_owned()))),
                _ => {}
            }
        }
        for word in words(path, attributes, "runi", problems) {
            match (word.name.as_str(), word.value()) {
                ("rule", _) if word.args.is_some() => out.said.push(word.said(word.rule())),
                (name, value) => match code::contract_word(name, &value) {
                    Say::Name(name) => out.name = Some(name),
                    say => out.said.push(word.said(say)),
                },
            }
        }
        out
    }
}

impl FieldAttributes {
    /// `column` is what the tags speak of.
    pub(super) fn read(path: &str, column: &str, attributes: &[syn::Attribute], problems: &mut Vec<Diagnostic>) -> Self {
        let mut out = Self { doc: doc(attributes), ..Self::default() };
        for word in words(path, attributes, "serde", problems) {
            match word.name.as_str() {
                "rename" => out.rename = word.text(),
                "skip" | "skip_serializing" => out.skip = true,
                "flatten" => out.flatten = true,
                "skip_serializing_if" => out.optional = true,
                "default" => match word.text() {
                    None => out.default = true,
                    Some(function) => {
                        out.optional = true;
                        let lost = format!("its default is lost: `{function}` computes it");
                        out.said.push(word.said(Say::Lost(lost)));
                    }
                },
                "alias" => {
                    if let Some(old) = word.text() {
                        out.said.push(word.said(code::field_word(column, "renamed_from", &Value::Text(old))));
                    }
                }
                "with" | "serialize_with" | "deserialize_with" => {
                    let lost = format!("how it is written is lost: `{}` decides it", word.text().unwrap_or_default());
                    out.said.push(word.said(Say::Lost(lost)));
                }
                "other" => out.said.push(word.said(Say::Lost("that other values are read too is lost".to_owned()))),
                _ => {}
            }
        }
        for word in words(path, attributes, "runi", problems) {
            match (word.name.as_str(), word.value()) {
                ("skip", Value::None) => out.skip = true,
                ("name" | "rename", Value::Text(name)) => out.rename = Some(name),
                ("default", value) if word.args.is_some() => {
                    // `default(sql = "now()")`: not a text, but what computes one.
                    let Value::Args(args) = value else { continue };
                    let sql = args.strip_prefix("sql=").unwrap_or(&args);
                    let sql = sql.strip_prefix('"').and_then(|sql| sql.strip_suffix('"')).unwrap_or(sql);
                    out.said.push(word.said(Say::Tag(format!("@default({sql})"))));
                }
                ("enum" | "values", Value::Args(args)) => {
                    let values = args.split(", ").map(|value| value.trim_matches('"').to_owned()).collect();
                    out.said.push(word.said(Say::Enum(values)));
                }
                (name, value) => out.said.push(word.said(code::field_word(column, name, &value))),
            }
        }
        out
    }
}

fn case(path: &str, text: &str, span: Span, problems: &mut Vec<Diagnostic>) -> Option<Case> {
    let known: Vec<&str> = Case::ALL.iter().map(|(name, _)| *name).collect();
    let found = Case::ALL.iter().find(|(name, _)| *name == text).map(|(_, case)| *case);
    if found.is_none() {
        problems.push(foreign_value(Place::range(path, range(span)), "spelling", text, "of `rename_all`", &known));
    }
    found
}

fn doc(attributes: &[syn::Attribute]) -> String {
    let line = |attribute: &syn::Attribute| match &attribute.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => {
                let text = text.value();
                Some(text.strip_prefix(' ').unwrap_or(&text).to_owned())
            }
            _ => None,
        },
        _ => None,
    };
    attributes.iter().filter_map(line).collect::<Vec<_>>().join("\n")
}

/// One word of an attribute's list.
struct Word {
    name: String,
    span: Span,
    /// After `=`.
    equals: Option<Vec<TokenTree>>,
    /// In brackets.
    args: Option<TokenStream>,
}

/// The words of every attribute of this name.
fn words(path: &str, attributes: &[syn::Attribute], name: &str, problems: &mut Vec<Diagnostic>) -> Vec<Word> {
    let mut found = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(name)) {
        if let syn::Meta::List(list) = &attribute.meta {
            let before = found.len();
            split(list.tokens.clone(), &mut found);
            let odd = found.get(before..).unwrap_or_default().iter().find(|word| word.name.is_empty());
            if let Some(odd) = odd {
                let message = format!("`#[{name}(…)]` is a list of words: `word`, `word = value` or `word(values)`");
                problems.push(Diagnostic::new(&FOREIGN_VALUE, Place::range(path, range(odd.span)), message));
            }
        }
    }
    found.retain(|word| !word.name.is_empty());
    found
}

fn split(tokens: TokenStream, found: &mut Vec<Word>) {
    let mut item: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => found.extend(word(&std::mem::take(&mut item))),
            _ => item.push(token),
        }
    }
    found.extend(word(&item));
}

fn word(tokens: &[TokenTree]) -> Option<Word> {
    let (first, rest) = tokens.split_first()?;
    let name = match first {
        // The last word of a path counts: `serde_repr::Serialize_repr`.
        TokenTree::Ident(_) => tokens
            .iter()
            .take_while(|token| !is(token, '='))
            .filter_map(|token| match token {
                TokenTree::Ident(ident) => Some(ident.to_string()),
                _ => None,
            })
            .last()?,
        _ => String::new(),
    };
    let last = rest.last().unwrap_or(first);
    let span = first.span().join(last.span()).unwrap_or_else(|| first.span());
    let mut word = Word { name: name.trim_start_matches("r#").to_owned(), span, equals: None, args: None };
    match rest.first() {
        Some(token) if is(token, '=') => word.equals = rest.get(1..).map(<[TokenTree]>::to_vec),
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => word.args = Some(group.stream()),
        _ => {}
    }
    Some(word)
}

fn is(token: &TokenTree, c: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == c)
}

/// What tokens say: a string's text, or their own words without blanks.
fn plain(tokens: &[TokenTree]) -> (String, bool) {
    if let [TokenTree::Literal(literal)] = tokens
        && let syn::Lit::Str(text) = syn::Lit::new(literal.clone())
    {
        return (text.value(), true);
    }
    (tokens.iter().map(ToString::to_string).collect(), false)
}

impl Word {
    fn said(&self, say: Say) -> Said {
        Said { say, range: range(self.span) }
    }

    /// The text after `=`, or that of `serialize` in brackets.
    fn text(&self) -> Option<String> {
        if let Some(tokens) = &self.equals {
            return Some(plain(tokens).0);
        }
        let mut inner = Vec::new();
        split(self.args.clone()?, &mut inner);
        inner.iter().find(|word| word.name == "serialize").or(inner.first()).and_then(Self::text)
    }

    /// In the language's words.
    fn value(&self) -> Value {
        match (&self.equals, &self.args) {
            (Some(tokens), _) => Value::Text(plain(tokens).0),
            (None, Some(args)) => Value::Args(arguments(args).join(", ")),
            (None, None) => Value::None,
        }
    }

    /// `rule("title", "expression", on_fail = warn)`.
    fn rule(&self) -> Say {
        let args = self.args.clone().map(|args| texts(&args)).unwrap_or_default();
        let policy = args.iter().find_map(|(name, value)| (name == "on_fail").then(|| format!("(on_fail={value})"))).unwrap_or_default();
        let unnamed: Vec<&str> = args.iter().filter(|(name, _)| name.is_empty()).map(|(_, value)| value.as_str()).collect();
        match unnamed.as_slice() {
            [title, sql] => {
                let title = write::text(&write::words(title)).unwrap_or_default();
                Say::Contract(format!("@rule{policy} {title}: {}", write::words(sql)))
            }
            rest => Say::Contract(format!("@rule{policy} {}", write::words(&rest.join(" ")))),
        }
    }
}

/// Arguments in brackets: their names, and what they say.
fn texts(args: &TokenStream) -> Vec<(String, String)> {
    cut(args)
        .iter()
        .map(|item| {
            let (name, value) = named(item);
            (name, plain(value).0)
        })
        .collect()
}

/// Arguments in brackets, as a contract writes them.
fn arguments(args: &TokenStream) -> Vec<String> {
    let argument = |item: &Vec<TokenTree>| {
        let (name, value) = named(item);
        let (text, quoted) = plain(value);
        // What stands bare here stands bare there.
        let value = if quoted { write::argument(&text).unwrap_or_default() } else { text };
        if name.is_empty() { value } else { format!("{name}={value}") }
    };
    cut(args).iter().map(argument).collect()
}

fn cut(args: &TokenStream) -> Vec<Vec<TokenTree>> {
    let mut out: Vec<Vec<TokenTree>> = vec![Vec::new()];
    for token in args.clone() {
        if is(&token, ',') {
            out.push(Vec::new());
        } else if let Some(last) = out.last_mut() {
            last.push(token);
        }
    }
    out.retain(|item| !item.is_empty());
    out
}

fn named(item: &[TokenTree]) -> (String, &[TokenTree]) {
    match item {
        [TokenTree::Ident(name), equals, value @ ..] if is(equals, '=') => (name.to_string(), value),
        _ => (String::new(), item),
    }
}
