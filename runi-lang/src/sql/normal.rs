//! SQL text in one canonical form, so that rewrites which mean the same are the same text.
//!
//! Works on tokens, not on plans, and is therefore careful: two texts with one form mean the same; two with different forms may
//! still do. Layout, comments, the case of keywords and function names, needless quotes and brackets, `!=` for `<>`, the order of
//! `and`, `or`, `=` and `<>`, and the direction of a comparison make no difference.

use std::collections::BTreeMap;

/// Words that mean the same in any case. Columns are case-sensitive, so everything else keeps its case.
const KEYWORDS: &[&str] = &[
    "all",
    "and",
    "any",
    "as",
    "asc",
    "between",
    "by",
    "case",
    "cast",
    "cross",
    "current_date",
    "current_timestamp",
    "date",
    "desc",
    "distinct",
    "else",
    "end",
    "escape",
    "except",
    "exists",
    "extract",
    "false",
    "filter",
    "first",
    "following",
    "for",
    "from",
    "full",
    "group",
    "having",
    "ilike",
    "in",
    "inner",
    "intersect",
    "interval",
    "is",
    "join",
    "last",
    "lateral",
    "left",
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
    "preceding",
    "range",
    "recursive",
    "right",
    "row",
    "rows",
    "select",
    "semi",
    "anti",
    "similar",
    "then",
    "time",
    "timestamp",
    "to",
    "true",
    "try_cast",
    "unbounded",
    "union",
    "unnest",
    "using",
    "values",
    "when",
    "where",
    "window",
    "with",
];

/// Comparisons, and each as it reads from the right.
const COMPARISONS: &[(&str, &str)] = &[("<", ">"), ("<=", ">="), (">", "<"), (">=", "<="), ("=", "="), ("<>", "<>")];

/// The canonical form of an expression or of a `select`.
///
/// ```
/// # use runi_lang::sql::normal_sql;
/// assert_eq!(normal_sql("Price > 0 AND (side = 'buy')"), normal_sql("'buy' = side  and 0 < Price"));
/// assert_ne!(normal_sql("price > 0"), normal_sql("Price > 0"));
/// ```
#[must_use]
pub fn normal_sql(sql: &str) -> String {
    let tokens = tokens(sql);
    match tokens.first().map(String::as_str) {
        Some("select" | "with") => tokens.join(" "),
        _ => canonical(&tokens).text(),
    }
}

/// The conditions that an expression joins with `and`, each in canonical form, sorted, without repeats.
#[must_use]
pub fn conjuncts(sql: &str) -> Vec<String> {
    match canonical(&tokens(sql)) {
        Logic::All(parts) => parts.iter().map(Logic::text).collect(),
        other => vec![other.text()],
    }
}

/// The canonical form with columns under other names. `names` maps old to new.
#[must_use]
pub fn normal_sql_renamed(sql: &str, names: &BTreeMap<String, String>) -> String {
    if names.is_empty() {
        return normal_sql(sql);
    }
    let mut tokens = tokens(sql);
    for at in 0..tokens.len() {
        let called = tokens.get(at + 1).is_some_and(|next| next == "(");
        if let Some(name) = tokens.get(at).and_then(|token| names.get(unquoted(token))).filter(|_| !called) {
            let name = identifier(name);
            if let Some(token) = tokens.get_mut(at) {
                *token = name;
            }
        }
    }
    normal_sql(&tokens.join(" "))
}

/// One side of a comparison with a number, as far as a text tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threshold {
    /// What is compared.
    pub subject: String,
    /// `<`, `<=`, `>`, `>=`, as the subject sees it.
    pub operator: &'static str,
    /// The number's text.
    pub number: String,
}

/// A condition such as `price >= 10`, when it is one. `condition` is in canonical form.
#[must_use]
pub fn threshold(condition: &str) -> Option<Threshold> {
    let tokens = tokens(condition);
    let (left, operator, right) = comparison(&tokens)?;
    let (subject, operator, number) = match (number(left), number(right)) {
        (None, Some(number)) => (left, COMPARISONS.iter().find(|(name, _)| *name == operator)?.0, number),
        (Some(number), None) => (right, COMPARISONS.iter().find(|(name, _)| *name == operator)?.1, number),
        _ => return None,
    };
    matches!(operator, "<" | "<=" | ">" | ">=").then(|| Threshold { subject: subject.join(" "), operator, number })
}

/// The text of a written number, `-` and all.
fn number(tokens: &[String]) -> Option<String> {
    let numeric = |token: &String| token.bytes().next().is_some_and(|b| b.is_ascii_digit());
    match tokens {
        [one] if numeric(one) => Some(one.clone()),
        [minus, one] if minus == "-" && numeric(one) => Some(format!("-{one}")),
        _ => None,
    }
}

/// A condition as a tree of `and`, `or` and everything else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Logic {
    All(Vec<Logic>),
    Any(Vec<Logic>),
    Not(Box<Logic>),
    Atom(Vec<String>),
}

impl Logic {
    fn text(&self) -> String {
        let inner = |part: &Self| match part {
            Self::Atom(_) => part.text(),
            Self::All(_) | Self::Any(_) | Self::Not(_) => format!("({})", part.text()),
        };
        match self {
            Self::All(parts) => parts.iter().map(inner).collect::<Vec<_>>().join(" and "),
            Self::Any(parts) => parts.iter().map(inner).collect::<Vec<_>>().join(" or "),
            Self::Not(part) => format!("not {}", inner(part)),
            Self::Atom(tokens) => tokens.join(" "),
        }
    }

    /// `parts` joined, with parts of the same kind taken in, sorted, without repeats.
    fn joined(parts: Vec<Self>, all: bool) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Self::All(inner) if all => flat.extend(inner),
                Self::Any(inner) if !all => flat.extend(inner),
                other => flat.push(other),
            }
        }
        flat.sort();
        flat.dedup();
        match (flat.len(), all) {
            (1, _) => flat.remove(0),
            (_, true) => Self::All(flat),
            (_, false) => Self::Any(flat),
        }
    }
}

/// How deep brackets are looked into; deeper text is compared as it is written.
const DEEPEST: usize = 64;

fn canonical(tokens: &[String]) -> Logic {
    if balanced(tokens) { logic(tokens, 0) } else { Logic::Atom(tokens.to_vec()) }
}

/// Whether every bracket and every `case` is closed by its own kind. Of other texts nothing is known.
fn balanced(tokens: &[String]) -> bool {
    let mut open = Vec::new();
    for token in tokens {
        match token.as_str() {
            "(" => open.push(")"),
            "[" => open.push("]"),
            "case" => open.push("end"),
            close @ (")" | "]" | "end") if open.pop() != Some(close) => return false,
            _ => {}
        }
    }
    open.is_empty()
}

fn logic(tokens: &[String], depth: usize) -> Logic {
    if depth > DEEPEST {
        return Logic::Atom(tokens.to_vec());
    }
    let tokens = bare(tokens);
    for (word, all) in [("or", false), ("and", true)] {
        let parts = split(tokens, word);
        if parts.len() > 1 && parts.iter().all(|part| !part.is_empty()) {
            return Logic::joined(parts.into_iter().map(|part| logic(part, depth + 1)).collect(), all);
        }
    }
    match tokens {
        [not, rest @ ..] if not == "not" && !rest.is_empty() => match logic(rest, depth + 1) {
            Logic::Not(inner) => *inner,
            other => Logic::Not(Box::new(other)),
        },
        _ => Logic::Atom(atom(tokens)),
    }
}

/// Without brackets around everything.
fn bare(mut tokens: &[String]) -> &[String] {
    while let [open, inner @ .., close] = tokens
        && open == "("
        && close == ")"
        && !inner.is_empty()
        && !inner.first().is_some_and(|word| word == "select" || word == "with")
        && encloses(tokens)
        && split(inner, ",").len() == 1
    {
        tokens = inner;
    }
    tokens
}

/// Whether the first bracket is closed by the last token.
fn encloses(tokens: &[String]) -> bool {
    let mut depth = 0_i32;
    for (at, token) in tokens.iter().enumerate() {
        depth += nesting(token);
        if depth == 0 {
            return at + 1 == tokens.len();
        }
    }
    false
}

fn nesting(token: &str) -> i32 {
    match token {
        "(" | "[" | "case" => 1,
        ")" | "]" | "end" => -1,
        _ => 0,
    }
}

/// The parts between `word`s that stand outside of brackets and `case`; the `and` of a `between` is none.
fn split<'t>(tokens: &'t [String], word: &str) -> Vec<&'t [String]> {
    let mut parts = Vec::new();
    let (mut depth, mut start, mut between) = (0_i32, 0, 0_u32);
    for (at, token) in tokens.iter().enumerate() {
        depth += nesting(token);
        if depth != 0 {
            continue;
        }
        if token == "between" {
            between += 1;
        } else if token == "and" && between > 0 {
            between -= 1;
        } else if token == word {
            parts.push(tokens.get(start..at).unwrap_or_default());
            start = at + 1;
        }
    }
    parts.push(tokens.get(start..).unwrap_or_default());
    parts
}

/// The sides of a comparison that is the whole condition.
fn comparison(tokens: &[String]) -> Option<(&[String], &str, &[String])> {
    let mut depth = 0_i32;
    let mut found = None;
    for (at, token) in tokens.iter().enumerate() {
        depth += nesting(token);
        if depth == 0 && matches!(token.as_str(), "<" | "<=" | ">" | ">=" | "=" | "<>") {
            if found.is_some() {
                return None;
            }
            found = Some(at);
        }
        // Words bind differently from signs: `a = b is true`, `a < b like c`.
        if depth == 0 && matches!(token.as_str(), "is" | "in" | "like" | "ilike" | "between" | "similar" | "not" | "any" | "all" | ",") {
            return None;
        }
    }
    let at = found?;
    let (left, right) = (tokens.get(..at)?, tokens.get(at + 1..)?);
    (!left.is_empty() && !right.is_empty()).then(|| (left, tokens.get(at).map_or("", String::as_str), right))
}

/// A condition without `and` and `or` outside of its brackets: the smaller side of a comparison goes first.
fn atom(tokens: &[String]) -> Vec<String> {
    let Some((left, operator, right)) = comparison(tokens) else { return tokens.to_vec() };
    let (left, right) = (bare(left), bare(right));
    let mirrored = COMPARISONS.iter().find(|(name, _)| *name == operator).map_or(operator, |(_, mirrored)| mirrored);
    let (first, operator, second) = if right < left { (right, mirrored, left) } else { (left, operator, right) };
    first.iter().cloned().chain([operator.to_owned()]).chain(second.iter().cloned()).collect()
}

/// The inside of a quoted identifier; anything else as it is.
fn unquoted(token: &str) -> &str {
    token.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(token)
}

/// A name as an identifier: quoted only where it has to be.
fn identifier(name: &str) -> String {
    let plain = name.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !KEYWORDS.contains(&name.to_ascii_lowercase().as_str());
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// The tokens of a text: words, numbers, quoted texts, signs. Never fails; an unclosed quote ends with the text.
fn tokens(sql: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            c if c.is_whitespace() => {
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
                continue;
            }
            '-' if rest.starts_with("--") => {
                rest = rest.split_once('\n').map_or("", |(_, after)| after);
                continue;
            }
            '/' if rest.starts_with("/*") => {
                rest = rest.split_once("*/").map_or("", |(_, after)| after);
                continue;
            }
            '\'' | '"' => quoted(rest, first),
            c if c.is_alphabetic() || c == '_' || c == '$' => word(rest),
            c if c.is_ascii_digit() => digits(rest),
            _ => sign(rest, first),
        };
        let (token, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        rest = after;
        out.push(spelled(token));
    }
    // Functions may be written in any case, too.
    for at in 0..out.len() {
        if out.get(at + 1).is_some_and(|next| next == "(")
            && let Some(token) = out.get_mut(at)
            && token.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
        {
            token.make_ascii_lowercase();
        }
    }
    out
}

/// What stands between the quotes of a token; an unclosed one is taken to end with the text.
fn inside(token: &str, quote: char) -> String {
    let inner = token.strip_prefix(quote).unwrap_or(token);
    let closed = inner.len() - inner.trim_end_matches(quote).len();
    match closed % 2 {
        1 => inner.strip_suffix(quote).unwrap_or(inner).to_owned(),
        _ => inner.to_owned(),
    }
}

/// One spelling of each token.
fn spelled(token: &str) -> String {
    match token.bytes().next() {
        Some(b'"') => identifier(&inside(token, '"').replace("\"\"", "\"")),
        Some(b'\'') => format!("'{}'", inside(token, '\'')),
        Some(b'!') if token == "!=" => "<>".to_owned(),
        Some(b) if b.is_ascii_alphabetic() => {
            let lower = token.to_ascii_lowercase();
            if KEYWORDS.contains(&lower.as_str()) { lower } else { token.to_owned() }
        }
        _ => token.to_owned(),
    }
}

fn quoted(text: &str, quote: char) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == quote {
            if chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
            } else {
                return at + 1;
            }
        }
    }
    text.len()
}

fn word(text: &str) -> usize {
    text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(text.len())
}

fn digits(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(b) = bytes.get(at) {
        let exponent = matches!(b, b'e' | b'E') && bytes.get(at + 1).is_some_and(|n| n.is_ascii_digit() || matches!(n, b'+' | b'-'));
        let signed = matches!(b, b'+' | b'-') && at > 0 && bytes.get(at - 1).is_some_and(|p| matches!(p, b'e' | b'E'));
        if !(b.is_ascii_digit() || *b == b'.' || exponent || signed) {
            break;
        }
        at += 1;
    }
    at.max(1)
}

fn sign(text: &str, first: char) -> usize {
    const LONG: &[&str] = &["<=>", "->>", "#>>", "!~*", "<=", ">=", "<>", "!=", "||", "::", "->", "@>", "<@", "#>", "~*", "!~", "<<", ">>"];
    LONG.iter().find(|sign| text.starts_with(*sign)).map_or(first.len_utf8(), |sign| sign.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rewrites_that_mean_the_same_have_one_form() {
        for (a, b) in [
            ("price>0", "price   >\n 0"),
            ("price > 0 AND side = 'buy'", "(side = 'buy') and (0 < price)"),
            ("a <> b", "b != a"),
            ("\"price\" is NOT null", "price IS not NULL"),
            ("(a or b) and c", "c and (b or a)"),
            ("a and (b and c)", "(c and b) and a"),
            ("UPPER(x) = 'A'", "upper(x) = 'A' -- shouted"),
            ("x between 1 and 2 and y", "y and x between 1 and 2"),
            ("not not a", "a"),
            ("((a))", "a"),
            ("case when a and b then c end", "CASE WHEN a and b THEN c END"),
        ] {
            assert_eq!(normal_sql(a), normal_sql(b), "{a} | {b}");
        }
    }

    #[test]
    fn what_differs_in_meaning_differs_in_form() {
        for (a, b) in [
            ("price > 0", "Price > 0"),
            ("x = 'Buy'", "x = 'buy'"),
            ("a and b or c", "a and (b or c)"),
            ("a - b > 0", "b - a > 0"),
            ("x between 1 and 2", "x between 2 and 1"),
            ("a < b", "b < a"),
            ("x in (1, 2)", "x in (1)"),
            ("coalesce(a, b)", "coalesce(b, a)"),
            ("\"select\" = 1", "select = 1"),
            ("'a''b' = x", "'a' = x"),
            ("not a and b", "not (a and b)"),
            ("x like 'a' = true", "true = 'a' like x"),
        ] {
            assert_ne!(normal_sql(a), normal_sql(b), "{a} | {b}");
        }
    }

    #[test]
    fn conditions_are_told_apart() {
        assert_eq!(conjuncts("b > 1 and (a or c) and a is null"), ["a or c", "1 < b", "a is null"]);
        let threshold =
            threshold("10 <= price").unwrap_or_else(|| Threshold { subject: String::new(), operator: "", number: String::new() });
        assert_eq!((threshold.subject.as_str(), threshold.operator, threshold.number.as_str()), ("price", ">=", "10"));
        assert_eq!(super::threshold("a = 1"), None);
        assert_eq!(super::threshold("x between 1 and 3"), None);
    }

    #[test]
    fn renamed_columns_are_followed() {
        let names = BTreeMap::from([("trade_time".to_owned(), "traded_at".to_owned())]);
        assert_eq!(normal_sql_renamed("trade_time > other", &names), normal_sql("traded_at > other"));
        assert_eq!(normal_sql_renamed("'trade_time' = x", &names), normal_sql("'trade_time' = x"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_a_form_and_the_form_is_its_own(text in "[a-c'\"()<>=!., \n-]{0,40}|( ?(and|or|not|a|B|1|\\(|\\)|=|<|between|case|end|'x')){0,24}") {
            let once = normal_sql(&text);
            proptest::prop_assert_eq!(normal_sql(&once), once);
        }
    }
}
