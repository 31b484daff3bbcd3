//! Rules over rows: by title first, then by what they say.

use super::Comparison;
use super::conditions::Conditions;
use super::policies::{self, Policies};
use crate::diff::change::{Question, RuleName};
use crate::diff::rule::Rule as Grade;
use crate::diff::rule::Verdict::Compatible;
use crate::diff::rules;
use crate::model::Rule;
use crate::sql::Relation;

pub(super) fn compare(cx: &mut Comparison<'_>) {
    let (old, new) = (cx.old.contract, cx.new.contract);
    let conditions = Conditions::new(old, new, &cx.renamed, cx.engine);
    let mut open: Vec<(usize, &Rule)> = new.rules.iter().enumerate().collect();
    let mut left: Vec<(usize, &Rule)> = Vec::new();
    for (at, rule) in old.rules.iter().enumerate() {
        match open.iter().position(|(_, other)| other.title == rule.title) {
            Some(found) => pair(cx, &conditions, (at, rule), open.remove(found)),
            None => left.push((at, rule)),
        }
    }
    for (at, rule) in left {
        let in_words = open.iter().position(|(n, _)| conditions.is_same_text(at, *n));
        match in_words.or_else(|| open.iter().position(|(n, _)| conditions.relate(at, *n) == Relation::Same)) {
            Some(found) => {
                let (n, other) = open.remove(found);
                if is_titled(rule) || is_titled(other) {
                    cx.say(&rules::Q008, &other.title, format!("the rule \"{}\" is now called \"{}\"", rule.title, other.title))
                        .at(Some(&format!("rule/{at}")), Some(&format!("rule/{n}")));
                }
                pair(cx, &conditions, (at, rule), (n, other));
            }
            None => {
                cx.say(&rules::Q002, &rule.title, format!("the rule \"{}\" is gone, was `{}`", rule.title, rule.sql))
                    .at(Some(&format!("rule/{at}")), None);
            }
        }
    }
    for (n, rule) in open {
        let message = format!("the rule \"{}\" is new: `{}`", rule.title, rule.sql);
        let holds = conditions.holds_without(n);
        let said = cx.say(&rules::Q001, &rule.title, message).at(None, Some(&format!("rule/{n}"))).ask(Some(ask(rule)));
        if holds {
            said.case(Compatible, Compatible);
        }
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

fn pair(cx: &mut Comparison<'_>, conditions: &Conditions<'_>, (at, was): (usize, &Rule), (n, is): (usize, &Rule)) {
    let keys = (format!("rule/{at}/sql"), format!("rule/{n}/sql"));
    let relation = conditions.relate(at, n);
    let message = match relation {
        Relation::Reordered => {
            format!("the rule \"{}\" asks `{}` in another order than `{}`, and a part of it can fail", is.title, is.sql, was.sql)
        }
        _ => format!("the rule \"{}\" is now `{}`, was `{}`", is.title, is.sql, was.sql),
    };
    for grade in grades(relation) {
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

/// The rules of the matrix that a relation falls under.
fn grades(relation: Relation) -> Vec<&'static Grade> {
    match relation {
        Relation::Same => Vec::new(),
        Relation::Tighter => vec![&rules::Q001],
        Relation::Looser => vec![&rules::Q002],
        Relation::Mixed => vec![&rules::Q001, &rules::Q002],
        Relation::Reordered | Relation::Different => vec![&rules::Q005],
    }
}
