//! What is checked on every run, and what tests prove.

use super::Family;
use crate::diff::rule::Verdict::{Compatible, Review};
use crate::diff::rule::{Bump, Group, Level, Rule, Scope};

/// The rules of this family.
pub(super) const FAMILY: Family = Family {
    letter: 'V',
    title: "Verification",
    rules: &[
        &V001, &V002, &V003, &V004, &V005, &V006, &V007, &V008, &V009, &V010, &V011, &V012, &V013, &V014, &V015, &V016, &V017, &V018,
        &V019, &V020, &V021, &V022, &V023, &V024, &V025, &V026, &V027, &V028,
    ],
};

/// A `@then` came.
pub static V001: Rule = Rule {
    id: "V001",
    name: "promise-added",
    group: Group::Quality,
    summary: "a step promises more",
    explanation: "Rows that break the new promise go to the quarantine, or end the run, as `@on_fail` says; those that pass are what \
        readers knew. Current rows can be asked before it is merged.",
    consumer: Compatible,
    producer: Review,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "datacontract-cli `QualityConstraintRule`, for contracts.",
};

/// A `@then` went away.
pub static V002: Rule = Rule {
    id: "V002",
    name: "promise-removed",
    group: Group::Quality,
    summary: "a step promises less",
    explanation: "Rows that went to the quarantine now reach the sinks. Whoever relied on the promise is not told, unless the sink's \
        contract says it again, which is the better place for what readers rely on.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "dbt does not compare tests; datacontract-cli `QualityConstraintRule`, for contracts.",
};

/// A `@then` asks for more.
pub static V003: Rule = Rule {
    id: "V003",
    name: "promise-tightened",
    group: Group::Quality,
    summary: "a promise became stricter",
    explanation: "Whatever breaks the old promise breaks the new one, and more: some rows that passed go to the quarantine. That it \
        is stricter is proved from bounds, lists of values and added conditions.",
    consumer: Compatible,
    producer: Review,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "datacontract-cli `QualityConstraintRule`, for contracts.",
};

/// A `@then` asks for less.
pub static V004: Rule = Rule {
    id: "V004",
    name: "promise-loosened",
    group: Group::Quality,
    summary: "a promise became weaker",
    explanation: "Some rows that went to the quarantine now reach the sinks. That it is weaker is proved from bounds, lists of \
        values and dropped conditions; say in the pull request why those rows are good.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "datacontract-cli `QualityConstraintRule`, for contracts.",
};

/// Another `@then`.
pub static V005: Rule = Rule {
    id: "V005",
    name: "promise-changed",
    group: Group::Quality,
    summary: "a promise says something else",
    explanation: "It is neither stricter nor weaker, or that could not be shown: some rows may now be set aside and others let \
        through. Equivalent rewrites are no finding.",
    consumer: Review,
    producer: Review,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// A check of a `Then` line came.
pub static V006: Rule = Rule {
    id: "V006",
    name: "check-added",
    group: Group::Quality,
    summary: "the rows that reach the sinks are checked for more",
    explanation: "Rows for which the check is false go to the quarantine instead of a sink. Counts of sinks may fall, and `@quality` \
        thresholds may be passed.",
    consumer: Compatible,
    producer: Review,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// A check of a `Then` line went away.
pub static V007: Rule = Rule {
    id: "V007",
    name: "check-removed",
    group: Group::Quality,
    summary: "the rows that reach the sinks are checked for less",
    explanation: "Rows that were kept from every sink now reach them. A `Then` line without a check is legal, and counted: the \
        promise is now only prose.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// A check of a `Then` line asks for more.
pub static V008: Rule = Rule {
    id: "V008",
    name: "check-tightened",
    group: Group::Quality,
    summary: "a check became stricter",
    explanation: "Whatever fails the old check fails the new one, and more: some rows that reached the sinks are now set aside. That \
        it is stricter is proved, not guessed.",
    consumer: Compatible,
    producer: Review,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// A check of a `Then` line asks for less.
pub static V009: Rule = Rule {
    id: "V009",
    name: "check-loosened",
    group: Group::Quality,
    summary: "a check became weaker",
    explanation: "Some rows that were kept from every sink now reach them. That it is weaker is proved from bounds, lists of values \
        and dropped conditions.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// Another check of a `Then` line.
pub static V010: Rule = Rule {
    id: "V010",
    name: "check-changed",
    group: Group::Quality,
    summary: "a check says something else",
    explanation: "It is neither stricter nor weaker, or that could not be shown: other rows reach the sinks. Equivalent rewrites are \
        no finding.",
    consumer: Review,
    producer: Review,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// An `@assert` came.
pub static V011: Rule = Rule {
    id: "V011",
    name: "assertion-added",
    group: Group::Quality,
    summary: "the counts of a run are held to more",
    explanation: "A run whose counts break it now fails and publishes nothing. Null fails too, so a count that is missing is a \
        failure as well.",
    consumer: Compatible,
    producer: Review,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// An `@assert` went away.
pub static V012: Rule = Rule {
    id: "V012",
    name: "assertion-removed",
    group: Group::Quality,
    summary: "the counts of a run are held to less",
    explanation: "Runs that failed now publish their output. If the assertion was wrong, say what holds instead; counts that nothing \
        watches drift unseen.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// Another `@assert`.
pub static V013: Rule = Rule {
    id: "V013",
    name: "assertion-changed",
    group: Group::Quality,
    summary: "an assertion over counts says something else",
    explanation: "Other runs fail, and others publish. Whether it is stricter is not worked out for counts, so somebody looks at it. \
        Assertions are compared by their text.",
    consumer: Review,
    producer: Review,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// A `@quality` threshold asks for more.
pub static V014: Rule = Rule {
    id: "V014",
    name: "threshold-tightened",
    group: Group::Quality,
    summary: "a `@quality` threshold came or became stricter",
    explanation: "Runs that published now fail at the threshold. The records of the last runs (`runi runs`) say how close each of \
        them came to it.",
    consumer: Compatible,
    producer: Review,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "datacontract-cli `QualityConstraintRule`, for contracts.",
};

/// A `@quality` threshold asks for less.
pub static V015: Rule = Rule {
    id: "V015",
    name: "threshold-loosened",
    group: Group::Quality,
    summary: "a `@quality` threshold went away or became weaker",
    explanation: "A run with more bad rows, or fewer good ones, now publishes its output, and no alert tells of it. Readers get data \
        that was held back before.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "datacontract-cli `QualityConstraintRule`, for contracts.",
};

/// A broken promise weighs less.
pub static V016: Rule = Rule {
    id: "V016",
    name: "failure-softened",
    group: Group::Quality,
    summary: "`@on_fail` became milder",
    explanation: "Rows that ended the run go to the quarantine, or rows that went there are only counted and reach the sinks. The \
        order is `fail`, `quarantine`, `warn`.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// A broken promise weighs more.
pub static V017: Rule = Rule {
    id: "V017",
    name: "failure-hardened",
    group: Group::Quality,
    summary: "`@on_fail` became stricter",
    explanation: "Rows that were only counted go to the quarantine, or one bad row now ends the run. Writers whose rows were \
        tolerated are not any more.",
    consumer: Compatible,
    producer: Review,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// A golden came.
pub static V018: Rule = Rule {
    id: "V018",
    name: "golden-added",
    group: Group::Quality,
    summary: "a golden was added",
    explanation: "What the scenario gives is pinned by one more file, so later changes of its result show up in a test. No row of a \
        run is another one.",
    consumer: Compatible,
    producer: Compatible,
    cases: &[],
    bump: Bump::Patch,
    level: Level::Allow,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// A golden went away.
pub static V019: Rule = Rule {
    id: "V019",
    name: "golden-removed",
    group: Group::Quality,
    summary: "a golden was removed",
    explanation: "Nothing pins that output any more: the next change of it passes the tests unseen. If the golden was outdated, make \
        it again from the new result instead.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Patch,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// A golden reads or expects something else.
pub static V020: Rule = Rule {
    id: "V020",
    name: "golden-changed",
    group: Group::Quality,
    summary: "a golden has another input, output or sink",
    explanation: "The test now proves something else than it did. Whether the old case is still covered, no rule can tell; read the \
        two files side by side.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Patch,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// An example came.
pub static V021: Rule = Rule {
    id: "V021",
    name: "example-added",
    group: Group::Quality,
    summary: "an example was added",
    explanation: "One more case is shown and tested. No row of a run is another one. Examples are where a reviewer sees what a \
        change of logic is meant to do.",
    consumer: Compatible,
    producer: Compatible,
    cases: &[],
    bump: Bump::Patch,
    level: Level::Allow,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// An example went away.
pub static V022: Rule = Rule {
    id: "V022",
    name: "example-removed",
    group: Group::Quality,
    summary: "an example was removed",
    explanation: "A case that was shown and tested is not any more. If it does not hold after this change, that is worth a word: it \
        was what users could read in the documentation.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Patch,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// An example says something else.
pub static V023: Rule = Rule {
    id: "V023",
    name: "example-changed",
    group: Group::Quality,
    summary: "an example has other rows in or out",
    explanation: "The documented behaviour changed, or the case that shows it did. Read it together with the finding of the changed \
        step, or ask why there is none.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Patch,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// An `@alert` came.
pub static V024: Rule = Rule {
    id: "V024",
    name: "alert-added",
    group: Group::Quality,
    summary: "an alert was added",
    explanation: "Somebody more is told, or of more. Alerts hold no values, so nothing sensitive leaves by them. No row of a run is \
        another one.",
    consumer: Compatible,
    producer: Compatible,
    cases: &[],
    bump: Bump::Patch,
    level: Level::Allow,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// An `@alert` went away.
pub static V025: Rule = Rule {
    id: "V025",
    name: "alert-removed",
    group: Group::Quality,
    summary: "an alert was removed",
    explanation: "Whoever was told of a failed threshold, an invalid row or a drift is not told any more. An alert that goes \
        elsewhere is a removal and an addition.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Patch,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// A step is held to a contract.
pub static V026: Rule = Rule {
    id: "V026",
    name: "stage-contract-added",
    group: Group::Quality,
    summary: "the rows after a step are held to a contract",
    explanation: "Rows that break it are set aside at that step. What stands below may rely on its types, and on values where it \
        requires them.",
    consumer: Compatible,
    producer: Review,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// A step is held to no contract any more.
pub static V027: Rule = Rule {
    id: "V027",
    name: "stage-contract-removed",
    group: Group::Quality,
    summary: "the rows after a step are held to no contract any more",
    explanation: "Rows that were set aside at that step go on to what stands below it, up to the sinks, whose own contracts are the \
        next thing that stops them.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// A step is held to another contract.
pub static V028: Rule = Rule {
    id: "V028",
    name: "stage-contract-exchanged",
    group: Group::Quality,
    summary: "the rows after a step are held to another contract",
    explanation: "Other rows are set aside at that step. Which of the two contracts asks for more is not compared here; the \
        comparison of the two files says it.",
    consumer: Review,
    producer: Review,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};
