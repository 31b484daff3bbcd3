//! Who answers for a contract.

use super::Family;
use crate::diff::rule::Verdict::Compatible;
use crate::diff::rule::{Bump, Group, Level, Rule, Scope};

/// The rules of this family.
pub(super) const FAMILY: Family = Family { letter: 'O', title: "Ownership", rules: &[&O001] };

/// Another owner.
pub static O001: Rule = Rule {
    id: "O001",
    name: "owner-changed",
    group: Group::Governance,
    summary: "`@owner` or its contact changed",
    explanation: "No data changes and nobody breaks. Both the team that gives the contract away and the one that takes it should have seen the \
        pull request: from now on questions, incidents and approvals go to the new one.",
    consumer: Compatible,
    producer: Compatible,
    cases: &[],
    bump: Bump::Patch,
    level: Level::Allow,
    scope: Scope::Compatibility,
    sources: "datacontract-cli: INFO.",
};
