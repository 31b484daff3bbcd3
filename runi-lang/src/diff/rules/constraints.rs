//! What must hold for each value becomes stricter or weaker.

use super::Family;
use crate::diff::rule::Verdict::{Breaking, Compatible, Review};
use crate::diff::rule::{Bump, Group, Level, Rule, Scope};

/// The rules of this family.
pub(super) const FAMILY: Family = Family { letter: 'C', title: "Constraints", rules: &[&C001, &C002, &C003] };

/// Fewer values are good.
pub static C001: Rule = Rule {
    id: "C001",
    name: "constraint-tightened",
    group: Group::Quality,
    summary: "a range, length, pattern, format or uniqueness was added or became stricter",
    explanation: "Values that were fine now break the contract and go to the quarantine, or end the run, as `on_fail` says. Readers only \
        gain. Bounds are compared as exact numbers, days and instants: `min=0, exclusive=true` and `min=1` are the same for whole \
        numbers, and a bound that the type implies is none. Patterns are compared by what they take: `a|b` and `[ab]` are the same, and the \
        message names a text that is refused now. Data can say how many rows would be set aside: ask it, and repair them \
        first. `on_fail=warn` counts without setting aside.",
    consumer: Compatible,
    producer: Breaking,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "datacontract-cli `validation-constraint-changed` agrees; dbt enforces constraints and compares none; Avro, Confluent and \
        buf have no constraints to compare (protovalidate rules are options, which buf leaves out).",
};

/// More values are good.
pub static C002: Rule = Rule {
    id: "C002",
    name: "constraint-loosened",
    group: Group::Quality,
    summary: "a range, length, pattern, format or uniqueness was removed or became weaker",
    explanation: "Readers may rely on what the contract promised: a price above zero is divided by, a unique column is joined on, a code of \
        three letters is stored in three bytes. Now other values may come. Writers are fine. If no reader relies on it, set `C002` to \
        `warn` in `Runi.toml`, or accept it here.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "datacontract-cli `validation-constraint-changed` agrees; dbt: removing an enforced constraint is a breaking change.",
};

/// Another pattern.
pub static C003: Rule = Rule {
    id: "C003",
    name: "pattern-changed",
    group: Group::Quality,
    summary: "a pattern was replaced by another, and it could not be decided which of them takes more",
    explanation: "Two patterns are compared by what they take: one that takes fewer texts is `C001`, one that takes more is `C002`, one that does \
        both is both, and one that takes the same is no change. That is left open where a pattern asks for neighbours (`\\b`, `(?m:^)`) or where its \
        repetitions are too large to be walked through. Then the new one may take more, fewer or other texts than the old one. Data can \
        say how many rows the new pattern rejects, which answers for the writers; readers have to be asked.",
    consumer: Review,
    producer: Review,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Compatibility,
    sources: "datacontract-cli: UNDETERMINED.",
};
