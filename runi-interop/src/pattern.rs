//! Regular expressions between ECMA-262 (JSON Schema, ODCS), which searches, and ours, which matches the whole value.

/// A pattern of ours for one of ECMA-262; `None` when ours has no such means (look-around, references back) or it is malformed.
pub(crate) fn from_ecma(pattern: &str) -> Option<String> {
    let (body, exact) = match whole(pattern) {
        Some(body) => (body.to_owned(), true),
        None => (pattern.to_owned(), false),
    };
    let body = if exact { body } else { format!(r"[\s\S]*?(?:{pattern})[\s\S]*") };
    let ours = ascii_classes(&body);
    // The engine compiles it so.
    runi_lang::pattern::whole(&ours).is_ok().then_some(ours)
}

/// The ECMA-262 pattern that accepts what ours does; `None` when it uses what ECMA-262 lacks or reads otherwise.
pub(crate) fn to_ecma(pattern: &str) -> Option<String> {
    let foreign = [
        "(?", r"\A", r"\z", r"\p", r"\P", r"\d", r"\w", r"\D", r"\W", r"\b", r"\B", r"\x", r"\u", r"\U", r"\a", r"\<", r"\>", "&&", "--",
        "~~", "[[",
    ];
    let plain = pattern.replace("(?:", "(");
    (!foreign.iter().any(|part| plain.contains(part))).then(|| format!("^(?:{pattern})$"))
}

/// The body of a pattern that is anchored at both ends.
fn whole(pattern: &str) -> Option<&str> {
    let body = pattern.strip_prefix('^')?.strip_suffix('$')?;
    if body.ends_with('\\') && !body.ends_with("\\\\") {
        return None;
    }
    if let Some(inner) = body.strip_prefix("(?:").and_then(|rest| rest.strip_suffix(')'))
        && is_one_group(inner)
    {
        return Some(inner);
    }
    // In `^a|b$` each anchor belongs to one branch only.
    (!has_bare_alternative(body)).then_some(body)
}

/// Whether the brackets of `inner` are closed inside it, so that the group around it is one.
fn is_one_group(inner: &str) -> bool {
    let mut depth = 0_i64;
    for (c, special) in characters(inner) {
        match c {
            '(' if special => depth += 1,
            ')' if special => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

fn has_bare_alternative(body: &str) -> bool {
    let mut depth = 0_i64;
    characters(body).any(|(c, special)| {
        match c {
            '(' if special => depth += 1,
            ')' if special => depth -= 1,
            _ => {}
        }
        special && c == '|' && depth == 0
    })
}

/// The characters of a pattern, and whether each has its special meaning: it is not escaped and stands in no class.
fn characters(pattern: &str) -> impl Iterator<Item = (char, bool)> {
    let (mut escaped, mut class) = (false, false);
    pattern.chars().map(move |c| {
        let special = !escaped && !class;
        if escaped {
            escaped = false;
        } else {
            match c {
                '\\' => escaped = true,
                '[' => class = true,
                ']' => class = false,
                _ => {}
            }
        }
        (c, special)
    })
}

/// `\d` and `\w` of ECMA-262 know ASCII only; ours know every script. A bare `[` in a class is a character there and opens a class here.
fn ascii_classes(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut class = false;
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('d') => out.push_str("[0-9]"),
                Some('D') => out.push_str("[^0-9]"),
                Some('w') => out.push_str("[A-Za-z0-9_]"),
                Some('W') => out.push_str("[^A-Za-z0-9_]"),
                Some('/') => out.push('/'),
                Some(other) => {
                    out.push('\\');
                    out.push(other);
                }
                None => out.push('\\'),
            },
            '[' if class => out.push_str("\\["),
            '[' => {
                class = true;
                out.push('[');
            }
            ']' => {
                class = false;
                out.push(']');
            }
            '&' | '~' if class => {
                out.push('\\');
                out.push(c);
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn anchors_decide_whether_a_pattern_is_searched() {
        assert_eq!(from_ecma("^[A-Z]{3}$").as_deref(), Some("[A-Z]{3}"));
        assert_eq!(from_ecma(r"^\d+$").as_deref(), Some("[0-9]+"));
        assert_eq!(from_ecma("^a|b$").as_deref(), Some(r"[\s\S]*?(?:^a|b$)[\s\S]*"));
        assert_eq!(from_ecma("^(?:a|b)$").as_deref(), Some("a|b"));
        assert_eq!(from_ecma("^(?:a)|(?:b)$").as_deref(), Some(r"[\s\S]*?(?:^(?:a)|(?:b)$)[\s\S]*"));
        assert_eq!(from_ecma("x").as_deref(), Some(r"[\s\S]*?(?:x)[\s\S]*"));
        assert_eq!(from_ecma("^[[a]+$").as_deref(), Some(r"[\[a]+"));
        assert_eq!(from_ecma("^(?=a)b$"), None);
        assert_eq!(from_ecma("^(a$"), None);
    }

    #[test]
    fn what_we_write_we_read_back() {
        for pattern in ["[A-Z.]{1,8}", "a|b", "(a)|(b)", r"\.x\\", "[^a-z]+", ""] {
            let ecma = to_ecma(pattern).unwrap();
            assert_eq!(from_ecma(&ecma).as_deref(), Some(pattern));
        }
        assert_eq!(to_ecma(r"\d+"), None);
        assert_eq!(to_ecma("(?i)a"), None);
    }
}
