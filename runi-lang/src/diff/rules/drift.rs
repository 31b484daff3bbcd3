//! What is made, or what lies there, and the contract that it is not like any more.

use super::Family;
use crate::diff::rule::Verdict::Drift;
use crate::diff::rule::{Bump, Group, Level, Rule, Scope};

/// The rules of this family.
pub(super) const FAMILY: Family = Family { letter: 'P', title: "Drift", rules: &[&P001] };

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
