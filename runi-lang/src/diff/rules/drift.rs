//! What is made, or what lies there, and the contract that it is not like any more.

use super::Family;
use crate::diff::rule::Verdict::{Breaking, Compatible, Drift, Review};
use crate::diff::rule::{Bump, Case, Group, Level, Rule, Scope};

/// The rules of this family.
pub(super) const FAMILY: Family = Family { letter: 'P', title: "Drift", rules: &[&P001, &P002, &P003] };

/// The output is not what the contract says, and the contract is the same.
pub static P001: Rule = Rule {
    id: "P001",
    name: "contract-not-fulfilled",
    group: Group::Delivery,
    summary: "what a pipeline writes, or what a source really is, does not match its contract any more, and the contract did not change",
    explanation: "A step, a source's contract or a reusable step changed so that a sink lacks a column of its contract, has it in another type, \
        or may write null where a value is required (`E0401`, `E0402`, `E0403` of the new version that the old one did not have). \
        Readers were promised what they now do not get, and no version can tell them, as the promise did not change. Repair the pipeline, \
        or change the contract in the same pull request, where that change has verdicts of its own. A field that changed in the \
        contract is that change's finding and not this one's. With `--live` the same rule speaks of data: the columns that lie at a source \
        are not those that its contract declares; what the contract's `@drift` lets pass is listed and stops nobody.",
    consumer: Drift,
    producer: Drift,
    cases: &[],
    bump: Bump::None,
    level: Level::Deny,
    scope: Scope::Policy,
    sources: "dbt fails the build of a contracted model, once its warehouse has made it; datacontract-cli tests live data.",
};

/// An output lost a column that its readers' contracts ask for.
pub static P002: Rule = Rule {
    id: "P002",
    name: "output-column-lost",
    group: Group::Delivery,
    summary: "a sink does not write a column any more that another scenario reads under a contract",
    explanation: "A sink without a contract promises nothing, but whoever reads its file under a contract of their own asks for the \
        columns of that contract. Here the pipeline lost one of them, so the next run of the reader stops with `E0804`, although every \
        file of the workspace still compiles. The readers of this workspace are asked, by their contracts of the new version: drop the \
        field there in the same pull request, and nothing is lost. Better, give the sink a contract, so that readers outside are \
        promised something, too.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[Case {
        when: "the reader's field is optional and its `@drift(missing=warn)` lets sources lack it",
        consumer: Review,
        producer: Compatible,
    }],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Policy,
    sources: "SQLMesh grades any change of a query but added columns as breaking; dbt compares contracted models only.",
};

/// An output column has another type than its readers' contracts take.
pub static P003: Rule = Rule {
    id: "P003",
    name: "output-column-retyped",
    group: Group::Delivery,
    summary: "a sink writes a column in another type, which does not fit the contract of another scenario that reads it",
    explanation: "As `P002`, for the type: values of the new type do not all fit the field of a reader's contract, and those of the old \
        type did. In Parquet, Arrow and Delta the next run of the reader stops with `E0804`, unless its contract says \
        `@drift(retyped=warn)`; in CSV and JSON the values that do not fit send their rows to the quarantine. A type that the reader's \
        field holds, such as `int32` for an `int64`, is no finding.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[Case { when: "the reader casts it: CSV, JSON, or `@drift(retyped=warn)`", consumer: Review, producer: Compatible }],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Policy,
    sources: "SQLMesh grades any change of a query but added columns as breaking; dbt compares contracted models only.",
};
