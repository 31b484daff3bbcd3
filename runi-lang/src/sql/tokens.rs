//! SQL by its tokens alone: whether two texts say the same in the same words.
//!
//! It forgets layout, comments, the case of reserved words, `!=` for `<>` and brackets around the whole, and nothing else.
//! It needs no engine, so it is asked first; what it cannot tell, an engine's [`super::Canonical`] is asked.

use std::fmt::Write as _;

/// Words that SQL reserves, so that no column can be called so without quotes. Their case means nothing.
const RESERVED: &[&str] = &[
    "all",
    "and",
    "as",
    "asc",
    "between",
    "by",
    "case",
    "cast",
    "cross",
    "desc",
    "distinct",
    "else",
    "end",
    "except",
    "exists",
    "false",
    "from",
    "full",
    "group",
    "having",
    "ilike",
    "in",
    "inner",
    "intersect",
    "is",
    "join",
    "like",
    "limit",
    "natural",
    "not",
    "null",
    "nulls",
    "offset",
    "on",
    "or",
    "order",
    "outer",
    "over",
    "partition",
    "select",
    "then",
    "true",
    "try_cast",
    "union",
    "using",
    "when",
    "where",
    "with",
];

/// Words that are reserved only before another one: `left join`, `right outer`.
const BEFORE_JOIN: &[&str] = &["left", "right"];

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token<'t> {
    /// A word without quotes, or a parameter.
    Word(&'t str),
    /// Anything with quotes, its quotes included.
    Quoted(&'t str),
    /// A number.
    Number(&'t str),
    /// A sign or an operator.
    Sign(&'t str),
}

/// The token form of an expression or a `select`: equal forms are the same SQL.
#[must_use]
pub fn token_form(sql: &str) -> String {
    // Inside `E'…'` and its kin a backslash may hide a quote; what cannot be told apart is left as it is.
    let Some(tokens) = tokens(sql) else { return format!("\u{1e}{sql}") };
    // In a `select` a name before a bracket may be that of a table with its columns.
    let functions = !tokens.iter().any(|token| matches!(token, Token::Word(word) if word.eq_ignore_ascii_case("from")));
    let mut kept = tokens.as_slice();
    while let Some(inner) = unwrapped(kept) {
        kept = inner;
    }
    let mut out = String::with_capacity(sql.len());
    for (at, token) in kept.iter().enumerate() {
        // A byte that no token starts with parts them, so that `a b` is not `ab`.
        if at > 0 {
            out.push('\u{1f}');
        }
        match token {
            Token::Word(word) if case_is_free(word, kept.get(at + 1), functions) => {
                // Writing to a string cannot fail.
                let _ = write!(out, "{}", word.to_lowercase());
            }
            Token::Sign("!=") => out.push_str("<>"),
            Token::Word(text) | Token::Quoted(text) | Token::Number(text) | Token::Sign(text) => out.push_str(text),
        }
    }
    out
}

/// Whether two texts are the same but for layout, comments and the case of keywords.
#[must_use]
pub fn same_tokens(a: &str, b: &str) -> bool {
    a == b || token_form(a) == token_form(b)
}

/// The text with something else in the place of names that are not called and not part of another name; `None` where the text cannot be
/// taken apart.
pub(crate) fn with_names(sql: &str, other: impl Fn(&str) -> Option<&'static str>) -> Option<String> {
    let tokens = tokens(sql)?;
    let mut out = Vec::with_capacity(tokens.len());
    for (at, token) in tokens.iter().enumerate() {
        let text = match token {
            Token::Word(text) | Token::Quoted(text) | Token::Number(text) | Token::Sign(text) => *text,
        };
        let name = match token {
            Token::Word(name) => Some((*name).to_owned()),
            Token::Quoted(name) => name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).map(|name| name.replace("\"\"", "\"")),
            _ => None,
        };
        let tied = |token: Option<&Token<'_>>, signs: &[&str]| matches!(token, Some(Token::Sign(sign)) if signs.contains(sign));
        let free = !tied(tokens.get(at + 1), &["(", "."]) && !at.checked_sub(1).is_some_and(|before| tied(tokens.get(before), &["."]));
        out.push(name.filter(|_| free).and_then(|name| other(&name)).unwrap_or(text));
    }
    Some(out.join(" "))
}

/// Whether the case of a word means nothing: keywords, and names of functions.
fn case_is_free(word: &str, next: Option<&Token<'_>>, functions: bool) -> bool {
    let lower = word.to_ascii_lowercase();
    let followed_by = |words: &[&str]| matches!(next, Some(Token::Word(next)) if words.contains(&next.to_ascii_lowercase().as_str()));
    RESERVED.contains(&lower.as_str())
        || (BEFORE_JOIN.contains(&lower.as_str()) && followed_by(&["join", "outer", "semi", "anti"]))
        || (functions && matches!(next, Some(Token::Sign("("))) && !word.starts_with('$'))
}

/// What stands between a first and a last bracket that belong together.
fn unwrapped<'a, 't>(tokens: &'a [Token<'t>]) -> Option<&'a [Token<'t>]> {
    let [Token::Sign("("), inner @ .., Token::Sign(")")] = tokens else { return None };
    let mut depth = 0_i64;
    for token in inner {
        match token {
            Token::Sign("(") => depth += 1,
            Token::Sign(")") => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return None;
        }
    }
    (depth == 0 && !inner.is_empty()).then_some(inner)
}

/// The tokens; `None` when a string has a prefix.
fn tokens(sql: &str) -> Option<Vec<Token<'_>>> {
    let mut out = Vec::new();
    let (mut at, mut word_end) = (0, usize::MAX);
    while let Some(rest) = sql.get(at..).filter(|rest| !rest.is_empty()) {
        let len = match rest.chars().next() {
            Some(c) if c.is_whitespace() => c.len_utf8(),
            _ if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            _ if rest.starts_with("/*") => comment(rest),
            Some('\'') if word_end == at => return None,
            Some(c @ ('\'' | '"')) => {
                let len = quoted(rest, c);
                out.push(Token::Quoted(rest.get(..len).unwrap_or(rest)));
                len
            }
            Some(c) if c.is_alphabetic() || c == '_' || c == '$' => {
                let len = rest.char_indices().skip(1).find(|(_, c)| !(c.is_alphanumeric() || *c == '_')).map_or(rest.len(), |(at, _)| at);
                out.push(Token::Word(rest.get(..len).unwrap_or(rest)));
                word_end = at + len;
                len
            }
            Some(c) if c.is_ascii_digit() => {
                let len = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '_')).unwrap_or(rest.len());
                out.push(Token::Number(rest.get(..len).unwrap_or(rest)));
                len
            }
            _ => {
                let len = sign(rest);
                out.push(Token::Sign(rest.get(..len).unwrap_or(rest)));
                len
            }
        };
        at += len.max(1);
    }
    Some(out)
}

/// The bytes of a quoted text; a doubled quote is one inside it.
fn quoted(rest: &str, quote: char) -> usize {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == quote {
            if chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
            } else {
                return at + 1;
            }
        }
    }
    rest.len()
}

/// The bytes of a block comment; they nest.
fn comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0_usize);
    while let Some(tail) = rest.get(at..).filter(|tail| !tail.is_empty()) {
        if tail.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if tail.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += tail.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// The bytes of an operator: those of several signs first, so that `< >` is not `<>`.
fn sign(rest: &str) -> usize {
    const LONG: &[&str] =
        &["->>", "!~*", "<=>", "<>", "!=", "<=", ">=", "==", "||", "::", "->", "@>", "<@", "!~", "~*", "&&", "<<", ">>", "=>"];
    match LONG.iter().find(|long| rest.starts_with(**long)) {
        Some(long) => long.len(),
        None => rest.chars().next().map_or(1, char::len_utf8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_comments_and_the_case_of_keywords_mean_nothing() {
        for (a, b) in [
            ("a>1 AND b is NULL", "a > 1 and b IS null"),
            ("a -- why\n > 1", "a > 1"),
            ("a /* x /* y */ z */ > 1", "a>1"),
            ("((a > 1))", "a > 1"),
            ("a != 1", "a <> 1"),
            ("LOWER(x)", "lower( x )"),
            ("a LEFT JOIN b", "a left join b"),
        ] {
            assert_eq!(token_form(a), token_form(b), "{a}");
        }
    }

    #[test]
    fn everything_else_does() {
        for (a, b) in [
            ("a > 1", "A > 1"),
            ("'AND'", "'and'"),
            ("\"A\"", "\"a\""),
            ("(a) > (1)", "a) > (1"),
            ("'a''b'", "'a' 'b'"),
            ("a b", "ab"),
            ("1 2", "12"),
            ("$Rate", "$rate"),
            ("left", "LEFT"),
            ("a < > b", "a <> b"),
            ("E'\\' AND'", "E'\\' and'"),
            ("select a from T (a), t", "select a from t (a), t"),
            ("(a or b) and (c or d)", "a or b) and (c or d"),
        ] {
            assert_ne!(token_form(a), token_form(b), "{a}");
        }
    }

    #[test]
    fn no_text_makes_it_fail() {
        for text in ["", "'", "\"é", "/*", "/* /* */", "((", "))", "é ∑ 1.2.3e", "--", "$"] {
            let _ = token_form(text);
        }
        assert_eq!(token_form("()"), "(\u{1f})");
    }
}
