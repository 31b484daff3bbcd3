//! Types change.

use super::Family;
use crate::diff::rule::Verdict::{Breaking, Compatible, Review, Widening};
use crate::diff::rule::{Bump, Case, Group, Level, Rule, Scope};

/// The rules of this family.
pub(super) const FAMILY: Family =
    Family { letter: 'T', title: "Types", rules: &[&T001, &T002, &T003, &T004, &T005, &T006, &T007, &T008, &T009, &T010] };

/// A number type that holds every old value, and more.
pub static T001: Rule = Rule {
    id: "T001",
    name: "number-widened",
    group: Group::Schema,
    summary: "an integer or float type became wider",
    explanation: "Every old value fits, so writers and files are fine. A reader with the old type is not: generated code, a table that \
        rows are inserted into, or a schema that was pinned meets values that it cannot hold. Readers that promote types by themselves \
        (Parquet readers, DataFusion, Avro the other way round) go on. Where the readers are known, accept it; else add a second field \
        of the wider type and deprecate this one.",
    consumer: Widening,
    producer: Compatible,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "Avro and Confluent BACKWARD accept the promotion, FORWARD refuses it; Iceberg and Delta 4 widen in place; buf: \
        FIELD_SAME_TYPE, or WIRE_JSON, refuses; datacontract-cli: breaking on both sides.",
};

/// Whole numbers became numbers with a fraction.
pub static T002: Rule = Rule {
    id: "T002",
    name: "integer-to-fraction",
    group: Group::Schema,
    summary: "an integer type became a float or decimal that holds its values",
    explanation: "A reader that expects whole numbers now meets fractions: sums, joins and formatted output change. Old values fit, \
        except that a float keeps whole numbers exactly only up to 2^24 (`float32`) or 2^53 (`float64`): beyond, keys collide. \
        Prefer a `decimal` with enough digits, and add it as a new field.",
    consumer: Widening,
    producer: Compatible,
    cases: &[Case { when: "the float cannot hold every value of the integer exactly", consumer: Widening, producer: Review }],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "Avro promotes int and long to float and double, precision or not; Delta 4 only int to double and decimal; Iceberg refuses; \
        buf and datacontract-cli: breaking.",
};

/// A decimal that holds every old value, and more.
pub static T003: Rule = Rule {
    id: "T003",
    name: "decimal-widened",
    group: Group::Schema,
    summary: "a decimal has more digits, and no fewer on either side of the point",
    explanation: "Every old value fits. Readers that fixed the precision, such as a table column or a struct in generated code, meet \
        values that are too long for them; readers that take the precision from the file go on. A larger scale also changes how values \
        print, which matters to who compares text.",
    consumer: Widening,
    producer: Compatible,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "Iceberg allows more precision with the same scale; Delta allows k1 >= k2 >= 0 (precision grows at least as the scale); \
        Avro: a decimal of other precision or scale is another type.",
};

/// A type that does not hold every old value.
pub static T004: Rule = Rule {
    id: "T004",
    name: "number-narrowed",
    group: Group::Schema,
    summary: "a number type became narrower",
    explanation: "Values that were fine no longer fit: writers that send them, and files that hold them, break the new contract. Data \
        can say how many there are. Readers get smaller numbers than they were told to expect, which only those mind who take the type \
        literally. If no value needs the room, keep the type and say so with a `@range`.",
    consumer: Widening,
    producer: Breaking,
    cases: &[Case { when: "neither type holds all values of the other", consumer: Breaking, producer: Breaking }],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "Avro and Confluent: BACKWARD refuses, FORWARD accepts (the promotion read backwards); Iceberg and Delta refuse; buf: \
        FIELD_SAME_TYPE; datacontract-cli: breaking on both sides.",
};

/// Text and bytes changed places.
pub static T005: Rule = Rule {
    id: "T005",
    name: "text-and-bytes",
    group: Group::Schema,
    summary: "`string` became `binary`, or `binary` became `string`",
    explanation: "The bytes in a file are the same, but what a reader does with them is not: functions on text do not take bytes, and \
        bytes need not be UTF-8. Readers have to look at their expressions. Text is always good bytes; bytes are good text only when \
        they are UTF-8, which data can say. In CSV and JSON text is no way to write bytes, so each row of such a source is refused; a \
        typed source that still has text stops the run unless the contract says `@drift(retyped=warn)`.",
    consumer: Review,
    producer: Breaking,
    cases: &[
        Case { when: "`binary` became `string`", consumer: Review, producer: Review },
        Case { when: "the contract says `@drift(retyped=warn)`", consumer: Review, producer: Review },
    ],
    bump: Bump::Major,
    level: Level::Warn,
    scope: Scope::Compatibility,
    sources: "Avro promotes both ways; buf: FIELD_WIRE_COMPATIBLE_TYPE lets string become bytes; Iceberg, Delta and datacontract-cli refuse.",
};

/// A day became a point in time.
pub static T006: Rule = Rule {
    id: "T006",
    name: "date-to-timestamp",
    group: Group::Schema,
    summary: "a `date` became a `timestamp`",
    explanation: "Each day has one midnight on a wall clock, so old values can be read. Readers that compare for equality or group by \
        the column get one group per instant instead of one per day. With a zone even old values are not clear: whose midnight? A \
        typed source (Parquet, Arrow, Delta) that still has dates stops the run unless the contract says `@drift(retyped=warn)`. Add a \
        second field for the time.",
    consumer: Breaking,
    producer: Review,
    cases: &[
        Case { when: "the contract says `@drift(retyped=warn)`", consumer: Breaking, producer: Compatible },
        Case { when: "the timestamp has a zone", consumer: Breaking, producer: Breaking },
    ],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "Iceberg v3 and Delta 4 widen to a timestamp without a zone; Iceberg forbids one with a zone; Avro and datacontract-cli refuse.",
};

/// Another clock.
pub static T007: Rule = Rule {
    id: "T007",
    name: "timestamp-changed",
    group: Group::Semantics,
    summary: "a timestamp's zone or resolution changed",
    explanation: "With and without a zone are two meanings: a point in time, or what a clock on the wall showed. Between them every value \
        shifts by hours, without an error. Another resolution changes the numbers that are stored: readers that take them raw are off \
        by a thousand. Add a field with the new type and deprecate this one.",
    consumer: Breaking,
    producer: Breaking,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "Avro: timestamp-millis and timestamp-micros are different logical types over the same long, and resolution does not notice; \
        Iceberg forbids it; datacontract-cli grades it as a changed type.",
};

/// Another kind of value.
pub static T008: Rule = Rule {
    id: "T008",
    name: "kind-changed",
    group: Group::Schema,
    summary: "the type became one of another kind",
    explanation: "No reader of the old type understands the new one, and no old value is one of the new type without a conversion that \
        somebody has to choose. Data can say how many values a plain cast would lose. Add a field under a new name, fill both for a \
        while, and deprecate the old one.",
    consumer: Breaking,
    producer: Breaking,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "All agree: buf FIELD_SAME_TYPE, dbt data_type, Avro, Confluent, Iceberg, Delta, datacontract-cli.",
};

/// One became many, or many one.
pub static T009: Rule = Rule {
    id: "T009",
    name: "cardinality-changed",
    group: Group::Schema,
    summary: "one value became a list, or a list became one value",
    explanation: "Readers of one value cannot take a list, and readers of a list iterate. Old rows have the wrong shape on both sides. \
        Add a list field beside the single one, fill both, and deprecate the old one.",
    consumer: Breaking,
    producer: Breaking,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "buf: FIELD_SAME_CARDINALITY (on the wire alone it would pass: FIELD_WIRE_COMPATIBLE_CARDINALITY); all others grade it as another type.",
};

/// Map keys of another type.
pub static T010: Rule = Rule {
    id: "T010",
    name: "map-key-changed",
    group: Group::Schema,
    summary: "the keys of a map have another type",
    explanation: "Nested types are compared part by part, and each difference has its own rule and its path, such as `legs.id`. Keys of a \
        map are the exception: they are what a value is looked up by, so any other type, even a wider one, finds nothing any more.",
    consumer: Breaking,
    producer: Breaking,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "Iceberg forbids changes of map keys; Avro's keys are always text; buf: FIELD_SAME_TYPE on the map entry.",
};
