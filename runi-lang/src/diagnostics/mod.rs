//! Every problem that Runi knows, one module each: its code, its words, its fixes.

pub mod contracts;
pub mod git;
pub mod history;
pub mod interop;
pub mod names;
pub mod privacy;
pub mod run;
pub mod sinks;
pub mod syntax;
pub mod types;
pub mod workspace;

use crate::diagnostic::Code;

/// Every code, in order of its number.
pub fn all() -> impl Iterator<Item = &'static Code> {
    let mut codes: Vec<&'static Code> = [
        syntax::ALL,
        names::ALL,
        types::ALL,
        contracts::ALL,
        sinks::ALL,
        privacy::ALL,
        workspace::ALL,
        run::ALL,
        git::ALL,
        history::ALL,
        interop::ALL,
    ]
    .into_iter()
    .flatten()
    .copied()
    .collect();
    codes.sort_by_key(|code| (code.id.get(1..).unwrap_or_default(), code.id));
    codes.into_iter()
}

/// The code with this id, in any case.
#[must_use]
pub fn find(id: &str) -> Option<&'static Code> {
    all().find(|code| code.id.eq_ignore_ascii_case(id))
}

/// How many slips of the pen a word may hold and still be taken for another: one for every three characters. Any word of one or two
/// characters is one slip away from any other, so that nothing can be said of it.
fn slips(word: &str) -> usize {
    word.chars().count() / 3
}

/// The word of a closed list, in lower case, that `word` was probably meant to be; none where several are as near.
pub(crate) fn nearest_word<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let (limit, folded) = (slips(word), word.to_lowercase());
    let mut best: Option<(usize, &str)> = None;
    let mut tied = false;
    for candidate in known {
        let distance = strsim::damerau_levenshtein(&folded, candidate);
        match best {
            _ if distance > limit => {}
            Some((least, _)) if distance > least => {}
            Some((least, other)) if distance == least => tied |= candidate != other,
            _ => (best, tied) = (Some((distance, candidate)), false),
        }
    }
    best.filter(|_| !tied).map(|(_, candidate)| candidate)
}

/// The known name that `name` was probably meant to be: the same in another case, or at most one edit for every three characters away.
#[must_use]
pub fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let limit = slips(name);
    let folded = name.to_lowercase();
    known
        .into_iter()
        .filter(|candidate| *candidate != name)
        .map(|candidate| {
            let distance = if candidate.to_lowercase() == folded { 0 } else { strsim::damerau_levenshtein(name, candidate) };
            (distance, candidate)
        })
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::diagnostic::Severity;

    #[test]
    fn a_near_miss_is_offered_and_a_far_one_is_not() {
        assert_eq!(nearest("trade_di", ["trade_id", "price"]), Some("trade_id"));
        assert_eq!(nearest("colour", ["price", "side"]), None);
    }

    #[test]
    fn a_word_that_may_mean_two_things_is_not_guessed() {
        assert_eq!(nearest_word("mxa", ["min", "max"]), Some("max"));
        assert_eq!(nearest_word("mix", ["min", "max"]), None);
        assert_eq!(nearest_word("MIN", ["min", "max"]), Some("min"));
    }

    #[test]
    fn a_short_name_is_no_near_miss_of_another() {
        assert_eq!(nearest("x", ["b", "y"]), None);
        assert_eq!(nearest("id", ["ix", "ic"]), None);
        assert_eq!(nearest("ID", ["id"]), Some("id"));
        assert_eq!(nearest("qyt", ["qty"]), Some("qty"));
    }

    #[test]
    fn codes_are_unique_and_well_formed() {
        let mut seen = std::collections::BTreeSet::new();
        for code in all() {
            assert!(seen.insert(code.id) && seen.insert(code.name), "`{}` or `{}` is used twice", code.id, code.name);
            let (letter, digits) = code.id.split_at(1);
            assert!(digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()), "{}", code.id);
            assert_eq!(letter == "E", code.severity == Severity::Error, "{}", code.id);
            let title = code.page.lines().next().unwrap_or_default();
            assert!(title.starts_with(&format!("# {}: ", code.id)), "the page of {} begins with `{title}`", code.id);
        }
    }

    #[test]
    fn every_page_belongs_to_a_code() {
        let pages = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/errors");
        for entry in std::fs::read_dir(pages).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let id = name.strip_suffix(".md").unwrap();
            assert!(find(id).is_some(), "`docs/errors/{name}` explains no code");
        }
    }
}
