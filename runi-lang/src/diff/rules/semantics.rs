//! The same type, another meaning.

use super::Family;
use crate::diff::rule::Verdict::{Breaking, Compatible, Review};
use crate::diff::rule::{Bump, Case, Group, Level, Rule, Scope};

/// The rules of this family.
pub(super) const FAMILY: Family = Family { letter: 'S', title: "Meaning", rules: &[&S001, &S002, &S003] };

/// Another unit.
pub static S001: Rule = Rule {
    id: "S001",
    name: "unit-changed",
    group: Group::Semantics,
    summary: "a `@unit` changed",
    explanation: "Cents became euros, metres became feet: every number is wrong by a factor, and no type, range or test of shape notices. It \
        breaks both sides, since old rows have the old unit and the contract now says that they have the new one. Add a field whose name \
        says the unit, and deprecate this one.",
    consumer: Breaking,
    producer: Breaking,
    cases: &[
        Case { when: "there was no unit before: somebody has to say that it was meant all along", consumer: Review, producer: Review },
        Case { when: "there is no unit any more", consumer: Review, producer: Compatible },
    ],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "Nobody else grades it; ODCS 3.2 has `semanticType` and datacontract-cli does not compare it.",
};

/// Another written form.
pub static S002: Rule = Rule {
    id: "S002",
    name: "format-changed",
    group: Group::Semantics,
    summary: "a `@format` was replaced by another",
    explanation: "The values are still text, but they say something else: a BIC where an IBAN was, a URI where a UUID was. Readers that parse \
        them fail and old rows break the new rule. Add a field for the new form. A format that was added or removed is `C001` or `C002`.",
    consumer: Breaking,
    producer: Breaking,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "datacontract-cli: INFO, untested; Avro's logical types over text are ignored on reading.",
};

/// Only words.
pub static S003: Rule = Rule {
    id: "S003",
    name: "description-changed",
    group: Group::Semantics,
    summary: "only a description changed",
    explanation: "Nothing that a machine checks differs. It is listed because a description is where meaning hides: a reviewer sees at once \
        whether the words became clearer, or quietly say something else, which then deserves a version of its own.",
    consumer: Compatible,
    producer: Compatible,
    cases: &[],
    bump: Bump::Patch,
    level: Level::Allow,
    scope: Scope::Compatibility,
    sources: "All agree: no break.",
};
