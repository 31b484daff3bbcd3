//! Rules over whole rows, and what happens to rows that break one.

use super::Family;
use crate::diff::rule::Verdict::{Breaking, Compatible, Review};
use crate::diff::rule::{Bump, Case, Group, Level, Rule, Scope};

/// The rules of this family.
pub(super) const FAMILY: Family =
    Family { letter: 'Q', title: "Quality rules and policies", rules: &[&Q001, &Q002, &Q003, &Q004, &Q005, &Q006, &Q007, &Q008] };

/// A stricter rule.
pub static Q001: Rule = Rule {
    id: "Q001",
    name: "rule-tightened",
    group: Group::Quality,
    summary: "a `@rule` was added, or demands more",
    explanation: "Rows that were fine are set aside, or end the run. Readers only gain. A rule demands more when a condition was joined to it \
        with `and`, or when a threshold moved so that fewer rows pass; anything else that differs is `Q005`. Data can say how many rows \
        would be set aside: ask before you merge, and begin with `on_fail=warn`.",
    consumer: Compatible,
    producer: Breaking,
    cases: &[Case {
        when: "it reads new optional fields only, and passes where they are null",
        consumer: Compatible,
        producer: Compatible,
    }],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "datacontract-cli `QualityConstraintRule` agrees; dbt compares no data tests.",
};

/// A weaker rule.
pub static Q002: Rule = Rule {
    id: "Q002",
    name: "rule-loosened",
    group: Group::Quality,
    summary: "a `@rule` was removed, or demands less",
    explanation: "Rows that were set aside now reach the readers. Whether a reader relied on the rule cannot be seen from here, and many rules \
        guard the pipeline rather than the reader, so by default it is a warning. Set `Q002 = \"deny\"` in `Runi.toml` where rules are \
        promises.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[],
    bump: Bump::Major,
    level: Level::Warn,
    scope: Scope::Compatibility,
    sources: "datacontract-cli: breaking for consumers.",
};

/// A broken rule has a harder consequence.
pub static Q003: Rule = Rule {
    id: "Q003",
    name: "policy-tightened",
    group: Group::Quality,
    summary: "an `on_fail` became stricter: `warn` < `quarantine` < `fail`",
    explanation: "Rows that were counted and kept are set aside, or a run that set rows aside now ends. Writers that lived with the warnings \
        lose their rows. Readers only gain. Look at the run records: they say how many rows broke the rule lately.",
    consumer: Compatible,
    producer: Breaking,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "Nobody else grades it; in ODCS `severity` is free text.",
};

/// A broken rule has a softer consequence.
pub static Q004: Rule = Rule {
    id: "Q004",
    name: "policy-loosened",
    group: Group::Quality,
    summary: "an `on_fail` became weaker: `fail` > `quarantine` > `warn`",
    explanation: "With `warn`, rows that break the rule reach the readers, so the rule promises nothing any more: that breaks them. From \
        `fail` to `quarantine`, what they get is still good, but a dataset that used to be complete or absent may now be partial: \
        somebody has to look.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[Case { when: "from `fail` to `quarantine`", consumer: Review, producer: Compatible }],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "Nobody else grades it.",
};

/// Another condition.
pub static Q005: Rule = Rule {
    id: "Q005",
    name: "rule-changed",
    group: Group::Quality,
    summary: "a `@rule` has another condition",
    explanation: "Neither is clearly stricter, so both sides have to look. Data can say how many rows the new rule rejects. What is \
        proved to mean the same is no change at all: layout, brackets, the order of conditions, the sides of a comparison, `a <= b` for \
        `not (a > b)`, `between` for its two comparisons. Around a part that can fail, as in `b <> 0 and a / b > 1`, the order is part of \
        the meaning.",
    consumer: Review,
    producer: Review,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Compatibility,
    sources: "datacontract-cli: UNDETERMINED for other SQL.",
};

/// Drift has a harder consequence.
pub static Q006: Rule = Rule {
    id: "Q006",
    name: "drift-tightened",
    group: Group::Quality,
    summary: "a kind of `@drift` that was let through now ends the run",
    explanation: "Sources whose columns are not quite the contract's were read with a warning; now the run stops before rows flow. Readers only \
        gain. Look at the last runs for drift warnings before you merge.",
    consumer: Compatible,
    producer: Breaking,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "Nobody else has policies for drift in the contract (asked for in bruin#2625).",
};

/// Drift has a softer consequence.
pub static Q007: Rule = Rule {
    id: "Q007",
    name: "drift-loosened",
    group: Group::Quality,
    summary: "a kind of `@drift` that ended the run is now let through",
    explanation: "Runs that would have stopped go on: a missing optional column is null in every row, a column of another type is cast. The \
        contract still holds for what comes out, but readers may wonder where the values went.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Compatibility,
    sources: "Nobody else has policies for drift in the contract.",
};

/// Another title.
pub static Q008: Rule = Rule {
    id: "Q008",
    name: "rule-retitled",
    group: Group::Quality,
    summary: "a `@rule` has another title and the same condition",
    explanation: "The same rows pass. The title is what the quarantine, the run record and alerts call the rule, so dashboards that filter by \
        it lose their thread.",
    consumer: Compatible,
    producer: Compatible,
    cases: &[],
    bump: Bump::Patch,
    level: Level::Allow,
    scope: Scope::Compatibility,
    sources: "Nobody else grades it.",
};
