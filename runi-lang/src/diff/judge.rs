//! From changes to decisions: `@compatibility`, levels, `@accept`, deprecation windows and versions.
//!
//! A change is denied when its rule's level is `deny` and it breaks an axis that the *old* contract promised to keep: a promise
//! that is loosened in the same change still holds for that change, and so do the levels of the *old* `Runi.toml`. An `@accept` of the new contract lets one break through, until
//! its day and by somebody who owns the file. The clock is never read here; the day is the caller's.

mod accept;
mod help;
mod window;

use super::change::{Change, Item};
use super::contract::{MakeEngine, Side, compare_sides};
use super::finding::{Decision, Finding};
use super::rule::{Bump, Level, Rule, Scope, Verdict};
use super::rules::{F001, X006};
use crate::diagnostic::{Diagnostic, Place};
use crate::model::{Accept, Compatibility, Contract, Date, History, Version};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What the workspace says about comparisons: `[compatibility]` of `Runi.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Settings {
    /// Levels by rule id, from `[compatibility.rules]`.
    pub levels: BTreeMap<String, Level>,
    /// What a contract without `@compatibility` promises; `full` when nothing is said.
    pub mode: Option<String>,
    /// How far back such a contract is compared; the last version when nothing is said.
    pub history: Option<History>,
    /// What is looser here than before, and somebody answers for.
    #[serde(default)]
    pub accepted: Vec<Accept>,
}

impl Settings {
    /// The level of a rule: the workspace's own, else the rule's.
    #[must_use]
    pub fn level(&self, rule: &Rule) -> Level {
        self.levels.get(rule.id).copied().unwrap_or(rule.level)
    }

    /// What a contract promises about change. `declared` is whether it has a `@compatibility` of its own.
    #[must_use]
    pub fn compatibility(&self, contract: &Contract, declared: bool) -> Compatibility {
        let said = contract.compatibility.clone();
        if declared || said != Compatibility::default() {
            return said;
        }
        Compatibility { mode: self.mode.clone().unwrap_or(said.mode), history: self.history.clone().unwrap_or(said.history) }
    }
}

/// Who judges.
pub struct Judge<'a> {
    /// What the old version's `Runi.toml` says: a change does not loosen the rules by which it is judged.
    pub settings: &'a Settings,
    /// The day.
    pub today: Date,
    /// Makes the engine that knows what rules mean, for earlier versions.
    pub engine: MakeEngine<'a>,
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
    /// Whether each side's contract has a `@compatibility` of its own.
    pub declared: [bool; 2],
    /// What the scenario or step accepts, and where it says so; a contract says it itself.
    pub accepted: &'a [(Accept, Place)],
    /// The file on the new side, or on the old one when it is gone.
    pub path: &'a str,
    /// What differs.
    pub changes: Vec<Change>,
}

/// An earlier version of a contract, for a history that goes further back than the base.
#[derive(Debug, Clone, Copy)]
pub struct Earlier<'a> {
    /// The tag or commit that has it.
    pub name: &'a str,
    /// What it said.
    pub side: Side<'a>,
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

/// What holds for all changes of one item.
struct Terms<'t> {
    mode: &'t str,
    before: Option<&'t Contract>,
    after: Option<&'t Contract>,
    accepts: &'t [&'t Accept],
}

impl Judge<'_> {
    /// Judges the changes of one item.
    #[must_use]
    pub fn judge(&self, case: ItemChanges<'_>) -> Judgement {
        self.judge_with_history(case, &[])
    }

    /// Judges the changes of one contract, and those that its earlier versions would see besides.
    ///
    /// `earlier` are the versions before the base that `@compatibility(…, history=…)` speaks of, which the caller looks up: every
    /// tagged one, or those since a tag. A finding that only an earlier version has names it in [`Finding::against`].
    #[must_use]
    pub fn judge_with_history(&self, case: ItemChanges<'_>, earlier: &[Earlier<'_>]) -> Judgement {
        let ItemChanges { item, contracts: [before, after], declared, accepted, path, changes } = case;
        let mut out = Judgement::default();
        // The break of a contract that goes away altogether can only be accepted by what was there.
        let mut accepts = after.or(before).map(|contract| accept::of_contract(contract, path)).unwrap_or_default();
        accepts.extend(accepted.iter().map(|(accept, place)| (accept, place.clone())));
        let accepts = self.valid_accepts(item, accepts, path, &mut out.problems);
        let promised = before.map(|old| (old, declared[0])).or(after.map(|new| (new, declared[1])));
        let mode = promised.map_or_else(|| "full".to_owned(), |(contract, own)| self.settings.compatibility(contract, own).mode);
        let terms = Terms { mode: &mode, before, after, accepts: &accepts };
        let mut seen: BTreeSet<(&str, String)> = BTreeSet::new();
        for change in changes {
            seen.insert((change.rule.id, change.part.clone()));
            let finding = self.finding(change, &terms);
            out.bump = out.bump.max(finding.bump);
            out.findings.push(finding);
        }
        // Where nobody was promised anything, no version has to tell.
        let short = (mode != "none").then(|| version(item, before, after, out.bump)).flatten();
        out.findings.extend(short.map(|change| self.finding(change, &terms)));
        if let Some(new) = after {
            let spans = Side::bare(new);
            for version in earlier {
                let old = version.side.contract;
                let terms = Terms { before: Some(old), ..Terms { ..terms } };
                for change in compare_sides(&version.side, &spans, self.engine) {
                    // A promise about change is one about the next change; only what the data promises goes further back.
                    if matches!(change.rule.id.as_bytes().first(), Some(b'X' | b'O'))
                        || seen.contains(&(change.rule.id, change.part.clone()))
                    {
                        continue;
                    }
                    let mut finding = self.finding(change, &terms);
                    let breaks = finding.change.consumer.breaks() || finding.change.producer.breaks();
                    if !breaks || finding.decision == Decision::Allowed {
                        continue;
                    }
                    seen.insert((finding.change.rule.id, finding.change.part.clone()));
                    finding.against = Some(version.name.to_owned());
                    out.findings.push(finding);
                }
            }
        }
        out.findings.sort_by(|a, b| rank(&a.decision).cmp(&rank(&b.decision)).then_with(|| key(a).cmp(&key(b))));
        out
    }

    fn finding(&self, mut change: Change, terms: &Terms<'_>) -> Finding {
        let rule = change.rule;
        self.close_windows(&mut change, terms);
        let own = self.settings.levels.get(rule.id).copied();
        let level = own.unwrap_or(rule.level);
        let worst = match (rule.scope, terms.mode) {
            (Scope::Policy, _) | (Scope::Compatibility, "full") => change.consumer.max(change.producer),
            (Scope::Compatibility, "consumer") => change.consumer,
            (Scope::Compatibility, "producer") => change.producer,
            (Scope::Compatibility, _) => Verdict::Compatible,
        };
        // A level that somebody wrote down holds for what breaks nobody, too, but not for an axis that is not protected.
        let harmless = change.consumer.max(change.producer) == Verdict::Compatible && terms.mode != "none";
        let strict = own.is_some() && (worst == Verdict::Review || harmless);
        let over = terms.before.is_some_and(|contract| self.deprecation_is_over(contract, &change));
        let decision = match (worst.breaks(), level) {
            _ if over => Decision::Allowed,
            (true, Level::Deny) => Decision::Denied,
            (true, Level::Warn) => Decision::Warned,
            (false, Level::Deny) if strict => Decision::Denied,
            (false, Level::Warn) if strict => Decision::Warned,
            (false, Level::Deny | Level::Warn) if worst == Verdict::Review => Decision::Warned,
            _ => Decision::Allowed,
        };
        let decision = match decision {
            Decision::Denied | Decision::Warned => accept::accepted(terms.accepts, &change).unwrap_or(decision),
            other => other,
        };
        let help = match decision {
            Decision::Denied | Decision::Warned => help::help(&change),
            // A field that no file has yet is drift at a source, although it breaks no promise.
            Decision::Allowed if rule.id == F001.id => help::drift(&change, terms.after),
            Decision::Accepted { .. } | Decision::Allowed => String::new(),
        };
        let bump = demanded(&change);
        Finding { change, decision, level, bump, help, impact: Vec::new(), evidence: Vec::new(), against: None }
    }
}

/// The bump that a change demands: the rule's, unless this case breaks nobody.
#[must_use]
pub fn demanded(change: &Change) -> Bump {
    let worst = change.consumer.max(change.producer);
    match (worst.breaks(), change.rule.bump) {
        // No version makes up for it: the promise did not change.
        _ if worst == Verdict::Drift => Bump::None,
        (true, _) => Bump::Major,
        (false, Bump::Major) if worst == Verdict::Compatible => Bump::Patch,
        (false, bump) => bump.min(Bump::Minor),
    }
}

/// Whether `@version` shows what the findings demand. A version that went back is the comparison's to find.
fn version(item: &Item, before: Option<&Contract>, after: Option<&Contract>, bump: Bump) -> Option<Change> {
    let (was, is) = (before?.version?, after?.version?);
    let wanted = bumped(was, bump);
    (is >= was && is < wanted)
        .then(|| Change::new(&X006, item, "", format!("the version is {is}, and a {bump} change of {was} makes it {wanted} at least")))
}

/// The smallest version that shows a bump. Before 1.0.0 a minor version may break, as semantic versioning has it.
#[must_use]
pub fn bumped(version: Version, bump: Bump) -> Version {
    let Version { major, minor, patch } = version;
    match bump {
        Bump::None => version,
        Bump::Major if major > 0 => Version { major: major.saturating_add(1), minor: 0, patch: 0 },
        Bump::Minor if major > 0 => Version { major, minor: minor.saturating_add(1), patch: 0 },
        Bump::Major => Version { major, minor: minor.saturating_add(1), patch: 0 },
        Bump::Minor | Bump::Patch => Version { major, minor, patch: patch.saturating_add(1) },
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
