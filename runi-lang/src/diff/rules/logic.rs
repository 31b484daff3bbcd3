//! What steps compute, and from what.

use super::Family;
use crate::diff::rule::Verdict::{Breaking, Compatible, Review};
use crate::diff::rule::{Bump, Group, Level, Rule, Scope};

/// The rules of this family.
pub(super) const FAMILY: Family = Family {
    letter: 'W',
    title: "Logic",
    rules: &[
        &W001, &W002, &W003, &W004, &W005, &W006, &W007, &W008, &W009, &W010, &W011, &W012, &W013, &W014, &W015, &W016, &W017, &W018, &W019,
    ],
};

/// A scenario came.
pub static W001: Rule = Rule {
    id: "W001",
    name: "scenario-added",
    group: Group::Logic,
    summary: "a scenario was added",
    explanation: "Nothing that was there is another one. It is listed so that a reviewer sees what will run from now on, what it \
        reads and where it writes; its sinks and the labelled columns that reach them are findings of their own.",
    consumer: Compatible,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Allow,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// A scenario went away.
pub static W002: Rule = Rule {
    id: "W002",
    name: "scenario-removed",
    group: Group::Logic,
    summary: "a scenario was removed",
    explanation: "Its sinks are not written any more: what lies there stays as it is and grows old, and whoever reads it is not \
        told. Remove the readers first, or leave the scenario until they have moved. A scenario under another name is a removal and \
        an addition; a file that moved is no change.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[],
    bump: Bump::Major,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "dbt reports a removed model when it was contracted; SQLMesh's plan lists it.",
};

/// A step came.
pub static W003: Rule = Rule {
    id: "W003",
    name: "step-added",
    group: Group::Logic,
    summary: "a step was added",
    explanation: "The rows of every later step and sink are computed in another way. Whether that is what readers expect, no rule \
        can tell: compare the examples and goldens that came with it.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "SQLMesh calls it an indirect change of the models below.",
};

/// A step went away.
pub static W004: Rule = Rule {
    id: "W004",
    name: "step-removed",
    group: Group::Logic,
    summary: "a step was removed",
    explanation: "What it computed, filtered or promised is gone from every later step and sink. Its promises went with it and are \
        not listed one by one.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "SQLMesh calls it an indirect change of the models below.",
};

/// The order of steps.
pub static W005: Rule = Rule {
    id: "W005",
    name: "steps-reordered",
    group: Group::Logic,
    summary: "steps stand in another order",
    explanation: "Each step reads the one above it, so the order is part of the meaning: a filter before a calculation keeps other \
        rows from failing, and an assignment before a guard changes what the guard sees. Two steps may well commute; that is not \
        proved, so somebody looks.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// What a step does.
pub static W006: Rule = Rule {
    id: "W006",
    name: "action-changed",
    group: Group::Logic,
    summary: "a step does something else",
    explanation: "The chosen rows get other values, or other columns. Equivalent rewrites are no finding: layout, comments, \
        brackets, the sides of `=`, `+` and `*`, the order of conditions that cannot fail, `between` and its two comparisons, and \
        the order of assignments in one `@do`, which happen at once.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "SQLMesh grades the change of a query as breaking unless it only adds columns.",
};

/// Which rows a step is about.
pub static W007: Rule = Rule {
    id: "W007",
    name: "guard-changed",
    group: Group::Logic,
    summary: "a step chooses other rows",
    explanation: "Rows that were changed before now pass untouched, or the other way round; the promises of the step are asked of \
        other rows too. The message says so when the new guard is narrower or wider than the old one, which is proved from bounds, \
        lists of values and added conditions.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// Which rows a step drops.
pub static W008: Rule = Rule {
    id: "W008",
    name: "filter-changed",
    group: Group::Logic,
    summary: "a `drop where` or `keep where` changed, came or went",
    explanation: "Other rows leave through the door `filtered`, so sinks get more or fewer of them. Counts in `@assert` and \
        thresholds may no longer hold. The message says when the new condition is narrower or wider.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "SQLMesh grades a changed filter as breaking.",
};

/// What a `select` gives.
pub static W009: Rule = Rule {
    id: "W009",
    name: "select-changed",
    group: Group::Logic,
    summary: "a `select` gives something else",
    explanation: "Names of aliases, CTEs and sub-queries mean nothing and are no finding, nor is the order of a `group by` or of the \
        conditions of a join. A `*` and the list of its columns are not the same: the list stays when the contract grows.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "SQLMesh compares the syntax trees of queries and grades all but added columns as breaking.",
};

/// Where a source is read.
pub static W010: Rule = Rule {
    id: "W010",
    name: "source-moved",
    group: Group::Logic,
    summary: "a source is read from elsewhere, or in another way",
    explanation: "The rows come from another place, or the same bytes are read differently: another delimiter, another word for \
        null. The contract still holds for every row, so types and rules are kept; what the data is about may not be.",
    consumer: Review,
    producer: Review,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// A source came.
pub static W011: Rule = Rule {
    id: "W011",
    name: "source-added",
    group: Group::Logic,
    summary: "a source was added",
    explanation: "The scenario reads more than before: it now waits for that data, fails when it is missing, and may join or count \
        it. The steps that use it are findings of their own.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// A source went away.
pub static W012: Rule = Rule {
    id: "W012",
    name: "source-removed",
    group: Group::Logic,
    summary: "a source is not read any more",
    explanation: "Whoever writes it may go on doing so, for one reader less. What the scenario took from it now comes from elsewhere \
        or not at all, which the findings of its steps say.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// What a source promises.
pub static W013: Rule = Rule {
    id: "W013",
    name: "source-contract-exchanged",
    group: Group::Logic,
    summary: "a source is read under another contract",
    explanation: "Rows are held to other rules, so other rows go to the quarantine, and the columns that steps see may have other \
        types, units or labels. Data that satisfied the old contract may break the new one: ask it.",
    consumer: Review,
    producer: Review,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// The window of a stream.
pub static W014: Rule = Rule {
    id: "W014",
    name: "window-changed",
    group: Group::Logic,
    summary: "`@window` came, went or changed",
    explanation: "Rows fall into other groups, late rows are treated in another way, and results come earlier or later. A replay of \
        a recorded stream gives another result, so goldens have to be made again.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// What a step reads.
pub static W015: Rule = Rule {
    id: "W015",
    name: "input-changed",
    group: Group::Logic,
    summary: "a step reads another view",
    explanation: "The step stands where it stood and is computed from the rows of another step or source, because of its `from=` or \
        because another source became the first one.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// Which reusable step is used, and how.
pub static W016: Rule = Rule {
    id: "W016",
    name: "use-changed",
    group: Group::Logic,
    summary: "a step uses another reusable step, another version of it, or other arguments",
    explanation: "The body that runs is another one, or runs with other values. What changed inside a reusable step that is used as \
        before is a finding of that step, with the scenarios that it reaches.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// The order of conditions, where it matters.
pub static W017: Rule = Rule {
    id: "W017",
    name: "evaluation-order-changed",
    group: Group::Logic,
    summary: "conditions stand in another order, and one of them can fail",
    explanation: "`b <> 0 and a / b > 1` never divides by zero; the other way round it does, and the row goes to the quarantine. The \
        conditions are the same, so rows in which nothing fails are not concerned. Put what protects in front of what can fail.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// Another name.
pub static W018: Rule = Rule {
    id: "W018",
    name: "view-renamed",
    group: Group::Logic,
    summary: "a step, a source or a promise has another name and is the same otherwise",
    explanation: "Names of views and titles of promises stand in the records of runs, in the quarantine and in alerts, so what is \
        counted by name starts a new series. No row is another one.",
    consumer: Compatible,
    producer: Compatible,
    cases: &[],
    bump: Bump::Patch,
    level: Level::Allow,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// Layer, domain and tags.
pub static W019: Rule = Rule {
    id: "W019",
    name: "scenario-regrouped",
    group: Group::Logic,
    summary: "the layer, the domain or the tags of a scenario changed",
    explanation: "Selectors such as `tag:nightly` or `layer:silver` take other scenarios than before, so a schedule may run it at \
        another time or not at all. What it computes is the same.",
    consumer: Compatible,
    producer: Compatible,
    cases: &[],
    bump: Bump::Patch,
    level: Level::Allow,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};
