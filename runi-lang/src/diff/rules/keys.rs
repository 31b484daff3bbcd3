//! What one row is, and what its values refer to.

use super::Family;
use crate::diff::rule::Verdict::{Breaking, Compatible, Review};
use crate::diff::rule::{Bump, Case, Group, Level, Rule, Scope};

/// The rules of this family.
pub(super) const FAMILY: Family = Family { letter: 'K', title: "Keys and references", rules: &[&K001, &K002, &K003, &K004] };

/// Another primary key.
pub static K001: Rule = Rule {
    id: "K001",
    name: "key-changed",
    group: Group::Quality,
    summary: "the columns of `@key` changed",
    explanation: "The key is the grain: what one row stands for. With another one, joins on the old key fan out or lose rows and sums count \
        twice, without any error, and old rows may share the new key. This is a new dataset in all but its name: give it one, and \
        deprecate this contract.",
    consumer: Breaking,
    producer: Breaking,
    cases: &[
        Case { when: "the contract had no key before", consumer: Compatible, producer: Breaking },
        Case { when: "the contract has no key any more", consumer: Breaking, producer: Compatible },
    ],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "datacontract-cli: a changed composite key breaks both sides. Avro, Confluent and buf have no keys.",
};

/// The same key, its columns in another order.
pub static K002: Rule = Rule {
    id: "K002",
    name: "key-reordered",
    group: Group::Quality,
    summary: "the columns of `@key` stand in another order",
    explanation: "A key is a set of columns: which rows are duplicates does not depend on their order. Only those who copy the order into \
        an index or a sort of their own may want to follow.",
    consumer: Compatible,
    producer: Compatible,
    cases: &[],
    bump: Bump::Patch,
    level: Level::Allow,
    scope: Scope::Compatibility,
    sources: "datacontract-cli agrees.",
};

/// A reference came, went or points elsewhere.
pub static K003: Rule = Rule {
    id: "K003",
    name: "reference-changed",
    group: Group::Quality,
    summary: "a `@references` was added, removed or points elsewhere",
    explanation: "With a reference, readers may join and lose nothing. Without it they may lose rows: removing one breaks them. Adding one \
        sets rows aside whose value the other contract does not have: that breaks writers. One that points elsewhere does both.",
    consumer: Breaking,
    producer: Breaking,
    cases: &[
        Case { when: "the reference is new", consumer: Compatible, producer: Breaking },
        Case { when: "the reference is gone", consumer: Breaking, producer: Compatible },
    ],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "datacontract-cli `relationship-changed` agrees. Avro, Confluent and buf have no references.",
};

/// Duplicates are treated differently.
pub static K004: Rule = Rule {
    id: "K004",
    name: "duplicates-changed",
    group: Group::Quality,
    summary: "what happens to rows that share a key changed (`duplicates=`)",
    explanation: "With `reject_all` none of the rows that share a key survives; with `keep_first` the first by file and row does. Going to \
        `keep_first`, readers meet rows that were set aside before, chosen by chance as much as by order. Going to `reject_all`, rows \
        that were kept are set aside.",
    consumer: Review,
    producer: Breaking,
    cases: &[Case { when: "from `reject_all` to `keep_first`", consumer: Review, producer: Compatible }],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "Nobody else has it.",
};
