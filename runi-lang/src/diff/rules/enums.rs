//! The listed values of an enum change.

use super::Family;
use crate::diff::rule::Verdict::{Breaking, Compatible};
use crate::diff::rule::{Bump, Group, Level, Rule, Scope};

/// The rules of this family.
pub(super) const FAMILY: Family = Family { letter: 'E', title: "Enums", rules: &[&E001, &E002, &E003, &E004, &E005, &E006, &E007] };

/// A value was added to a closed enum.
pub static E001: Rule = Rule {
    id: "E001",
    name: "enum-value-added",
    group: Group::Schema,
    summary: "a value was added to a closed enum",
    explanation: "Readers were told the full list, and many act on it: a `case` without an `else`, a generated enum type, a dashboard with \
        three colours. The new value falls through or fails. Writers are fine. An enum whose `@enum_policy(on_fail=warn)` lets other \
        values through was never closed; adding to it is `E002`.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "Avro: an old reader without an enum default fails on the new symbol; Confluent has let this pass FORWARD \
        (schema-registry#601, #880). datacontract-cli: breaking for consumers. buf lets enums grow.",
};

/// A value was added to an open enum.
pub static E002: Rule = Rule {
    id: "E002",
    name: "open-enum-value-added",
    group: Group::Schema,
    summary: "a value was added to an enum that lets other values through",
    explanation: "The old contract counted values outside of the list and kept their rows (`@enum_policy(on_fail=warn)`), so readers had \
        to expect them already. Naming one more is only good news.",
    consumer: Compatible,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Allow,
    scope: Scope::Compatibility,
    sources: "Avro 1.9 and later: an enum with a default; proto3 enums are open, and buf lets them grow.",
};

/// A value is not allowed any more.
pub static E003: Rule = Rule {
    id: "E003",
    name: "enum-value-removed",
    group: Group::Schema,
    summary: "a value was removed from an enum",
    explanation: "Rows that hold the value, and writers that send it, break the contract. Readers only have a case too many. Data can say \
        how many rows have it. Stop writing it first, and remove it when no row has it any more; or keep it listed for the old rows.",
    consumer: Compatible,
    producer: Breaking,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "buf: ENUM_VALUE_NO_DELETE; Avro: old data with the symbol cannot be read unless the reader's enum has a default; \
        datacontract-cli: breaking for producers.",
};

/// A value is spelled differently.
pub static E004: Rule = Rule {
    id: "E004",
    name: "enum-value-renamed",
    group: Group::Schema,
    summary: "one value of an enum was replaced by another in its place",
    explanation: "Values are compared as text, so a value with another spelling is another value, even where only the case differs: readers \
        meet a value that they do not know, and old rows hold one that is not listed. Add the new spelling, move the rows, remove the \
        old one; or translate in a step and keep the contract.",
    consumer: Breaking,
    producer: Breaking,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "buf: ENUM_VALUE_SAME_NAME, as values have numbers; Avro: a removal and an addition.",
};

/// Any text now.
pub static E005: Rule = Rule {
    id: "E005",
    name: "enum-opened",
    group: Group::Schema,
    summary: "an enum became any text",
    explanation: "The same as adding every value at once: readers that act on the list meet values that they do not know. Nothing old \
        breaks. If only some other values are meant, list them; if unknown ones shall pass and be counted, say \
        `@enum_policy(on_fail=warn)`.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "Avro: enum and string are different types and do not promote; datacontract-cli: a loosened constraint, breaking for consumers.",
};

/// Only listed values now.
pub static E006: Rule = Rule {
    id: "E006",
    name: "text-closed-to-enum",
    group: Group::Schema,
    summary: "text became an enum",
    explanation: "Any text was fine, and now only listed values are: old rows and writers with others break. Readers still get text, of \
        fewer kinds. Data can say how many rows have a value that is not listed. Start with `@enum_policy(on_fail=warn)`, which counts \
        and keeps them.",
    consumer: Compatible,
    producer: Breaking,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "Avro refuses it both ways; datacontract-cli: a tightened constraint, breaking for producers.",
};

/// The same values in another order.
pub static E007: Rule = Rule {
    id: "E007",
    name: "enum-reordered",
    group: Group::Schema,
    summary: "the same values of an enum stand in another order",
    explanation: "Values are text and sort as text, so their order in the contract decides nothing here. Formats that store a value's \
        number, such as Protobuf or an Arrow dictionary written by hand, take numbers from somewhere else: if you export to one, check \
        that the numbers stay.",
    consumer: Compatible,
    producer: Compatible,
    cases: &[],
    bump: Bump::Patch,
    level: Level::Allow,
    scope: Scope::Compatibility,
    sources: "Avro resolves symbols by name; buf identifies values by number.",
};
