//! What is checked of a whole run, and what tests prove: thresholds, assertions, alerts, goldens, examples.

use super::scenario::{Renamed, arg, named, now_called};
use super::{Compare, brief};
use crate::diagnostic::TextRange;
use crate::diff::rules::{V011, V012, V013, V014, V015, V018, V019, V020, V021, V022, V023, V024, V025};
use crate::model::{Assertion, Examples, Golden, Percent, Scenario, Table};
use crate::sql::token_form;
use std::collections::BTreeMap;

/// Compares everything that a scenario has checked as a whole.
pub(super) fn compare(compare: &mut Compare<'_>, old: &Scenario, new: &Scenario, renamed: &Renamed) {
    thresholds(compare, old, new, renamed);
    assertions(compare, &old.asserts, &new.asserts, renamed);
    alerts(compare, old, new);
    goldens(compare, &old.goldens, &new.goldens);
    examples(compare, &old.examples, &new.examples);
}

/// The thresholds of each source; the key without a name stands for all of them. Several tags for one source hold together.
#[derive(Debug, Default)]
struct Thresholds {
    max_invalid: Option<(Percent, TextRange)>,
    min_rows: Option<(u64, TextRange)>,
}

fn thresholds_of(scenario: &Scenario, renamed: &Renamed) -> BTreeMap<String, Thresholds> {
    let mut found: BTreeMap<String, Thresholds> = BTreeMap::new();
    for quality in &scenario.quality {
        let of = found.entry(quality.of.as_ref().map_or_else(String::new, |of| now_called(renamed, &of.value))).or_default();
        if let Some(share) = &quality.max_invalid
            && of.max_invalid.is_none_or(|(known, _)| share.value < known)
        {
            of.max_invalid = Some((share.value, share.range));
        }
        if let Some(rows) = &quality.min_rows
            && of.min_rows.is_none_or(|(known, _)| rows.value > known)
        {
            of.min_rows = Some((rows.value, rows.range));
        }
    }
    found
}

fn thresholds(compare: &mut Compare<'_>, old: &Scenario, new: &Scenario, renamed: &Renamed) {
    let (before, after) = (thresholds_of(old, renamed), thresholds_of(new, &Renamed::new()));
    let none = Thresholds::default();
    for of in before.keys().chain(after.keys().filter(|of| !before.contains_key(*of))) {
        let (was, is) = (before.get(of).unwrap_or(&none), after.get(of).unwrap_or(&none));
        threshold(compare, of, "max_invalid", was.max_invalid, is.max_invalid, |was, is| is < was);
        threshold(compare, of, "min_rows", was.min_rows, is.min_rows, |was, is| is > was);
    }
}

fn threshold<T: Copy + PartialEq + std::fmt::Display>(
    compare: &mut Compare<'_>,
    of: &str,
    name: &str,
    was: Option<(T, TextRange)>,
    is: Option<(T, TextRange)>,
    tighter: impl Fn(T, T) -> bool,
) {
    let whose = if of.is_empty() { String::new() } else { format!(" of `{of}`") };
    let ranges = (was.map(|(_, range)| range), is.map(|(_, range)| range));
    let (rule, message) = match (was.map(|(value, _)| value), is.map(|(value, _)| value)) {
        (Some(was), Some(is)) if was != is => {
            (if tighter(was, is) { &V014 } else { &V015 }, format!("`{name}`{whose} is now {is}, was {was}"))
        }
        (None, Some(is)) => (&V014, format!("`{name}`{whose} is now {is}, was not limited")),
        (Some(was), None) => (&V015, format!("`{name}`{whose} is not limited any more, was {was}")),
        _ => return,
    };
    compare.note(rule, of, message, ranges.0, ranges.1);
}

fn assertions(compare: &mut Compare<'_>, old: &[Assertion], new: &[Assertion], renamed: &Renamed) {
    let said = |sql: &str| token_form(sql).split('\u{1f}').map(|token| now_called(renamed, token)).collect::<Vec<_>>().join("\u{1f}");
    let mut left: Vec<&Assertion> = new.iter().collect();
    let mut open = Vec::new();
    for was in old {
        match left.iter().position(|is| token_form(&is.sql.text) == said(&was.sql.text)) {
            Some(at) => {
                left.remove(at);
            }
            None => open.push(was),
        }
    }
    let title = |assertion: &Assertion| assertion.title.as_ref().map(|title| title.value.clone());
    for was in open {
        let twin = left.iter().position(|is| title(was).is_some() && title(is) == title(was));
        match twin.map(|at| left.remove(at)) {
            Some(is) => {
                let message = format!("the assertion is now `{}`, was `{}`", brief(&is.sql.text), brief(&was.sql.text));
                compare.note(&V013, "", message, Some(was.sql.range), Some(is.sql.range));
            }
            None => {
                compare.note(&V012, "", format!("the assertion `{}` was removed", brief(&was.sql.text)), Some(was.sql.range), None);
            }
        }
    }
    for is in left {
        compare.note(&V011, "", format!("the assertion `{}` was added", brief(&is.sql.text)), None, Some(is.sql.range));
    }
}

fn alerts(compare: &mut Compare<'_>, old: &Scenario, new: &Scenario) {
    let of = |scenario: &Scenario| -> BTreeMap<(String, String), TextRange> {
        scenario.alerts.iter().map(|alert| ((alert.on.value.clone(), alert.to.value.clone()), alert.range)).collect()
    };
    let (before, after) = (of(old), of(new));
    for ((on, to), range) in before.iter().filter(|(alert, _)| !after.contains_key(*alert)) {
        compare.note(&V025, "", format!("`{to}` is not told of `{on}` any more"), Some(*range), None);
    }
    for ((on, to), range) in after.iter().filter(|(alert, _)| !before.contains_key(*alert)) {
        compare.note(&V024, "", format!("`{to}` is now told of `{on}`"), None, Some(*range));
    }
}

fn goldens(compare: &mut Compare<'_>, old: &[Golden], new: &[Golden]) {
    let mut left: Vec<&Golden> = new.iter().collect();
    let mut open = Vec::new();
    let output = |golden: &Golden| golden.output.value.clone();
    for was in old {
        match left.iter().position(|is| named(&is.args, &[]) == named(&was.args, &[])) {
            Some(at) => {
                left.remove(at);
            }
            None => open.push(was),
        }
    }
    for was in open {
        let sink = |golden: &Golden| arg(&golden.args, "sink").map(str::to_owned);
        let by_output = left.iter().position(|is| output(is) == output(was));
        let twin = by_output.or_else(|| left.iter().position(|is| sink(was).is_some() && sink(is) == sink(was)));
        match twin.map(|at| left.remove(at)) {
            Some(is) => {
                let told = super::scenario::arguments_told(&named(&was.args, &[]), &named(&is.args, &[]));
                let message = format!("the golden `{}` proves something else: {told}", output(is));
                compare.note(&V020, "", message, Some(was.range), Some(is.range));
            }
            None => {
                compare.note(&V019, "", format!("the golden `{}` was removed", output(was)), Some(was.range), None);
            }
        }
    }
    for is in left {
        compare.note(&V018, "", format!("the golden `{}` was added", output(is)), None, Some(is.range));
    }
}

/// Compares examples by title; their layout means nothing.
pub(super) fn examples(compare: &mut Compare<'_>, old: &[Examples], new: &[Examples]) {
    type Shown = (BTreeMap<String, String>, Vec<ShownTable>, Vec<ShownTable>);
    type ShownTable = (Option<String>, Vec<String>, Vec<Vec<Option<String>>>);
    let table = |table: &Table| -> ShownTable {
        let rows = table.rows.iter().map(|row| row.cells.iter().map(|cell| cell.value.clone()).collect());
        (table.name.as_ref().map(|name| name.value.clone()), table.header.iter().map(|name| name.value.clone()).collect(), rows.collect())
    };
    let shown = |examples: &Examples| -> Shown {
        (named(&examples.args, &[]), examples.input.iter().map(table).collect(), examples.output.iter().map(table).collect())
    };
    for was in old {
        match new.iter().find(|is| is.title.value == was.title.value) {
            Some(is) if shown(is) != shown(was) => {
                let message = format!("the example \"{}\" shows something else", was.title.value);
                compare.note(&V023, "", message, Some(was.range), Some(is.range));
            }
            Some(_) => {}
            None => {
                compare.note(&V022, "", format!("the example \"{}\" was removed", was.title.value), Some(was.range), None);
            }
        }
    }
    for is in new.iter().filter(|is| !old.iter().any(|was| was.title.value == is.title.value)) {
        compare.note(&V021, "", format!("the example \"{}\" was added", is.title.value), None, Some(is.range));
    }
}
