//! Which rewrites have one form, and which have not.

use super::support::{engine, schema};
use runi_lang::schema::{Column, Schema};
use runi_lang::sql::{Binding, Bindings, Relation, SqlEngine};
use runi_lang::types::DataType;

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
    ("a > 1.0", "a > 1"),
    ("c = 2", "c = cast(2 as bigint)"),
    ("x > 1", "x > 1.0"),
    ("p > 0", "p > 0.00"),
    ("cast(a as double) < 5", "5 > a"),
    ("p > 0", "0.00 < p"),
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
    ("a > 0.5", "a > 0"),
    ("cast(a as double) > 9007199254740992", "a > 9007199254740992"),
    ("cast(a as double) = 9007199254740993", "a = 9007199254740993"),
    ("cast(x as bigint) > 1", "x > 1"),
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
        ("a between 0 and 10", "a between 1 and 20", Relation::Mixed),
        ("a > 0", "a > 0.5", Relation::Tighter),
        ("c > 1", "c > 3000000000", Relation::Tighter),
        ("p >= 0.75", "p >= 0", Relation::Looser),
        ("a > 9007199254740993", "a > 9007199254740992.5", Relation::Different),
        ("a > 1 and b > 1", "a > 2 and b > 0", Relation::Mixed),
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
