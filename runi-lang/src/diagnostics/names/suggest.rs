//! "Did you mean": the nearest known name.

use crate::diagnostic::{Applicability, Diagnostic};

/// The known name that is near enough to `name`.
pub(crate) fn nearest<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
    crate::diagnostics::nearest(name, known.iter().map(String::as_str))
}

/// Adds "did you mean", with a fix where the place is a range; `otherwise` is the help when nothing is near.
///
/// Another name is another value, however near it is: only a difference of case, and of one name alone, leaves no doubt.
pub(crate) fn suggest(diagnostic: Diagnostic, name: &str, known: &[String], otherwise: &str) -> Diagnostic {
    let folded = name.to_lowercase();
    let same = known.iter().filter(|other| other.to_lowercase() == folded).count();
    offer(diagnostic, name, known, otherwise, if same == 1 { Applicability::Safe } else { Applicability::Unsafe })
}

/// As [`suggest`], for words of a closed list: what is none of them means nothing, so that no meaning can change.
pub(crate) fn suggest_word(diagnostic: Diagnostic, name: &str, known: &[String], otherwise: &str) -> Diagnostic {
    offer(diagnostic, name, known, otherwise, Applicability::Safe)
}

fn offer(diagnostic: Diagnostic, name: &str, known: &[String], otherwise: &str, trust: Applicability) -> Diagnostic {
    let Some(near) = nearest(name, known) else { return diagnostic.with_help(otherwise) };
    let range = diagnostic.place.text_range();
    let diagnostic = diagnostic.with_help(format!("did you mean `{near}`?"));
    match range {
        Some(range) => diagnostic.with_fix(trust, format!("write `{near}`"), range, near),
        None => diagnostic,
    }
}

/// Names in backticks, joined by commas; at most eight of them.
pub(crate) fn list(names: &[String]) -> String {
    let mut shown: Vec<String> = names.iter().take(8).map(|name| format!("`{name}`")).collect();
    if names.len() > shown.len() {
        shown.push(format!("{} more", names.len() - shown.len()));
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_name_is_offered_and_a_far_one_is_not() {
        let known = ["trade_id".to_owned(), "symbol".to_owned()];
        assert_eq!(nearest("tradeid", &known), Some("trade_id"));
        assert_eq!(nearest("SYMBOL", &known), Some("symbol"));
        assert_eq!(nearest("price", &known), None);
    }
}
