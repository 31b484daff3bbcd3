//! Where a part stands inside of a written type, so that a long line can be shown at what changed in it.

use std::ops::Range;

/// The bytes of a part of a type, or of the nearest one around it that is there; `path` are the names below the column.
pub(in crate::diff) fn part(ty: &str, path: &[&str]) -> Option<Range<usize>> {
    (1..=path.len()).rev().find_map(|length| find(ty, 0, path.get(..length)?))
}

/// As [`part`], for exactly this path; `text` begins at `offset` of the whole.
fn find(text: &str, offset: usize, path: &[&str]) -> Option<Range<usize>> {
    let (first, rest) = path.split_first()?;
    let open = text.find('<')?;
    let close = text.rfind('>')?;
    let (start, inner) = (offset + open + 1, text.get(open + 1..close)?);
    let pieces = pieces(inner);
    match text.get(..open)?.trim() {
        "list" => find(inner, start, path),
        "map" => {
            let (at, value) = pieces.into_iter().nth(1).filter(|_| *first == "value")?;
            if rest.is_empty() { Some(trimmed(value, start + at)) } else { find(value, start + at, rest) }
        }
        "struct" => pieces.into_iter().find_map(|(at, piece)| {
            let colon = split(piece, ':')?;
            let name = crate::syntax::text::unquote(piece.get(..colon)?.trim());
            if name != **first {
                return None;
            }
            if rest.is_empty() { Some(trimmed(piece, start + at)) } else { find(piece.get(colon + 1..)?, start + at + colon + 1, rest) }
        }),
        _ => None,
    }
}

/// A piece without the blanks around it.
fn trimmed(piece: &str, offset: usize) -> Range<usize> {
    let start = offset + piece.len() - piece.trim_start().len();
    start..start + piece.trim().len()
}

/// The pieces between commas, each with its offset.
fn pieces(text: &str) -> Vec<(usize, &str)> {
    let (mut pieces, mut start) = (Vec::new(), 0);
    while let Some(rest) = text.get(start..) {
        let end = split(rest, ',').unwrap_or(rest.len());
        pieces.extend(rest.get(..end).map(|piece| (start, piece)));
        start += end + 1;
    }
    pieces
}

/// The first such character outside of brackets and quotes.
fn split(text: &str, wanted: char) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '<' | '(' => depth += 1,
            '>' | ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 && c == wanted => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_part_is_found_at_any_depth() {
        let ty = "list<struct<id: string, \"odd, name\": enum(a, \"b>\"), meta : map<string, struct<value: int64, at: date>>>>";
        let at = |path: &[&str]| part(ty, path).and_then(|range| ty.get(range)).unwrap_or_default();
        assert_eq!(at(&["id"]), "id: string");
        assert_eq!(at(&["odd, name"]), "\"odd, name\": enum(a, \"b>\")");
        assert_eq!(at(&["meta", "value"]), "struct<value: int64, at: date>");
        assert_eq!(at(&["meta", "value", "at"]), "at: date");
        assert_eq!(at(&["meta", "value", "gone"]), "struct<value: int64, at: date>", "the nearest that is there");
        for none in [&["gone"][..], &[]] {
            assert_eq!(part(ty, none), None);
        }
        for broken in ["", "<", "struct<", "struct<a>", "struct<:>", "list<>", "map<string>", ">struct<"] {
            assert_eq!(part(broken, &["a", "value"]), None, "{broken}");
        }
    }
}
