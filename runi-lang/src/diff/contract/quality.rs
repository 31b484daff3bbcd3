//! Rules over rows: by title first, then by what they say.

use super::policies::{self, Policies};
use super::{Comparison, bounds};
use crate::diff::change::{Question, RuleName};
use crate::diff::rule::Rule as Grade;
use crate::diff::rules;
use crate::model::Rule;
use crate::sql::{conjuncts, normal_sql, normal_sql_renamed, threshold};
use std::cmp::Ordering;

pub(super) fn compare(cx: &mut Comparison<'_>) {
    let (old, new) = (cx.old.contract, cx.new.contract);
    let today: Vec<String> = old.rules.iter().map(|rule| normal_sql_renamed(&rule.sql, &cx.renamed)).collect();
    let mut open: Vec<(usize, &Rule)> = new.rules.iter().enumerate().collect();
    let mut left: Vec<(usize, &Rule, &String)> = Vec::new();
    for ((at, rule), sql) in old.rules.iter().enumerate().zip(&today) {
        match open.iter().position(|(_, other)| other.title == rule.title) {
            Some(found) => {
                let (n, other) = open.remove(found);
                pair(cx, (at, rule, sql), (n, other));
            }
            None => left.push((at, rule, sql)),
        }
    }
    for (at, rule, sql) in left {
        match open.iter().position(|(_, other)| normal_sql(&other.sql) == *sql) {
            Some(found) => {
                let (n, other) = open.remove(found);
                if is_titled(rule) || is_titled(other) {
                    cx.say(&rules::Q008, &other.title, format!("the rule \"{}\" is now called \"{}\"", rule.title, other.title))
                        .at(Some(&format!("rule/{at}")), Some(&format!("rule/{n}")));
                }
                pair(cx, (at, rule, sql), (n, other));
            }
            None => {
                cx.say(&rules::Q002, &rule.title, format!("the rule \"{}\" is gone, was `{}`", rule.title, rule.sql))
                    .at(Some(&format!("rule/{at}")), None);
            }
        }
    }
    for (n, rule) in open {
        let message = format!("the rule \"{}\" is new: `{}`", rule.title, rule.sql);
        cx.say(&rules::Q001, &rule.title, message).at(None, Some(&format!("rule/{n}"))).ask(Some(ask(rule)));
    }
}

/// A rule without a title has its text as one.
fn is_titled(rule: &Rule) -> bool {
    rule.title != rule.sql
}

fn ask(rule: &Rule) -> Question {
    Question::Broken { rules: vec![name(rule)] }
}

fn name(rule: &Rule) -> RuleName {
    RuleName { field: String::new(), rule: rule.title.clone() }
}

fn pair(cx: &mut Comparison<'_>, (at, was, sql): (usize, &Rule, &String), (n, is): (usize, &Rule)) {
    let keys = (format!("rule/{at}/sql"), format!("rule/{n}/sql"));
    let message = format!("the rule \"{}\" is now `{}`, was `{}`", is.title, is.sql, was.sql);
    for grade in graded(sql, &normal_sql(&is.sql)) {
        let said = cx.say(grade, &is.title, message.clone()).at(Some(&keys.0), Some(&keys.1));
        if grade.id != rules::Q002.id {
            said.ask(Some(ask(is)));
        }
    }
    let what = format!("the rule \"{}\"", is.title);
    let key = format!("rule/{n}");
    let policies = Policies { part: &is.title, what: &what, name: Some(name(is)), keys: (&key, ""), columns: Vec::new() };
    policies::compare(cx, was.on_fail, is.on_fail, policies);
}

/// How one condition, in canonical form, became another: by its conditions, and by the thresholds in them.
fn graded(old: &str, new: &str) -> Vec<&'static Grade> {
    if old == new {
        return Vec::new();
    }
    let (before, after) = (conjuncts(old), conjuncts(new));
    let mut gone: Vec<&String> = before.iter().filter(|part| !after.contains(part)).collect();
    let mut came: Vec<&String> = after.iter().filter(|part| !before.contains(part)).collect();
    let (mut tighter, mut looser) = (false, false);
    gone.retain(|part| {
        let Some((at, order)) = came.iter().enumerate().find_map(|(at, other)| Some((at, moved(part, other)?))) else { return true };
        came.remove(at);
        tighter |= order == Ordering::Greater;
        looser |= order == Ordering::Less;
        false
    });
    // What went and what came may say the same in other words; only one of them alone is a direction.
    if !gone.is_empty() && !came.is_empty() {
        return vec![&rules::Q005];
    }
    tighter |= !came.is_empty();
    looser |= !gone.is_empty();
    [(tighter, &rules::Q001), (looser, &rules::Q002)].into_iter().filter(|(is, _)| *is).map(|(_, grade)| grade).collect()
}

/// Whether a threshold moved so that fewer rows pass (`Greater`) or more (`Less`); `None` when these are not one threshold.
fn moved(old: &str, new: &str) -> Option<Ordering> {
    let (old, new) = (threshold(old)?, threshold(new)?);
    let (lower, was_open) = (old.operator.starts_with('>'), !old.operator.ends_with('='));
    let is_open = !new.operator.ends_with('=');
    if old.subject != new.subject || new.operator.starts_with('>') != lower {
        return None;
    }
    let order = bounds::compare_numbers(&new.number, &old.number)?;
    let stricter = if lower { order } else { order.reverse() };
    Some(stricter.then(is_open.cmp(&was_open)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(old: &str, new: &str) -> Vec<&'static str> {
        graded(&normal_sql(old), &normal_sql(new)).into_iter().map(|grade| grade.id).collect()
    }

    #[test]
    fn conditions_and_thresholds_have_directions() {
        assert_eq!(ids("price > 0", "price > 10"), ["Q001"]);
        assert_eq!(ids("price > 0", "price >= 0"), ["Q002"]);
        assert_eq!(ids("price < 10", "5 >= price"), ["Q001"]);
        assert_eq!(ids("a", "a and b"), ["Q001"]);
        assert_eq!(ids("b and a and c", "a"), ["Q002"]);
        assert_eq!(ids("a > 1 and b", "a > 0 and b and c"), ["Q001", "Q002"]);
        assert_eq!(ids("a > 1", "b > 1"), ["Q005"]);
        assert_eq!(ids("a > 1", "a < 1"), ["Q005"]);
        assert_eq!(ids("a > 1.0", "a > 1"), Vec::<&str>::new());
        assert_eq!(ids("A AND b", "b and A"), Vec::<&str>::new());
    }
}
