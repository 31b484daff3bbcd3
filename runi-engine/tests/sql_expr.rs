//! Typing of row expressions: types, nulls, facts, and errors at their places.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use runi_engine::sql::{DataFusionEngine, eval_assertion};
use runi_lang::schema::{Column, Schema};
use runi_lang::sql::{Binding, Bindings, Influence, SqlEngine, SqlError, SqlErrorKind, TypedExpr};
use runi_lang::types::{DataType, TimeUnit};

fn schema() -> Schema {
    let column = |name: &str, ty, nullable| Column { name: name.to_owned(), ty, nullable };
    let decimal = DataType::Decimal { precision: 18, scale: 6 };
    let utc = DataType::Timestamp { unit: TimeUnit::Microsecond, zone: Some("UTC".to_owned()) };
    let leg = DataType::Struct(vec![("id".to_owned(), DataType::String), ("notional".to_owned(), DataType::Float64)]);
    Schema {
        columns: vec![
            column("trade_id", DataType::String, false),
            column("price", decimal, true),
            column("quantity", DataType::Int64, true),
            column("traded_at", utc, false),
            column("settles_on", DataType::Date, true),
            column("side", DataType::Enum(vec!["buy".to_owned(), "sell".to_owned()]), false),
            column("email", DataType::String, true),
            column("rate", DataType::Float64, false),
            column("active", DataType::Boolean, true),
            column("legs", DataType::List(Box::new(leg)), true),
            column("Mixed Case", DataType::Int32, false),
            column("lost", DataType::Unknown, true),
        ],
    }
}

fn typed(sql: &str) -> TypedExpr {
    DataFusionEngine::shared().expr(sql, &schema(), &Bindings::new()).unwrap_or_else(|errors| panic!("{sql}: {errors:?}"))
}

fn errors(sql: &str) -> Vec<SqlError> {
    DataFusionEngine::shared().expr(sql, &schema(), &Bindings::new()).expect_err(sql)
}

/// What the ranges of the errors hold.
fn marked(sql: &str) -> Vec<String> {
    errors(sql).into_iter().map(|error| error.range.map_or_else(|| "<all>".to_owned(), |range| sql[range].to_owned())).collect()
}

#[test]
fn types_are_those_of_the_language() {
    let cases = [
        ("price * quantity", "decimal(38, 6)"),
        ("quantity + 1", "int64"),
        ("0.05", "decimal(2, 2)"),
        ("rate * 0.05", "float64"),
        ("1e3", "float64"),
        ("coalesce(rate, 0.5)", "float64"),
        ("case when active then rate else 0.5 end", "float64"),
        ("lower(trim(email))", "string"),
        ("side", "string"),
        ("now()", "timestamp(UTC)"),
        ("cast(traded_at as date)", "date"),
        ("cast('2024-01-01' as timestamp)", "timestamp"),
        ("cast(quantity as int8)", "int8"),
        ("try_cast(email as int64)", "int64"),
        ("quantity::text", "string"),
        ("settles_on >= cast(traded_at as date)", "boolean"),
        ("traded_at > now() - interval '1 day'", "boolean"),
        ("traded_at + interval '1 hour'", "timestamp(UTC)"),
        ("legs[1]['notional']", "float64"),
        ("array_length(legs)", "uint64"),
        ("case when active then 1 else 2 end", "int64"),
        ("email ~ '^[a-z]+$'", "boolean"),
        ("\"Mixed Case\" + 1", "int64"),
        ("null", "null"),
        ("extract(year from settles_on)", "int32"),
        ("email in ('a', 'b')", "boolean"),
        ("settles_on > '2024-01-01'", "boolean"),
        ("side = 'buy' and price between 1 and 2", "boolean"),
        ("current_date", "date"),
        ("md5(email)", "string"),
    ];
    for (sql, ty) in cases {
        assert_eq!(typed(sql).ty.to_string(), ty, "{sql}");
    }
}

#[test]
fn null_comes_only_from_null() {
    let nullable = [
        "email",
        "lower(email)",
        "price * 2",
        "try_cast(trade_id as int64)",
        "case when active then 1 end",
        "nullif(trade_id, 'x')",
        "active and true",
    ];
    for sql in nullable {
        assert!(typed(sql).nullable, "{sql}");
    }
    let never = [
        "trade_id",
        "lower(trim(trade_id))",
        "coalesce(email, 'none')",
        "email is null",
        "rate * 2 > 1",
        "case when email is not null then email else 'none' end",
        "case when email is null then 'none' else email end",
        "case when quantity > 1 then quantity else 0 end",
        "concat(email, 'x')",
        "email is not distinct from 'x'",
        "cast(traded_at as date)",
    ];
    for sql in never {
        assert!(!typed(sql).nullable, "{sql}");
    }
}

#[test]
fn what_truth_says_of_null() {
    let proves = |sql: &str| typed(sql).proves_not_null.join(" ");
    assert_eq!(proves("email is not null"), "email");
    assert_eq!(proves("price > 1 and quantity is not null"), "price quantity");
    assert_eq!(proves("price > 1 or quantity > 1"), "");
    assert_eq!(proves("price > 1 or price < -1 and quantity > 1"), "price");
    assert_eq!(proves("not (price > 1)"), "price");
    assert_eq!(proves("not (email is null or quantity is null)"), "email quantity");
    assert_eq!(proves("email like 'a%' and lower(email) = email"), "email");
    assert_eq!(proves("coalesce(email, 'x') = 'x'"), "");
    assert_eq!(proves("email is null"), "");
    assert_eq!(proves("active"), "active");
    assert_eq!(proves("quantity in (1, 2)"), "quantity");

    let rejects = |sql: &str| typed(sql).rejects_null.join(" ");
    assert_eq!(rejects("email is not null"), "email");
    assert_eq!(rejects("email is not null and price > 1"), "email");
    assert_eq!(rejects("price > 1"), "");
    assert_eq!(rejects("(price > 1) is true"), "price");
    assert_eq!(rejects("email is not null or price > 1"), "");
    assert_eq!(rejects("not (email is null)"), "email");
    assert_eq!(rejects("coalesce(price > 1, false)"), "price");
}

#[test]
fn reads_functions_and_dangers_are_told() {
    let expr = typed("case when side = 'buy' then Price else 0 end".replace("Price", "price").as_str());
    assert_eq!(expr.reads, [("price".to_owned(), Influence::Conditional), ("side".to_owned(), Influence::Conditional)]);
    assert_eq!(typed("email").reads, [("email".to_owned(), Influence::Identity)]);
    assert_eq!(typed("LOWER(trim(email))").functions, ["btrim", "lower"]);
    assert!(typed("random() > 0.5").volatile);
    assert!(typed("traded_at < now()").reads_clock && !typed("traded_at < now()").volatile);

    for sql in ["cast(email as int64)", "quantity + 1", "rate / rate", "quantity / 0", "price * quantity", "to_timestamp(email)"] {
        assert!(typed(sql).fallible.is_some(), "{sql}");
    }
    for sql in [
        "try_cast(email as int64)",
        "rate / 2",
        "rate > 0.05",
        "rate * 2",
        "cast(quantity as text)",
        "cast('7' as int64) > 1",
        "lower(email)",
        "price + 1",
    ] {
        assert_eq!(typed(sql).fallible, None, "{sql}");
    }
    assert_eq!(typed("1 + cast(email as int64)").fallible.as_deref(), Some("1 + cast(email as int64)"));
}

#[test]
fn every_mistake_is_told_at_its_place() {
    assert_eq!(marked("prise > 1 and quantitty < 2"), ["prise", "quantitty"]);
    assert_eq!(marked("lwoer(email) = fooo(email)"), ["lwoer", "fooo"]);
    assert_eq!(marked("email > 1 and active"), ["email > 1"]);
    assert_eq!(marked("active and quantity + email > 2\n and prise = 1"), ["quantity + email", "prise"]);
    assert_eq!(marked("length(active, active) > 1"), ["length(active, active)"]);
    assert_eq!(marked("price > 1 garbage"), ["garbage"]);
    assert_eq!(marked("'é' = email and prise > 1"), ["prise"]);

    let unknown = &errors("Price > 1")[0];
    let SqlErrorKind::UnknownColumn { name, known } = &unknown.kind else { panic!("{unknown:?}") };
    assert!(name == "Price" && known.contains(&"price".to_owned()));
    let unknown = &errors("lwoer(email)")[0];
    assert!(matches!(&unknown.kind, SqlErrorKind::UnknownFunction { name, known } if name == "lwoer" && known[0] == "lower"));
    let quoted = &errors("side = \"buy\"")[0];
    assert_eq!(quoted.kind, SqlErrorKind::DoubleQuotedString { text: "buy".to_owned() });
    assert_eq!(quoted.range, Some(7..12));
    assert_eq!(errors("email > 1")[0].message, "`>` does not take string and int64");
}

#[test]
fn only_one_row_is_in_sight() {
    for sql in [
        "sum(price) > 1",
        "(select 1) = 1",
        "price in (select 1)",
        "exists (select 1)",
        "row_number() over () = 1",
        "price > 1; select 2",
        "select 1",
        "drop table x",
    ] {
        let errors = errors(sql);
        assert!(matches!(errors[0].kind, SqlErrorKind::NotAllowed | SqlErrorKind::Syntax), "{sql}: {errors:?}");
    }
    assert_eq!(errors("sum(price) > 1")[0].range, Some(0..10));
    assert_eq!(errors("price >")[0].kind, SqlErrorKind::Syntax);
    assert_eq!(errors("email = 'open")[0].kind, SqlErrorKind::Syntax);
    assert_eq!(errors("")[0].kind, SqlErrorKind::Syntax);
    assert!(!errors(&"(".repeat(5000)).is_empty());
}

#[test]
fn a_hidden_type_hides_further_mistakes() {
    assert_eq!(typed("lost").ty, DataType::Unknown);
    assert_eq!(typed("lost + 1").ty, DataType::Unknown);
    assert_eq!(typed("lost > 1").ty, DataType::Boolean);
    assert!(DataFusionEngine::shared().expr("nope + lost", &schema(), &Bindings::new()).is_err());
}

#[test]
fn parameters_are_tokens() {
    let engine = DataFusionEngine::shared();
    let value = |ty, text: &str| Binding::Value { ty, text: Some(text.to_owned()) };
    let bindings: Bindings = vec![
        ("column".to_owned(), Binding::Column("email".to_owned())),
        ("rate".to_owned(), value(DataType::Decimal { precision: 4, scale: 2 }, "0.05")),
        ("day".to_owned(), value(DataType::Date, "2024-02-29")),
        ("name".to_owned(), value(DataType::String, "x' or '1'='1")),
        ("nothing".to_owned(), Binding::Value { ty: DataType::Int64, text: None }),
        ("gone".to_owned(), Binding::Column("nope".to_owned())),
    ];
    let ty = |sql: &str| engine.expr(sql, &schema(), &bindings).unwrap_or_else(|errors| panic!("{sql}: {errors:?}"));
    assert_eq!(ty("$column = lower($column)").reads, [("email".to_owned(), Influence::Transformation)]);
    assert_eq!(ty("$rate").ty, DataType::Decimal { precision: 4, scale: 2 });
    assert_eq!((ty("settles_on > $day").fallible, ty("$name").ty, ty("$nothing").nullable), (None, DataType::String, true));
    let errors = engine.expr("1 = 1 and $gone = $other", &schema(), &bindings).unwrap_err();
    assert_eq!(errors[0].kind, SqlErrorKind::UnknownParameter { name: "other".to_owned() });
    let errors = engine.expr("1 = 1 and $gone = 'x'", &schema(), &bindings).unwrap_err();
    assert!(matches!(&errors[0].kind, SqlErrorKind::UnknownColumn { name, .. } if name == "nope"), "{errors:?}");
    assert_eq!(errors[0].range, Some(10..15));
}

#[test]
fn assertions_count() {
    let engine = DataFusionEngine::shared();
    let (sources, steps) = (vec!["trades".to_owned()], vec!["AddTax".to_owned()]);
    assert_eq!(engine.assertion("valid(trades) + invalid(trades) = read(trades) and rows(AddTax) > 0", &sources, &steps), Ok(()));
    let errors = engine.assertion("valid(trade) = 1", &sources, &steps).unwrap_err();
    assert!(matches!(&errors[0].kind, SqlErrorKind::UnknownTable { name, .. } if name == "trade"));
    assert_eq!(errors[0].range, Some(6..11));
    assert!(engine.assertion("valid(trades) + 1", &sources, &steps).is_err());
    assert!(engine.assertion("price > 1", &sources, &steps).is_err());

    let count = |kind: &str, _: &str| match kind {
        "read" => Some(10),
        "valid" => Some(8),
        "invalid" => Some(2),
        _ => None,
    };
    assert_eq!(eval_assertion("valid(t) + invalid(t) = read(t)", &count).unwrap(), Some(true));
    assert_eq!(eval_assertion("invalid(t) * 1.0 / read(t) < 0.1", &count).unwrap(), Some(false));
    assert_eq!(eval_assertion("null", &count).unwrap(), None);
    assert!(eval_assertion("rows(t) > 1", &count).is_err());
}

#[test]
fn words_that_are_functions_elsewhere_are_columns_here() {
    let names = ["user", "current_user", "session_user", "current_catalog", "localtime", "localtimestamp"];
    let column = |name: &&str| Column { name: (*name).to_owned(), ty: DataType::String, nullable: false };
    let schema = Schema { columns: names.iter().map(column).collect() };
    for name in names {
        let typed = DataFusionEngine::shared().expr(&format!("lower({name}) = 'a'"), &schema, &Bindings::new()).unwrap();
        assert_eq!(typed.reads, [(name.to_owned(), Influence::Transformation)]);
        let query = format!("select {name} from v where {name} is not null");
        let typed = DataFusionEngine::shared().query(&query, &[("v".to_owned(), schema.clone())], &Bindings::new()).unwrap();
        assert_eq!(typed.columns[0].name, name);
    }
}

#[test]
fn operators_of_closed_brackets_are_no_chain() {
    let many = vec!["(1 + 1)"; 400].join(", ");
    assert_eq!(typed(&format!("quantity in ({many})")).ty, DataType::Boolean);
    assert!(
        errors(&format!("{}1{}", "(1 + ".repeat(600), ")".repeat(600))).iter().any(|error| error.message.contains("operators in a row"))
    );
}
