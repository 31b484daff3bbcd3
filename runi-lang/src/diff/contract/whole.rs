//! The contract as a whole: words, version, owner, service levels, its own promises about change.

use super::fields::{deprecation, words};
use super::{Comparison, governance, policies};
use crate::diff::rule::Verdict::{Breaking, Compatible, Review};
use crate::diff::rule::{Rule, Verdict};
use crate::diff::rules;
use crate::model::{Accept, Compatibility, Freshness, History, Owner};

pub(super) fn compare(cx: &mut Comparison<'_>) {
    let (old, new) = (cx.old.contract, cx.new.contract);
    if old.doc != new.doc {
        cx.say(&rules::S003, "", words("the contract's description", &old.doc, &new.doc)).at(Some(""), Some(""));
    }
    version(cx);
    owner(cx);
    deprecation(cx, "", "", old.deprecated, new.deprecated);
    compatibility(cx);
    governance::contract(cx);
    policies::contract(cx);
    freshness(cx);
    retention(cx);
    reserved(cx);
    aliases(cx);
    accepts(cx);
}

fn version(cx: &mut Comparison<'_>) {
    match (cx.old.contract.version, cx.new.contract.version) {
        (Some(was), None) => {
            cx.say(&rules::X005, "", format!("the version is now nothing, was {was}")).near("@version", "");
        }
        (Some(was), Some(is)) if is < was => {
            cx.say(&rules::X005, "", format!("the version is now {is}, was {was}")).near("@version", "");
        }
        _ => {}
    }
}

fn owner(cx: &mut Comparison<'_>) {
    let (was, is) = (&cx.old.contract.owner, &cx.new.contract.owner);
    if was == is {
        return;
    }
    let shown = |owner: &Option<Owner>| match owner {
        None => "nobody".to_owned(),
        Some(Owner { name, contact: None }) => format!("`{name}`"),
        Some(Owner { name, contact: Some(contact) }) => format!("`{name}` ({contact})"),
    };
    let message = format!("the owner is now {}, was {}", shown(is), shown(was));
    cx.say(&rules::O001, "", message).near("@owner", "");
}

/// Which axes a mode protects: readers, writers.
pub(super) fn protects(mode: &str) -> (bool, bool) {
    (matches!(mode, "consumer" | "full"), matches!(mode, "producer" | "full"))
}

/// How a mode and a history are written.
fn promised(compatibility: &Compatibility) -> String {
    let history = match &compatibility.history {
        History::Last => "last".to_owned(),
        History::Transitive => "transitive".to_owned(),
        History::Since(tag) => format!("since:{tag}"),
    };
    format!("`{}, history={history}`", compatibility.mode)
}

fn compatibility(cx: &mut Comparison<'_>) {
    let (was, is) = (&cx.old.contract.compatibility, &cx.new.contract.compatibility);
    let Some((rule, message, case)) = promise(was, is) else { return };
    cx.say(rule, "", message).near("@compatibility", "").case(case.0, case.1);
}

/// What differs between two promises about change: the rule, a message, and what it means for readers and for writers.
pub(in crate::diff) fn promise(was: &Compatibility, is: &Compatibility) -> Option<(&'static Rule, String, (Verdict, Verdict))> {
    if was == is {
        return None;
    }
    let message = format!("compatibility is now {}, was {}", promised(is), promised(was));
    let ((readers, writers), (new_readers, new_writers)) = (protects(&was.mode), protects(&is.mode));
    let (lost_readers, lost_writers) = (readers && !new_readers, writers && !new_writers);
    // With nobody protected there is no history to shorten.
    let shorter = is.mode != "none"
        && match (&was.history, &is.history) {
            (History::Transitive, History::Last | History::Since(_)) | (History::Since(_), History::Last) => true,
            (History::Since(a), History::Since(b)) => a != b,
            _ => false,
        };
    let case = match (lost_readers, lost_writers) {
        (true, true) => (Breaking, Breaking),
        (true, false) => (Breaking, Compatible),
        (false, true) => (Compatible, Breaking),
        (false, false) if shorter => (Review, Review),
        (false, false) => return Some((&rules::X003, message, (Compatible, Compatible))),
    };
    Some((&rules::X002, message, case))
}

fn freshness(cx: &mut Comparison<'_>) {
    let (was, is) = (&cx.old.contract.freshness, &cx.new.contract.freshness);
    let shown = |freshness: &Option<Freshness>| {
        freshness.as_ref().map_or_else(|| "nothing".to_owned(), |freshness| format!("{} on `{}`", freshness.within, freshness.column))
    };
    let message = format!("freshness is now {}, was {}", shown(is), shown(was));
    let case = match (was, is) {
        (None, None) => return,
        (None, Some(_)) => (Compatible, Review),
        (Some(_), None) => (Breaking, Compatible),
        (Some(was), Some(is)) if cx.today(&was.column) != is.column => (Breaking, Review),
        (Some(was), Some(is)) if is.within < was.within => (Compatible, Review),
        (Some(was), Some(is)) if is.within > was.within => (Breaking, Compatible),
        _ => return,
    };
    cx.say(&rules::L001, "", message).near("@freshness", "").case(case.0, case.1);
}

fn retention(cx: &mut Comparison<'_>) {
    let (was, is) = (cx.old.contract.retention, cx.new.contract.retention);
    if was == is {
        return;
    }
    let shown = |kept: Option<crate::model::Duration>| kept.map_or_else(|| "without an end".to_owned(), |kept| format!("for {kept}"));
    let message = format!("rows are now kept {}, were {}", shown(is), shown(was));
    let shorter = is.is_some_and(|is| was.is_none_or(|was| is < was));
    let rule = if shorter { &rules::L002 } else { &rules::L003 };
    cx.say(rule, "", message).near("@retention", "");
}

/// Names that are free again, but not those that a field took (`F005`).
fn reserved(cx: &mut Comparison<'_>) {
    let (old, new) = (cx.old.contract, cx.new.contract);
    let free: Vec<&String> = old.reserved.iter().filter(|name| !new.reserved.contains(name) && new.field(name).is_none()).collect();
    for name in free {
        cx.say(&rules::F010, name, format!("`{name}` is no longer reserved")).near("@reserved", "");
    }
}

/// Earlier names that are understood no longer, or not as long.
fn aliases(cx: &mut Comparison<'_>) {
    let (old, new) = (cx.old.contract, cx.new.contract);
    for (n, was) in old.renamed.iter().enumerate() {
        let tag = if n == 0 { "@renamed_from".to_owned() } else { format!("@renamed_from#{}", n + 1) };
        let until = |until: Option<crate::model::Date>| until.map_or_else(|| "for ever".to_owned(), |until| format!("until {until}"));
        // The field itself may be gone, or have its earlier name back: that is said elsewhere.
        let today = cx.today(&was.to).to_owned();
        if new.field(&today).is_none() || new.field(&was.from).is_some() {
            continue;
        }
        match new.renamed.iter().find(|is| is.from == was.from && is.to == today) {
            None => {
                let message = format!("`{}` is no longer understood as `{today}`, was {}", was.from, until(was.until));
                cx.say(&rules::F009, &was.from, message).at(Some(&tag), Some(""));
            }
            Some(is) => {
                let sooner = match (was.until, is.until) {
                    (None, Some(_)) => true,
                    (Some(was), Some(is)) => is < was,
                    _ => false,
                };
                if sooner {
                    let message = format!("`{}` is understood as `{today}` {}, was {}", was.from, until(is.until), until(was.until));
                    cx.say(&rules::F009, &was.from, message).at(Some(&tag), Some("")).case(Compatible, Review);
                }
            }
        }
    }
}

/// An acceptance, for messages.
pub(in crate::diff) fn shown(accept: &Accept) -> String {
    let on = accept.on.as_ref().map(|on| format!(" on `{on}`")).unwrap_or_default();
    format!("`{}`{on} until {}, by {} (\"{}\")", accept.rule, accept.until, accept.by, accept.because)
}

fn accepts(cx: &mut Comparison<'_>) {
    let (old, new) = (cx.old.contract, cx.new.contract);
    let part = |accept: &Accept| accept.on.clone().unwrap_or_default();
    for (n, accept) in new.accepted.iter().enumerate().filter(|(_, accept)| !old.accepted.contains(accept)) {
        let tag = if n == 0 { "@accept".to_owned() } else { format!("@accept#{}", n + 1) };
        cx.say(&rules::X007, part(accept), format!("accepts {}", shown(accept))).at(None, Some(&tag));
    }
    for (n, accept) in old.accepted.iter().enumerate().filter(|(_, accept)| !new.accepted.contains(accept)) {
        let tag = if n == 0 { "@accept".to_owned() } else { format!("@accept#{}", n + 1) };
        cx.say(&rules::X007, part(accept), format!("accepts no longer {}", shown(accept))).at(Some(&tag), None);
    }
}
