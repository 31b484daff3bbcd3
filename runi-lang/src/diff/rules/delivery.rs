//! Where rows go, and in which form.

use super::Family;
use crate::diff::rule::Verdict::{Breaking, Compatible, Review};
use crate::diff::rule::{Bump, Case, Group, Level, Rule, Scope};

/// The rules of this family.
pub(super) const FAMILY: Family =
    Family { letter: 'R', title: "Delivery", rules: &[&R001, &R002, &R003, &R004, &R005, &R006, &R007, &R008, &R009, &R010] };

/// A sink came.
pub static R001: Rule = Rule {
    id: "R001",
    name: "sink-added",
    group: Group::Delivery,
    summary: "a sink was added",
    explanation: "One more place is written. Nobody reads it yet; which sensitive columns reach it is a finding of its own, and a \
        sink with a condition changes what the others of its switch get.",
    consumer: Compatible,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Allow,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// A sink went away.
pub static R002: Rule = Rule {
    id: "R002",
    name: "sink-removed",
    group: Group::Delivery,
    summary: "a sink was removed",
    explanation: "What lies there stays as it is and grows old, and whoever reads it is not told. Rows that it took from a switch \
        now go elsewhere. Find its readers first: the impact of this finding lists those of this workspace.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[],
    bump: Bump::Major,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "dbt reports a removed model when it was contracted.",
};

/// A sink writes elsewhere.
pub static R003: Rule = Rule {
    id: "R003",
    name: "sink-moved",
    group: Group::Delivery,
    summary: "a sink is written to another place",
    explanation: "Readers of the old place find old data there and no error. Write both for a while, or move the readers in the same \
        change; those of this workspace are listed.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[],
    bump: Bump::Major,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// A sink of another kind.
pub static R004: Rule = Rule {
    id: "R004",
    name: "sink-retyped",
    group: Group::Delivery,
    summary: "a sink is written in another format",
    explanation: "Readers of the old format cannot read the new one, and some formats say less than others: CSV has no types, JSON \
        no decimals.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[],
    bump: Bump::Major,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// Which rows a sink gets.
pub static R005: Rule = Rule {
    id: "R005",
    name: "route-changed",
    group: Group::Delivery,
    summary: "the condition of a sink came, went or changed",
    explanation: "Rows that this sink got go to another sink of the switch, or to none of those that readers know. Sinks with a \
        condition are tried in order, so their order counts. The message says when the new condition is narrower or wider.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// What a sink promises.
pub static R006: Rule = Rule {
    id: "R006",
    name: "sink-contract-exchanged",
    group: Group::Delivery,
    summary: "a sink is written under another contract, or under none any more",
    explanation: "Readers were promised one contract and get the rows of another: other columns, types, rules or masks. Compare the \
        two contracts, and tell the readers of that place.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[Case { when: "the sink had no contract", consumer: Review, producer: Compatible }],
    bump: Bump::Major,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// Append or overwrite.
pub static R007: Rule = Rule {
    id: "R007",
    name: "write-mode-changed",
    group: Group::Delivery,
    summary: "a sink appends where it replaced, or the other way round",
    explanation: "Readers of a table that is replaced see one state; readers of one that is appended to see a history with repeats. \
        Either way the next run makes something of what lies there that nobody expects.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[],
    bump: Bump::Major,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// How a sink is written.
pub static R008: Rule = Rule {
    id: "R008",
    name: "sink-options-changed",
    group: Group::Delivery,
    summary: "options of a sink changed, such as delimiter, header or compression",
    explanation: "The rows are the same and their bytes are not. Readers that are told the options by hand, as those of CSV are, \
        have to be told the new ones.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// Where a sink stands.
pub static R009: Rule = Rule {
    id: "R009",
    name: "sink-reads-another-step",
    group: Group::Delivery,
    summary: "a sink takes the rows of another step",
    explanation: "The sink stands below another step than before, so its rows went through more or fewer of them, and were held to \
        more or fewer promises.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// Another name for a sink.
pub static R010: Rule = Rule {
    id: "R010",
    name: "sink-renamed",
    group: Group::Delivery,
    summary: "a sink has another name and is the same otherwise",
    explanation: "Its name stands in records of runs, in `[env.…sinks]` of the manifest, in goldens and examples. A rebinding under \
        the old name no longer applies, so in another environment the sink may write to its own path.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};
