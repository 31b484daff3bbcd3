//! What a reusable step asks of its users and gives to its readers.

use super::Family;
use crate::diff::rule::Verdict::{Breaking, Compatible, Review};
use crate::diff::rule::{Bump, Case, Group, Level, Rule, Scope};

/// The rules of this family.
pub(super) const FAMILY: Family = Family {
    letter: 'I',
    title: "Interfaces of reusable steps",
    rules: &[&I001, &I002, &I003, &I004, &I005, &I006, &I007, &I008, &I009, &I010, &I011, &I012, &I013, &I014, &I015, &I016],
};

/// A reusable step came.
pub static I001: Rule = Rule {
    id: "I001",
    name: "step-published",
    group: Group::Logic,
    summary: "a reusable step was added",
    explanation: "Nobody uses it yet. It is listed so that a reviewer sees a new interface before anybody depends on it, since from \
        then on its parameters, needs and gives are promises.",
    consumer: Compatible,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Allow,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// A reusable step went away.
pub static I002: Rule = Rule {
    id: "I002",
    name: "step-withdrawn",
    group: Group::Logic,
    summary: "a reusable step was removed",
    explanation: "Every scenario that uses it stops compiling, in this workspace and in those that take it as a package. Publish a \
        new version beside it (`Step: Name@2`) and remove the old one when nobody uses it. A step that moved to another file is no \
        change.",
    consumer: Breaking,
    producer: Breaking,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Policy,
    sources: "buf: MESSAGE_NO_DELETE; dbt has no rule for macros.",
};

/// A parameter with a default came.
pub static I003: Rule = Rule {
    id: "I003",
    name: "parameter-added",
    group: Group::Logic,
    summary: "a parameter with a default was added",
    explanation: "Uses that do not name it go on as before, with the default. What the default does to the result is a finding of \
        the body.",
    consumer: Compatible,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Allow,
    scope: Scope::Policy,
    sources: "cargo-semver-checks has no counterpart, as Rust has no defaults.",
};

/// A parameter without a default came.
pub static I004: Rule = Rule {
    id: "I004",
    name: "required-parameter-added",
    group: Group::Logic,
    summary: "a parameter without a default was added",
    explanation: "Every use that does not name it stops compiling. Give it a default that does what the step did before, or publish \
        a new version.",
    consumer: Compatible,
    producer: Breaking,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Policy,
    sources: "cargo-semver-checks `function_parameter_count_changed`.",
};

/// A parameter went away.
pub static I005: Rule = Rule {
    id: "I005",
    name: "parameter-removed",
    group: Group::Logic,
    summary: "a parameter was removed",
    explanation: "Every use that names it stops compiling. A parameter under another name is a removal and an addition, as uses name \
        their arguments.",
    consumer: Compatible,
    producer: Breaking,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Policy,
    sources: "cargo-semver-checks `function_parameter_count_changed`.",
};

/// The type of a parameter.
pub static I006: Rule = Rule {
    id: "I006",
    name: "parameter-retyped",
    group: Group::Logic,
    summary: "a parameter has another type",
    explanation: "Arguments that fitted may not fit any more: a column of another type, a value that does not parse. A use may also \
        go on compiling and mean something else, as `1` is an int64 and a decimal.",
    consumer: Compatible,
    producer: Breaking,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// The default of a parameter.
pub static I007: Rule = Rule {
    id: "I007",
    name: "parameter-default-changed",
    group: Group::Logic,
    summary: "the default of a parameter changed or went away",
    explanation: "Uses that do not name the parameter compile as before and compute something else, silently. A default that went \
        away stops them, which is a break.",
    consumer: Review,
    producer: Review,
    cases: &[Case { when: "the default went away", consumer: Compatible, producer: Breaking }],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Iceberg fixes initial defaults for this reason.",
};

/// A needed column came.
pub static I008: Rule = Rule {
    id: "I008",
    name: "need-added",
    group: Group::Logic,
    summary: "the step needs a column that it did not need",
    explanation: "Scenarios whose rows have no such column stop compiling; those that have one hand over more than they did, labels \
        included. A column that is a parameter lets each user say which one is meant.",
    consumer: Compatible,
    producer: Breaking,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// A needed column went away.
pub static I009: Rule = Rule {
    id: "I009",
    name: "need-removed",
    group: Group::Logic,
    summary: "the step needs a column less",
    explanation: "Every use goes on as before and hands over less, so a scenario may now drop that column earlier. What the body \
        does without it is a finding of its own.",
    consumer: Compatible,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Allow,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// The type of a needed column.
pub static I010: Rule = Rule {
    id: "I010",
    name: "need-retyped",
    group: Group::Logic,
    summary: "a needed column has another type",
    explanation: "Rows that fitted may not fit any more, and where they do, a value may be read in another way. Users have to \
        convert before the step, or the step has to take both in two versions.",
    consumer: Compatible,
    producer: Breaking,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// A given column came.
pub static I011: Rule = Rule {
    id: "I011",
    name: "gives-added",
    group: Group::Logic,
    summary: "the step gives a column more",
    explanation: "The rows of every user get one more column. Readers by name do not notice; where a column of that name is there \
        already, it is overwritten, and a sink without a contract writes one column more.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// A given column went away.
pub static I012: Rule = Rule {
    id: "I012",
    name: "gives-removed",
    group: Group::Logic,
    summary: "the step gives a column less",
    explanation: "Whatever reads the column below the step stops compiling, and a sink's contract that requires it is no longer \
        satisfied. Users in other workspaces find out when they update.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Policy,
    sources: "buf: FIELD_NO_DELETE; dbt: a removed column of a contracted model.",
};

/// The type of a given column.
pub static I013: Rule = Rule {
    id: "I013",
    name: "gives-retyped",
    group: Group::Logic,
    summary: "a given column has another type",
    explanation: "Expressions below the step type in another way or not at all, and a sink's contract may no longer fit. Publish a \
        new version and let users move.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Policy,
    sources: "buf: FIELD_SAME_TYPE; dbt: a changed data type.",
};

/// Row by row, or a `select`.
pub static I014: Rule = Rule {
    id: "I014",
    name: "shape-changed",
    group: Group::Logic,
    summary: "a row-level step became a `select`, or the other way round",
    explanation: "A row-level step keeps every column and every row that it does not speak of; a `select` gives only what its \
        signature says. So users lose columns, or get back those that they thought gone, and row counts no longer add up.",
    consumer: Breaking,
    producer: Breaking,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// The domain of a reusable step.
pub static I015: Rule = Rule {
    id: "I015",
    name: "step-moved-domain",
    group: Group::Logic,
    summary: "a reusable step belongs to another domain",
    explanation: "Uses that name the domain, and uses from the same domain that name none, no longer find it. Uses are looked up in \
        their file, then their domain, then the one that they name.",
    consumer: Compatible,
    producer: Breaking,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// Another version of a reusable step came.
pub static I016: Rule = Rule {
    id: "I016",
    name: "version-published",
    group: Group::Logic,
    summary: "a further version of a reusable step was added",
    explanation: "A use without a version is legal only while there is one version, so users who named none have to choose one \
        (`name=Step@1`). Those who did are not concerned.",
    consumer: Compatible,
    producer: Review,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};
