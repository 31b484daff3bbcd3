//! The matrix as data: every rule that a comparison may name, one module for each family.
//!
//! The verdicts of a [`Rule`] are those of its usual case; where the case decides, [`Rule::cases`] lists the others and the
//! comparison sets the change's own. `docs/compatibility.md` is made from this table and from one pair of contracts for each rule.

mod constraints;
mod defaults;
mod delivery;
mod drift;
mod enums;
mod fields;
mod governance;
mod interface;
mod keys;
mod logic;
mod nullability;
mod ownership;
mod privacy;
mod quality;
mod semantics;
mod service;
mod types;
mod verification;
mod whole;

pub use constraints::{C001, C002, C003};
pub use defaults::{D001, D002, D003, D004};
pub use delivery::{R001, R002, R003, R004, R005, R006, R007, R008, R009, R010};
pub use drift::{P001, P002, P003};
pub use enums::{E001, E002, E003, E004, E005, E006, E007};
pub use fields::{F001, F002, F003, F004, F005, F006, F007, F008, F009, F010, F011, F012, F013};
pub use governance::{G001, G002, G003, G004, G005, G006, G007, G008, G009, G010, G011};
pub use interface::{I001, I002, I003, I004, I005, I006, I007, I008, I009, I010, I011, I012, I013, I014, I015, I016};
pub use keys::{K001, K002, K003, K004};
pub use logic::{W001, W002, W003, W004, W005, W006, W007, W008, W009, W010, W011, W012, W013, W014, W015, W016, W017, W018, W019};
pub use nullability::{N001, N002};
pub use ownership::O001;
pub use privacy::{M001, M002, M003, M004, M005, M006};
pub use quality::{Q001, Q002, Q003, Q004, Q005, Q006, Q007, Q008};
pub use semantics::{S001, S002, S003};
pub use service::{L001, L002, L003};
pub use types::{T001, T002, T003, T004, T005, T006, T007, T008, T009, T010};
pub use verification::{
    V001, V002, V003, V004, V005, V006, V007, V008, V009, V010, V011, V012, V013, V014, V015, V016, V017, V018, V019, V020, V021, V022,
    V023, V024, V025, V026, V027, V028,
};
pub use whole::{X001, X002, X003, X004, X005, X006, X007};

use super::rule::Rule;

/// One letter's rules.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// The letter that their ids begin with.
    pub letter: char,
    /// What they are about, as a heading.
    pub title: &'static str,
    /// The rules, by number.
    pub rules: &'static [&'static Rule],
}

/// Every family, in the order of the reference.
pub const FAMILIES: &[Family] = &[
    fields::FAMILY,
    types::FAMILY,
    nullability::FAMILY,
    enums::FAMILY,
    constraints::FAMILY,
    defaults::FAMILY,
    keys::FAMILY,
    semantics::FAMILY,
    quality::FAMILY,
    governance::FAMILY,
    service::FAMILY,
    ownership::FAMILY,
    whole::FAMILY,
    logic::FAMILY,
    interface::FAMILY,
    verification::FAMILY,
    privacy::FAMILY,
    delivery::FAMILY,
    drift::FAMILY,
];

/// Every rule, family by family.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    FAMILIES.iter().flat_map(|family| family.rules).copied()
}

/// The reference, which is made from this registry.
const REFERENCE: &str = include_str!("../../../../docs/compatibility.md");

/// The section of the reference about a rule, in Markdown: what it means, for whom, what to do, an example, who else grades it.
#[must_use]
pub fn page(rule: &Rule) -> &'static str {
    let start = REFERENCE.find(&format!("\n### {} `", rule.id)).map_or(REFERENCE.len(), |at| at + 1);
    let section = REFERENCE.get(start..).unwrap_or_default();
    let end = ["\n<a id=", "\n## "].iter().filter_map(|next| section.find(next)).min().unwrap_or(section.len());
    section.get(..end).unwrap_or_default()
}

/// The rule with this id, in any case, or with this name.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id.eq_ignore_ascii_case(id) || rule.name == id)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::diff::{Bump, Verdict};

    #[test]
    fn ids_and_names_are_unique_and_well_formed() {
        let mut seen = std::collections::BTreeSet::new();
        for family in FAMILIES {
            for rule in family.rules {
                assert!(seen.insert(rule.id) && seen.insert(rule.name), "`{}` or `{}` is used twice", rule.id, rule.name);
                let (letter, digits) = rule.id.split_at(1);
                assert!(letter == family.letter.to_string() && digits.len() == 3 && digits.parse::<u16>().is_ok(), "{}", rule.id);
                assert!(rule.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", rule.name);
                assert!(rule.explanation.len() > 120 && rule.explanation.ends_with('.'), "{} explains too little", rule.id);
                assert!(!rule.summary.ends_with('.'), "{}", rule.id);
            }
        }
    }

    #[test]
    fn a_break_demands_a_major_version_and_nothing_else_does() {
        for rule in all() {
            let breaks = |verdict: Verdict| verdict.breaks() && verdict != Verdict::Drift;
            assert_eq!(breaks(rule.consumer) || breaks(rule.producer), rule.bump == Bump::Major, "{}", rule.id);
            for case in rule.cases {
                assert!((case.consumer, case.producer) != (rule.consumer, rule.producer), "{}: {} is no other case", rule.id, case.when);
            }
        }
        assert_eq!(find("f004").map(|rule| rule.name), Some("required-field-removed"));
        assert_eq!(find("required-field-removed").map(|rule| rule.consumer), Some(Verdict::Breaking));
        assert_eq!(find("F999"), None);
    }
}
