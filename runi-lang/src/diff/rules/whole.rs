//! A contract as a whole, and its own promises about change.

use super::Family;
use crate::diff::rule::Verdict::{Breaking, Compatible, Review};
use crate::diff::rule::{Bump, Case, Group, Level, Rule, Scope};

/// The rules of this family.
pub(super) const FAMILY: Family =
    Family { letter: 'X', title: "Whole contracts", rules: &[&X001, &X002, &X003, &X004, &X005, &X006, &X007] };

/// A contract went away.
pub static X001: Rule = Rule {
    id: "X001",
    name: "contract-removed",
    group: Group::Schema,
    summary: "a contract was removed",
    explanation: "Nothing promises anything about the data any more, and every reader is on its own. Mark the contract `@deprecated(until=…)`: \
        once that day has passed, removing it is allowed. A contract that got another name is a removal and an addition, as names are \
        what sources, sinks and other contracts refer to; a file that moved is no change at all.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "buf: FILE_NO_DELETE, MESSAGE_NO_DELETE; dbt refuses to remove a contracted model; datacontract-cli compares pairs only.",
};

/// Weaker promises about change.
pub static X002: Rule = Rule {
    id: "X002",
    name: "compatibility-loosened",
    group: Group::Governance,
    summary: "`@compatibility`, or `[compatibility]` in `Runi.toml`, protects fewer than before",
    explanation: "The mode of the *old* version judges a change, so loosening it in the same pull request does not let a break through. It does \
        let the next one through. Readers and writers were promised otherwise, so it is refused under every mode until somebody answers \
        for it. The same holds for `Runi.toml`: a default or a history that is weaker, and the level of a rule that is lower; there \
        `[[compatibility.accept]]` says who answers for it.",
    consumer: Breaking,
    producer: Breaking,
    cases: &[
        Case { when: "only readers lose protection", consumer: Breaking, producer: Compatible },
        Case { when: "only writers lose protection", consumer: Compatible, producer: Breaking },
        Case {
            when: "only the history became shorter, or a level in `Runi.toml` that was no `deny` became lower",
            consumer: Review,
            producer: Review,
        },
    ],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Policy,
    sources: "Confluent changes a subject's level without any check.",
};

/// Stronger promises about change.
pub static X003: Rule = Rule {
    id: "X003",
    name: "compatibility-tightened",
    group: Group::Governance,
    summary: "`@compatibility`, or `[compatibility]` in `Runi.toml`, protects more than before",
    explanation: "From the next change on, more is refused. This change is still judged by the old mode, as that is what was promised until now.",
    consumer: Compatible,
    producer: Compatible,
    cases: &[],
    bump: Bump::Patch,
    level: Level::Allow,
    scope: Scope::Compatibility,
    sources: "Nobody else grades it.",
};

/// A contract came.
pub static X004: Rule = Rule {
    id: "X004",
    name: "contract-added",
    group: Group::Schema,
    summary: "a contract was added",
    explanation: "Nobody reads it yet and nobody writes it. It is listed so that a reviewer sees a new promise before anybody relies on it, and \
        so that a changelog can name it.",
    consumer: Compatible,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Allow,
    scope: Scope::Compatibility,
    sources: "All agree: no break.",
};

/// The version went back.
pub static X005: Rule = Rule {
    id: "X005",
    name: "version-decreased",
    group: Group::Governance,
    summary: "`@version` is lower than before, or was removed",
    explanation: "Two different promises would have the same number, or a later one a smaller number: whoever pinned a version gets the wrong \
        one. To go back to an earlier contract, write it again under a new, higher version; history is not rewritten.",
    consumer: Breaking,
    producer: Breaking,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Policy,
    sources: "Nobody else grades it; registries number versions themselves.",
};

/// The version says too little.
pub static X006: Rule = Rule {
    id: "X006",
    name: "version-bump-too-small",
    group: Group::Governance,
    summary: "`@version` grew by less than the change demands",
    explanation: "A break demands a new major version, an addition a new minor one, anything else a patch: then a reader can tell from two numbers \
        whether to worry. Below 1.0.0 a break demands a minor version and everything else a patch, as in semantic versioning. \
        `runi contract bump` writes the right number. It is a warning on a branch, where several changes may share one version, and \
        publishing refuses it.",
    consumer: Review,
    producer: Review,
    cases: &[],
    bump: Bump::Patch,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "cargo-semver-checks demands bumps in the same way, for Rust interfaces.",
};

/// Somebody answers for a break.
pub static X007: Rule = Rule {
    id: "X007",
    name: "accept-changed",
    group: Group::Governance,
    summary: "an `@accept` was added, changed or removed",
    explanation: "A deliberate break has a place in the contract, or above the scenario or step that breaks, with a reason, a name and an end, so \
        that a reviewer sees it in the same diff. It is listed for that reason. When its day has passed it accepts nothing any more and may go.",
    consumer: Compatible,
    producer: Compatible,
    cases: &[],
    bump: Bump::None,
    level: Level::Allow,
    scope: Scope::Policy,
    sources: "buf has `ignore_only` per path, without an end; cargo-semver-checks has levels per lint.",
};
