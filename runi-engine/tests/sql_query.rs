//! Typing of `select`s: columns, lineage, row influences, and what is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use runi_engine::sql::DataFusionEngine;
use runi_lang::schema::{Column, Schema};
use runi_lang::sql::{Binding, Bindings, Certainty, Influence, SqlEngine, SqlError, SqlErrorKind, TypedQuery};
use runi_lang::types::DataType;

fn views() -> Vec<(String, Schema)> {
    let column = |name: &str, ty, nullable| Column { name: name.to_owned(), ty, nullable };
    let trades = Schema {
        columns: vec![
            column("id", DataType::String, false),
            column("symbol", DataType::String, false),
            column("price", DataType::Decimal { precision: 18, scale: 6 }, true),
            column("quantity", DataType::Int64, false),
            column("email", DataType::String, true),
        ],
    };
    let instruments = Schema {
        columns: vec![
            column("symbol", DataType::String, false),
            column("currency", DataType::String, false),
            column("lot", DataType::Int32, true),
        ],
    };
    vec![("trades".to_owned(), trades), ("instruments".to_owned(), instruments)]
}

fn typed(sql: &str) -> TypedQuery {
    DataFusionEngine::shared().query(sql, &views(), &Bindings::new()).unwrap_or_else(|errors| panic!("{sql}: {errors:?}"))
}

fn errors(sql: &str) -> Vec<SqlError> {
    DataFusionEngine::shared().query(sql, &views(), &Bindings::new()).expect_err(sql)
}

/// `name type[?] <- i:view.column …` per column, `i` being the first letter of the influence.
fn lineage(sql: &str) -> Vec<String> {
    let column = |column: &runi_lang::sql::TypedColumn| {
        let from = column.from.iter().map(|(from, influence)| {
            let influence = match influence {
                Influence::Identity => "i",
                Influence::Transformation => "t",
                Influence::Conditional => "o",
                Influence::Aggregation => "a",
                Influence::Count => "c",
            };
            format!(" {influence}:{}.{}", from.view, from.column)
        });
        assert_eq!(column.certainty, Certainty::Exact, "{sql}");
        format!("{} {}{} <-{}", column.name, column.ty, if column.nullable { "?" } else { "" }, from.collect::<String>())
    };
    typed(sql).columns.iter().map(column).collect()
}

fn rows(sql: &str) -> String {
    typed(sql).row_influences.iter().map(|column| format!("{}.{}", column.view, column.column)).collect::<Vec<_>>().join(" ")
}

#[test]
fn joins() {
    let sql = "select t.*, i.currency from trades t left join instruments i using (symbol)";
    let expected = [
        "id string <- i:trades.id",
        "symbol string <- i:trades.symbol",
        "price decimal(18, 6)? <- i:trades.price",
        "quantity int64 <- i:trades.quantity",
        "email string? <- i:trades.email",
        "currency string? <- i:instruments.currency",
    ];
    assert_eq!(lineage(sql), expected);
    assert_eq!(rows(sql), "instruments.symbol trades.symbol");
    assert_eq!(typed(sql).views, ["instruments", "trades"]);
    let inner = "select i.currency, upper(t.id) as id from trades t join instruments i on t.symbol = i.symbol and i.lot > 1";
    assert_eq!(lineage(inner), ["currency string <- i:instruments.currency", "id string <- t:trades.id"]);
    assert_eq!(rows(inner), "instruments.lot instruments.symbol trades.symbol");
    assert_eq!(lineage("select t.id from instruments i right join trades t on true"), ["id string <- i:trades.id"]);
    assert_eq!(lineage("select id, currency from trades t full join instruments i on t.symbol = i.symbol")[0], "id string? <- i:trades.id");
}

#[test]
fn aggregates() {
    let sql = "select symbol, sum(price * quantity) as notional, count(*) as n, count(email) as emails, max(quantity) as most from trades group by symbol having count(*) > 1";
    let expected = [
        "symbol string <- i:trades.symbol",
        "notional decimal(38, 6)? <- a:trades.price a:trades.quantity",
        "n int64 <-",
        "emails int64 <- c:trades.email",
        "most int64 <- a:trades.quantity",
    ];
    assert_eq!(lineage(sql), expected);
    assert_eq!(rows(sql), "trades.symbol");
    assert_eq!(lineage("select max(quantity) as m from trades"), ["m int64? <- a:trades.quantity"]);
    let filtered = "select count(*) filter (where email = 'x') as n from trades";
    assert_eq!(lineage(filtered), ["n int64 <- a:trades.email"]);
    assert_eq!(lineage("select symbol, sum(quantity) as s from trades group by rollup(symbol)")[0], "symbol string? <- i:trades.symbol");
}

#[test]
fn lateral_joins_and_first_rows() {
    let lateral = "select t.id, x.lot from trades t cross join lateral (select lot from instruments i where i.symbol = t.symbol) x";
    assert_eq!(lineage(lateral)[0], "id string <- i:trades.id");
    assert_eq!(rows(lateral), "instruments.symbol trades.symbol");
    let first = "select distinct on (symbol) symbol, price from trades order by symbol, price desc";
    assert_eq!(lineage(first), ["symbol string <- i:trades.symbol", "price decimal(18, 6)? <- i:trades.price"]);
    assert_eq!(rows(first), "trades.price trades.symbol");
}

#[test]
fn conditions_and_expressions() {
    assert_eq!(
        lineage("select case when email is null then 0 else quantity end as q from trades"),
        ["q int64 <- o:trades.email o:trades.quantity"]
    );
    assert_eq!(lineage("select email from trades where email is not null"), ["email string <- i:trades.email"]);
    assert_eq!(rows("select id from trades where email = 'x' order by price limit 3"), "trades.email trades.price");
    assert_eq!(rows("select id from trades order by price"), "");
    assert_eq!(rows("select distinct symbol from trades"), "trades.symbol");
}

#[test]
fn ctes_unions_windows_and_subqueries() {
    let cte = "with big as (select id, price * 2 as twice from trades where quantity > 5) select id, lower(id) as low, twice from big";
    assert_eq!(lineage(cte), ["id string <- i:trades.id", "low string <- t:trades.id", "twice decimal(38, 6)? <- t:trades.price"]);
    assert_eq!(rows(cte), "trades.quantity");
    let shadow = "with instruments as (select 1 as x) select x from instruments";
    assert_eq!(typed(shadow).views, Vec::<String>::new());

    let union = "select id as a from trades union all select currency from instruments";
    assert_eq!(lineage(union), ["a string <- i:instruments.currency i:trades.id"]);

    let window =
        "select id, row_number() over (partition by symbol order by price) as n, sum(quantity) over (partition by symbol) as s from trades";
    let expected =
        ["id string <- i:trades.id", "n uint64 <- o:trades.price o:trades.symbol", "s int64? <- o:trades.symbol a:trades.quantity"];
    let mut found = lineage(window);
    found[2] = found[2].replace("a:trades.quantity o:trades.symbol", "o:trades.symbol a:trades.quantity");
    assert_eq!(found, expected);

    let scalar = "select id, (select max(lot) from instruments i where i.symbol = t.symbol) as lot from trades t";
    assert_eq!(lineage(scalar)[1], "lot int32? <- a:instruments.lot");
    assert_eq!(rows(scalar), "instruments.symbol trades.symbol");
    let within = "select id from trades where symbol in (select symbol from instruments where lot > 1)";
    assert_eq!(rows(within), "instruments.lot instruments.symbol trades.symbol");
}

#[test]
fn dangers_are_told() {
    assert!(typed("select quantity + 1 as q from trades").fallible.is_some());
    assert!(typed("select id from trades where price is not null").fallible.is_none());
    assert!(typed("select random() as r from trades").volatile);
    assert!(typed("select now() as t from trades").reads_clock);
}

#[test]
fn mistakes_have_places() {
    let first = |sql: &str| {
        let error = errors(sql).remove(0);
        (error.range.map(|range| sql[range].to_owned()), error.kind)
    };
    let (place, kind) = first("select prise from trades");
    assert!(
        matches!(&kind, SqlErrorKind::UnknownColumn { name, known } if name == "prise" && known.contains(&"price".to_owned())),
        "{kind:?}"
    );
    assert_eq!(place.as_deref(), Some("prise"));
    let (place, kind) = first("select id from trade");
    assert!(
        matches!(&kind, SqlErrorKind::UnknownTable { name, known } if name == "trade" && known.contains(&"trades".to_owned())),
        "{kind:?}"
    );
    assert_eq!(place.as_deref(), Some("trade"));
    let (place, kind) = first("select symbol from trades t, instruments i");
    assert_eq!(kind, SqlErrorKind::AmbiguousColumn { name: "symbol".to_owned() });
    assert_eq!(place.as_deref(), Some("symbol"));
    let (place, kind) = first("select x.id from trades t");
    assert!(matches!(&kind, SqlErrorKind::UnknownTable { name, .. } if name == "x"), "{kind:?}");
    assert_eq!(place.as_deref(), Some("x"));
    let (place, kind) = first("select id from trades where symbol = \"EUR\"");
    assert_eq!(kind, SqlErrorKind::DoubleQuotedString { text: "EUR".to_owned() });
    assert_eq!(place.as_deref(), Some("\"EUR\""));
    let (place, kind) = first("select summ(price) from trades");
    assert!(matches!(&kind, SqlErrorKind::UnknownFunction { known, .. } if known.contains(&"sum".to_owned())));
    assert_eq!(place.as_deref(), Some("summ"));
    assert_eq!(first("select id from trades where quantity > email").1, SqlErrorKind::Type);
    assert_eq!(first("select id, upper(id) as id from trades").1, SqlErrorKind::Other);
    assert_eq!(errors("select id, upper(id) as id from trades")[0].message, "two columns are called `id`");
    assert_eq!(first("select t.*, i.* from trades t join instruments i on t.symbol = i.symbol").1, SqlErrorKind::Other);
    assert_eq!(errors("select prise, quantitty from trades").len(), 2);
}

#[test]
fn only_reading_is_allowed() {
    let refused = [
        "drop table trades",
        "insert into trades values (1)",
        "delete from trades",
        "copy trades to 'x.csv'",
        "create table x as select 1",
        "select id into x from trades",
        "select * from generate_series(1, 10)",
        "with x as (delete from trades) select 1",
        "select 1; select 2",
        "explain select 1",
    ];
    for sql in refused {
        let errors = errors(sql);
        assert!(matches!(errors[0].kind, SqlErrorKind::NotAllowed | SqlErrorKind::Syntax), "{sql}: {errors:?}");
    }
    for sql in ["select * from '/etc/passwd'", "select * from \"data/x.csv\"", "select * from information_schema.tables"] {
        let errors = errors(sql);
        assert!(matches!(errors[0].kind, SqlErrorKind::UnknownTable { .. } | SqlErrorKind::Syntax), "{sql}: {errors:?}");
    }
}

#[test]
fn tables_and_columns_are_parameters() {
    let bindings: Bindings =
        vec![("t".to_owned(), Binding::Table("trades".to_owned())), ("c".to_owned(), Binding::Column("price".to_owned()))];
    let query = DataFusionEngine::shared().query("select $c as c from $t where $c > 1", &views(), &bindings).unwrap();
    assert_eq!((query.columns[0].name.as_str(), query.views.as_slice()), ("c", ["trades".to_owned()].as_slice()));
    assert!(!query.columns[0].nullable);
}

#[test]
fn what_cannot_run_is_refused_before_it_runs() {
    for sql in [
        "select id, (select count(*) from trades b where b.email < a.email) as x from trades a",
        "select id, v.x from trades cross join lateral (values (trades.email)) as v(x)",
        "select id, symbol ~ '(' as x from trades",
        "select id from trades limit (select 1)",
        "select id from trades limit -1",
        "select exists (select 1 from instruments i where i.symbol = t.symbol) as known from trades t",
        "select id, symbol in (select symbol from instruments) as known from trades",
        "select v.x from trades t cross join lateral (select t.email as x) v",
        "select id from trades where quantity = (select 1 from instruments i where i.symbol > trades.symbol)",
    ] {
        let found = errors(sql);
        assert_eq!(found.len(), 1, "{sql}: {found:?}");
    }
}

#[test]
fn clauses_that_would_be_passed_over_are_refused() {
    for (sql, clause) in [
        ("select id from trades tablesample (10)", "tablesample"),
        ("select id from trades for update", "for"),
        ("select top 5 id from trades", "top"),
        ("select id from (select id from trades for update) t", "for"),
    ] {
        let found = errors(sql);
        assert_eq!(found[0].message, format!("`{clause}` is not supported"), "{sql}: {found:?}");
        assert_eq!(found[0].kind, SqlErrorKind::NotAllowed);
        assert!(found[0].range.is_some(), "{sql}");
    }
}

#[test]
fn long_chains_are_refused_not_overflowed() {
    let sum = vec!["quantity"; 5000].join(" + ");
    let or = (0..5000).map(|id| format!("quantity = {id}")).collect::<Vec<_>>().join(" or ");
    let unions = vec!["select id from trades"; 600].join(" union all ");
    for sql in [format!("select {sum} as x from trades"), format!("select id from trades where {or}"), unions] {
        let found = errors(&sql);
        assert_eq!((found[0].message.as_str(), &found[0].kind), ("more than 500 operators in a row", &SqlErrorKind::Syntax));
    }
    let wide = (0..1500).map(|id| format!("quantity + {id} as c{id}")).collect::<Vec<_>>().join(", ");
    assert_eq!(typed(&format!("select {wide} from trades")).columns.len(), 1500);
}

#[test]
fn unnested_items_come_from_their_list() {
    assert_eq!(
        lineage("select id, unnest(string_to_array(email, ',')) as part from trades"),
        ["id string? <- t:trades.id", "part string? <- o:trades.email"]
    );
    assert_eq!(rows("select id, unnest(string_to_array(email, ',')) as part from trades"), "trades.email");
    assert_eq!(
        lineage("with p as (select unnest(make_array(email, symbol)) as x from trades) select upper(x) as y from p"),
        ["y string? <- t:trades.email t:trades.symbol"]
    );
    assert_eq!(
        lineage("select count(*) as n, max(p) as p from (select unnest(string_to_array(email, ',')) as p from trades)").last().unwrap(),
        "p string? <- a:trades.email"
    );
    let error = &errors("select unnest(email) as part from trades")[0];
    assert!(error.message.contains("unnest"), "{error:?}");
    assert!(
        DataFusionEngine::shared().expr("unnest(make_array(1))", &views()[0].1, &Bindings::new()).unwrap_err()[0]
            .message
            .contains("several rows of one")
    );
}

/// A chain of `links` named queries, each of which reads the one before it `times` times.
fn chain(links: usize, times: usize) -> String {
    let one = |n: usize| match n {
        0 => "t0 as (select id, quantity from trades)".to_owned(),
        _ => {
            let joins: String = (1..times).map(|k| format!(" join t{} x{k} on x{k}.id = x0.id", n - 1)).collect();
            format!("t{n} as (select x0.id, x0.quantity + {n} as quantity from t{} x0{joins} where x0.quantity > {n})", n - 1)
        }
    };
    let names = (0..links).map(one).collect::<Vec<_>>().join(", ");
    format!("with {names} select id, quantity from t{}", links - 1)
}

#[test]
fn queries_may_stand_one_on_another_as_far_as_the_limit_says() {
    // The thread of a test has two MiB of stack.
    assert_eq!(typed(&chain(99, 1)).columns.len(), 2);
    // Its normal form may be too large to have; asking for it overflows nothing.
    let _ = DataFusionEngine::shared().canonical_query(&chain(99, 1), &views(), &Bindings::new());
    assert!(DataFusionEngine::shared().canonical_query(&chain(10, 1), &views(), &Bindings::new()).is_some());
    for links in [100, 3000] {
        let found = errors(&chain(links, 1));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].message.as_str(), &found[0].kind), ("more than 100 queries stand one on another", &SqlErrorKind::NotAllowed));
        assert!(found[0].help.is_some());
    }
    // Names that do not stand one on another are no depth.
    let side_by_side: String = (0..150).map(|n| format!("n{n} as (select id from trades where quantity > {n}), ")).collect();
    assert_eq!(typed(&format!("with {side_by_side} last as (select id from n7) select id from last")).columns.len(), 1);
}

#[test]
fn names_that_double_at_each_link_are_refused_before_they_are_planned() {
    assert_eq!(typed(&chain(5, 2)).columns.len(), 2);
    let sql = chain(40, 2);
    let found = errors(&sql);
    assert_eq!(found.len(), 1);
    assert!(found[0].message.contains("read more than 10000 times"), "{found:?}");
    assert_eq!(&sql[found[0].range.clone().unwrap()], "t14");
}

#[test]
fn an_order_may_repeat_an_expression_that_has_a_name() {
    for sql in [
        "select symbol, max(quantity) as quantity from trades group by symbol order by max(quantity)",
        "select symbol, max(quantity) as most from trades group by symbol order by max(quantity) desc, symbol",
        "select lower(id) as id from trades order by lower(id)",
        "select * from (select lower(id) as id from trades order by lower(id) limit 3)",
    ] {
        assert!(!typed(sql).columns.is_empty(), "{sql}");
    }
}

#[test]
fn an_unnest_beside_its_rows_is_pointed_at() {
    let sql = "select id, part from trades, unnest(string_to_array(trades.email, ',')) as u(part)";
    let found = errors(sql);
    assert_eq!((found[0].range.clone().map(|range| &sql[range]), &found[0].kind), (Some("unnest"), &SqlErrorKind::NotAllowed));
    assert_eq!(found[0].help.as_deref(), Some("write `unnest(list)` in what is selected: it makes a row of each item there"));
}

#[test]
fn what_other_engines_have_is_answered_with_what_is_here() {
    for (sql, help) in [
        ("select top 3 id from trades", "write `limit n` at the end of the `select`"),
        ("select id from trades fetch first 3 rows only", "write `limit n` at the end of the `select`"),
        ("select id from trades where price > 1 && price < 2", "write `and`; lists are compared by `array_has_any(…, …)`"),
        ("select id from {{ ref('trades') }}", "there are no templates: name the source or step itself, and write parameters as `$name`"),
    ] {
        assert_eq!(errors(sql)[0].help.as_deref(), Some(help), "{sql}");
    }
}
