//! From changes to decisions: `@compatibility`, levels, `@accept`, deprecation windows and versions.
//!
//! A change is denied when its rule's level is `deny` and it breaks an axis that the *old* contract promised to keep: a promise
//! that is loosened in the same change still holds for that change. An `@accept` of the new contract lets one break through, until
//! its day and by somebody who owns the file. The clock is never read here; the day is the caller's.

mod help;

use super::change::{Change, Item, ItemKind};
use super::finding::{Decision, Finding};
use super::rule::{Bump, Level, Scope, Verdict};
use super::rules::{X005, X006};
use crate::diagnostic::{Diagnostic, Place};
use crate::diagnostics::history as problems;
use crate::model::{Accept, Compatibility, Contract, Date, Version};
use std::collections::BTreeMap;

/// What the workspace says about comparisons.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// Levels by rule id, from `[compatibility.rules]`.
    pub levels: BTreeMap<String, Level>,
    /// What a contract without `@compatibility` promises; `full` when nothing is said.
    pub mode: Option<String>,
}

/// Who judges.
pub struct Judge<'a> {
    /// What the new version's `Runi.toml` says.
    pub settings: &'a Settings,
    /// The day.
    pub today: Date,
    /// The owners of a file by `CODEOWNERS`; none when nobody is named.
    pub owners: &'a dyn Fn(&str) -> Vec<String>,
}

impl std::fmt::Debug for Judge<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Judge").field("settings", self.settings).field("today", &self.today).finish_non_exhaustive()
    }
}

/// An item and its changes.
#[derive(Debug)]
pub struct ItemChanges<'a> {
    /// Which.
    pub item: &'a Item,
    /// The contract on both sides, when the item is one.
    pub contracts: [Option<&'a Contract>; 2],
    /// The file on the new side, or on the old one when it is gone.
    pub path: &'a str,
    /// What differs.
    pub changes: Vec<Change>,
}

/// What was decided.
#[derive(Debug, Default)]
pub struct Judgement {
    /// The findings, the worst first.
    pub findings: Vec<Finding>,
    /// The bump that they demand together.
    pub bump: Bump,
    /// What is wrong with an `@accept`.
    pub problems: Vec<Diagnostic>,
}

impl Judge<'_> {
    /// Judges the changes of one item.
    #[must_use]
    pub fn judge(&self, case: ItemChanges<'_>) -> Judgement {
        let ItemChanges { item, contracts: [before, after], path, changes } = case;
        let mut out = Judgement::default();
        let accepts = after.map(|contract| self.valid_accepts(contract, path, &mut out.problems)).unwrap_or_default();
        let mode = self.mode(before, after);
        for change in changes {
            let finding = self.finding(change, mode, before, &accepts);
            out.bump = out.bump.max(finding.bump);
            out.findings.push(finding);
        }
        if let Some(change) = version(item, before, after, out.bump) {
            out.findings.push(self.finding(change, mode, before, &accepts));
        }
        out.findings.sort_by(|a, b| rank(&a.decision).cmp(&rank(&b.decision)).then_with(|| key(a).cmp(&key(b))));
        out
    }

    /// What the old contract promised; a new one promises for itself.
    fn mode<'c>(&'c self, before: Option<&'c Contract>, after: Option<&'c Contract>) -> &'c str {
        let compatibility: Option<&Compatibility> = before.or(after).map(|contract| &contract.compatibility);
        match (compatibility, &self.settings.mode) {
            // The default of the language gives way to the workspace's own.
            (Some(said), Some(default)) if *said == Compatibility::default() => default,
            (Some(said), _) => &said.mode,
            (None, _) => "full",
        }
    }

    fn finding(&self, change: Change, mode: &str, before: Option<&Contract>, accepts: &[&Accept]) -> Finding {
        let rule = change.rule;
        let own = self.settings.levels.get(rule.id).copied();
        let level = own.unwrap_or(rule.level);
        let worst = match (rule.scope, mode) {
            (Scope::Policy, _) | (Scope::Compatibility, "full") => change.consumer.max(change.producer),
            (Scope::Compatibility, "consumer") => change.consumer,
            (Scope::Compatibility, "producer") => change.producer,
            (Scope::Compatibility, _) => Verdict::Compatible,
        };
        let over = before.is_some_and(|contract| self.deprecation_is_over(contract, &change));
        let decision = match (worst.breaks(), level) {
            _ if over => Decision::Allowed,
            (true, Level::Deny) => accepts.iter().find(|accept| covers(accept, &change)).map_or(Decision::Denied, |accept| {
                Decision::Accepted { by: accept.by.clone(), because: accept.because.clone(), until: accept.until }
            }),
            (true, Level::Warn) => Decision::Warned,
            // A level that somebody wrote down holds for changes that break nobody, too.
            (false, Level::Deny) if own.is_some() => Decision::Denied,
            (false, Level::Warn) if own.is_some() => Decision::Warned,
            (false, Level::Deny | Level::Warn) if worst == Verdict::Review => Decision::Warned,
            _ => Decision::Allowed,
        };
        let bump = demanded(&change);
        let help = match decision {
            Decision::Denied | Decision::Warned => help::help(&change),
            Decision::Accepted { .. } | Decision::Allowed => String::new(),
        };
        Finding { change, decision, level, bump, help, impact: Vec::new(), evidence: Vec::new(), against: None }
    }

    /// Whether readers were told long enough that this goes: its `@deprecated(until=…)` has passed.
    fn deprecation_is_over(&self, contract: &Contract, change: &Change) -> bool {
        let over = |deprecated: &Option<Option<Date>>| deprecated.flatten().is_some_and(|until| until < self.today);
        match change.rule.id {
            "X001" => over(&contract.deprecated),
            "F003" | "F004" => contract.field(&change.part).is_some_and(|field| over(&field.deprecated)),
            _ => false,
        }
    }

    /// The acceptances that count today; what is wrong with the others is a problem.
    fn valid_accepts<'c>(&self, contract: &'c Contract, path: &str, problems_found: &mut Vec<Diagnostic>) -> Vec<&'c Accept> {
        let mut valid = Vec::new();
        for accept in &contract.accepted {
            let place = Place::file(path);
            if super::rules::find(&accept.rule).is_none() {
                problems_found.push(problems::accept_unknown_rule(place, &contract.name, &accept.rule));
            } else if accept.until < self.today {
                problems_found.push(problems::accept_expired(place, &contract.name, &accept.rule, &accept.until.to_string()));
            } else {
                let owners = (self.owners)(path);
                if owners.is_empty() || owners.iter().any(|owner| owner.eq_ignore_ascii_case(&accept.by)) {
                    valid.push(accept);
                } else {
                    problems_found.push(problems::accept_not_owner(place, &contract.name, &accept.rule, &accept.by, &owners));
                }
            }
        }
        valid
    }
}

/// Whether an acceptance speaks of this change.
fn covers(accept: &Accept, change: &Change) -> bool {
    let names = |on: &String| *on == change.part || change.columns.contains(on);
    change.item.kind == ItemKind::Contract
        && (accept.rule.eq_ignore_ascii_case(change.rule.id) || accept.rule == change.rule.name)
        && accept.on.as_ref().is_none_or(names)
}

/// Whether `@version` shows what the findings demand.
fn version(item: &Item, before: Option<&Contract>, after: Option<&Contract>, bump: Bump) -> Option<Change> {
    let (was, is) = (before?.version?, after?.version);
    let Some(is) = is else {
        return Some(Change::new(&X005, item, "", format!("`@version` was removed, was {was}")));
    };
    if is < was {
        return Some(Change::new(&X005, item, "", format!("`@version` is {is}, was {was}")));
    }
    let wanted = bumped(was, bump);
    (is < wanted).then(|| Change::new(&X006, item, "", format!("`@version` is {is}, and a {bump} change of {was} makes it {wanted}")))
}

/// The bump that a change demands: breaking is major, an addition is minor, the rest is a patch or nothing.
#[must_use]
pub fn demanded(change: &Change) -> Bump {
    if change.consumer.breaks() || change.producer.breaks() { Bump::Major } else { change.rule.bump.min(Bump::Minor) }
}

/// The smallest version that shows a bump. Before 1.0.0 a minor version may break, as semantic versioning has it.
#[must_use]
pub fn bumped(version: Version, bump: Bump) -> Version {
    let Version { major, minor, patch } = version;
    match bump {
        Bump::None => version,
        Bump::Patch => Version { major, minor, patch: patch.saturating_add(1) },
        Bump::Major if major > 0 => Version { major: major.saturating_add(1), minor: 0, patch: 0 },
        Bump::Major | Bump::Minor => Version { major, minor: minor.saturating_add(1), patch: 0 },
    }
}

/// The worst first.
fn rank(decision: &Decision) -> u8 {
    match decision {
        Decision::Denied => 0,
        Decision::Warned => 1,
        Decision::Accepted { .. } => 2,
        Decision::Allowed => 3,
    }
}

fn key(finding: &Finding) -> (&str, &str, &str) {
    (&finding.change.part, finding.change.rule.id, &finding.change.message)
}
