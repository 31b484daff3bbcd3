//! What a reader may assume where there is no value.

use super::Family;
use crate::diff::rule::Verdict::{Breaking, Compatible, Review};
use crate::diff::rule::{Bump, Group, Level, Rule, Scope};

/// The rules of this family.
pub(super) const FAMILY: Family = Family { letter: 'D', title: "Defaults", rules: &[&D001, &D002, &D003, &D004] };

/// A default appeared.
pub static D001: Rule = Rule {
    id: "D001",
    name: "default-added",
    group: Group::Schema,
    summary: "a `@default` was added",
    explanation: "Readers that know nothing of it go on as before, and those that do have an answer where there was none. No row changes: a \
        default is what a reader may assume.",
    consumer: Compatible,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Allow,
    scope: Scope::Compatibility,
    sources: "Avro, Confluent and Iceberg agree.",
};

/// Another default.
pub static D002: Rule = Rule {
    id: "D002",
    name: "default-changed",
    group: Group::Semantics,
    summary: "a `@default` has another value",
    explanation: "Rows without a value mean something else now, and no file differs: the same query over the same data gives another \
        answer. Readers have to know. Writers are fine. Where old rows must keep their meaning, write the old default into them first.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Compatibility,
    sources: "buf: FIELD_SAME_DEFAULT refuses it (proto2); Iceberg fixes the initial default for ever; Avro and Confluent accept it silently.",
};

/// No default for a field that must have a value.
pub static D003: Rule = Rule {
    id: "D003",
    name: "required-default-removed",
    group: Group::Schema,
    summary: "the `@default` of a required field was removed",
    explanation: "Rows without the field could be read with the default; now they break the contract, as if the field had just been added \
        and required. Write the value into old rows first, or keep the default.",
    consumer: Compatible,
    producer: Breaking,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "Avro and Confluent BACKWARD refuse it for data without the field.",
};

/// No default for a field that may be null.
pub static D004: Rule = Rule {
    id: "D004",
    name: "optional-default-removed",
    group: Group::Semantics,
    summary: "the `@default` of an optional field was removed",
    explanation: "Readers that assumed the default have no answer any more, and see null. Old rows and writers are fine, since null was \
        allowed. Say in the description what null means now.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Compatibility,
    sources: "Avro: a nullable field without a default makes data without the field unreadable, so BACKWARD refuses it; in Runi an absent \
        optional column is null.",
};
