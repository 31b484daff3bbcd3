//! Normal forms of SQL: what is claimed to be equal is equal, in every row, nulls and failures included.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
};
use arrow::datatypes::SchemaRef;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use runi_engine::sql::types::to_arrow_schema;
use runi_engine::sql::{DataFusionEngine, RunClock};
use runi_lang::schema::{Column, Schema};
use runi_lang::sql::{Binding, Bindings, Relation, SqlEngine};
use runi_lang::types::DataType;
use std::sync::Arc;

fn engine() -> &'static DataFusionEngine {
    DataFusionEngine::shared()
}

fn schema() -> Schema {
    let column = |name: &str, ty| Column { name: name.to_owned(), ty, nullable: true };
    Schema {
        columns: vec![
            column("a", DataType::Int64),
            column("b", DataType::Int64),
            column("c", DataType::Int32),
            column("x", DataType::Float64),
            column("y", DataType::Float64),
            column("p", DataType::Decimal { precision: 10, scale: 2 }),
            column("s", DataType::String),
            column("t", DataType::String),
            column("f", DataType::Boolean),
            column("g", DataType::Boolean),
            column("d", DataType::Date),
        ],
    }
}

fn relation(old: &str, new: &str) -> Relation {
    let form = |sql: &str| {
        let form = engine().canonical_expr(sql, &schema(), &Bindings::new());
        form.unwrap_or_else(|| panic!("no normal form of `{sql}`: {:?}", engine().expr(sql, &schema(), &Bindings::new())))
    };
    form(old).relate(&form(new))
}

/// Pairs that mean the same.
const SAME: &[(&str, &str)] = &[
    ("a > 1", "  a\n >  1 "),
    ("a > 1 and s = 'x'", "s = 'x' AND a > 1"),
    ("a > 1 or s = 'x' or f", "f or (s = 'x' or a > 1)"),
    ("(a > 1) and ((f))", "f and a > 1"),
    ("a <> 1", "a != 1"),
    ("a between 1 and 9", "a >= 1 and a <= 9"),
    ("f and a between 1 and 9", "a <= 9 and f and 1 <= a"),
    ("a not between 1 and 9", "a < 1 or a > 9"),
    ("not (a between 1 and 9)", "a < 1 or a > 9"),
    ("a = b", "b = a"),
    ("a + b", "b + a"),
    ("p * a", "a * p"),
    ("x * y + 1", "1 + y * x"),
    ("a < b", "b > a"),
    ("not (a > b)", "a <= b"),
    ("not (x > y)", "x <= y"),
    ("not (f and g)", "not f or not g"),
    ("not (f or a > 1)", "a <= 1 and not f"),
    ("not not f", "f"),
    ("not (s is null)", "s is not null"),
    ("not (s like 'a%')", "s not like 'a%'"),
    ("s in ('a', 'b')", "s in ('b', 'a', 'b')"),
    ("not (s in ('a', 'b'))", "s not in ('b', 'a')"),
    ("cast(a as bigint)", "a"),
    ("a::int", "cast(a as int)"),
    ("a > 60 * 24", "a > 1440"),
    ("d > cast('2024-01-31' as date)", "d > date '2024-01-31'"),
    ("LOWER(s) = 'x'", "lower(s) = 'x'"),
    ("a is distinct from b", "b is distinct from a"),
    ("case when f then 1 else null end", "case when f then 1 end"),
    ("a > 1 and a > 1", "a > 1"),
    ("substr(s, 1, 2)", "substring(s, 1, 2)"),
];

/// Pairs that do not, though they look alike, with the rows in which they differ in mind.
const NOT_SAME: &[(&str, &str)] = &[
    ("a > 1", "a >= 1"),
    ("a - b", "b - a"),
    ("a / b", "b / a"),
    ("a < b", "b < a"),
    ("s = 'x'", "s = 'X'"),
    ("s = 'a'') or t = (''b'", "s = 'a' or t = 'b'"),
    ("f", "f is true"),
    ("not f", "f is not true"),
    ("f or not f", "true"),
    ("a = a", "true"),
    ("a is not null", "true"),
    ("x - x", "0.0"),
    ("a * 0", "0"),
    ("a and_ > 1", "a > 1"),
    ("(a + b) + c", "a + (b + c)"),
    ("x + y + 1", "x + (y + 1)"),
    ("b <> 0 and a / b > 1", "a / b > 1 and b <> 0"),
    ("f and cast(s as int) > 1", "cast(s as int) > 1 and f"),
    ("s in ('a')", "s in ('a', 'b')"),
    ("s like 'a_'", "s like 'a%'"),
    ("s like 'a%'", "s ilike 'a%'"),
    ("a > 9223372036854775807", "a > 9223372036854775807 + 1"),
    ("coalesce(a, b)", "coalesce(b, a)"),
    ("concat(s, t)", "concat(t, s)"),
    ("case when f then 1 when g then 2 end", "case when g then 2 when f then 1 end"),
    ("try_cast(s as int)", "cast(s as int)"),
    ("f and g or a > 1", "f and (g or a > 1)"),
    ("a between 1 and 9", "a between 9 and 1"),
    ("not (a = b)", "a is distinct from b"),
    ("1", "1.0"),
    ("round(x, 1)", "round(x, 2)"),
];

#[test]
fn rewrites_are_recognised() {
    for (a, b) in SAME {
        assert_eq!(relation(a, b), Relation::Same, "`{a}` and `{b}`");
    }
}

#[test]
fn what_differs_is_never_called_the_same() {
    for (a, b) in NOT_SAME {
        let form = |sql: &str| engine().canonical_expr(sql, &schema(), &Bindings::new());
        if let (Some(a_form), Some(b_form)) = (form(a), form(b)) {
            assert_ne!(a_form.form, b_form.form, "`{a}` and `{b}`");
        }
    }
}

#[test]
fn volatile_and_unknown_things_have_no_form() {
    for sql in ["random() > 0.5", "nope > 1", "a >", "uuid()"] {
        assert_eq!(engine().canonical_expr(sql, &schema(), &Bindings::new()), None, "{sql}");
    }
}

#[test]
fn order_matters_where_a_part_can_fail() {
    assert_eq!(relation("b <> 0 and a / b > 1", "a / b > 1 and b <> 0"), Relation::Reordered);
    assert_eq!(relation("f and g and a / b > 1", "g and f and a / b > 1"), Relation::Same);
}

#[test]
fn tighter_and_looser_are_told_apart() {
    for (old, new, wanted) in [
        ("a between 0 and 10", "a between 0 and 5", Relation::Tighter),
        ("a between 0 and 10", "a between -1 and 10", Relation::Looser),
        ("a between 0 and 10", "a between 1 and 20", Relation::Different),
        ("a <= 10", "a < 10", Relation::Tighter),
        ("a > 0", "a > 0 and f", Relation::Tighter),
        ("a > 0 and f", "f", Relation::Looser),
        ("s in ('a', 'b')", "s in ('a')", Relation::Tighter),
        ("s in ('a', 'b')", "s in ('a', 'b', 'c')", Relation::Looser),
        ("x < 1.5", "x < 1.25", Relation::Tighter),
        ("x > -1", "x > -2", Relation::Looser),
        ("d > date '2024-01-01'", "d > date '2024-02-01'", Relation::Tighter),
        ("p >= 0.5", "p >= 0.75", Relation::Tighter),
        ("5 < a", "6 < a", Relation::Tighter),
        ("not (a > 5)", "not (a > 4)", Relation::Tighter),
        ("f or a > 1", "f or a > 2", Relation::Different),
    ] {
        assert_eq!(relation(old, new), wanted, "`{old}` became `{new}`");
    }
}

#[test]
fn parameters_are_compared_by_what_they_stand_for() {
    let column = |name: &str| vec![("p".to_owned(), Binding::Column(name.to_owned()))];
    let form = |bindings: &Bindings| engine().canonical_expr("$p > 1", &schema(), bindings).unwrap().form;
    assert_eq!(form(&column("a")), form(&column("a")));
    assert_ne!(form(&column("a")), form(&column("b")));
}

fn views() -> Vec<(String, Schema)> {
    let column = |name: &str, ty| Column { name: name.to_owned(), ty, nullable: true };
    let trades = vec![column("id", DataType::Int64), column("symbol", DataType::String), column("price", DataType::Float64)];
    let instruments = vec![column("symbol", DataType::String), column("currency", DataType::String), column("rate", DataType::Float64)];
    vec![("trades".to_owned(), Schema { columns: trades }), ("instruments".to_owned(), Schema { columns: instruments })]
}

fn query_form(sql: &str) -> Option<String> {
    Some(engine().canonical_query(sql, &views(), &Bindings::new())?.form)
}

#[test]
fn names_inside_a_query_mean_nothing() {
    for (a, b) in [
        ("select t.id from trades t where t.price > 1", "SELECT id FROM trades WHERE 1 < price"),
        (
            "select t.*, i.currency from trades t left join instruments i using (symbol)",
            "select x.*, y.currency from trades as x left join instruments y on y.symbol = x.symbol",
        ),
        (
            "with big as (select id, price from trades where price > 9) select id from big",
            "with large as (select id, price from trades where price > 9) select l.id from large l",
        ),
        ("select id from (select id, price from trades) as z where price > 1", "select id from trades where price > 1"),
        (
            "select symbol, count(*) as n, sum(price) as total from trades group by symbol",
            "select t.symbol, count(*) as n, sum(t.price) as total from trades t group by t.symbol",
        ),
        ("select id, symbol from trades group by id, symbol", "select id, symbol from trades group by symbol, id"),
        (
            "select id from trades where symbol in (select symbol from instruments)",
            "select t.id from trades t where t.symbol in (select i.symbol from instruments i)",
        ),
    ] {
        let (left, right) = (query_form(a), query_form(b));
        assert!(left.is_some(), "no form of {a}: {:?}", engine().query(a, &views(), &Bindings::new()));
        assert_eq!(left, right, "`{a}` and `{b}`");
    }
}

#[test]
fn queries_that_differ_are_told_apart() {
    for (a, b) in [
        ("select id from trades", "select id as trade_id from trades"),
        ("select id, symbol from trades", "select symbol, id from trades"),
        ("select * from trades", "select id, symbol, price from trades"),
        ("select id from trades", "select distinct id from trades"),
        ("select distinct id from trades", "select id from (select distinct id, symbol from trades)"),
        ("select t.id from trades t join instruments i using (symbol)", "select t.id from trades t left join instruments i using (symbol)"),
        (
            "select t.id, coalesce(i.rate, 0) as r from trades t left join instruments i using (symbol)",
            "select t.id, i.r from trades t left join (select symbol, coalesce(rate, 0) as r from instruments) i using (symbol)",
        ),
        (
            "select t.id from trades t left join instruments i on t.symbol = i.symbol and i.rate > 1",
            "select t.id from trades t left join instruments i on t.symbol = i.symbol where i.rate > 1",
        ),
        (
            "select rn from (select price, row_number() over (order by id) as rn from trades) where price > 1",
            "select row_number() over (order by id) as rn from trades where price > 1",
        ),
        (
            "select r1 as r from (select r1, row_number() over (order by id) as r2 from (select id, price, row_number() over (order by id) as r1 from trades) where price > 1)",
            "select r2 as r from (select r1, row_number() over (order by id) as r2 from (select id, price, row_number() over (order by id) as r1 from trades) where price > 1)",
        ),
        ("select id from trades order by id limit 5", "select id from trades order by id limit 6"),
        ("select id from (select id from trades limit 5) order by id", "select id from trades order by id limit 5"),
        (
            "select a.id from trades a join trades b on a.symbol = b.symbol",
            "select b.id from trades a join trades b on a.symbol = b.symbol",
        ),
        ("select count(*) as n from trades", "select count(price) as n from trades"),
        ("select sum(price) as n from trades", "select sum(distinct price) as n from trades"),
        (
            "select symbol, count(*) as n from trades group by symbol having count(*) > 1",
            "select symbol, count(*) as n from trades group by symbol having count(*) > 2",
        ),
        ("select id from trades union all select id from trades", "select id from trades union select id from trades"),
        (
            "select symbol from trades union all select symbol from instruments",
            "select symbol from trades union all select currency from instruments",
        ),
    ] {
        if let (Some(a_form), Some(b_form)) = (query_form(a), query_form(b)) {
            assert_ne!(a_form, b_form, "`{a}` and `{b}`");
        }
    }
}

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

type Row = (
    (Option<i64>, Option<i64>, Option<i32>),
    (Option<f64>, Option<f64>),
    Option<i128>,
    (Option<String>, Option<String>),
    (Option<bool>, Option<bool>),
);

fn row() -> impl Strategy<Value = Row> {
    let int = prop::option::weighted(0.8, prop_oneof![-2_i64..3, Just(i64::MAX), Just(i64::MIN)]);
    let float = prop::option::weighted(
        0.8,
        prop_oneof![Just(0.0), Just(-0.0), Just(0.5), Just(-1.0), Just(2.0), Just(f64::NAN), Just(f64::INFINITY)],
    );
    let text = prop::option::weighted(0.8, prop_oneof![Just("u".to_owned()), Just("v".to_owned()), Just("uv".to_owned())]);
    (
        (int.clone(), int, prop::option::weighted(0.8, -2_i32..3)),
        (float.clone(), float),
        prop::option::weighted(0.8, -150_i128..250),
        (text.clone(), text),
        (any::<Option<bool>>(), any::<Option<bool>>()),
    )
}

fn batch(row: &Row) -> RecordBatch {
    let ((a, b, c), (x, y), p, (s, t), (f, g)) = row.clone();
    let arrow: SchemaRef = to_arrow_schema(&schema());
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(vec![a])),
        Arc::new(Int64Array::from(vec![b])),
        Arc::new(Int32Array::from(vec![c])),
        Arc::new(Float64Array::from(vec![x])),
        Arc::new(Float64Array::from(vec![y])),
        Arc::new(Decimal128Array::from(vec![p]).with_precision_and_scale(10, 2).unwrap()),
        Arc::new(StringArray::from(vec![s])),
        Arc::new(StringArray::from(vec![t])),
        Arc::new(BooleanArray::from(vec![f])),
        Arc::new(BooleanArray::from(vec![g])),
        Arc::new(Date32Array::from(vec![Some(1)])),
    ];
    let columns = columns.into_iter().zip(arrow.fields()).map(|(column, field)| arrow::compute::cast(&column, field.data_type()).unwrap());
    RecordBatch::try_new(Arc::clone(&arrow), columns.collect()).unwrap()
}

/// The truth of a condition in one row; `None` when it fails there.
fn truth(sql: &str, batch: &RecordBatch) -> Option<Option<bool>> {
    let compiled = engine().compile(sql, &batch.schema(), &Bindings::new(), RunClock::now()).unwrap();
    let values = compiled.evaluate_bool(batch).ok()?;
    Some(values.is_valid(0).then(|| values.value(0)))
}

#[test]
fn equal_forms_are_equal_in_every_row() {
    let (equal, tried) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let cases = (expression(), any::<u8>(), any::<u8>(), prop::collection::vec(row(), 12));
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
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

#[test]
fn a_repeated_guard_guards_wherever_it_stands() {
    let row: Row = ((Some(1), Some(0), None), (None, None), None, (None, None), (None, None));
    let chain = "b <> 0 and (a / b > 1 and b <> 0)";
    assert_eq!(truth(chain, &batch(&row)), Some(Some(false)));
    assert_eq!(truth(&format!("not (not ({chain}))"), &batch(&row)), Some(Some(false)));
    assert_eq!(truth(&format!("case when {chain} then true else false end"), &batch(&row)), Some(Some(false)));
}
