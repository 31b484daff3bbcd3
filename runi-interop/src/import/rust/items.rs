//! A file's tokens cut into items, without parsing what is not asked for.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};

/// Brackets, of either kind, nest at most so deep in a type.
const MAX_DEPTH: usize = 100;
/// Tokens between two commas. No field that anybody wrote is so long, and nothing can nest deeper than its tokens.
const MAX_TOKENS: usize = 4_000;

/// A declaration of a type.
pub(super) enum Item {
    Struct(syn::ItemStruct),
    Enum(syn::ItemEnum),
    Type(syn::ItemType),
}

impl Item {
    pub(super) fn name(&self) -> &Ident {
        match self {
            Self::Struct(item) => &item.ident,
            Self::Enum(item) => &item.ident,
            Self::Type(item) => &item.ident,
        }
    }
}

/// Where a file is wrong, and how.
type Wrong = (Span, String);

/// The types that a file declares, those in its modules too, but for tests.
pub(super) fn find(tokens: TokenStream) -> Result<Vec<Item>, Wrong> {
    let mut found = Vec::new();
    // Modules in modules are a list to work off, not a recursion.
    let mut todo = vec![tokens];
    while let Some(tokens) = todo.pop() {
        let mut item: Vec<TokenTree> = Vec::new();
        let mut word = None;
        let mut angles = 0_usize;
        let mut arrow = false;
        for token in tokens {
            let mut ends = false;
            match &token {
                TokenTree::Ident(ident) if word.is_none() => {
                    let ident = ident.to_string();
                    if matches!(ident.as_str(), "struct" | "enum" | "type" | "mod") {
                        word = Some(ident);
                    } else if !matches!(ident.as_str(), "pub" | "unsafe" | "crate" | "in" | "super" | "self") {
                        word = Some(String::new());
                    }
                }
                TokenTree::Punct(punct) => {
                    match punct.as_char() {
                        ';' => ends = true,
                        '<' => angles += 1,
                        '>' if !arrow => angles = angles.saturating_sub(1),
                        _ => {}
                    }
                    arrow = matches!(punct.as_char(), '-' | '=');
                }
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && angles == 0 => ends = true,
                _ => {}
            }
            // `#![…]` is the file's own; it is no part of an item.
            item.push(token);
            if !ends {
                continue;
            }
            let whole = std::mem::take(&mut item);
            angles = 0;
            match word.take().as_deref() {
                Some("struct") => found.push(Item::Struct(parsed(whole)?)),
                Some("enum") => found.push(Item::Enum(parsed(whole)?)),
                Some("type") => found.push(Item::Type(parsed(whole)?)),
                Some("mod") if !is_test(&whole) => {
                    if let Some(TokenTree::Group(group)) = whole.last() {
                        todo.push(group.stream());
                    }
                }
                _ => {}
            }
        }
    }
    found.sort_by_key(|item| item.name().span().byte_range().start);
    Ok(found)
}

/// `#[cfg(test)]`.
fn is_test(item: &[TokenTree]) -> bool {
    item.iter().any(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {
            let mut inner = group.stream().into_iter();
            let cfg = matches!(inner.next(), Some(TokenTree::Ident(ident)) if ident == "cfg");
            let of = inner.next();
            cfg && matches!(&of, Some(TokenTree::Group(group)) if group.stream().into_iter().any(|token| matches!(&token, TokenTree::Ident(ident) if ident == "test")))
        }
        _ => false,
    })
}

fn parsed<T: syn::parse::Parse>(item: Vec<TokenTree>) -> Result<T, Wrong> {
    let start = item.first().map_or_else(Span::call_site, TokenTree::span);
    let item: TokenStream = without_inner(item).into_iter().collect();
    if !is_shallow(&item) {
        return Err((start, "this item is nested too deeply, or has a field that is too long".to_owned()));
    }
    syn::parse2(item).map_err(|error| (error.span(), error.to_string()))
}

/// Without the inner attributes of the file that stand before its first item.
fn without_inner(item: Vec<TokenTree>) -> Vec<TokenTree> {
    let is = |token: Option<&TokenTree>, c: char| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == c);
    let mut out = Vec::with_capacity(item.len());
    let mut at = 0;
    while let Some(token) = item.get(at) {
        let inner = is(Some(token), '#') && is(item.get(at + 1), '!') && matches!(item.get(at + 2), Some(TokenTree::Group(_)));
        if inner {
            at += 3;
        } else {
            out.push(token.clone());
            at += 1;
        }
    }
    out
}

/// Whether the parser can go through an item without going too deep.
fn is_shallow(item: &TokenStream) -> bool {
    let mut todo = vec![(item.clone(), 0)];
    while let Some((tokens, depth)) = todo.pop() {
        let (mut angles, mut since, mut signs) = (0_usize, 0_usize, 0_usize);
        for token in tokens {
            since += 1;
            match token {
                TokenTree::Group(group) => {
                    if depth + angles >= MAX_DEPTH {
                        return false;
                    }
                    todo.push((group.stream(), depth + angles + 1));
                    signs = 0;
                }
                TokenTree::Punct(punct) => {
                    signs += 1;
                    match punct.as_char() {
                        '<' => angles += 1,
                        '>' => angles = angles.saturating_sub(1),
                        ',' if angles == 0 => since = 0,
                        _ => {}
                    }
                }
                TokenTree::Ident(_) | TokenTree::Literal(_) => signs = 0,
            }
            if depth + angles > MAX_DEPTH || since > MAX_TOKENS || signs > MAX_DEPTH {
                return false;
            }
        }
    }
    true
}
