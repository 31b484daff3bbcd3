//! Fields come, go, move and change their names.

use super::Family;
use crate::diff::rule::Verdict::{Breaking, Compatible, Review};
use crate::diff::rule::{Bump, Case, Group, Level, Rule, Scope};

/// The rules of this family.
pub(super) const FAMILY: Family = Family {
    letter: 'F',
    title: "Fields",
    rules: &[&F001, &F002, &F003, &F004, &F005, &F006, &F007, &F008, &F009, &F010, &F011, &F012, &F013],
};

/// A field that need not be there was added.
pub static F001: Rule = Rule {
    id: "F001",
    name: "optional-field-added",
    group: Group::Schema,
    summary: "a field was added that is optional or has a default",
    explanation: "Readers that name their columns do not see it, and old rows simply have no value there. Readers that take \
        `select *`, columns by position, or JSON closed to other keys do see it. A source that lacks the column stops the run with a \
        drift error unless the contract says `@drift(missing=warn)`; `--live` tells whether the sources send it already. A default is \
        what a reader may assume: it is not written into rows, so a required field has to be sent even if it has one. Parts of a \
        struct are always optional: a new part is this rule too, and null where a file lacks it.",
    consumer: Compatible,
    producer: Review,
    cases: &[Case {
        when: "the contract says `@drift(missing=warn)`, or it is a part of a struct",
        consumer: Compatible,
        producer: Compatible,
    }],
    bump: Bump::Minor,
    level: Level::Allow,
    scope: Scope::Compatibility,
    sources: "Avro and Confluent agree when the field has a default; without one, old data cannot be read. Iceberg, Delta and buf \
        agree. datacontract-cli calls it breaking for producers, since its tests demand every declared column.",
};

/// A field was added that every row must have.
pub static F002: Rule = Rule {
    id: "F002",
    name: "required-field-added",
    group: Group::Schema,
    summary: "a required field without a default was added",
    explanation: "Rows that exist have no value there, and writers that follow the old contract never send one: every one of their rows \
        breaks the new contract. Readers are fine. Add the field as optional, let every writer fill it, and require it afterwards (that \
        is `N001`, and data can prove that it holds).",
    consumer: Compatible,
    producer: Breaking,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "Avro and Confluent BACKWARD refuse it; Iceberg refuses it; buf: MESSAGE_SAME_REQUIRED_FIELDS (proto2); \
        datacontract-cli: breaking for producers.",
};

/// An optional field went away.
pub static F003: Rule = Rule {
    id: "F003",
    name: "optional-field-removed",
    group: Group::Schema,
    summary: "a field was removed that is optional or has a default",
    explanation: "A query that names the column fails, although the column may have been null in every row. Writers may go on sending it: the \
        column is then extra, and `@drift(extra=…)` decides. Readers that fill defaults in by themselves, as Avro's do, survive when the \
        field had a `@default`; nobody can tell from here whether all of them do. Keep the field and mark it `@deprecated(until=…)`; \
        once that day has passed, removing it is allowed. Then `@reserved` keeps the name from coming back with another meaning.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[
        Case { when: "the removed field had a default", consumer: Review, producer: Compatible },
        Case { when: "it had a default, and the contract says `@drift(extra=fail)`", consumer: Review, producer: Breaking },
        Case {
            when: "the contract says `@drift(extra=fail)`: a source that goes on sending it stops the run",
            consumer: Breaking,
            producer: Breaking,
        },
    ],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "buf: FIELD_NO_DELETE refuses it however optional; dbt refuses it in a contracted model; datacontract-cli: breaking for \
        consumers. Avro and Confluent FORWARD accept it only when the field has a default.",
};

/// A required field went away.
pub static F004: Rule = Rule {
    id: "F004",
    name: "required-field-removed",
    group: Group::Schema,
    summary: "a required field was removed",
    explanation: "Every reader could count on a value in every row; now there is no column. Writers may go on sending it, unless the \
        contract says `@drift(extra=fail)`. Keep the \
        field and mark it `@deprecated(until=…)`, so that readers learn the day from the contract; after that day removing it is \
        allowed. If the field only has another name now, declare `@renamed_from(old, to=new, until=…)`.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[Case {
        when: "the contract says `@drift(extra=fail)`: a source that goes on sending it stops the run",
        consumer: Breaking,
        producer: Breaking,
    }],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "buf: FIELD_NO_DELETE, FIELD_NO_DELETE_UNLESS_NAME_RESERVED (which Runi does not follow: a reserved name helps no reader); \
        dbt; Confluent FORWARD; datacontract-cli: breaking for consumers.",
};

/// A name came back.
pub static F005: Rule = Rule {
    id: "F005",
    name: "reserved-name-reused",
    group: Group::Schema,
    summary: "a field took a name that was reserved, or that was another field's earlier name",
    explanation: "Old rows and old readers know the name with its old meaning, and nothing in a file tells the two apart: values of one \
        kind are silently read as the other. This is worse than an error, so it breaks on both axes whatever the types are. Choose \
        another name.",
    consumer: Breaking,
    producer: Breaking,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "buf: RESERVED_MESSAGE_NO_DELETE guards the reservation; Iceberg never reuses a field id. Avro and datacontract-cli have no reservations.",
};

/// A field seems to have got another name, and nobody said so.
pub static F006: Rule = Rule {
    id: "F006",
    name: "undeclared-rename",
    group: Group::Schema,
    summary: "a field went away and another with the same type and rules stands in its place",
    explanation: "The name is a field's identity, so this is a removal and an addition: readers of the old name fail, and old rows have \
        nothing under the new one. Where the old field is optional this even goes unnoticed, as all values quietly become null. Runi \
        does not guess that a rename was meant; it says so only here, where type, rules and place agree. If it is one, declare \
        `@renamed_from(old, to=new, until=…)`.",
    consumer: Breaking,
    producer: Breaking,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "A removal and an addition for Avro, dbt and datacontract-cli (which has `physicalName` but grades it the same); buf tells \
        fields apart by number: FIELD_SAME_NAME, for JSON only.",
};

/// A field has another name, as declared.
pub static F007: Rule = Rule {
    id: "F007",
    name: "renamed",
    group: Group::Schema,
    summary: "a field was renamed by `@renamed_from`",
    explanation: "Sources may use the old name until the declared day, so writers and existing files are fine until then. What Runi \
        writes has the new name only: readers outside of this workspace that name the old column have to move before they get new \
        files, and a person has to tell them. Without `until=` the old name is understood for ever. Past that day the alias is no more, and this breaks \
        both sides.",
    consumer: Review,
    producer: Compatible,
    cases: &[Case { when: "the day of `until=` has passed", consumer: Breaking, producer: Breaking }],
    bump: Bump::Minor,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "Avro: an alias lets new readers read old data, and does nothing for old readers of new data: the same split as here. \
        Iceberg renames freely, by field id. Confluent follows Avro. buf: FIELD_SAME_NAME.",
};

/// The order of fields changed.
pub static F008: Rule = Rule {
    id: "F008",
    name: "fields-reordered",
    group: Group::Schema,
    summary: "fields that both versions have stand in another order",
    explanation: "Who reads columns by name sees nothing. CSV without a header, `union all`, `insert` without a column list and code \
        that indexes columns read the wrong values without any error. Runi matches a source's columns by name and treats another order \
        as drift, `@drift(reordered=…)`. Keep the order and add new fields anywhere: an added field is no reordering.",
    consumer: Review,
    producer: Review,
    cases: &[],
    bump: Bump::Patch,
    level: Level::Warn,
    scope: Scope::Compatibility,
    sources: "Avro matches by name and Iceberg by id: compatible. buf identifies by number: compatible. datacontract-cli does not grade it.",
};

/// The old name of a renamed field is understood no longer.
pub static F009: Rule = Rule {
    id: "F009",
    name: "alias-removed",
    group: Group::Schema,
    summary: "a `@renamed_from` was removed, or its day moved closer",
    explanation: "Sources that still use the old name were promised that it is understood until a day. Without the alias their column \
        is extra and the field is missing. Once the day has passed there is nothing left to break, and the tag may go. Keep the tag \
        until then.",
    consumer: Compatible,
    producer: Breaking,
    cases: &[
        Case { when: "its day has passed", consumer: Compatible, producer: Compatible },
        Case { when: "its day moved closer", consumer: Compatible, producer: Review },
    ],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "Avro: removing an alias makes old data unreadable; Confluent BACKWARD finds that. Nobody else has aliases with an end.",
};

/// A name is free again.
pub static F010: Rule = Rule {
    id: "F010",
    name: "reservation-removed",
    group: Group::Schema,
    summary: "a `@reserved` name is no longer reserved",
    explanation: "Nothing breaks yet, but the next field may take the name, and then old rows are read with a new meaning (`F005`). A \
        reservation costs one word in the contract and nothing at run time: keep it.",
    consumer: Review,
    producer: Review,
    cases: &[],
    bump: Bump::Patch,
    level: Level::Warn,
    scope: Scope::Compatibility,
    sources: "buf: RESERVED_MESSAGE_NO_DELETE refuses it.",
};

/// A field, or the contract, will go away.
pub static F011: Rule = Rule {
    id: "F011",
    name: "deprecated",
    group: Group::Schema,
    summary: "`@deprecated` was added",
    explanation: "Nothing changes today. Readers learn that the field will go away, and when. Once the day of `until=` has passed, the \
        removal (`F003`, `F004`, `X001`) is allowed without a word; before it, the removal breaks. Without `until=` the window never \
        closes.",
    consumer: Compatible,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Allow,
    scope: Scope::Compatibility,
    sources: "buf, ODCS and dbt know deprecation and grade neither it nor its day.",
};

/// A field goes away sooner than was said.
pub static F012: Rule = Rule {
    id: "F012",
    name: "deprecation-shortened",
    group: Group::Schema,
    summary: "the day of `@deprecated(until=…)` moved closer",
    explanation: "Readers have planned with the day that the contract named. A window that can be shortened at will protects nobody: it \
        would take two pull requests to remove any field. Keep the day, or have somebody answer for it with an `@accept`.",
    consumer: Review,
    producer: Compatible,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Compatibility,
    sources: "Nobody else grades it.",
};

/// A field stays, or stays longer.
pub static F013: Rule = Rule {
    id: "F013",
    name: "deprecation-withdrawn",
    group: Group::Schema,
    summary: "`@deprecated` was removed, or its day moved further away",
    explanation: "The field stays longer than was said. Nobody who prepared for its end is hurt, and nobody who did not has to act. Only \
        the plans of those who maintain it change.",
    consumer: Compatible,
    producer: Compatible,
    cases: &[],
    bump: Bump::Patch,
    level: Level::Allow,
    scope: Scope::Compatibility,
    sources: "Nobody else grades it.",
};
