//! How fresh rows are, and how long they stay.

use super::Family;
use crate::diff::rule::Verdict::{Breaking, Compatible, Review};
use crate::diff::rule::{Bump, Case, Group, Level, Rule, Scope};

/// The rules of this family.
pub(super) const FAMILY: Family = Family { letter: 'L', title: "Service levels", rules: &[&L001, &L002, &L003] };

/// Another promise of freshness.
pub static L001: Rule = Rule {
    id: "L001",
    name: "freshness-changed",
    group: Group::Service,
    summary: "`@freshness` was added, removed, moved to another column, tightened or loosened",
    explanation: "Readers schedule by it: when rows may be older than was promised, or nothing is promised any more, reports are built on \
        yesterday's numbers. A tighter promise binds writers, who have to say whether they can keep it. Another column measures \
        something else, which is both.",
    consumer: Breaking,
    producer: Review,
    cases: &[
        Case { when: "tighter, or new", consumer: Compatible, producer: Review },
        Case { when: "looser, or gone", consumer: Breaking, producer: Compatible },
    ],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "datacontract-cli grades it only where `element` is set, else INFO. Nobody else has it.",
};

/// Rows go sooner.
pub static L002: Rule = Rule {
    id: "L002",
    name: "retention-shortened",
    group: Group::Service,
    summary: "`@retention` was added or became shorter",
    explanation: "Rows that readers could still ask for are gone: comparisons with last year, backfills and audits fail or, worse, give an answer \
        from less data. Writers are fine. Tell the readers, and keep an archive under a contract of its own where history is needed.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "datacontract-cli: INFO. Nobody else has it.",
};

/// Rows stay longer.
pub static L003: Rule = Rule {
    id: "L003",
    name: "retention-extended",
    group: Group::Service,
    summary: "`@retention` was removed or became longer",
    explanation: "Readers only gain. Who keeps the rows has to look: longer storage costs money, and for personal data it needs a reason that \
        somebody can name.",
    consumer: Compatible,
    producer: Review,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Compatibility,
    sources: "datacontract-cli: INFO. Nobody else has it.",
};
