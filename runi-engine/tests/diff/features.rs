//! Every rule about features has a pair of files that shows it, and nothing but it.

use super::support::{Version, changes, engine, repository, told};
use runi_lang::diff::{Rule, rules};
use std::collections::BTreeSet;

/// The families whose pairs are features.
const LETTERS: &str = "WIVMR";

/// Rules whose pair cannot but show another one too: an interface changes with its body, and a new way with the sink that it leads to.
const ALSO: &[(&str, &[&str])] = &[
    ("I011", &["W006"]),
    ("I012", &["W006"]),
    ("I013", &["W006"]),
    ("I014", &["W007", "W009"]),
    ("M001", &["R006"]),
    ("M002", &["R001"]),
    ("M003", &["R001"]),
    ("M004", &["R001"]),
    ("M005", &["M006"]),
];

fn feature_rules() -> impl Iterator<Item = &'static Rule> {
    rules::all().filter(|rule| rule.id.starts_with(|letter| LETTERS.contains(letter)))
}

fn read(rule: &str, side: &str) -> String {
    let path = repository(&format!("fixtures/rules/{rule}/{side}.dsl"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_rule_has_a_pair_that_shows_it_alone() {
    let engine = engine();
    let mut problems = Vec::new();
    let mut all = Vec::new();
    for rule in feature_rules() {
        let (old, new) = (read(rule.id, "before"), read(rule.id, "after"));
        let (before, before_errors) = Version::of_feature("features/trades.dsl", &old, engine.as_ref());
        let (after, after_errors) = Version::of_feature("features/trades.dsl", &new, engine.as_ref());
        for (side, errors) in [("before", before_errors), ("after", after_errors)] {
            if !errors.is_empty() {
                problems.push(format!("{} {side} does not compile: {errors:?}", rule.id));
            }
        }
        let found = changes(&before, &after, engine.as_ref());
        let ids: BTreeSet<&str> = found.iter().map(|change| change.rule.id).collect();
        let also = ALSO.iter().find(|(id, _)| *id == rule.id).map_or(&[][..], |(_, also)| also);
        let wanted: BTreeSet<&str> = also.iter().copied().chain([rule.id]).collect();
        if ids != wanted {
            problems.push(format!("{} gives {ids:?}: {:#?}", rule.id, told(&found)));
        }
        for change in &found {
            let place = |spot: &Option<runi_lang::diff::Spot>, text: &str| {
                spot.as_ref().map(|spot| {
                    assert_eq!(spot.path, "features/trades.dsl");
                    text[usize::from(spot.range.start())..usize::from(spot.range.end())]
                        .lines()
                        .next()
                        .unwrap_or_default()
                        .trim()
                        .to_owned()
                })
            };
            let (was, is) = (place(&change.before, &old), place(&change.after, &new));
            assert!(was.is_some() || is.is_some(), "{} has no place", rule.id);
            let verdicts = format!("{}/{}", change.consumer, change.producer);
            let none = "-".to_owned();
            all.push(format!(
                "{}: {} {} {verdicts}\n  {}\n  < {}\n  > {}",
                rule.id,
                change.rule.id,
                change.part,
                change.message,
                was.as_ref().unwrap_or(&none),
                is.as_ref().unwrap_or(&none)
            ));
        }
        // The same text is no change, whichever side it stands on.
        assert_eq!(told(&changes(&before, &before, engine.as_ref())), Vec::<String>::new(), "{}", rule.id);
        let (moved, _) = Version::of_feature("features/elsewhere/other.dsl", &old, engine.as_ref());
        assert_eq!(told(&changes(&before, &moved, engine.as_ref())), Vec::<String>::new(), "{} moved", rule.id);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    insta::assert_snapshot!("every_rule", all.join("\n"));
}
