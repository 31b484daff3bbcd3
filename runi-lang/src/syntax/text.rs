//! Quoted text: what it says, and how it is written.

/// What a quoted text says: without its quotes, `\"` and `\\` resolved, doubled quotes too.
pub(crate) fn unquote(text: &str) -> String {
    let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) else { return text.to_owned() };
    let inner = text.get(1..).unwrap_or_default();
    let inner = inner.strip_suffix(quote).unwrap_or(inner);
    if !inner.contains('\\') && !inner.contains(quote) {
        return inner.to_owned();
    }
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        let escaped = quote == '"' && c == '\\' && matches!(next, Some('"' | '\\')) || c == quote && next == Some(quote);
        match (escaped, next) {
            (true, Some(next)) => {
                chars.next();
                out.push(next);
            }
            _ => out.push(c),
        }
    }
    out
}

/// A line without the comment at its end, and without blanks there.
pub(crate) fn without_comment(line: &str) -> &str {
    let is_comment = |at: usize| line.get(..at).is_some_and(|before| before.ends_with(char::is_whitespace));
    let end = line.match_indices('#').map(|(at, _)| at).find(|at| is_comment(*at)).unwrap_or(line.len());
    line.get(..end).unwrap_or_default().trim_end()
}

/// A text between double quotes, so that [`unquote`] gives it back.
pub(crate) fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// What a docstring says: without its quotes, blank first and last lines and common indentation.
pub(crate) fn dedent(docstring: &str) -> String {
    let inner = docstring.strip_prefix("\"\"\"").unwrap_or(docstring);
    let inner = inner.strip_suffix("\"\"\"").unwrap_or(inner);
    let mut lines = inner.lines();
    let first = lines.next().unwrap_or_default().trim();
    let rest: Vec<&str> = lines.collect();
    let indent = |line: &&str| line.len() - line.trim_start().len();
    let common = rest.iter().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
    let mut out = vec![first];
    out.extend(rest.iter().map(|line| line.get(common..).unwrap_or_else(|| line.trim_start()).trim_end()));
    let start = out.iter().position(|line| !line.is_empty()).unwrap_or(out.len());
    let end = out.iter().rposition(|line| !line.is_empty()).map_or(start, |at| at + 1);
    out.get(start..end).unwrap_or_default().join("\n")
}
