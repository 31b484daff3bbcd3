//! Values may be missing, or may not.

use super::Family;
use crate::diff::rule::Verdict::{Breaking, Compatible};
use crate::diff::rule::{Bump, Group, Level, Rule, Scope};

/// The rules of this family.
pub(super) const FAMILY: Family = Family { letter: 'N', title: "Nullability", rules: &[&N001, &N002] };

/// Nulls are forbidden now.
pub static N001: Rule = Rule {
    id: "N001",
    name: "field-became-required",
    group: Group::Schema,
    summary: "an optional field became required",
    explanation: "Rows without a value were fine and are not any more: writers that leave it out and files that hold nulls break the \
        contract. Readers only gain. Statistics of Parquet files often tell the number of nulls without reading a row, so ask the data \
        before you decide. Backfill first; `@required(on_fail=warn)` counts for a while without setting rows aside.",
    consumer: Compatible,
    producer: Breaking,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "Confluent BACKWARD, Iceberg and dbt refuse it; datacontract-cli: breaking for producers; the `odcs` crate calls only this \
        direction breaking.",
};

/// Nulls are allowed now.
pub static N002: Rule = Rule {
    id: "N002",
    name: "field-became-optional",
    group: Group::Schema,
    summary: "a required field became optional",
    explanation: "Readers were promised a value in every row. Now nulls may come: inner joins lose rows, sums become null, code without a \
        check fails at night. Writers are fine. Keep it required and send the exceptions to the quarantine, or add an optional field \
        beside it.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "datacontract-cli `required-changed`: breaking for consumers, as here; Confluent FORWARD refuses it. Iceberg allows it and \
        the `odcs` crate calls it additive: both look at writers only.",
};
