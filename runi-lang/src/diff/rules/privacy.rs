//! Which sensitive values reach which places, found in the plans of both versions.

use super::Family;
use crate::diff::rule::Verdict::{Breaking, Compatible, Review};
use crate::diff::rule::{Bump, Case, Group, Level, Rule, Scope};

/// The rules of this family.
pub(super) const FAMILY: Family = Family { letter: 'M', title: "Privacy of outputs", rules: &[&M001, &M002, &M003, &M004, &M005, &M006] };

/// A sink under a contract that masks less.
pub static M001: Rule = Rule {
    id: "M001",
    name: "sink-masks-less",
    group: Group::Governance,
    summary: "a sink masks a sensitive column less, by another contract or by the herd's policy",
    explanation: "The column holds values of a person or of a marked field, and the new contract, or the `policy` of the herd, masks it \
        in a weaker way or not at all. The order is `null` and `redact`, then `hash` and `tokenise`, then `partial` and `generalise`, then none. What changed \
        inside one contract is graded there, as `G` rules.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Deny,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// A sensitive column newly reaches a sink as it is.
pub static M002: Rule = Rule {
    id: "M002",
    name: "label-reaches-sink",
    group: Group::Governance,
    summary: "a sensitive column newly reaches a sink without a mask",
    explanation: "The sink's contract declares the column's label and who may read it, so the compiler lets it pass; that it is new \
        is for a person to approve. The path was found in the lineage of the plans, through every expression and join, so a renamed \
        or computed column is found as well.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Deny,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// A sensitive column newly reaches a sink, masked.
pub static M003: Rule = Rule {
    id: "M003",
    name: "masked-label-reaches-sink",
    group: Group::Governance,
    summary: "a sensitive column newly reaches a sink behind a mask",
    explanation: "A keyed hash or a token joins across outputs under one key, a partial or coarser value may be enough to find \
        somebody. `null` and `redact` leave nothing and are no finding.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// Rows with sensitive columns newly reach a quarantine sink.
pub static M004: Rule = Rule {
    id: "M004",
    name: "label-reaches-quarantine",
    group: Group::Governance,
    summary: "rows with a sensitive column newly reach a quarantine sink",
    explanation: "The quarantine masks sensitive cells, but it holds whole rows with their positions in the source, and keeps them \
        as long as its files stay. Check who may read that place.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// Raw rows newly reach a quarantine sink.
pub static M005: Rule = Rule {
    id: "M005",
    name: "raw-rows-reach-quarantine",
    group: Group::Governance,
    summary: "a quarantine sink newly holds raw rows",
    explanation: "The herd lets the quarantine keep rows as they were read, with nothing masked. Every sensitive value of every \
        broken row lies there in the clear.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Deny,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// Another herd.
pub static M006: Rule = Rule {
    id: "M006",
    name: "herd-changed",
    group: Group::Governance,
    summary: "a scenario belongs to another herd, or its keyed masks get another key",
    explanation: "The herd has the key of keyed masks, the permissions and the limits. Under another key the same value becomes \
        another hash or token, so new output does not join with old output or with that of other scenarios. The key changes, too, when the herd's own \
        `key`, an environment's `mask_key`, or the place of its secret does.",
    consumer: Review,
    producer: Compatible,
    cases: &[Case { when: "keyed masks get another key", consumer: Breaking, producer: Compatible }],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};
