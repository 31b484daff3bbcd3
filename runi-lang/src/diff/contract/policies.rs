//! What happens to a row that breaks a rule: `on_fail`, and `@drift`.

use super::Comparison;
use crate::diff::change::{Question, RuleName};
use crate::diff::rule::Verdict::{Compatible, Review};
use crate::diff::rules;
use crate::model::{Field, OnFail};

/// The word that a contract writes.
pub(super) fn word(policy: OnFail) -> &'static str {
    match policy {
        OnFail::Warn => "warn",
        OnFail::Quarantine => "quarantine",
        OnFail::Fail => "fail",
    }
}

/// One rule's policy in both versions: its own, or the contract's.
pub(super) struct Policies<'p> {
    /// The part that the change is about.
    pub(super) part: &'p str,
    /// What the rule is called, in a sentence.
    pub(super) what: &'p str,
    /// The rule as the quarantine names it.
    pub(super) name: Option<RuleName>,
    /// The keys of the tag that says it, and of what is always there.
    pub(super) keys: (&'p str, &'p str),
    /// The columns whose readers are hit.
    pub(super) columns: Vec<String>,
}

/// Compares the policies of a rule that both versions have.
pub(super) fn compare(cx: &mut Comparison<'_>, old: Option<OnFail>, new: Option<OnFail>, policies: Policies<'_>) {
    // Where both follow the contract, the contract's own policy says it once for all.
    if old.is_none() && new.is_none() {
        return;
    }
    let (was, is) = (old.unwrap_or(cx.old.contract.on_fail), new.unwrap_or(cx.new.contract.on_fail));
    graded(cx, was, is, policies);
}

fn graded(cx: &mut Comparison<'_>, was: OnFail, is: OnFail, policies: Policies<'_>) {
    let Policies { part, what, name, keys, columns } = policies;
    let message = format!("{what} is now `{}` on failure, was `{}`", word(is), word(was));
    if is > was {
        let ask = name.map(|name| Question::Broken { rules: vec![name] });
        cx.say(&rules::Q003, part, message).near(keys.0, keys.1).columns(columns).ask(ask);
    } else if is < was {
        let said = cx.say(&rules::Q004, part, message).near(keys.0, keys.1).columns(columns);
        if (was, is) == (OnFail::Fail, OnFail::Quarantine) {
            said.case(Review, Compatible);
        }
    }
}

/// The policies of a field's rules.
pub(super) fn field(cx: &mut Comparison<'_>, old: &Field, new: &Field) {
    let (was, is) = (&old.rules, &new.rules);
    // A rule that a version lacks is `None`; one that follows the contract is `Some(None)`.
    type Own = Option<Option<OnFail>>;
    let pairs: [(&str, &str, Own, Own); 8] = [
        ("required", "required", was.required, is.required),
        ("unique", "unique", was.unique.as_ref().map(|key| key.on_fail), is.unique.as_ref().map(|key| key.on_fail)),
        ("range", "range", was.range.as_ref().map(|range| range.on_fail), is.range.as_ref().map(|range| range.on_fail)),
        ("length", "length", was.length.as_ref().map(|range| range.on_fail), is.length.as_ref().map(|range| range.on_fail)),
        ("matches", "matches", was.matches.as_ref().map(|(_, on)| *on), is.matches.as_ref().map(|(_, on)| *on)),
        ("format", "format", was.format.as_ref().map(|(_, on)| *on), is.format.as_ref().map(|(_, on)| *on)),
        ("enum_policy", "enum", Some(was.enumeration), Some(is.enumeration)),
        ("type", "type", Some(was.conversion), Some(is.conversion)),
    ];
    for (tag, rule, was, is) in pairs {
        let (Some(was), Some(is)) = (was, is) else { continue };
        let (key, fallback) = (format!("field/{}/@{tag}", new.name), format!("field/{}", new.name));
        let name = RuleName { field: new.name.clone(), rule: rule.to_owned() };
        let what = format!("`@{tag}` of `{}`", new.name);
        let policies =
            Policies { part: &new.name, what: &what, name: Some(name), keys: (&key, &fallback), columns: vec![old.name.clone()] };
        compare(cx, was, is, policies);
    }
}

/// The contract's own policies: `@on_fail` and `@drift`.
pub(super) fn contract(cx: &mut Comparison<'_>) {
    let (old, new) = (cx.old.contract, cx.new.contract);
    let policies =
        Policies { part: "", what: "every rule that does not say otherwise", name: None, keys: ("@on_fail", ""), columns: Vec::new() };
    graded(cx, old.on_fail, new.on_fail, policies);
    for (kind, was, is) in [
        ("missing", old.drift.missing, new.drift.missing),
        ("extra", old.drift.extra, new.drift.extra),
        ("retyped", old.drift.retyped, new.drift.retyped),
        ("reordered", old.drift.reordered, new.drift.reordered),
    ] {
        if was != is {
            let rule = if is > was { &rules::Q006 } else { &rules::Q007 };
            cx.say(rule, "", format!("`@drift({kind}=…)` is now `{}`, was `{}`", word(is), word(was))).near("@drift", "");
        }
    }
}
