//! DuckDB writes `MAP(key, value)`, which the parser does not know there: it reads a struct of two parts with odd names instead.

use sqlparser::tokenizer::{Token, TokenWithSpan};

/// What the parts are called; no column can be.
pub(super) const PARTS: [&str; 2] = ["\u{0}key", "\u{0}value"];

/// Writes `MAP(k, v)` as `STRUCT("\0key" k, "\0value" v)`.
pub(super) fn as_structs(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    // For each open bracket, whether it is a map's.
    let mut open: Vec<bool> = Vec::new();
    let mut tokens = tokens.into_iter().filter(|token| !matches!(token.token, Token::Whitespace(_))).peekable();
    while let Some(token) = tokens.next() {
        let name = |name: &str| TokenWithSpan { token: Token::make_word(name, Some('"')), span: token.span };
        let map = matches!(&token.token, Token::Word(word) if word.quote_style.is_none() && word.value.eq_ignore_ascii_case("map"))
            && tokens.peek().is_some_and(|next| next.token == Token::LParen);
        if map {
            out.push(TokenWithSpan { token: Token::make_keyword("STRUCT"), span: token.span });
            out.extend(tokens.next());
            out.push(name(PARTS[0]));
            open.push(true);
            continue;
        }
        let comma = token.token == Token::Comma && open.last() == Some(&true);
        match token.token {
            Token::LParen => open.push(false),
            Token::RParen => drop(open.pop()),
            _ => {}
        }
        let value = comma.then(|| name(PARTS[1]));
        out.push(token);
        out.extend(value);
    }
    out
}
