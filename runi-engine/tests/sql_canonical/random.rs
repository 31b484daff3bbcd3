//! Random conditions and rewrites of them: forms that are equal are equal in every row.

use super::support::{batch, engine, row, schema, truth};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use runi_lang::sql::{Bindings, Relation, SqlEngine};

/// Random conditions and numbers, as text, over the columns above.
fn expression() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        Just("a".to_owned()),
        Just("b".to_owned()),
        Just("c".to_owned()),
        Just("x".to_owned()),
        Just("y".to_owned()),
        Just("p".to_owned()),
        Just("0".to_owned()),
        Just("1".to_owned()),
        Just("2".to_owned()),
        Just("-1".to_owned()),
        Just("0.5".to_owned()),
    ];
    let number = number.prop_recursive(2, 6, 2, |inner| {
        (inner.clone(), prop_oneof![Just("+"), Just("-"), Just("*"), Just("/")], inner).prop_map(|(l, op, r)| format!("({l} {op} {r})"))
    });
    let compare = prop_oneof![Just("="), Just("<>"), Just("<"), Just("<="), Just(">"), Just(">=")];
    let leaf = prop_oneof![
        Just("f".to_owned()),
        Just("g".to_owned()),
        Just("s is null".to_owned()),
        Just("s in ('u', 'v')".to_owned()),
        Just("s like 'u%'".to_owned()),
        Just("s = t".to_owned()),
        (number.clone(), compare, number.clone()).prop_map(|(l, op, r)| format!("({l} {op} {r})")),
        (number.clone(), number.clone(), number).prop_map(|(v, l, h)| format!("({v} between {l} and {h})")),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(l, r)| format!("({l} and {r})")),
            (inner.clone(), inner.clone()).prop_map(|(l, r)| format!("({l} or {r})")),
            (inner.clone(), inner.clone()).prop_map(|(l, r)| format!("coalesce({l}, {r})")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(c, l, r)| format!("case when {c} then {l} else {r} end")),
            inner.prop_map(|e| format!("not {e}")),
        ]
    })
}

/// A rewrite of a condition; some keep its meaning, some do not. The forms have to say which.
fn rewrite(text: &str, choice: u8) -> String {
    let swap = |from: &str, to: &str| text.replacen(from, to, 1);
    match choice % 14 {
        0 => flip(text, " and "),
        1 => flip(text, " or "),
        2 => swap(" < ", " >= ").replacen('(', "(not (", 1) + "",
        3 => format!("not (not ({text}))"),
        4 => swap("a", "b"),
        5 => swap("not ", ""),
        6 => flip(text, " = "),
        7 => flip(text, " + "),
        8 => flip(text, " * "),
        9 => swap(" <= ", " < "),
        10 => demorgan(text),
        11 => flip(text, " - "),
        12 => flip(text, " <> "),
        _ => format!("({text}) and ({text})"),
    }
}

/// Swaps the two sides of the outermost operator of its kind, when the text is one bracket.
fn flip(text: &str, op: &str) -> String {
    match split(text, op) {
        Some((left, right)) => format!("({right}{op}{left})"),
        None => text.replace("(a > b)", "(b < a)"),
    }
}

fn demorgan(text: &str) -> String {
    match (split(text, " and "), split(text, " or ")) {
        (Some((left, right)), _) => format!("not (not {left} or not {right})"),
        (_, Some((left, right))) => format!("not (not {left} and not {right})"),
        _ => text.to_owned(),
    }
}

fn split<'t>(text: &'t str, op: &str) -> Option<(&'t str, &'t str)> {
    let inner = text.strip_prefix('(')?.strip_suffix(')')?;
    let mut depth = 0;
    for (at, c) in inner.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return None;
        }
        // `between 1 and 2` has an `and` of its own.
        if depth == 0 && inner[at..].starts_with(op) && !inner.contains("between") {
            return Some((&inner[..at], &inner[at + op.len()..]));
        }
    }
    None
}

#[test]
fn equal_forms_are_equal_in_every_row() {
    let (equal, tried) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let cases = (expression(), any::<u8>(), any::<u8>(), prop::collection::vec(row(), 12));
    let mut runner = TestRunner::new(Config { cases: Config::default().cases.max(400), ..Config::default() });
    let result = runner.run(&cases, |(old, first, second, rows)| {
        let new = rewrite(&rewrite(&old, first), second);
        let form = |sql: &str| engine().canonical_expr(sql, &schema(), &Bindings::new());
        let (Some(old_form), Some(new_form)) = (form(&old), form(&new)) else { return Ok(()) };
        let relation = old_form.relate(&new_form);
        for row in &rows {
            let batch = batch(row);
            let (before, after) = (truth(&old, &batch), truth(&new, &batch));
            match relation {
                Relation::Same => prop_assert_eq!(before, after, "`{}` and `{}` in {:?}", old, new, row),
                // A row that broke the old condition breaks a tighter one, and one that met the new one met the old one.
                Relation::Tighter if before.is_some() && after.is_some() => {
                    prop_assert!(after != Some(Some(true)) || before == Some(Some(true)), "`{}` and `{}` in {:?}", old, new, row);
                    prop_assert!(before != Some(Some(false)) || after == Some(Some(false)), "`{}` and `{}` in {:?}", old, new, row);
                }
                Relation::Looser if before.is_some() && after.is_some() => {
                    prop_assert!(before != Some(Some(true)) || after == Some(Some(true)), "`{}` and `{}` in {:?}", old, new, row);
                }
                // Only the rows in which something fails may differ.
                Relation::Reordered if before.is_some() && after.is_some() => {
                    prop_assert_eq!(before, after, "`{}` and `{}` in {:?}", old, new, row);
                }
                _ => {}
            }
        }
        Ok(())
    });
    result.unwrap();
    // The test would say nothing if the forms never agreed.
    let mut counting = TestRunner::deterministic();
    counting
        .run(&(expression(), any::<u8>()), |(old, choice)| {
            let form = |sql: &str| engine().canonical_expr(sql, &schema(), &Bindings::new());
            let new = rewrite(&old, choice);
            if let (Some(old_form), Some(new_form)) = (form(&old), form(&new))
                && old != new
            {
                tried.set(tried.get() + 1);
                equal.set(equal.get() + usize::from(old_form.form == new_form.form));
            }
            Ok(())
        })
        .unwrap();
    let (equal, tried) = (equal.get(), tried.get());
    assert!(equal * 5 > tried && equal < tried, "{equal} of {tried}");
}
