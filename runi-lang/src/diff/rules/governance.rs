//! Who may see what, and how values are made safe.

use super::Family;
use crate::diff::rule::Verdict::{Breaking, Compatible, Review};
use crate::diff::rule::{Bump, Case, Group, Level, Rule, Scope};

/// The rules of this family.
pub(super) const FAMILY: Family =
    Family { letter: 'G', title: "Governance", rules: &[&G001, &G002, &G003, &G004, &G005, &G006, &G007, &G008, &G009, &G010, &G011] };

/// More sensitive than before.
pub static G001: Rule = Rule {
    id: "G001",
    name: "sensitivity-raised",
    group: Group::Governance,
    summary: "`@pii` was added, or a `@classification` was raised",
    explanation: "The values are the same, but they may no longer go wherever they went: access may be cut and masks may come, so readers have \
        to look. Rows that exist lie where they lie, unprotected. With a `@mask` or `@access` on the field the contract says what \
        protects it from now on; without one, any sink that has this contract still passes the value on, and that is refused until one \
        is declared.",
    consumer: Review,
    producer: Breaking,
    cases: &[Case { when: "the field declares a mask or roles, or only a classification was raised", consumer: Review, producer: Review }],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Policy,
    sources: "Nobody else grades it: datacontract-cli reports INFO, buf leaves options out (buf#2064).",
};

/// Less sensitive than before.
pub static G002: Rule = Rule {
    id: "G002",
    name: "sensitivity-lowered",
    group: Group::Governance,
    summary: "`@pii` was removed, or a `@classification` was lowered or removed",
    explanation: "One word less in a contract, and personal data leaves every sink in the clear: the proof of labels has nothing to prove any \
        more. No schema tool notices. It is refused under every compatibility mode until a person answers for it: \
        `@accept(G002, on=field, until=…, because=\"…\", by=\"@who\")`, where CODEOWNERS says who may.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Policy,
    sources: "Nobody else: datacontract-cli grades `classification: confidential` to `public` as INFO.",
};

/// Fewer may read.
pub static G003: Rule = Rule {
    id: "G003",
    name: "access-narrowed",
    group: Group::Governance,
    summary: "a role was taken from `@access`, or `@access` was added",
    explanation: "Readers in that role do not get the value any more. That may well be the point; they should hear of it from a person rather \
        than from an error. Writers are fine.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "Nobody else grades it; ODCS has `roles`.",
};

/// More may read.
pub static G004: Rule = Rule {
    id: "G004",
    name: "access-widened",
    group: Group::Governance,
    summary: "a role was added to `@access`, or `@access` was removed",
    explanation: "More people see a sensitive value. No reader breaks, and yet it is the kind of change that must not slip through between two \
        renames: it is refused under every compatibility mode until somebody answers for it with an `@accept`.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// A mask that shows more.
pub static G005: Rule = Rule {
    id: "G005",
    name: "mask-weakened",
    group: Group::Governance,
    summary: "a `@mask` shows more of the value than before",
    explanation: "From strongest to weakest: `null` and `redact` leave nothing; `hash` and `tokenise` leave who is the same as whom; `partial` and \
        `generalise` leave a part of the value, more with a larger `keep=` or a finer `to=`. Weaker is a matter of policy, whatever the \
        compatibility mode. Between `partial` and `generalise` nobody can tell which shows more, so a person has to look.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[Case { when: "between `partial` and `generalise`", consumer: Review, producer: Compatible }],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Policy,
    sources: "Nobody else has masks in the contract.",
};

/// A mask that shows less.
pub static G006: Rule = Rule {
    id: "G006",
    name: "mask-strengthened",
    group: Group::Governance,
    summary: "a `@mask` was added, or shows less of the value than before",
    explanation: "Safer, and yet readers break: the column holds other values, and usually text. Joins and filters on the old values find \
        nothing. Writers are fine, since masks are put on at the sinks. Rows that were written before stay as they were.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "Nobody else has masks in the contract.",
};

/// No mask.
pub static G007: Rule = Rule {
    id: "G007",
    name: "mask-removed",
    group: Group::Governance,
    summary: "a `@mask` was removed",
    explanation: "The value leaves as it is. Where the field is still labelled, the compiler refuses sinks that it reaches without a role; where \
        the label went too, nothing stops it any more. Refused under every compatibility mode until somebody answers for it.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Policy,
    sources: "Nobody else has masks in the contract.",
};

/// Another mask of the same strength.
pub static G008: Rule = Rule {
    id: "G008",
    name: "mask-replaced",
    group: Group::Governance,
    summary: "a `@mask` was replaced by another one that is as strong",
    explanation: "`hash` and `tokenise` both keep who is the same as whom, under other names: joins between old and new rows find nothing. `null` \
        and `redact` both leave nothing, but null and `***` are counted differently. Rewrite the old rows, or start a new field.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Compatibility,
    sources: "Nobody else has masks in the contract.",
};

/// A regulation no longer named.
pub static G009: Rule = Rule {
    id: "G009",
    name: "compliance-removed",
    group: Group::Governance,
    summary: "a regulation was removed from `@compliance`",
    explanation: "Audits, retention and catalogues go by these words. Taking one away says that the data is no longer under it, which is rarely a \
        decision of the person who edits the file: refused under every compatibility mode until somebody answers for it.",
    consumer: Breaking,
    producer: Compatible,
    cases: &[],
    bump: Bump::Major,
    level: Level::Deny,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// A regulation named for the first time.
pub static G010: Rule = Rule {
    id: "G010",
    name: "compliance-added",
    group: Group::Governance,
    summary: "a regulation was added to `@compliance`",
    explanation: "The data has not changed, but what may be done with it may have. Those who read it and those who write it should know from \
        today on.",
    consumer: Review,
    producer: Review,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};

/// Another kind of personal data.
pub static G011: Rule = Rule {
    id: "G011",
    name: "pii-category-changed",
    group: Group::Governance,
    summary: "the category of `@pii` changed",
    explanation: "A herd's masking policy goes by category: with another one, another mask may be demanded, or none. The label itself stays, so \
        nothing leaves unmasked that did not before; somebody who knows the policy has to look.",
    consumer: Review,
    producer: Review,
    cases: &[],
    bump: Bump::Minor,
    level: Level::Warn,
    scope: Scope::Policy,
    sources: "Nobody else grades it.",
};
