//! Sensitivity, masks and access of a field; classification and regulations of a contract.

use super::{Comparison, listed};
use crate::diff::rule::Rule;
use crate::diff::rule::Verdict::{self, Compatible, Review};
use crate::diff::rules;
use crate::model::{Field, Mask};

/// Levels from the lowest to the highest; nothing said is below all of them.
const LEVELS: &[&str] = &["public", "internal", "confidential", "restricted"];

fn rank(level: Option<&String>) -> usize {
    level.and_then(|level| LEVELS.iter().position(|known| known == level)).map_or(0, |at| at + 1)
}

fn shown(value: Option<&String>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| format!("`{value}`"))
}

pub(super) fn field(cx: &mut Comparison<'_>, old: &Field, new: &Field) {
    let (was, is) = (&old.sensitivity, &new.sensitivity);
    let name = &new.name;
    let controlled = is.mask.is_some() || !is.access.is_empty();
    match (&was.pii, &is.pii) {
        (None, Some(category)) => {
            let case = controlled.then_some((Review, Review));
            say(cx, &rules::G001, old, new, "pii", format!("`{name}` is now personal data (`{category}`), was not"), case);
        }
        (Some(category), None) => {
            say(cx, &rules::G002, old, new, "pii", format!("`{name}` is no longer personal data, was (`{category}`)"), None);
        }
        (Some(a), Some(b)) if a != b => {
            say(cx, &rules::G011, old, new, "pii", format!("`{name}` is now personal data of the category `{b}`, was `{a}`"), None);
        }
        _ => {}
    }
    let (a, b) = (was.classification.as_ref(), is.classification.as_ref());
    if a != b {
        let message = format!("the classification of `{name}` is now {}, was {}", shown(b), shown(a));
        if rank(b) > rank(a) {
            say(cx, &rules::G001, old, new, "classification", message, Some((Review, Review)));
        } else {
            say(cx, &rules::G002, old, new, "classification", message, None);
        }
    }
    access(cx, old, new);
    mask(cx, old, new);
}

fn say(
    cx: &mut Comparison<'_>,
    rule: &'static Rule,
    old: &Field,
    new: &Field,
    tag: &str,
    message: String,
    case: Option<(Verdict, Verdict)>,
) {
    let (key, fallback) = (format!("field/{}/@{tag}", new.name), format!("field/{}", new.name));
    let said = cx.say(rule, &new.name, message).near(&key, &fallback).columns([&old.name]);
    if let Some((consumer, producer)) = case {
        said.case(consumer, producer);
    }
}

/// Roles are a set, and no roles at all is everybody.
fn access(cx: &mut Comparison<'_>, old: &Field, new: &Field) {
    let (was, is) = (&old.sensitivity.access, &new.sensitivity.access);
    let message = |what: String| format!("`{}` {what}", new.name);
    let everyone = |roles: &[String]| if roles.is_empty() { "everybody".to_owned() } else { listed(roles) };
    let change = format!("may now be read by {}, was by {}", everyone(is), everyone(was));
    let lost = was.iter().any(|role| !is.contains(role)) && !is.is_empty();
    let won = is.iter().any(|role| !was.contains(role)) && !was.is_empty();
    if lost || (was.is_empty() && !is.is_empty()) {
        say(cx, &rules::G003, old, new, "access", message(change.clone()), None);
    }
    if won || (!was.is_empty() && is.is_empty()) {
        say(cx, &rules::G004, old, new, "access", message(change), None);
    }
}

fn mask(cx: &mut Comparison<'_>, old: &Field, new: &Field) {
    let name = &new.name;
    let (rule, case, message) = match (&old.sensitivity.mask, &new.sensitivity.mask) {
        (None, Some(mask)) => (&rules::G006, None, format!("`{name}` is now masked by {}, was not masked", written(mask))),
        (Some(mask), None) => (&rules::G007, None, format!("`{name}` is no longer masked, was by {}", written(mask))),
        (Some(a), Some(b)) if a != b => {
            let message = format!("`{name}` is now masked by {}, was by {}", written(b), written(a));
            match stronger(a, b) {
                Some(std::cmp::Ordering::Greater) => (&rules::G006, None, message),
                Some(std::cmp::Ordering::Less) => (&rules::G005, None, message),
                Some(std::cmp::Ordering::Equal) => (&rules::G008, None, message),
                None => (&rules::G005, Some((Review, Compatible)), message),
            }
        }
        _ => return,
    };
    say(cx, rule, old, new, "mask", message, case);
}

fn written(mask: &Mask) -> String {
    match mask {
        Mask::Partial { keep } => format!("`partial, keep={keep}`"),
        Mask::Generalise { to } => format!("`generalise, to={to}`"),
        other => format!("`{}`", other.name()),
    }
}

/// Whether `b` hides more than `a`; `None` when nobody can tell.
fn stronger(a: &Mask, b: &Mask) -> Option<std::cmp::Ordering> {
    let class = |mask: &Mask| match mask {
        Mask::Null | Mask::Redact => 2,
        Mask::Hash | Mask::Tokenise => 1,
        Mask::Partial { .. } | Mask::Generalise { .. } => 0,
    };
    match (a, b) {
        (Mask::Partial { keep: a }, Mask::Partial { keep: b }) => Some(a.cmp(b)),
        (Mask::Generalise { to: a }, Mask::Generalise { to: b }) => {
            let unit = |to: &str| ["day", "month", "year"].iter().position(|unit| *unit == to);
            match (unit(a), unit(b)) {
                (Some(a), Some(b)) => Some(b.cmp(&a)),
                _ => super::bounds::compare_numbers(b, a),
            }
        }
        (Mask::Partial { .. }, Mask::Generalise { .. }) | (Mask::Generalise { .. }, Mask::Partial { .. }) => None,
        _ => Some(class(b).cmp(&class(a))),
    }
}

/// The labels of the contract as a whole.
pub(super) fn contract(cx: &mut Comparison<'_>) {
    let (old, new) = (cx.old.contract, cx.new.contract);
    let (was, is) = (old.classification.as_ref(), new.classification.as_ref());
    if was != is {
        let message = format!("the classification is now {}, was {}", shown(is), shown(was));
        if rank(is) > rank(was) {
            cx.say(&rules::G001, "", message).near("@classification", "").case(Review, Review);
        } else {
            cx.say(&rules::G002, "", message).near("@classification", "");
        }
    }
    let gone: Vec<&String> = old.compliance.iter().filter(|name| !new.compliance.contains(name)).collect();
    let came: Vec<&String> = new.compliance.iter().filter(|name| !old.compliance.contains(name)).collect();
    let all = |names: &[String]| if names.is_empty() { "nothing".to_owned() } else { listed(names) };
    let sentence = || format!("compliance is now {}, was {}", all(&new.compliance), all(&old.compliance));
    if !gone.is_empty() {
        cx.say(&rules::G009, "", sentence()).near("@compliance", "");
    }
    if !came.is_empty() {
        cx.say(&rules::G010, "", sentence()).near("@compliance", "");
    }
}
